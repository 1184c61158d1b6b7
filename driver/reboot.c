// SPDX-License-Identifier: GPL-2.0
/*
 * A reboot in good order has more in its way than the kernel's IPI for stopping: every step that
 * waits for all CPUs waits for ever, and the SDEI core's own is the first. So CPUs that take no
 * interrupts are looked for, and stopped, at the beginning. They are not before a kexec, which
 * gives the next kernel the memory that they would be parked in.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "deadline.h"
#include "reboot.h"
#include "stop.h"
#include "waits.h"

#define MOVES_MOST	1000	/* of tasks off stopped CPUs */

static DEFINE_PER_CPU(bool, sdei_nmi_took_ipi);
static DEFINE_PER_CPU(call_single_data_t, sdei_nmi_reboot_ipi);

static void note_ipi(void *info)
{
	WRITE_ONCE(*this_cpu_ptr(&sdei_nmi_took_ipi), true);
}

/* CPUs in the mask that have taken the IPI come out of it. */
static bool all_took_ipi(struct cpumask *cpus)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		if (READ_ONCE(per_cpu(sdei_nmi_took_ipi, cpu)))
			cpumask_clear_cpu(cpu, cpus);
	return cpumask_empty(cpus);
}

/* Those that take no interrupts. */
static void find_wedged(struct cpumask *wedged)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_REBOOT_IPI_MS * USEC_PER_MSEC);
	unsigned int cpu;

	preempt_disable();
	cpumask_copy(wedged, cpu_online_mask);
	cpumask_clear_cpu(smp_processor_id(), wedged);
	for_each_cpu(cpu, wedged) {
		WRITE_ONCE(per_cpu(sdei_nmi_took_ipi, cpu), false);
		if (smp_call_function_single_async(cpu, &per_cpu(sdei_nmi_reboot_ipi, cpu)) ==
		    -ENXIO)
			WRITE_ONCE(per_cpu(sdei_nmi_took_ipi, cpu), true); /* it went offline */
	}
	preempt_enable();
	while (!all_took_ipi(wedged) && !counter_passed(deadline))
		cond_resched();
}

/*
 * Waits for its turn on a CPU that is stopped, or half woken: its wake-up waits there for an IPI,
 * and others pass over it. Not one that can't leave: the CPU's own threads, who must not migrate,
 * and who is on the move already, which that CPU was to do.
 */
static bool is_stuck(const struct task_struct *task, const struct cpumask *stopped)
{
	if (!cpumask_test_cpu(task_cpu(task), stopped) || READ_ONCE(task->on_cpu))
		return false;
	if (task->flags & PF_NO_SETAFFINITY && task->nr_cpus_allowed == 1)
		return false;
	if (READ_ONCE(task->migration_disabled))
		return false;
	if (READ_ONCE(task->on_rq))
		return READ_ONCE(task->on_rq) == 1 && !READ_ONCE(task->migration_pending);
	return READ_ONCE(task->__state) == TASK_WAKING;
}

/* One of them, with a reference. */
static struct task_struct *find_stuck(const struct cpumask *stopped)
{
	struct task_struct *group, *task, *found = NULL;

	rcu_read_lock();
	for_each_process_thread(group, task) {
		if (is_stuck(task, stopped)) {
			found = get_task_struct(task);
			goto out;
		}
	}
out:
	rcu_read_unlock();
	return found;
}

/*
 * While the lock is free nobody is choosing the task's CPU; the stopped one may hold it for ever.
 * As that CPU never reads its list again, the task may stay in it, and be in another.
 */
static void wake_again(struct task_struct *task, const struct cpumask *stopped)
{
	struct wait_queue_entry entry = { .private = task };
	unsigned long flags;
	bool half_woken;

	if (!raw_spin_trylock_irqsave(&task->pi_lock, flags))
		return;
	half_woken = is_stuck(task, stopped) && !READ_ONCE(task->on_rq);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	if (half_woken)
		default_wake_function(&entry, TASK_WAKING, 0, NULL);
}

/*
 * The scheduler takes nobody from a CPU that is not active, but for hotplug, and the reboot may
 * wait for one of them: newer kernels stop the consoles' own threads.
 */
static void move_stuck(const struct cpumask *cpus)
{
	static struct cpumask stopped;
	struct task_struct *task;
	unsigned int moves;

	cpumask_andnot(&stopped, cpus, cpu_online_mask);
	for (moves = 0; moves < MOVES_MOST; moves++) {
		task = find_stuck(&stopped);
		if (!task)
			break;
		if (READ_ONCE(task->on_rq))
			set_cpus_allowed_ptr(task, cpu_active_mask);
		else
			wake_again(task, &stopped);
		put_task_struct(task);
	}
}

/* The kernel says only to its notifiers that a reboot is a kexec, and only in these words. */
static int stop_wedged_at_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	static struct cpumask wedged;

	find_wedged(&wedged);
	if (cpumask_empty(&wedged))
		return NOTIFY_OK;
	if (data && !strcmp(data, "kexec reboot")) {
		pr_warn("CPUs %*pbl have taken no interrupt for %u s: this kexec waits for them because the next kernel would overwrite the code they run; sysrq-b reboots\n",
			cpumask_pr_args(&wedged), SDEI_NMI_REBOOT_IPI_MS / 1000);
		return NOTIFY_OK;
	}
	pr_warn("CPUs %*pbl have taken no interrupt for %u s and would hold up this reboot\n",
		cpumask_pr_args(&wedged), SDEI_NMI_REBOOT_IPI_MS / 1000);
	preempt_disable();
	sdei_nmi_stop_unless(&wedged, &sdei_nmi_took_ipi);
	preempt_enable();
	move_stuck(&wedged);
	return NOTIFY_OK;
}

/* Before reach.c's. */
static struct notifier_block stop_wedged_nb = {.notifier_call = stop_wedged_at_reboot,
					       .priority = INT_MAX};

/**
 * sdei_nmi_reboot_init() - make ready for a reboot beside a wedged CPU
 *
 * Context: task, at load. Return: 0, or the errno of the kernel's, which one line of log tells.
 */
int __init sdei_nmi_reboot_init(void)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu)
		INIT_CSD(&per_cpu(sdei_nmi_reboot_ipi, cpu), note_ipi, NULL);
	err = register_reboot_notifier(&stop_wedged_nb);
	if (err)
		pr_err("registering a reboot notifier failed with %d: wedged CPUs would hold up a reboot; nothing was changed\n",
		       err);
	return err;
}

/**
 * sdei_nmi_reboot_exit() - leave reboots to the kernel
 *
 * Context: task; sleeps.
 */
void sdei_nmi_reboot_exit(void)
{
	unregister_reboot_notifier(&stop_wedged_nb);
}
