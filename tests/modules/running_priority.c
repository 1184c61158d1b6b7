// SPDX-License-Identifier: GPL-2.0
/*
 * running_priority - test module that tells what only a CPU itself can see of its own state.
 *
 * Invariant: it changes nothing. A CPU that runs no tasks any more holds the reader up, which is an
 * answer too.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/module.h>
#include <linux/workqueue.h>

/* In task context no interrupt is served: the idle priority, unless one never ended. */
static long running_priority(void *unused)
{
	return read_sysreg_s(SYS_ICC_RPR_EL1) & 0xff;
}

static int priorities_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int cpu;
	int n = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		n += sysfs_emit_at(buffer, n, "%u %02lx\n", cpu,
				   work_on_cpu(cpu, running_priority, NULL));
	cpus_read_unlock();
	return n;
}

static const struct kernel_param_ops priorities_ops = { .get = priorities_get };

module_param_cb(priorities, &priorities_ops, NULL, 0400);
MODULE_PARM_DESC(priorities, "each online CPU and its running priority; ff is idle");

MODULE_DESCRIPTION("Tells the state of CPUs");
MODULE_LICENSE("GPL");
