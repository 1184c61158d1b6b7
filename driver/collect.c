// SPDX-License-Identifier: GPL-2.0
/*
 * Asks CPUs for their records. All targets are asked at once. Each target copies its registers
 * and return addresses into its own record and returns within microseconds, independent of the
 * requester and of the number of CPUs. The requester waits, with a bound.
 *
 * A CPU that may not be signalled, or whose signal the firmware refuses, gets an ordinary IPI at
 * once. A CPU that does not answer event 0 within SDEI_NMI_EVENT_ANSWER_MS gets the IPI then. If
 * a CPU has not answered within a second, the requester can log why.
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
 * sdei_nmi_collect_answer() - answer a request: record where this CPU is
 * @c: what it was asked for
 * @regs: the interrupted context, or NULL where there is none to be had
 *
 * Context: as sdei_nmi_capture_answer().
 */
void notrace sdei_nmi_collect_answer(struct sdei_nmi_collection *c, struct pt_regs *regs)
{
	sdei_nmi_capture_answer(this_cpu_ptr(c->records), regs, c->timers);
}

NOKPROBE_SYMBOL(sdei_nmi_collect_answer);

static void answer_ipi(void *info)
{
	struct sdei_nmi_collection *c = info;

	/*
	 * First, and fully ordered: who is told that an IPI is under way has asked before this one
	 * looks. The call structure is free by now.
	 */
	atomic_xchg(&this_cpu_ptr(c->inquiries)->ipi_under_way, 0);
	sdei_nmi_collect_answer(c, get_irq_regs());
}

/* The kernel's ordinary IPI. Its call structure is ours again when the target runs answer_ipi(). */
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
		/* It is in our handler, or the requester before us would have waited for it. */
		inquiry->event_error = -EALREADY;
		return;
	}
	cpumask_set_cpu(cpu, &c->silent);
	b->asked_at = counter_now();
	inquiry->event_error = sdei_nmi_event_ask(cpu, c->request);
	if (inquiry->event_error)
		inquiry->ipi_error = ask_cpu_by_ipi(c, cpu);
	if (inquiry->ipi_error == -ENXIO && capture_cancel(&b->state)) {
		cpumask_clear_cpu(cpu, &c->silent);	/* offline: no waiting for it */
		trace_done(cpu, c->request, -ENXIO, 0, 0);
	}
}

/* The target itself takes no tracepoint: one may lead into what takes exceptions. */
static void trace_answer(const struct sdei_nmi_collection *c, unsigned int cpu,
			 const struct sdei_nmi_record *b)
{
	u64 entered = max(b->taken_at, b->asked_at);

	trace_deliver(cpu, c->request, b->by_event, counter_ns(entered - b->asked_at));
	trace_done(cpu, c->request, 0, counter_ns(counter_now() - b->asked_at),
		   counter_ns(b->left_at - b->taken_at));
}

/* Until all that are silent have answered, or for so many milliseconds from now. */
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
 * sdei_nmi_collect_own() - record where the requester is, as the first answer
 * @c: the collection, of which @asked is set
 * @this_cpu: the requester's CPU, which is taken out of @asked
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
		sdei_nmi_collect_answer(c, NULL);
		cpumask_set_cpu(this_cpu, &c->answered);
	} else {
		/* Its late answer is being told elsewhere. */
		per_cpu_ptr(c->inquiries, this_cpu)->event_error = -EALREADY;
		per_cpu_ptr(c->inquiries, this_cpu)->ipi_error = 0;
	}
}

/**
 * sdei_nmi_collect() - ask CPUs where they are, and wait for their answers
 * @c: the collection: @asked is set, and sdei_nmi_collect_own() was called
 * @may_sleep: the caller may
 *
 * Takes at most 0.96 s. Then @answered has those whose records are the caller's, until
 * capture_done() on each.
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
	await_answers(c, 0, false);	/* for who ended just before that */
	if (!cpumask_empty(&c->silent) && c->owed)
		c->owed();
	trace_silent(c);
out:
	/* Whoever comes from now on finds that nobody waits, also where an IPI was faster. */
	for_each_cpu(cpu, &c->asked)
		sdei_nmi_event_drop(cpu, c->request);
}

/**
 * sdei_nmi_collect_why() - why a CPU that was asked has not answered
 * @c: the collection, after sdei_nmi_collect()
 * @cpu: the CPU
 * @why: room for SDEI_NMI_WHY_SIZE characters, which get the reason in words
 *
 * Context: any.
 */
void sdei_nmi_collect_why(struct sdei_nmi_collection *c, unsigned int cpu, char *why)
{
	const struct sdei_nmi_inquiry *inquiry = per_cpu_ptr(c->inquiries, cpu);
	int n;

	/* What it was when it was asked; by now it may be back. */
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
 * sdei_nmi_collect_init() - make a collection ready
 * @c: the collection, of which all but the masks is set
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
 * sdei_nmi_collect_exit() - wait until no CPU has an IPI of ours to take
 * @c: the collection
 *
 * Context: task; sleeps. Nobody asks any more. A CPU that takes no IPIs holds this up, as it holds
 * up other steps of an unload, which are the kernel's own; it is named.
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
	/* The last one may have cleared its flag and not have returned yet. */
	synchronize_rcu();
}
