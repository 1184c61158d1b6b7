// SPDX-License-Identifier: GPL-2.0
/*
 * Stops wedged CPUs at the start of an orderly reboot. Several steps of a reboot wait for all CPUs
 * without a bound; the first is the SDEI core's own notifier. The notifier here runs before all
 * others: it sends an IPI to every CPU and stops the CPUs that do not take it. Before a kexec it
 * stops none, because the next kernel overwrites the memory in which such a CPU would park.
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

/* Removes the CPUs that have taken the IPI from the mask. */
static bool all_took_ipi(struct cpumask *cpus)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		if (READ_ONCE(per_cpu(sdei_nmi_took_ipi, cpu)))
			cpumask_clear_cpu(cpu, cpus);
	return cpumask_empty(cpus);
}

/* Finds the CPUs that take no interrupts. */
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
 * Whether the task waits in the run queue of a stopped CPU, or is half woken: its wake-up waits for
 * an IPI on that CPU, and other wake-ups skip the task. Tasks that cannot leave do not count: the
 * CPU's own threads, tasks with migration disabled, and tasks that this CPU was about to migrate.
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

/* Returns a stuck task with a reference, or NULL. */
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
 * If the lock is free, no other CPU is choosing a CPU for this task. A stopped CPU may hold the
 * lock forever, so this only tries. The stopped CPU never reads its wake list again, so the
 * task may stay in that list while it is queued elsewhere.
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
 * Except for hotplug, the scheduler moves no task off a CPU that is not active. The reboot may wait
 * for such a task: newer kernels stop the threads of the consoles.
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

/* A notifier can recognize a kexec only by this command string. */
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

/* Runs before the notifier of reach.c. */
static struct notifier_block stop_wedged_nb = {.notifier_call = stop_wedged_at_reboot,
					       .priority = INT_MAX};

/**
 * sdei_nmi_reboot_init() - register the reboot notifier
 *
 * Context: task, at load. Return: 0, or the kernel's errno after one log line.
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
 * sdei_nmi_reboot_exit() - unregister the reboot notifier
 *
 * Context: task; sleeps.
 */
void sdei_nmi_reboot_exit(void)
{
	unregister_reboot_notifier(&stop_wedged_nb);
}
