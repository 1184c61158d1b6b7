/* SPDX-License-Identifier: GPL-2.0 */
/* Stops the timer interrupts of a PE, so that they cannot end a WFI or CPU_SUSPEND. */
#ifndef SDEI_NMI_VALIDATE_TIMERS_H
#define SDEI_NMI_VALIDATE_TIMERS_H

#include <clocksource/arm_arch_timer.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

/**
 * struct sdeiv_timers - the control registers of the timers that the kernel may use on a PE
 * @physical: CNTHP_CTL_EL2, by its name CNTP_CTL_EL0, if the kernel runs in EL2. In EL1 it uses the
 * virtual timer, and CNTP_CTL_EL0 may be trapped
 * @virtual: CNTV_CTL_EL0, which is CNTHV_CTL_EL2 for a kernel in EL2
 */
struct sdeiv_timers {
	u64 physical;
	u64 virtual;
};

/* Context: on the PE, with interrupts masked until sdeiv_timers_start(). */
static inline struct sdeiv_timers sdeiv_timers_stop(void)
{
	struct sdeiv_timers timers = { .virtual = read_sysreg(cntv_ctl_el0) };

	write_sysreg(timers.virtual | ARCH_TIMER_CTRL_IT_MASK, cntv_ctl_el0);
	if (is_kernel_in_hyp_mode()) {
		timers.physical = read_sysreg(cntp_ctl_el0);
		write_sysreg(timers.physical | ARCH_TIMER_CTRL_IT_MASK, cntp_ctl_el0);
	}
	isb();
	return timers;
}

static inline void sdeiv_timers_start(struct sdeiv_timers timers)
{
	if (is_kernel_in_hyp_mode())
		write_sysreg(timers.physical, cntp_ctl_el0);
	write_sysreg(timers.virtual, cntv_ctl_el0);
	isb();
}

#endif
