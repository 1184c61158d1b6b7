// SPDX-License-Identifier: GPL-2.0
/*
 * Many signals: to one PE, by many, at once, while a handler runs. Pending is one bit of a PE, so
 * N signals give between 1 and N deliveries, and after the last signal one at least begins: before
 * each signal a number is raised, and the last handler has to have seen the last number.
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "check.h"
#include "deadline.h"
#include "wait.h"

#define BURST		8	/* signals in a row */
#define BURSTS		50
#define ROUNDS		100
#define LATENCIES	100
#define BETWEEN_US	500	/* signals that are not in a row */

static void signal_next(const struct pe *pe)
{
	WRITE_ONCE(pe_number, READ_ONCE(pe_number) + 1);
	call_signal(pe->mpidr);
}

/* The last number has been seen: the last signal was not lost. */
static bool seen_last(const struct pe *pe)
{
	return soon(READ_ONCE(pe->arrivals.number) == READ_ONCE(pe_number), PROMPT_MS + LATE_MS);
}

static enum result bursts(struct report *r, bool count_most)
{
	u64 before, deliveries, least = U64_MAX, most = 0, x0;
	struct pe *pe = pe_victim();
	unsigned int i, n;

	if (!pe)
		return skipped(r, "there is one CPU only");
	for (i = 0; i < BURSTS; i++) {
		before = pe_count(pe);
		for (n = 0; n < BURST; n++) {
			WRITE_ONCE(pe_number, pe_number + 1);
			x0 = call_signal(pe->mpidr);
			if (x0 && call_code(x0) != SDEI_PENDING)
				return failed(r, "signal %u of %u in a row to CPU %u returned %s",
					      n + 1, BURST, pe->cpu, call_says(x0));
		}
		if (!seen_last(pe))
			return failed(r,
				      "of %u signals in a row to CPU %u the last was lost: %llu deliveries, none after it",
				      BURST, pe->cpu, pe_count(pe) - before);
		if (count_most)
			pe_quiet();
		deliveries = pe_count(pe) - before;
		least = min(least, deliveries);
		most = max(most, deliveries);
		if (count_most && most > BURST)
			return failed(r, "%u signals in a row gave %llu deliveries on CPU %u",
				      BURST, most, pe->cpu);
	}
	pe_quiet();
	return passed(r, "%u times %u signals gave %llu to %llu deliveries each", BURSTS, BURST,
		      least, most);
}

static enum result burst(struct report *r, const void *with)
{
	return bursts(r, false);
}

static enum result no_more(struct report *r, const void *with)
{
	return bursts(r, true);
}

/* The target is in its handler, and stays there. */
static bool hold(struct report *r, struct pe *pe)
{
	u64 before = pe_count(pe);

	pe->let_go = false;
	pe->arrivals.deepest = 0;
	WRITE_ONCE(pe->action, ACTION_HOLD);
	if (!call_signal(pe->mpidr) && pe_await(pe, before) == ARRIVED)
		return true;
	WRITE_ONCE(pe->action, ACTION_NONE);
	failed(r, "event 0 did not come to CPU %u", pe->cpu);
	return false;
}

static void let_go(struct pe *pe)
{
	WRITE_ONCE(pe->action, ACTION_NONE);
	WRITE_ONCE(pe->let_go, true);
}

static enum result signals_in_handler(struct report *r, unsigned int signals)
{
	struct pe *pe = pe_victim();
	unsigned int i;
	u64 before, x0 = 0;

	if (!pe)
		return skipped(r, "there is one CPU only");
	if (!hold(r, pe))
		return FAIL;
	pe_pause(BETWEEN_US);
	before = pe_count(pe);
	for (i = 0; i < signals && !x0; i++) {
		WRITE_ONCE(pe_number, pe_number + 1);
		x0 = call_signal(pe->mpidr);
		if (call_code(x0) == SDEI_PENDING)
			x0 = 0;
	}
	pe_quiet();
	let_go(pe);
	if (x0)
		return failed(r, "a signal to CPU %u in its handler returned %s", pe->cpu,
			      call_says(x0));
	if (!seen_last(pe))
		return failed(r,
			      "after the handler of CPU %u no other ran: the signal to it was lost",
			      pe->cpu);
	pe_quiet();
	/* Not by the count: where we were held up ourselves, the first has ended by itself. */
	if (pe->arrivals.deepest > 1)
		return failed(r, "a second handler ran inside the first on CPU %u", pe->cpu);
	return passed(r, "%u signals gave %llu deliveries after it", signals,
		      pe_count(pe) - before);
}

static enum result in_handler(struct report *r, const void *with)
{
	return signals_in_handler(r, 1);
}

static enum result many_in_handler(struct report *r, const void *with)
{
	return signals_in_handler(r, 3);
}

static enum result own_in_handler(struct report *r, const void *with)
{
	struct pe *pe = pe_victim();
	bool followed;
	u64 before;

	if (!pe)
		return skipped(r, "there is one CPU only");
	before = pe_count(pe);
	pe->arrivals.deepest = 0;
	WRITE_ONCE(pe->action, ACTION_SIGNAL);
	if (!arrives(r, pe, "whose handler signals itself"))
		return FAIL;
	followed = soon(pe_count(pe) >= before + 2, PROMPT_MS + LATE_MS);
	pe_quiet();
	WRITE_ONCE(pe->action, ACTION_NONE);
	if (pe->arrivals.deepest > 1)
		return failed(r, "a second handler ran inside the first on CPU %u", pe->cpu);
	if (!followed)
		return failed(r,
			      "a handler on CPU %u that signals itself was not followed by another",
			      pe->cpu);
	return passed(r, "on CPU %u another followed", pe->cpu);
}

static enum result stray(struct report *r, const void *with)
{
	u64 *before = kcalloc(nr_cpu_ids, sizeof(*before), GFP_KERNEL);
	enum result result = PASS;
	struct pe *pe;

	if (!before)
		return skipped(r, "memory ran out");
	pe_quiet();
	for (pe = pe_next(NULL); pe; pe = pe_next(pe))
		before[pe->cpu] = pe_count(pe);
	pe_pause(10 * QUIET_MS * USEC_PER_MSEC);
	for (pe = pe_next(NULL); pe; pe = pe_next(pe)) {
		if (pe_count(pe) == before[pe->cpu])
			continue;
		result = failed(r, "CPU %u got %llu events that nobody sent", pe->cpu,
				pe_count(pe) - before[pe->cpu]);
		break;
	}
	kfree(before);
	if (result == PASS)
		passed(r, "none in %u ms", 10 * QUIET_MS);
	return result;
}

static struct pe *target;
static atomic_t sent;

static void signal_target(struct pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(STATE_MS / 2 * USEC_PER_MSEC);
	unsigned int i;

	for (i = 0; i < ROUNDS && !counter_passed(deadline); i++) {
		signal_next(target);
		atomic_inc(&sent);
		cpu_relax();
	}
}

static void signal_all(struct pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(STATE_MS / 2 * USEC_PER_MSEC);
	unsigned int i;
	struct pe *each;

	for (i = 0; i < ROUNDS / 4 && !counter_passed(deadline); i++) {
		for (each = pe_next(NULL); each; each = pe_next(each)) {
			call_signal(each->mpidr);
			atomic_inc(&sent);
		}
		cpu_relax();
	}
}

/* All PEs but @but at once. */
static bool at_once(struct report *r, const struct pe *but,
		    void (*fn)(struct pe *pe, void *arg))
{
	struct pe *pe;
	bool back = true;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe))
		if (pe != but)
			pe_start(pe, fn, NULL);
	for (pe = pe_next(NULL); pe; pe = pe_next(pe)) {
		if (pe == but || pe_finish(pe))
			continue;
		failed(r, "CPU %u did not come back from its signals", pe->cpu);
		back = false;
	}
	return back;
}

static u64 all_deliveries(void)
{
	struct pe *pe;
	u64 sum = 0;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe))
		sum += pe_count(pe);
	return sum;
}

/* When all is quiet one more signal reaches each. */
static enum result afterwards(struct report *r, u64 before, const char *what)
{
	u64 after;
	struct pe *pe;

	pe_quiet();
	after = all_deliveries();
	for (pe = pe_next(NULL); pe; pe = pe_next(pe)) {
		signal_next(pe);
		if (!seen_last(pe))
			return failed(r, "after %u signals, %s, CPU %u got no event any more",
				      atomic_read(&sent), what, pe->cpu);
	}
	return passed(r, "%u signals, %s, gave %llu deliveries", atomic_read(&sent), what,
		      after - before);
}

static enum result all_to_one(struct report *r, const void *with)
{
	u64 before = all_deliveries();

	target = pe_victim();
	if (!target)
		return skipped(r, "there is one CPU only");
	atomic_set(&sent, 0);
	if (!at_once(r, target, signal_target))
		return FAIL;
	if (!seen_last(target))
		return failed(r, "of %u signals by all CPUs to CPU %u the last was lost",
			      atomic_read(&sent), target->cpu);
	return afterwards(r, before, "from all to one");
}

static enum result one_to_all(struct report *r, const void *with)
{
	u64 before = all_deliveries();

	atomic_set(&sent, 0);
	signal_all(NULL, NULL);
	return afterwards(r, before, "from one to all");
}

static enum result all_to_all(struct report *r, const void *with)
{
	u64 before = all_deliveries();

	atomic_set(&sent, 0);
	if (!at_once(r, NULL, signal_all))
		return FAIL;
	return afterwards(r, before, "from all to all");
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* From the call to the handler; figures, and no verdict but that all arrive. */
static enum result latency(struct report *r, const void *with)
{
	u64 *ns = kcalloc(LATENCIES, sizeof(*ns), GFP_KERNEL), start, slowest_ns = 0;
	unsigned int slowest = 0, tested = 0, i;
	struct pe *pe;

	if (!ns)
		return skipped(r, "memory ran out");
	for (pe = pe_next_other(NULL); pe; pe = pe_next_other(pe)) {
		for (i = 0; i < LATENCIES; i++) {
			pe_pause(BETWEEN_US);
			start = counter_now();
			if (!arrives(r, pe, "to be timed")) {
				kfree(ns);
				return FAIL;
			}
			ns[i] = counter_ns(pe->arrivals.at - start);
		}
		sort(ns, LATENCIES, sizeof(*ns), compare, NULL);
		if (tested < 32)
			note(r,
			     "from CPU %u to the handler on CPU %u: median %llu ns, 90%% %llu ns, longest %llu ns",
			     pe_home, pe->cpu, ns[LATENCIES / 2], ns[LATENCIES * 9 / 10],
			     ns[LATENCIES - 1]);
		if (ns[LATENCIES / 2] >= slowest_ns) {
			slowest_ns = ns[LATENCIES / 2];
			slowest = pe->cpu;
		}
		tested++;
		cond_resched();
		if (signal_pending(current))
			break;
	}
	kfree(ns);
	if (!tested)
		return skipped(r, "there is one CPU only");
	return passed(r, "the slowest of %u CPUs is CPU %u, with a median of %llu ns", tested,
		      slowest, slowest_ns);
}

const struct check counting_checks[] = {
	{
		.name = "coalescing.in_handler",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"a signal while the handler runs is delivered after it, and not inside it",
		.means = "a request that is made while the CPU answers another one is lost",
		.run = in_handler, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "coalescing.burst",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"signals in a row give between one delivery and one each, and one begins after the last",
		.means =
			"a request that is made while another's signal is on its way is answered late, or by interrupt, or never",
		.run = burst, .setup = SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.in_handler",
	}, {
		.name = "coalescing.no_more",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "signals in a row give no more deliveries than there were signals",
		.means = "nothing; a delivery without a request does nothing but take time",
		.run = no_more, .setup = SETUP_KERNEL, .seconds = 10,
		.needs = "coalescing.burst", .needs_too = "contact.once",
	}, {
		.name = "coalescing.many_in_handler",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"three signals while the handler runs give one to three deliveries after it",
		.means = "requests that are made while the CPU answers another one are lost",
		.run = many_in_handler, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.needs = "coalescing.burst",
	}, {
		.name = "coalescing.own_in_handler",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"a handler that signals its own PE is followed by another, and not interrupted by it",
		.means = "nothing; the driver's handler signals nobody",
		.run = own_in_handler, .setup = SETUP_KERNEL, .seconds = 5,
		.needs = "coalescing.burst",
	}, {
		.name = "coalescing.no_stray",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no delivery without a signal",
		.means = "nothing; a delivery without a request does nothing but take time",
		.run = stray, .setup = SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "concurrency.all_to_one",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no last signal is lost, no PE hangs",
		.means = "several reports at once, as in a storm of lockups, lose CPUs",
		.run = all_to_one, .setup = SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.burst",
	}, {
		.name = "concurrency.one_to_all",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no last signal is lost, no PE hangs",
		.means = "a report of all CPUs loses some",
		.run = one_to_all, .setup = SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.burst",
	}, {
		.name = "concurrency.all_to_all",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no last signal is lost, no PE hangs",
		.means = "several reports at once, as in a storm of lockups, lose CPUs",
		.run = all_to_all, .setup = SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.burst",
	}, {
		.name = "concurrency.latency",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "each of a hundred signals to each PE arrives within 100 ms",
		.means = "reports name CPUs as silent, whose answers come late",
		.run = latency, .setup = SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "delivery.interrupts_on",
	},
	{},
};
