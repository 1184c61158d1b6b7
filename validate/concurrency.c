// SPDX-License-Identifier: GPL-2.0
/*
 * Signals from and to many PEs at once, and latencies. Signals to one PE may merge, so the checks
 * do not compare counts. Signals have numbers instead, and a handler on each target must see the
 * last number.
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "check.h"
#include "deadline.h"

#define ROUNDS		100
#define ROUNDS_TO_ALL	25
#define ROUNDS_AT_ONCE	4
#define LATENCIES	100

static struct sdeiv_pe *target;
static atomic_t sent, refused;
static u64 refusal;		/* return value of a refused signal */

static void send(const struct sdeiv_pe *pe)
{
	u64 x0 = sdeiv_signal(pe->mpidr);

	atomic_inc(&sent);
	if (sdeiv_signal_accepted(x0))
		return;
	WRITE_ONCE(refusal, x0);
	atomic_inc(&refused);
}

static void send_next(const struct sdeiv_pe *pe)
{
	atomic64_inc(&sdeiv_signal_number);
	send(pe);
}

static void signal_target(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(SDEIV_STATE_MS / 2 * USEC_PER_MSEC);
	unsigned int i;

	for (i = 0; i < ROUNDS && !counter_passed(deadline); i++) {
		send_next(target);
		cpu_relax();
	}
}

static void signal_each(struct sdeiv_pe *pe, void *arg)
{
	struct sdeiv_pe *each;

	for (each = sdeiv_pe_next(NULL); each; each = sdeiv_pe_next(each))
		send(each);
}

static void signal_all(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(SDEIV_STATE_MS / 2 * USEC_PER_MSEC);
	unsigned int i;

	for (i = 0; i < ROUNDS_TO_ALL && !counter_passed(deadline); i++) {
		signal_each(pe, NULL);
		cpu_relax();
	}
}

/* Runs @fn on all PEs except @but at the same time. */
static bool at_once(struct sdeiv_report *r, const struct sdeiv_pe *but,
		    void (*fn)(struct sdeiv_pe *pe, void *arg))
{
	struct sdeiv_pe *pe;
	unsigned long end;
	bool back = true;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe))
		if (pe != but)
			sdeiv_work_start(pe, fn, NULL);
	end = sdeiv_work_end();
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		if (pe == but || sdeiv_work_finish_by(pe, end))
			continue;
		sdeiv_failed(r, "CPU %u did not return from its signals", pe->cpu);
		back = false;
	}
	return back;
}

static u64 all_deliveries(void)
{
	struct sdeiv_pe *pe;
	u64 sum = 0;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe))
		sum += sdeiv_arrival_count(pe);
	return sum;
}

static void begin(void)
{
	atomic_set(&sent, 0);
	atomic_set(&refused, 0);
}

static bool none_refused(struct sdeiv_report *r, const char *what)
{
	if (!atomic_read(&refused))
		return true;
	sdeiv_failed(r, "of %u signals, %s, %u were refused, one with %s", atomic_read(&sent), what,
		     atomic_read(&refused), sdeiv_code_name(READ_ONCE(refusal)));
	return false;
}

/* A handler on each PE must have begun after the number was raised. */
static bool all_saw_number(struct sdeiv_report *r, const char *what)
{
	struct sdeiv_pe *pe;

	if (!none_refused(r, what))
		return false;
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		if (sdeiv_seen_last(pe))
			continue;
		sdeiv_failed(r, "of the signals %s, at the same time, none arrived at CPU %u", what,
			     pe->cpu);
		return false;
	}
	return true;
}

/* After all pending events have arrived, one more signal must reach each PE. */
static enum sdeiv_result afterwards(struct sdeiv_report *r, u64 before, const char *what)
{
	u64 after;
	struct sdeiv_pe *pe;

	sdeiv_quiet();
	after = all_deliveries();
	if (!none_refused(r, what))
		return SDEIV_FAIL;
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		send_next(pe);
		if (!sdeiv_seen_last(pe))
			return sdeiv_failed(r,
					    "after %u signals, %s, event 0 no longer reached CPU %u",
					    atomic_read(&sent), what, pe->cpu);
	}
	return sdeiv_passed(r, "%u signals, %s, gave %llu deliveries", atomic_read(&sent), what,
			    after - before);
}

static enum sdeiv_result all_to_one(struct sdeiv_report *r, const void *with)
{
	u64 before = all_deliveries();

	target = sdeiv_pe_victim();
	if (!target)
		return sdeiv_skipped(r, "this needs a second CPU");
	begin();
	if (!at_once(r, target, signal_target))
		return SDEIV_FAIL;
	if (!sdeiv_seen_last(target))
		return sdeiv_failed(r, "the last of %u signals from all CPUs to CPU %u was lost",
				    atomic_read(&sent), target->cpu);
	return afterwards(r, before, "from all to one");
}

static enum sdeiv_result one_to_all(struct sdeiv_report *r, const void *with)
{
	u64 before = all_deliveries();
	unsigned int i;

	begin();
	for (i = 0; i < ROUNDS_TO_ALL; i++) {
		atomic64_inc(&sdeiv_signal_number);
		signal_each(NULL, NULL);
		if (!all_saw_number(r, "from one to all"))
			return SDEIV_FAIL;
	}
	return afterwards(r, before, "from one to all");
}

static enum sdeiv_result all_to_all(struct sdeiv_report *r, const void *with)
{
	u64 before = all_deliveries();
	unsigned int i;

	begin();
	if (!at_once(r, NULL, signal_all))
		return SDEIV_FAIL;
	for (i = 0; i < ROUNDS_AT_ONCE; i++) {
		/* A signal that is still pending would show the new number. */
		sdeiv_quiet();
		atomic64_inc(&sdeiv_signal_number);
		if (!at_once(r, NULL, signal_each) || !all_saw_number(r, "from all to all"))
			return SDEIV_FAIL;
	}
	return afterwards(r, before, "from all to all");
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Measures the time from the call to the handler. Fails only if an event does not arrive. */
static enum sdeiv_result latency(struct sdeiv_report *r, const void *with)
{
	u64 *ns = kcalloc(LATENCIES, sizeof(*ns), GFP_KERNEL), start, slowest_ns = 0;
	unsigned int slowest = 0, tested = 0, i;
	struct sdeiv_pe *pe;

	if (!ns)
		return sdeiv_skipped(r, "memory ran out");
	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe)) {
		for (i = 0; i < LATENCIES; i++) {
			sdeiv_pause(SDEIV_BETWEEN_US);
			start = counter_now();
			if (!sdeiv_arrives(r, pe, "to be timed")) {
				kfree(ns);
				return SDEIV_FAIL;
			}
			ns[i] = counter_ns(pe->arrivals.at - start);
		}
		sort(ns, LATENCIES, sizeof(*ns), compare, NULL);
		if (tested < 32)
			sdeiv_note(r,
				   "from CPU %u to the handler on CPU %u: median %llu ns, 90%% %llu ns, longest %llu ns",
				   sdeiv_home, pe->cpu, ns[LATENCIES / 2], ns[LATENCIES * 9 / 10],
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
		return sdeiv_skipped(r, "this needs a second CPU");
	return sdeiv_passed(r, "the slowest of %u CPUs is CPU %u, with a median of %llu ns", tested,
			    slowest, slowest_ns);
}

const struct sdeiv_check sdeiv_concurrency_checks[] = {
	{
		.name = "concurrency.all_to_one",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no signal is refused, the last one is delivered, and no PE hangs",
		.means = "several reports at once, as when many CPUs lock up, omit CPUs",
		.run = all_to_one, .setup = SDEIV_SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.burst",
	}, {
		.name = "concurrency.one_to_all",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no signal is refused, each PE gets each signal, and no PE hangs",
		.means = "a report of all CPUs omits some",
		.run = one_to_all, .setup = SDEIV_SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.burst",
	}, {
		.name = "concurrency.all_to_all",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no signal is refused, each PE gets its last one, and no PE hangs",
		.means = "several reports at once, as when many CPUs lock up, omit CPUs",
		.run = all_to_all, .setup = SDEIV_SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.burst", .needs_too = "concurrency.one_to_all",
	}, {
		.name = "concurrency.latency",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "each of a hundred signals to each PE arrives within 100 ms",
		.means = "reports list CPUs as silent; their answers come too late",
		.run = latency, .setup = SDEIV_SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "delivery.interrupts_on",
	},
	{},
};
