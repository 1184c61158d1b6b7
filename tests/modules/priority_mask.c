// SPDX-License-Identifier: GPL-2.0
/*
 * priority_mask - test module with which a CPU takes no interrupts any more, whatever it runs.
 *
 * Invariant: a write to "cpu" sets the priority mask of the GIC on that CPU, so that no interrupt
 * reaches it until the next reset. A CPU that runs a KVM guest leaves the guest at each interrupt
 * that reaches it, whatever PSTATE masks. Task context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/smp.h>

static void set_priority_mask(void *unused)
{
	write_sysreg_s(0, SYS_ICC_PMR_EL1);
	isb();
}

/* Returns when the CPU has set the mask. */
static int cpu_set(const char *value, const struct kernel_param *kp)
{
	unsigned int cpu;
	int err = kstrtouint(value, 0, &cpu);

	if (err)
		return err;
	return smp_call_function_single(cpu, set_priority_mask, NULL, true);
}

static const struct kernel_param_ops cpu_ops = { .set = cpu_set };

module_param_cb(cpu, &cpu_ops, NULL, 0200);
MODULE_PARM_DESC(cpu, "Write a CPU's number: that CPU takes no interrupts any more");

MODULE_DESCRIPTION("Test module that masks all interrupts of a CPU in the GIC");
MODULE_LICENSE("GPL");
