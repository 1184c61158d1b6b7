// SPDX-License-Identifier: GPL-2.0
/*
 * Asks CPUs for their records and waits for the answers. The requester asks all targets at once.
 * Each target copies its registers and return addresses into its own record and goes on, within
 * microseconds, however many CPUs there are. All waits of the requester are bounded.
 *
 * A CPU that may not be signalled, or whose signal the firmware refuses, gets an ordinary IPI at
 * once. A CPU that does not answer event 0 within SDEI_NMI_EVENT_ANSWER_MS gets the IPI then. After
 * less than a second the requester knows the CPUs that have not answered, with the reasons.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/nmi.h>
#include <asm/irq_regs.h>

#include "collect.h"
#include "deadline.h"
#include "event.h"
#include "stats.h"
#include "trace.h"
#include "waits.h"

/**
 * sdei_nmi_collect_answer() - fill this CPU's record if it was asked for
 * @c: the collection
 * @regs: the interrupted context, or NULL if there is none
 * @by_event: event 0 interrupted the context, not an interrupt
 *
 * Context: as sdei_nmi_capture_answer().
 */
void notrace sdei_nmi_collect_answer(struct sdei_nmi_collection *c, struct pt_regs *regs,
				     bool by_event)
{
	sdei_nmi_capture_answer(this_cpu_ptr(c->records), regs, by_event,
				READ_ONCE(c->flags));
}

NOKPROBE_SYMBOL(sdei_nmi_collect_answer);

static void answer_ipi(void *info)
{
	struct sdei_nmi_collection *c = info;

	/*
	 * Fully ordered, before the record is read: a requester that finds this IPI under way has
	 * asked already, so this IPI answers that request. The call structure is free by now.
	 */
	atomic_xchg(&this_cpu_ptr(c->inquiries)->ipi_under_way, 0);
	sdei_nmi_collect_answer(c, get_irq_regs(), false);
}

/* Sends the kernel's ordinary IPI. Its call structure is free when the target runs answer_ipi(). */
static int ask_cpu_by_ipi(struct sdei_nmi_collection *c, unsigned int cpu)
{
	struct sdei_nmi_inquiry *inquiry = per_cpu_ptr(c->inquiries, cpu);
	int err;

	if (atomic_cmpxchg(&inquiry->ipi_under_way, 0, 1))
		return -EBUSY;
	err = smp_call_function_single_async(cpu, &inquiry->ipi);
	if (err)
		atomic_set(&inquiry->ipi_under_way, 0);
	else
		sdei_nmi_stats_inc(SDEI_NMI_STAT_IPI_FALLBACKS);
	return err;
}

static void ask_cpu(struct sdei_nmi_collection *c, unsigned int cpu)
{
	struct sdei_nmi_inquiry *inquiry = per_cpu_ptr(c->inquiries, cpu);
	struct sdei_nmi_record *b = per_cpu_ptr(c->records, cpu);

	inquiry->ipi_error = 0;
	if (!capture_ask(&b->state)) {
		/* The CPU still fills its record, or a late answer of it is being printed. */
		inquiry->event_error = -EALREADY;
		return;
	}
	cpumask_set_cpu(cpu, &c->silent);
	b->asked_at = counter_now();
	inquiry->event_error = sdei_nmi_event_ask(cpu, c->request);
	if (inquiry->event_error)
		inquiry->ipi_error = ask_cpu_by_ipi(c, cpu);
	if (inquiry->ipi_error == -ENXIO && capture_cancel(&b->state)) {
		cpumask_clear_cpu(cpu, &c->silent);	/* offline: do not wait for it */
		trace_done(cpu, c->request, -ENXIO, 0, 0);
	}
}

/* The requester traces for the target: code behind a tracepoint may take an exception. */
static void trace_answer(const struct sdei_nmi_collection *c, unsigned int cpu,
			 const struct sdei_nmi_record *b)
{
	u64 entered = max(b->taken_at, b->asked_at);

	trace_deliver(cpu, c->request, b->by_event, counter_ns(entered - b->asked_at));
	trace_done(cpu, c->request, 0, counter_ns(counter_now() - b->asked_at),
		   counter_ns(b->left_at - b->taken_at));
}

/* Waits until all silent CPUs have answered, or @ms milliseconds have passed. */
static void await_answers(struct sdei_nmi_collection *c, unsigned int ms, bool may_sleep)
{
	u64 start = counter_now(), deadline = start + counter_ticks(ms * USEC_PER_MSEC);
	unsigned int cpu;

	for (;;) {
		for_each_cpu(cpu, &c->silent) {
			const struct sdei_nmi_record *b = per_cpu_ptr(c->records, cpu);

			if (!capture_taken(&b->state))
				continue;
			cpumask_clear_cpu(cpu, &c->silent);
			cpumask_set_cpu(cpu, &c->answered);
			if (trace_deliver_enabled() || trace_done_enabled())
				trace_answer(c, cpu, b);
		}
		if (cpumask_empty(&c->silent) || counter_passed(deadline))
			return;
		if (may_sleep && counter_passed(start + counter_ticks(SDEI_NMI_ANSWER_SPIN_US)))
			usleep_range(500, 1000);
		else if (!may_sleep)
			touch_softlockup_watchdog();
		cpu_relax();
	}
}

static void trace_silent(struct sdei_nmi_collection *c)
{
	unsigned int cpu;

	for_each_cpu(cpu, &c->silent)
		trace_done(cpu, c->request, -ETIMEDOUT,
			   counter_ns(counter_now() - per_cpu_ptr(c->records, cpu)->asked_at), 0);
}

/**
 * sdei_nmi_collect_own() - record the requester's own CPU, as the first answer
 * @c: the collection; its @asked is set
 * @this_cpu: the requester's CPU, which this function removes from @asked
 *
 * Context: any but SDEI, preemption off; before sdei_nmi_collect().
 */
void sdei_nmi_collect_own(struct sdei_nmi_collection *c, unsigned int this_cpu)
{
	struct sdei_nmi_record *own = per_cpu_ptr(c->records, this_cpu);

	cpumask_clear(&c->answered);
	if (!cpumask_test_and_clear_cpu(this_cpu, &c->asked))
		return;
	own->asked_at = counter_now();
	if (capture_ask(&own->state)) {
		sdei_nmi_collect_answer(c, NULL, false);
		cpumask_set_cpu(this_cpu, &c->answered);
	} else {
		/* A late answer of this CPU is being printed. */
		per_cpu_ptr(c->inquiries, this_cpu)->event_error = -EALREADY;
		per_cpu_ptr(c->inquiries, this_cpu)->ipi_error = 0;
	}
}

/**
 * sdei_nmi_collect() - ask CPUs for their records, and wait for the answers
 * @c: the collection; its @asked is set, and sdei_nmi_collect_own() was called
 * @may_sleep: whether the caller may sleep
 *
 * Takes less than a second (waits.h). Afterwards the caller owns the records of the CPUs in
 * @answered and calls capture_done() on each.
 *
 * Context: any but SDEI; hard IRQ included, with interrupts on or off.
 */
void sdei_nmi_collect(struct sdei_nmi_collection *c, bool may_sleep)
{
	bool begun = false;
	unsigned int cpu;

	cpumask_clear(&c->silent);
	for_each_cpu(cpu, &c->asked)
		ask_cpu(c, cpu);
	await_answers(c, SDEI_NMI_EVENT_ANSWER_MS, may_sleep);
	if (cpumask_empty(&c->silent))
		goto out;

	for_each_cpu(cpu, &c->silent)
		if (!per_cpu_ptr(c->inquiries, cpu)->event_error)
			per_cpu_ptr(c->inquiries, cpu)->ipi_error = ask_cpu_by_ipi(c, cpu);
	await_answers(c, SDEI_NMI_IPI_ANSWER_MS, may_sleep);

	for_each_cpu(cpu, &c->silent)
		begun |= !capture_give_up(&per_cpu_ptr(c->records, cpu)->state);
	if (begun)
		await_answers(c, SDEI_NMI_CAPTURE_END_MS, may_sleep);
	for_each_cpu(cpu, &c->silent)
		capture_leave(&per_cpu_ptr(c->records, cpu)->state);
	await_answers(c, 0, false);	/* CPUs that ended just before */
	if (!cpumask_empty(&c->silent) && c->owed)
		c->owed();
	trace_silent(c);
out:
	/* A CPU that is silent, or that took the IPI first, has not taken the request. */
	for_each_cpu(cpu, &c->asked)
		sdei_nmi_event_drop(cpu, c->request);
}

/**
 * sdei_nmi_collect_why() - describe why a CPU has not answered
 * @c: the collection, after sdei_nmi_collect()
 * @cpu: the CPU
 * @why: buffer of SDEI_NMI_WHY_SIZE characters for the text
 *
 * Context: any.
 */
void sdei_nmi_collect_why(struct sdei_nmi_collection *c, unsigned int cpu, char *why)
{
	const struct sdei_nmi_inquiry *inquiry = per_cpu_ptr(c->inquiries, cpu);
	int n;

	/* The CPU was offline when it was asked. It may be online again. */
	if (inquiry->ipi_error == -ENXIO) {
		scnprintf(why, SDEI_NMI_WHY_SIZE, "it is offline");
		return;
	}
	if (inquiry->event_error == -EALREADY) {
		scnprintf(why, SDEI_NMI_WHY_SIZE, "it is still answering an earlier request");
		return;
	}
	n = sdei_nmi_event_why(inquiry->event_error, SDEI_NMI_EVENT_ANSWER_MS, why,
			       SDEI_NMI_WHY_SIZE);
	if (!inquiry->ipi_error)
		scnprintf(why + n, SDEI_NMI_WHY_SIZE - n,
			  "; an IPI was sent and not answered in %u ms",
			  inquiry->event_error ?
				SDEI_NMI_EVENT_ANSWER_MS + SDEI_NMI_IPI_ANSWER_MS :
				SDEI_NMI_IPI_ANSWER_MS);
	else
		scnprintf(why + n, SDEI_NMI_WHY_SIZE - n,
			  "; an earlier IPI is still waiting there");
}

/**
 * sdei_nmi_collect_init() - prepare a collection
 * @c: the collection; all its members except the masks are set
 *
 * Context: task, at load.
 */
void __init sdei_nmi_collect_init(struct sdei_nmi_collection *c)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		INIT_CSD(&per_cpu_ptr(c->inquiries, cpu)->ipi, answer_ipi, c);
}

/**
 * sdei_nmi_collect_exit() - wait until no CPU has an IPI of the collection to take
 * @c: the collection; it has no requester any more
 *
 * The wait has no bound: a CPU that takes no IPIs holds it up, as it holds up the kernel's own
 * steps of an unload. The log names that CPU about every SDEI_NMI_UNLOAD_LOG_MS.
 *
 * Context: task; sleeps.
 */
void sdei_nmi_collect_exit(struct sdei_nmi_collection *c)
{
	unsigned int cpu, ms;

	for_each_possible_cpu(cpu)
		for (ms = 1; atomic_read_acquire(&per_cpu_ptr(c->inquiries, cpu)->ipi_under_way);
		     ms++) {
			usleep_range(1000, 2000);
			if (ms % SDEI_NMI_UNLOAD_LOG_MS == 0)
				pr_warn("unloading waits for CPU %u, which does not take an IPI\n",
					cpu);
		}
	/* A CPU may have cleared its flag and still be in answer_ipi(). */
	synchronize_rcu();
}
