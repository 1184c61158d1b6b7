// SPDX-License-Identifier: GPL-2.0
/*
 * Stops wedged CPUs at the start of an orderly reboot. Several steps of a reboot wait for all CPUs
 * without a bound; the first is the SDEI core's own notifier. The notifier here runs before all
 * others: it sends an IPI to every CPU and stops the CPUs that do not take it. Before a kexec it
 * stops none, because the next kernel overwrites the memory in which such a CPU would park.
 *
 * If the machine has not gone down "reboot_timeout" seconds after that, the CPU that began the
 * reboot restarts or powers off the machine at once. If that CPU takes no interrupts any more,
 * another CPU does so later: each CPU has a deadline of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "compat.h"
#include "deadline.h"
#include "reboot.h"
#include "stop.h"
#include "symbols.h"
#include "waits.h"

static DEFINE_PER_CPU(bool, sdei_nmi_took_ipi);
static DEFINE_PER_CPU(call_single_data_t, sdei_nmi_reboot_ipi);

/**
 * struct reboot_deadline - when a CPU carries out a reboot that hangs
 * @timer: fires on that CPU, in a hard interrupt
 * @start: makes the CPU start its timer
 * @timeout: seconds after CPUs were stopped
 */
struct reboot_deadline {
	struct hrtimer timer;
	call_single_data_t start;
	unsigned int timeout;
};

static DEFINE_PER_CPU(struct reboot_deadline, sdei_nmi_reboot_deadline);
static unsigned long reboot_action;
static bool reboot_deadlines_run;

static unsigned int reboot_timeout = 30;
module_param(reboot_timeout, uint, 0644);
MODULE_PARM_DESC(reboot_timeout, "Seconds after which a reboot, halt or power-off that met a wedged CPU is carried out at once; 0: never (default: 30)");

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
 * A stopped CPU may still hold up the reboot: it may hold a lock, or work, timers and tasks may be
 * queued on it. So this CPU carries the reboot out itself if the kernel does not in time. A hard
 * interrupt can do that; sysrq-b does the same.
 */
static enum hrtimer_restart carry_out_reboot(struct hrtimer *timer)
{
	unsigned int timeout = container_of(timer, struct reboot_deadline, timer)->timeout;

	switch (READ_ONCE(reboot_action)) {
	case SYS_POWER_OFF:
		pr_emerg("this machine has not gone down in %u s after CPUs were stopped: powering off at once\n",
			 timeout);
		SDEI_NMI_KERNEL(machine_power_off)();
		fallthrough;	/* returns if the machine cannot be powered off */
	case SYS_HALT:
		pr_emerg("halting at once\n");
		SDEI_NMI_KERNEL(machine_halt)();
		break;
	default:
		pr_emerg("this machine has not gone down in %u s after CPUs were stopped: restarting at once\n",
			 timeout);
		emergency_restart();
	}
	return HRTIMER_NORESTART;
}

static void start_reboot_deadline(void *info)
{
	struct reboot_deadline *deadline = info;

	hrtimer_start(&deadline->timer, ktime_set(deadline->timeout, 0),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/*
 * This CPU's deadline comes first. The kernel's stop ends the deadlines of the other CPUs, because
 * a stopped CPU takes no interrupts.
 */
static void start_reboot_deadlines(unsigned long action, const struct cpumask *wedged)
{
	unsigned int timeout = READ_ONCE(reboot_timeout), cpu;
	struct reboot_deadline *deadline = this_cpu_ptr(&sdei_nmi_reboot_deadline);

	if (!timeout)
		return;
	WRITE_ONCE(reboot_deadlines_run, true);
	WRITE_ONCE(reboot_action, action);
	deadline->timeout = timeout;
	start_reboot_deadline(deadline);
	for_each_cpu_andnot(cpu, cpu_online_mask, wedged) {
		if (cpu == smp_processor_id())
			continue;
		deadline = per_cpu_ptr(&sdei_nmi_reboot_deadline, cpu);
		timeout += SDEI_NMI_REBOOT_NEXT_S;
		deadline->timeout = timeout;
		smp_call_function_single_async(cpu, &deadline->start);
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
	start_reboot_deadlines(action, &wedged);
	sdei_nmi_stop_unless(&wedged, &sdei_nmi_took_ipi);
	preempt_enable();
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

	for_each_possible_cpu(cpu) {
		struct reboot_deadline *deadline = per_cpu_ptr(&sdei_nmi_reboot_deadline, cpu);

		INIT_CSD(&per_cpu(sdei_nmi_reboot_ipi, cpu), note_ipi, NULL);
		INIT_CSD(&deadline->start, start_reboot_deadline, deadline);
		hrtimer_setup(&deadline->timer, carry_out_reboot, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
	err = register_reboot_notifier(&stop_wedged_nb);
	if (err)
		pr_err("registering a reboot notifier failed with %d: wedged CPUs would hold up a reboot; nothing was changed\n",
		       err);
	return err;
}

/**
 * sdei_nmi_reboot_exit() - unregister the reboot notifier
 *
 * If a reboot with deadlines has begun, this function waits until the machine goes down.
 *
 * Context: task; sleeps.
 */
void sdei_nmi_reboot_exit(void)
{
	unsigned int cpu;

	unregister_reboot_notifier(&stop_wedged_nb);
	/* The reboot may hang, and IPIs that start deadlines may be on their way. */
	while (READ_ONCE(reboot_deadlines_run))
		ssleep(3600);
	for_each_possible_cpu(cpu)
		hrtimer_cancel(&per_cpu_ptr(&sdei_nmi_reboot_deadline, cpu)->timer);
}
