// SPDX-License-Identifier: GPL-2.0
/*
 * Switches a stopped CPU off. The CPU first leaves the event: otherwise the firmware treats the
 * event as unfinished when the CPU comes back. Then it takes and ends every pending interrupt.
 * One of them is the stop IPI that it ignored. In the next kernel this IPI would be the first
 * interrupt on this CPU, and the CPU would stop itself.
 */
#include <linux/cpufeature.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kprobes.h>
#include <asm/arch_gicv3.h>

#include "firmware.h"
#include "gic.h"
#include "stop_gic.h"

#define PRIORITY_ALL	0xff	/* masks no priority */
#define EOI_DROPS_ONLY	BIT(1)	/* ICC_CTLR_EL1.EOImode: EOIR does not deactivate */
#define INTID_SPECIAL	1020	/* from here to 1023: nothing is pending */
#define INTID_LPI	8192	/* LPIs start here; they have no active state */
#define TAKEN_MOST	64	/* interrupts with an active state */
#define DRAIN_MOST	1024	/* interrupts */

/* No handler that event 0 interrupted continues. IHI0069 gives the number of registers. */
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

/* Reads the INTID as the kernel's GIC driver does, which knows an erratum of ThunderX. */
static __always_inline u64 acknowledge(void)
{
	if (cpus_have_final_cap(ARM64_WORKAROUND_CAVIUM_23154))
		return gic_read_iar_cavium_thunderx();
	return gic_read_iar_common();
}

/*
 * Acknowledges and ends all interrupts that are pending here, in the order in which the GIC returns
 * them. No handler runs. The GIC does not return an active interrupt again. A level-triggered
 * interrupt becomes pending again once it is deactivated, so deactivation comes last.
 * Returns false if interrupts were still pending after DRAIN_MOST tries.
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
		intid = acknowledge();
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
 * Returns only if one of the steps fails.
 */
void notrace sdei_nmi_stop_switch_off(void)
{
	if (!sdei_nmi_gic_has_registers() || sdei_nmi_fw_event_leave())
		return;
	if (drain())
		sdei_nmi_fw_cpu_off();
}

NOKPROBE_SYMBOL(sdei_nmi_stop_switch_off);
