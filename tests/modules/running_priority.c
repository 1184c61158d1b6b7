// SPDX-License-Identifier: GPL-2.0
/*
 * running_priority - test module that reads each CPU's GIC running priority.
 *
 * Invariant: it changes no state. Only a CPU itself can read its running priority, so a task reads
 * it on each CPU in turn. If a CPU no longer runs tasks, the reader blocks. Task context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/module.h>
#include <linux/workqueue.h>

/* In task context this is the idle priority, unless an interrupt was never ended. */
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
MODULE_PARM_DESC(priorities, "Reads each online CPU and its running priority; ff is idle");

MODULE_DESCRIPTION("Test module that reads the running priority of each CPU");
MODULE_LICENSE("GPL");
