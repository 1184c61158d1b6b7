// SPDX-License-Identifier: GPL-2.0
/*
 * Serves the kernel's requests for backtraces. collect.c asks the CPUs. The requester prints the
 * answers in CPU order and logs why the other CPUs gave none. late_answer.c prints the answers that
 * come later.
 *
 * Only one request is served at a time, and no requester waits for another: the kernel drops a
 * second request. Here it is queued, and the first requester serves it after its own. So a report
 * of a hard lockup does not vanish during a long sysrq-l. The holder of "busy" owns the static
 * variables below, except "queued", and the requester's side of backtrace_collection.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpufeature.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched/task.h>

#include "backtrace.h"
#include "capture.h"
#include "collect.h"
#include "event.h"
#include "late_answer.h"
#include "print.h"
#include "stats.h"
#include "symbols.h"
#include "waits.h"

static DEFINE_PER_CPU(struct sdei_nmi_record, sdei_nmi_backtrace_record);
static DEFINE_PER_CPU(struct sdei_nmi_inquiry, sdei_nmi_backtrace_inquiry);

static struct sdei_nmi_collection backtrace_collection = {
	.records = &sdei_nmi_backtrace_record,
	.inquiries = &sdei_nmi_backtrace_inquiry,
	.request = SDEI_NMI_REQUEST_BACKTRACE,
	.owed = sdei_nmi_late_answer_watch,
};

#define ROUNDS_MOST	4	/* that one requester serves, its own included */

static unsigned long busy;
static struct cpumask queued;	/* any CPU sets bits, the holder of "busy" clears them */
static struct cpumask next, unprinted, alike;
static unsigned int lock_us;

static sdei_nmi_backtrace_raise_fn raise_pseudo_nmi __ro_after_init;

/* Where the function starts in which the CPU was, for "group". */
static DEFINE_PER_CPU(unsigned long, sdei_nmi_function_start);

static bool group;
module_param(group, bool, 0644);
MODULE_PARM_DESC(group, "Print a stack that several CPUs share once, with one line for each of the other CPUs (default: 0)");

static void notrace serve_backtrace_request(struct pt_regs *regs)
{
	sdei_nmi_collect_answer(&backtrace_collection, regs, true);
}

NOKPROBE_SYMBOL(serve_backtrace_request);

/* The caller's RCU read section began before the capture, so every recorded task still exists. */
static void hold_tasks(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &backtrace_collection.answered) {
		struct sdei_nmi_record *b = per_cpu_ptr(&sdei_nmi_backtrace_record, cpu);

		if (b->worker && !refcount_inc_not_zero(&b->task->usage))
			b->worker = false;
	}
}

static void release_record(struct sdei_nmi_record *b)
{
	sdei_nmi_stats_inc(SDEI_NMI_STAT_CPUS_ANSWERED);
	if (b->worker)
		put_task_struct(b->task);
	capture_done(&b->state);
}

static void print_one(unsigned int cpu)
{
	struct sdei_nmi_record *b = per_cpu_ptr(&sdei_nmi_backtrace_record, cpu);

	touch_nmi_watchdog();
	sdei_nmi_print_backtrace(cpu, b, &lock_us);
	release_record(b);
}

/* Once for each CPU: comparing the names of each pair takes too long with many CPUs. */
static void find_functions(const struct cpumask *cpus)
{
	unsigned long size, offset;
	unsigned int cpu;

	for_each_cpu(cpu, cpus) {
		unsigned long pc = per_cpu_ptr(&sdei_nmi_backtrace_record, cpu)->pc[0];

		if (!SDEI_NMI_KERNEL(kallsyms_lookup_size_offset)(pc, &size, &offset))
			offset = 0;
		per_cpu(sdei_nmi_function_start, cpu) = pc - offset;
	}
}

/* The block of a workqueue worker says what it works on, so no other CPU can share the block. */
static bool runs_work(const struct sdei_nmi_record *b)
{
	return b->worker && b->task->flags & PF_WQ_WORKER;
}

/*
 * True if both CPUs were called from the same places and are in the same function. They may be at
 * different addresses in it, as CPUs in the same loop are.
 */
static bool same_stack(unsigned int cpu_a, unsigned int cpu_b)
{
	const struct sdei_nmi_record *a = per_cpu_ptr(&sdei_nmi_backtrace_record, cpu_a);
	const struct sdei_nmi_record *b = per_cpu_ptr(&sdei_nmi_backtrace_record, cpu_b);

	if (!a->has_regs || !b->has_regs || a->guest || b->guest || !a->depth)
		return false;
	if (sdei_nmi_print_idles(a) && sdei_nmi_print_idles(b))
		return a->regs.pc == b->regs.pc;
	/* Beyond the cut the stacks may differ. */
	if (a->cut || b->cut || runs_work(a) || runs_work(b))
		return false;
	return a->depth == b->depth &&
	       per_cpu(sdei_nmi_function_start, cpu_a) == per_cpu(sdei_nmi_function_start, cpu_b) &&
	       !memcmp(a->pc + 1, b->pc + 1, (a->depth - 1) * sizeof(a->pc[0]));
}

/* Prints one CPU's block, and a line for each CPU that has the same stack. */
static void print_group(unsigned int cpu)
{
	const struct sdei_nmi_record *b = per_cpu_ptr(&sdei_nmi_backtrace_record, cpu);
	unsigned int other;

	cpumask_clear(&alike);
	for_each_cpu(other, &unprinted)
		if (other != cpu && same_stack(cpu, other))
			cpumask_set_cpu(other, &alike);
	cpumask_andnot(&unprinted, &unprinted, &alike);
	touch_nmi_watchdog();
	sdei_nmi_print_backtrace(cpu, b, &lock_us);
	sdei_nmi_print_alike(&sdei_nmi_backtrace_record, cpu, &alike);
	for_each_cpu(other, &alike)
		release_record(per_cpu_ptr(&sdei_nmi_backtrace_record, other));
	release_record(per_cpu_ptr(&sdei_nmi_backtrace_record, cpu));
}

static void name_silent(unsigned int cpu)
{
	char why[SDEI_NMI_WHY_SIZE];

	sdei_nmi_stats_inc(SDEI_NMI_STAT_CPUS_NAMED);
	sdei_nmi_collect_why(&backtrace_collection, cpu, why);
	pr_warn("no backtrace for CPU %u: %s\n", cpu, why);
}

/*
 * With pseudo-NMI the kernel's IPI for backtraces is an NMI, and may reach a CPU that answers
 * neither event 0 nor an ordinary IPI. The kernel waits up to 10 s for it, as without the driver.
 */
static void ask_by_pseudo_nmi(void)
{
	if (!raise_pseudo_nmi || !system_uses_irq_prio_masking() || cpumask_empty(&next))
		return;
	pr_warn("CPUs %*pbl answer neither event 0 nor an interrupt: the kernel asks them by pseudo-NMI\n",
		cpumask_pr_args(&next));
	SDEI_NMI_KERNEL(nmi_trigger_cpumask_backtrace)(&next, -1, raise_pseudo_nmi);
}

/*
 * Captures and prints the CPUs in "next". Only the capture is done without preemption: printing
 * many blocks takes long.
 */
static void serve_next(void)
{
	const struct cpumask *answered = &backtrace_collection.answered;
	struct cpumask *asked = &backtrace_collection.asked;
	unsigned int this_cpu, cpu;
	bool own, grouped = READ_ONCE(group);

	cpumask_copy(asked, &next);
	for_each_cpu(cpu, asked)
		sdei_nmi_stats_inc(SDEI_NMI_STAT_CPUS_ASKED);
	this_cpu = get_cpu();
	own = cpumask_test_cpu(this_cpu, asked);
	WRITE_ONCE(backtrace_collection.flags,
		   sdei_nmi_backtrace_idle() ? 0 : SDEI_NMI_CAPTURE_IDLE_BRIEF);
	rcu_read_lock();
	sdei_nmi_collect_own(&backtrace_collection, this_cpu);
	sdei_nmi_collect(&backtrace_collection, false);
	hold_tasks();
	rcu_read_unlock();
	put_cpu();

	if (cpumask_test_cpu(this_cpu, answered))
		print_one(this_cpu);
	else if (own)
		name_silent(this_cpu);
	if (!cpumask_empty(asked))
		sdei_nmi_print_header(this_cpu, asked);
	cpumask_and(&unprinted, asked, answered);
	if (grouped)
		find_functions(&unprinted);
	for_each_cpu(cpu, &unprinted) {
		cpumask_clear_cpu(cpu, &unprinted);
		if (grouped)
			print_group(cpu);
		else
			print_one(cpu);
	}
	for_each_cpu_andnot(cpu, asked, answered)
		name_silent(cpu);
	cpumask_andnot(&next, asked, answered);
	ask_by_pseudo_nmi();
}

/* Moves the queued CPUs to "next". Returns false if there are none. */
static bool take_queued(void)
{
	unsigned int cpu;

	cpumask_clear(&next);
	for_each_cpu(cpu, &queued)
		if (cpumask_test_and_clear_cpu(cpu, &queued))
			cpumask_set_cpu(cpu, &next);
	return !cpumask_empty(&next);
}

/*
 * Takes "busy" and the queued CPUs, unless another requester does. The bits are set before the look
 * at "busy", and the holder looks at the bits after it has released "busy", so none is left behind.
 */
static bool claim_queued(void)
{
	while (!test_and_set_bit_lock(0, &busy)) {
		if (take_queued())
			return true;
		clear_bit_unlock(0, &busy);
		smp_mb__after_atomic();	/* as in serve() */
		if (cpumask_empty(&queued))
			break;
	}
	return false;
}

/* Serves "next" and what others queue meanwhile, up to a bound. Releases "busy". */
static void serve(void)
{
	unsigned int rounds;

	for (rounds = 0; rounds < ROUNDS_MOST; rounds++) {
		lock_us = SDEI_NMI_PRINT_LOCK_US;
		serve_next();
		if (take_queued())
			continue;
		clear_bit_unlock(0, &busy);
		smp_mb__after_atomic();	/* release, then look; pairs with queue_request() */
		if (cpumask_empty(&queued) || !claim_queued())
			return;
	}
	/*
	 * Others may queue while this is printed. If that does not end, the next request finds the
	 * rest.
	 */
	do {
		sdei_nmi_stats_inc(SDEI_NMI_STAT_REQUESTS_TURNED_AWAY);
		pr_warn("no backtrace for CPUs %*pbl: too many requests at the same time\n",
			cpumask_pr_args(&next));
		touch_nmi_watchdog();
		clear_bit_unlock(0, &busy);
		smp_mb__after_atomic();	/* as above */
	} while (--rounds && !cpumask_empty(&queued) && claim_queued());
}

/* Returns true if the request that was running has ended and the caller has to serve. */
static bool queue_request(const struct cpumask *mask, int exclude_cpu)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		if (cpu != exclude_cpu)
			cpumask_set_cpu(cpu, &queued);
	smp_mb__after_atomic();	/* queue, then look; pairs with serve() */
	if (claim_queued())
		return true;
	sdei_nmi_stats_inc(SDEI_NMI_STAT_REQUESTS_QUEUED);
	pr_info_ratelimited("a request for the backtraces of CPUs %*pbl came while another one is served; it is served next\n",
			    cpumask_pr_args(mask));
	return false;
}

/**
 * sdei_nmi_backtrace_request() - log the backtraces of CPUs, wedged ones included
 * @mask: the CPUs
 * @exclude_cpu: a CPU to leave out, or -1
 *
 * A CPU's block reads as nmi_cpu_backtrace() prints it. Takes less than a second (waits.h) plus the
 * time for printing. If another request is being served, the other requester also serves this one,
 * and this function returns at once. So the caller may serve up to three requests of others.
 *
 * Context: any but SDEI; hard IRQ included, with interrupts on or off. The driver is up.
 */
void sdei_nmi_backtrace_request(const struct cpumask *mask, int exclude_cpu)
{
	sdei_nmi_stats_inc(SDEI_NMI_STAT_REQUESTS);
	if (test_and_set_bit_lock(0, &busy)) {
		if (queue_request(mask, exclude_cpu))
			serve();
		return;
	}
	cpumask_copy(&next, mask);
	if (exclude_cpu != -1)
		cpumask_clear_cpu(exclude_cpu, &next);
	serve();
}

/**
 * sdei_nmi_backtrace_set_raise() - set the function that sends the kernel's IPI for backtraces
 * @raise: the function, or NULL if the kernel has none
 *
 * Context: task, at load.
 */
void __init sdei_nmi_backtrace_set_raise(sdei_nmi_backtrace_raise_fn raise)
{
	raise_pseudo_nmi = raise;
}

/**
 * sdei_nmi_backtrace_init() - prepare to serve requests for backtraces
 *
 * Context: task, at load.
 */
void __init sdei_nmi_backtrace_init(void)
{
	sdei_nmi_collect_init(&backtrace_collection);
	sdei_nmi_late_answer_init(&sdei_nmi_backtrace_record);
	sdei_nmi_event_serve(SDEI_NMI_REQUEST_BACKTRACE, serve_backtrace_request);
}

/**
 * sdei_nmi_backtrace_exit() - wait for IPIs on their way, and stop watching for late answers
 *
 * Context: task; sleeps. No request comes any more. A CPU that takes no IPIs holds this up.
 */
void sdei_nmi_backtrace_exit(void)
{
	sdei_nmi_collect_exit(&backtrace_collection);
	sdei_nmi_late_answer_exit();
}

#ifdef MODULE
/**
 * sdei_nmi_backtrace_log_stats() - log the numbers of requests and answers
 *
 * Context: task, after sdei_nmi_backtrace_exit().
 */
void sdei_nmi_backtrace_log_stats(void)
{
	pr_info("%lu requests, %lu of them queued behind another one, %lu times too many at once; %lu CPUs asked, %lu answered, %lu without a backtrace\n",
		sdei_nmi_stats_sum(SDEI_NMI_STAT_REQUESTS),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_REQUESTS_QUEUED),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_REQUESTS_TURNED_AWAY),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_CPUS_ASKED),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_CPUS_ANSWERED),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_CPUS_NAMED));
}
#endif
