/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_GIC_H
#define SDEI_NMI_GIC_H

#include <linux/irqchip/arm-gic-v3.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

/**
 * sdei_nmi_gic_has_registers() - whether this exception level has the GIC's CPU interface in system
 * registers, and enabled
 *
 * Context: any, SDEI included. Return: true if it has.
 */
static __always_inline bool sdei_nmi_gic_has_registers(void)
{
	if (!(read_sysreg(id_aa64pfr0_el1) >> 24 & 0xf))
		return false;
	if (is_kernel_in_hyp_mode())
		return read_sysreg_s(SYS_ICC_SRE_EL2) & ICC_SRE_EL2_SRE;
	return read_sysreg_s(SYS_ICC_SRE_EL1) & ICC_SRE_EL1_SRE;
}

#endif
