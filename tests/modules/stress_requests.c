// SPDX-License-Identifier: GPL-2.0
/*
 * stress_requests - test module that requests backtraces of random CPUs from all CPUs at once.
 *
 * Invariant: the module counts every request that it makes, and every request that reaches the
 * kernel's own function. A test compares the driver's statistics with both numbers. A write to
 * "run" returns when the threads have made all requests.
 *
 * CPUs may go offline and come back during a run: there are as many threads as CPUs, and no thread
 * is bound to a CPU.
 *
 * Locks: stress_mutex over a run; in_turn_mutex over one request of a thread that waits its turn.
 * Contexts: requests and parameters in task context; kernel_request_seen() in any context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include <asm/sysreg.h>

#include "resolve.h"

static DEFINE_MUTEX(stress_mutex);
static DEFINE_MUTEX(in_turn_mutex);
static void (*trigger)(const struct cpumask *mask, int exclude_cpu);
static struct task_struct *threads[NR_CPUS];
static atomic_t to_make, made, longest_ms, plain, running, ahead;
static bool stop;

static int kernel_request_seen(struct kprobe *probe, struct pt_regs *regs)
{
	atomic_inc(&plain);
	return 0;
}

static struct kprobe plain_probe = {
	.symbol_name = "nmi_trigger_cpumask_backtrace",
	.pre_handler = kernel_request_seen,
};

static void keep_longest(int ms)
{
	int old = atomic_read(&longest_ms);

	while (ms > old && !atomic_try_cmpxchg(&longest_ms, &old, ms))
		;
}

/*
 * The kernel's own function waits ten seconds for a CPU that goes offline. longest_ms leaves out
 * requests during which that function ran.
 */
static void ask(unsigned int cpu)
{
	u64 start = read_sysreg(cntvct_el0);
	int before = atomic_read(&plain);

	trigger(cpumask_of(cpu), -1);
	atomic_inc(&made);
	if (atomic_read(&plain) == before)
		keep_longest((read_sysreg(cntvct_el0) - start) * 1000 / read_sysreg(cntfrq_el0));
}

/*
 * The log would name an offline CPU at each request, so an offline choice becomes this CPU. A CPU
 * that is going offline or coming online may still be chosen.
 */
static unsigned int choose(u32 random)
{
	unsigned int cpu = random % nr_cpu_ids;

	return cpu_online(cpu) ? cpu : raw_smp_processor_id();
}

/*
 * A request during another one is queued or, by the kernel's own function, refused. Most threads
 * therefore wait for a mutex, and then for the requests that are made without it: about one in 256
 * goes ahead on purpose while the mutex is held.
 */
static int stress_thread(void *unused)
{
	while (!READ_ONCE(stop) && atomic_dec_return(&to_make) >= 0) {
		u32 random = get_random_u32();

		if (random >> 24 || !mutex_is_locked(&in_turn_mutex)) {
			mutex_lock(&in_turn_mutex);
			while (atomic_read(&ahead))
				usleep_range(100, 200);
			ask(choose(random));
			mutex_unlock(&in_turn_mutex);
		} else {
			atomic_inc(&ahead);
			ask(choose(random));
			atomic_dec(&ahead);
			usleep_range(100, 200);
		}
		cond_resched();
	}
	atomic_dec(&running);
	return 0;
}

static int stress_start(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct task_struct *task = kthread_create(stress_thread, NULL, "stress/%u", cpu);

		if (IS_ERR(task))
			return PTR_ERR(task);
		threads[cpu] = get_task_struct(task);
		atomic_inc(&running);
		wake_up_process(task);
	}
	return 0;
}

/* kthread_stop() only joins the threads: they do not read kthread_should_stop(). */
static void stress_join(void)
{
	unsigned int cpu;

	while (atomic_read(&running)) {
		if (fatal_signal_pending(current))
			WRITE_ONCE(stop, true);
		schedule_timeout_uninterruptible(HZ / 50);
	}
	for_each_possible_cpu(cpu) {
		if (!threads[cpu])
			continue;
		kthread_stop(threads[cpu]);
		put_task_struct(threads[cpu]);
		threads[cpu] = NULL;
	}
}

static int stress_run(const char *val, const struct kernel_param *kp)
{
	unsigned int count;
	int err = kstrtouint(val, 10, &count);

	if (err)
		return err;
	mutex_lock(&stress_mutex);
	atomic_set(&to_make, count);
	atomic_set(&made, 0);
	atomic_set(&plain, 0);
	atomic_set(&longest_ms, 0);
	WRITE_ONCE(stop, false);
	err = stress_start();
	if (err)
		WRITE_ONCE(stop, true);
	stress_join();
	mutex_unlock(&stress_mutex);
	return err;
}

static int stress_result(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "made %d plain %d longest_ms %d\n", atomic_read(&made),
			  atomic_read(&plain), atomic_read(&longest_ms));
}

static const struct kernel_param_ops run_ops = { .set = stress_run, .get = stress_result };

module_param_cb(run, &run_ops, NULL, 0600);
MODULE_PARM_DESC(run, "Write N to make N requests; returns when all are made. Reads the counts of the last run");

static int __init stress_init(void)
{
	trigger = (typeof(trigger))resolve("arch_trigger_cpumask_backtrace");
	if (!trigger)
		return -ENOENT;
	return register_kprobe(&plain_probe);
}

static void __exit stress_exit(void)
{
	unregister_kprobe(&plain_probe);
}

module_init(stress_init);
module_exit(stress_exit);
MODULE_DESCRIPTION("Test module that requests backtraces of random CPUs from all CPUs at once");
MODULE_LICENSE("GPL");
