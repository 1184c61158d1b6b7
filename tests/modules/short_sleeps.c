// SPDX-License-Identifier: GPL-2.0
/*
 * short_sleeps - test module that makes every CPU enter and leave idle as often as possible.
 *
 * Invariant: from load to unload, each CPU that was online at load has a bound thread. The thread
 * sleeps 30 to 60 microseconds at a time. Task context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>

static DEFINE_PER_CPU(struct task_struct *, thread);

static int doze(void *unused)
{
	while (!kthread_should_stop())
		usleep_range(30, 60);
	return 0;
}

static void wake_all(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (per_cpu(thread, cpu))
			kthread_stop(per_cpu(thread, cpu));
}

static int __init short_sleeps_init(void)
{
	struct task_struct *task;
	unsigned int cpu;
	int err = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		task = kthread_create_on_cpu(doze, NULL, cpu, "short_sleeps/%u");
		err = PTR_ERR_OR_ZERO(task);
		if (err)
			break;
		per_cpu(thread, cpu) = task;
		wake_up_process(task);
	}
	cpus_read_unlock();
	if (err)
		wake_all();
	return err;
}

static void __exit short_sleeps_exit(void)
{
	wake_all();
}

module_init(short_sleeps_init);
module_exit(short_sleeps_exit);
MODULE_DESCRIPTION("Test module that makes every CPU enter and leave idle often");
MODULE_LICENSE("GPL");
