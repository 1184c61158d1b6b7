// SPDX-License-Identifier: GPL-2.0
/*
 * Serves the kernel's requests for backtraces. collect.c asks the CPUs. The requester prints the
 * answers in CPU order and logs why the other CPUs gave none. late_answer.c prints the answers that
 * come later.
 *
 * Only one request is served at a time. A second one is dropped, as the kernel drops it, so no
 * requester waits for another. The holder of "busy" owns the static variables below and the
 * requester's side of backtrace_collection.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

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

static DEFINE_PER_CPU(struct sdei_nmi_record, sdei_nmi_backtrace_record);
static DEFINE_PER_CPU(struct sdei_nmi_inquiry, sdei_nmi_backtrace_inquiry);

static struct sdei_nmi_collection backtrace_collection = {
	.records = &sdei_nmi_backtrace_record,
	.inquiries = &sdei_nmi_backtrace_inquiry,
	.request = SDEI_NMI_REQUEST_BACKTRACE,
	.owed = sdei_nmi_late_answer_watch,
};

static unsigned long busy;
static struct cpumask unprinted, alike;

static bool group;
module_param(group, bool, 0644);
MODULE_PARM_DESC(group, "Print a stack that several CPUs share once, with one line for each of the other CPUs (default: 0)");

static void notrace serve_backtrace_request(struct pt_regs *regs)
{
	sdei_nmi_collect_answer(&backtrace_collection, regs);
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
	sdei_nmi_print_backtrace(cpu, b);
	release_record(b);
}

static bool same_function(unsigned long a, unsigned long b)
{
	char name_a[64], name_b[64];

	snprintf(name_a, sizeof(name_a), "%ps", (void *)a);
	snprintf(name_b, sizeof(name_b), "%ps", (void *)b);
	return !strcmp(name_a, name_b);
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
static bool same_stack(const struct sdei_nmi_record *a, const struct sdei_nmi_record *b)
{
	if (!a->has_regs || !b->has_regs || a->guest || b->guest || !a->depth)
		return false;
	if (sdei_nmi_print_idles(a) && sdei_nmi_print_idles(b))
		return a->regs.pc == b->regs.pc;
	/* Beyond the cut the stacks may differ. */
	if (a->cut || b->cut || runs_work(a) || runs_work(b))
		return false;
	return a->depth == b->depth &&
	       !memcmp(a->pc + 1, b->pc + 1, (a->depth - 1) * sizeof(a->pc[0])) &&
	       same_function(a->pc[0], b->pc[0]);
}

/* Prints one CPU's block, and a line for each CPU that has the same stack. */
static void print_group(unsigned int cpu)
{
	const struct sdei_nmi_record *b = per_cpu_ptr(&sdei_nmi_backtrace_record, cpu);
	unsigned int other;

	cpumask_clear(&alike);
	for_each_cpu(other, &unprinted)
		if (other != cpu && same_stack(b, per_cpu_ptr(&sdei_nmi_backtrace_record, other)))
			cpumask_set_cpu(other, &alike);
	cpumask_andnot(&unprinted, &unprinted, &alike);
	touch_nmi_watchdog();
	sdei_nmi_print_backtrace(cpu, b);
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

/**
 * sdei_nmi_backtrace_request() - log the backtraces of CPUs, wedged ones included
 * @mask: the CPUs
 * @exclude_cpu: a CPU to leave out, or -1
 *
 * A CPU's block reads as nmi_cpu_backtrace() prints it. Takes less than a second (waits.h) plus the
 * time for printing. If another request is being served, this one is dropped, as the kernel does.
 *
 * Context: any but SDEI; hard IRQ included, with interrupts on or off. The driver is up.
 */
void sdei_nmi_backtrace_request(const struct cpumask *mask, int exclude_cpu)
{
	const struct cpumask *answered = &backtrace_collection.answered;
	struct cpumask *asked = &backtrace_collection.asked;
	unsigned int this_cpu, cpu;
	bool own;

	this_cpu = get_cpu();
	sdei_nmi_stats_inc(SDEI_NMI_STAT_REQUESTS);
	if (test_and_set_bit_lock(0, &busy)) {
		sdei_nmi_stats_inc(SDEI_NMI_STAT_REQUESTS_TURNED_AWAY);
		put_cpu();
		return;
	}
	rcu_read_lock();
	cpumask_copy(asked, mask);
	if (exclude_cpu != -1)
		cpumask_clear_cpu(exclude_cpu, asked);
	for_each_cpu(cpu, asked)
		sdei_nmi_stats_inc(SDEI_NMI_STAT_CPUS_ASKED);
	own = cpumask_test_cpu(this_cpu, asked);
	sdei_nmi_collect_own(&backtrace_collection, this_cpu);
	sdei_nmi_collect(&backtrace_collection, false);
	hold_tasks();
	rcu_read_unlock();

	if (cpumask_test_cpu(this_cpu, answered))
		print_one(this_cpu);
	else if (own)
		name_silent(this_cpu);
	if (!cpumask_empty(asked))
		sdei_nmi_print_header(this_cpu, asked);
	cpumask_and(&unprinted, asked, answered);
	for_each_cpu(cpu, &unprinted) {
		cpumask_clear_cpu(cpu, &unprinted);
		if (READ_ONCE(group))
			print_group(cpu);
		else
			print_one(cpu);
	}
	for_each_cpu_andnot(cpu, asked, answered)
		name_silent(cpu);
	clear_bit_unlock(0, &busy);
	put_cpu();
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
	pr_info("%lu requests, %lu of them dropped because another one was running; %lu CPUs asked, %lu answered, %lu without a backtrace\n",
		sdei_nmi_stats_sum(SDEI_NMI_STAT_REQUESTS),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_REQUESTS_TURNED_AWAY),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_CPUS_ASKED),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_CPUS_ANSWERED),
		sdei_nmi_stats_sum(SDEI_NMI_STAT_CPUS_NAMED));
}
#endif
