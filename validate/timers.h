/* SPDX-License-Identifier: GPL-2.0 */
/* Stops the timer interrupts of a PE, so that they cannot end a WFI or CPU_SUSPEND. */
#ifndef SDEI_NMI_VALIDATE_TIMERS_H
#define SDEI_NMI_VALIDATE_TIMERS_H

#include <clocksource/arm_arch_timer.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>

/**
 * struct sdeiv_timers - the control registers of the timers that the kernel may use on a PE
 * @physical: CNTP_CTL_EL0, which is CNTHP_CTL_EL2 for a kernel in EL2
 * @virtual: CNTV_CTL_EL0, which is CNTHV_CTL_EL2 for a kernel in EL2
 */
struct sdeiv_timers {
	u64 physical;
	u64 virtual;
};

/* Context: on the PE, with interrupts masked until sdeiv_timers_start(). */
static inline struct sdeiv_timers sdeiv_timers_stop(void)
{
	struct sdeiv_timers timers = {
		.physical = read_sysreg(cntp_ctl_el0),
		.virtual = read_sysreg(cntv_ctl_el0),
	};

	write_sysreg(timers.physical | ARCH_TIMER_CTRL_IT_MASK, cntp_ctl_el0);
	write_sysreg(timers.virtual | ARCH_TIMER_CTRL_IT_MASK, cntv_ctl_el0);
	isb();
	return timers;
}

static inline void sdeiv_timers_start(struct sdeiv_timers timers)
{
	write_sysreg(timers.physical, cntp_ctl_el0);
	write_sysreg(timers.virtual, cntv_ctl_el0);
	isb();
}

#endif
