// SPDX-License-Identifier: GPL-2.0
/*
 * How a stopped CPU is switched off. It leaves the event, or the firmware would take that for
 * unfinished when the CPU comes back. It takes the IPI that it ignored, and whatever else is
 * pending here, or that would be the first thing to interrupt the next kernel on this CPU, which
 * would stop itself.
 */
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kprobes.h>
#include <asm/arch_gicv3.h>

#include "firmware.h"
#include "stop_gic.h"

#define PRIORITY_ALL	0xff	/* the mask that masks none */
#define EOI_DROPS_ONLY	BIT(1)	/* ICC_CTLR_EL1.EOImode: deactivating is apart */
#define INTID_SPECIAL	1020	/* from here to 1023: nothing is pending */
#define INTID_LPI	8192	/* from here on they have no active state */
#define TAKEN_MOST	64	/* interrupts with an active state */
#define DRAIN_MOST	1024	/* interrupts */

/* The CPU interface of GICv3 and later by system registers, as far as it is the host's, and on. */
static bool notrace has_gic_registers(void)
{
	if (!(read_sysreg(id_aa64pfr0_el1) >> 24 & 0xf))
		return false;
	if (is_kernel_in_hyp_mode())
		return read_sysreg_s(SYS_ICC_SRE_EL2) & ICC_SRE_EL2_SRE;
	return read_sysreg_s(SYS_ICC_SRE_EL1) & ICC_SRE_EL1_SRE;
}

NOKPROBE_SYMBOL(has_gic_registers);

/* What was being handled when the event came is at its end. How many registers: IHI0069. */
static void notrace forget_active_priorities(u64 ctlr)
{
	unsigned int bits = (ctlr >> 8 & 7) + 1;

	if (bits > 6) {
		write_sysreg_s(0, SYS_ICC_AP1R3_EL1);
		write_sysreg_s(0, SYS_ICC_AP1R2_EL1);
	}
	if (bits > 5)
		write_sysreg_s(0, SYS_ICC_AP1R1_EL1);
	write_sysreg_s(0, SYS_ICC_AP1R0_EL1);
	isb();
}

NOKPROBE_SYMBOL(forget_active_priorities);

/*
 * Takes all that is pending here, in whatever order the GIC gives it out, until there is no more,
 * and ends it all. Nobody handles it: whom it was for is gone. As long as one is active it can't be
 * had again, so they are deactivated at the end: a level-triggered one is pending again then.
 * False: it did not come to an end.
 */
static bool notrace drain(void)
{
	u64 ctlr = read_sysreg_s(SYS_ICC_CTLR_EL1), intid;
	u32 taken[TAKEN_MOST];
	unsigned int count = 0, i;
	bool drained = false;

	forget_active_priorities(ctlr);
	write_sysreg_s(ctlr | EOI_DROPS_ONLY, SYS_ICC_CTLR_EL1);
	write_sysreg_s(PRIORITY_ALL, SYS_ICC_PMR_EL1);
	isb();
	for (i = 0; i < DRAIN_MOST && count < TAKEN_MOST; i++) {
		intid = read_sysreg_s(SYS_ICC_IAR1_EL1);
		dsb(sy);
		drained = intid >= INTID_SPECIAL && intid < INTID_SPECIAL + 4;
		if (drained)
			break;
		write_sysreg_s(intid, SYS_ICC_EOIR1_EL1);
		isb();
		if (intid < INTID_LPI)
			taken[count++] = intid;
	}
	for (i = 0; i < count; i++)
		write_sysreg_s(taken[i], SYS_ICC_DIR_EL1);
	isb();
	return drained;
}

NOKPROBE_SYMBOL(drain);

/**
 * sdei_nmi_stop_switch_off() - leave the event, end pending interrupts, switch off this CPU
 *
 * Context: SDEI, of event 0; SDEI is masked.
 * Return: only if one of the steps cannot be done.
 */
void notrace sdei_nmi_stop_switch_off(void)
{
	if (!has_gic_registers() || sdei_nmi_fw_event_leave())
		return;
	if (drain())
		sdei_nmi_fw_cpu_off();
}

NOKPROBE_SYMBOL(sdei_nmi_stop_switch_off);
