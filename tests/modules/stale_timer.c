// SPDX-License-Identifier: GPL-2.0
/*
 * stale_timer - test module: while it is loaded, the timer that the kernel does not use at EL2 is
 * running on each CPU and its time is over, as a kernel before a kexec may leave it. No interrupt
 * comes of it, because the kernel has not enabled that interrupt.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/smp.h>

#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

#include <clocksource/arm_arch_timer.h>

static bool physical;
module_param(physical, bool, 0400);
MODULE_PARM_DESC(physical, "Let the physical timer run, not the virtual one");

static void run_timer(void *run)
{
	u64 ctl = run ? ARCH_TIMER_CTRL_ENABLE : 0;

	if (physical) {
		write_sysreg(1, cntp_cval_el0);
		write_sysreg(ctl, cntp_ctl_el0);
	} else {
		write_sysreg(1, cntv_cval_el0);
		write_sysreg(ctl, cntv_ctl_el0);
	}
	isb();
}

static int __init stale_timer_init(void)
{
	if (!is_kernel_in_hyp_mode()) {
		pr_err("this kernel does not run at EL2, where it has two timers\n");
		return -ENODEV;
	}
	on_each_cpu(run_timer, &physical, 1);
	return 0;
}

static void __exit stale_timer_exit(void)
{
	on_each_cpu(run_timer, NULL, 1);
}

module_init(stale_timer_init);
module_exit(stale_timer_exit);

MODULE_DESCRIPTION("Test module that lets the kernel's unused timer run");
MODULE_LICENSE("GPL");
