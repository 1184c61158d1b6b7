// SPDX-License-Identifier: GPL-2.0
/*
 * Signals in a row and while a handler runs. Pending is one bit of a PE, so N signals give between
 * 1 and N deliveries, and at least one delivery begins after the last signal. Each signal has a
 * number, and the last handler must see the last number.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "check.h"
#include "wait.h"

#define BURST		8	/* signals in a row */
#define BURSTS		50

static enum sdeiv_result bursts(struct sdeiv_report *r, bool count_most)
{
	u64 before, deliveries, least = U64_MAX, most = 0, x0;
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	unsigned int i, n;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	for (i = 0; i < BURSTS; i++) {
		before = sdeiv_arrival_count(pe);
		for (n = 0; n < BURST; n++) {
			atomic64_inc(&sdeiv_signal_number);
			x0 = sdeiv_signal(pe->mpidr);
			if (!sdeiv_signal_accepted(x0))
				return sdeiv_failed(r,
						    "signal %u of %u in a row to CPU %u returned %s",
						    n + 1, BURST, pe->cpu, sdeiv_code_name(x0));
		}
		if (!sdeiv_seen_last(pe))
			return sdeiv_failed(r,
					    "the last of %u signals in a row to CPU %u was lost: there were %llu deliveries, and none began after it",
					    BURST, pe->cpu, sdeiv_arrival_count(pe) - before);
		if (count_most)
			sdeiv_quiet();
		deliveries = sdeiv_arrival_count(pe) - before;
		least = min(least, deliveries);
		most = max(most, deliveries);
		if (count_most && most > BURST)
			return sdeiv_failed(r, "%u signals in a row gave %llu deliveries on CPU %u",
					    BURST, most, pe->cpu);
	}
	sdeiv_quiet();
	return sdeiv_passed(r, "%u times %u signals gave %llu to %llu deliveries each", BURSTS,
			    BURST, least, most);
}

static enum sdeiv_result burst(struct sdeiv_report *r, const void *with)
{
	return bursts(r, false);
}

static enum sdeiv_result no_more(struct sdeiv_report *r, const void *with)
{
	return bursts(r, true);
}

/* Starts the handler on the target and holds the target in it. */
static bool hold(struct sdeiv_report *r, struct sdeiv_pe *pe)
{
	u64 before = sdeiv_arrival_count(pe);

	pe->let_go = false;
	pe->arrivals.deepest = 0;
	WRITE_ONCE(pe->action, SDEIV_ACTION_HOLD);
	if (!sdeiv_signal(pe->mpidr) && sdeiv_await_arrival(pe, before) == SDEIV_ARRIVED)
		return true;
	WRITE_ONCE(pe->action, SDEIV_ACTION_NONE);
	sdeiv_failed(r, "event 0 did not reach CPU %u", pe->cpu);
	return false;
}

static void let_go(struct sdeiv_pe *pe)
{
	WRITE_ONCE(pe->action, SDEIV_ACTION_NONE);
	WRITE_ONCE(pe->let_go, true);
}

static enum sdeiv_result signals_in_handler(struct sdeiv_report *r, unsigned int signals)
{
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	unsigned int i;
	u64 before, x0 = 0;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	if (!hold(r, pe))
		return SDEIV_FAIL;
	sdeiv_pause(SDEIV_BETWEEN_US);
	before = sdeiv_arrival_count(pe);
	for (i = 0; i < signals && !x0; i++) {
		atomic64_inc(&sdeiv_signal_number);
		x0 = sdeiv_signal(pe->mpidr);
		if (sdeiv_signal_accepted(x0))
			x0 = 0;
	}
	sdeiv_quiet();
	let_go(pe);
	if (x0)
		return sdeiv_failed(r, "a signal to CPU %u in its handler returned %s", pe->cpu,
				    sdeiv_code_name(x0));
	if (!sdeiv_seen_last(pe))
		return sdeiv_failed(r,
				    "a signal to CPU %u while its handler ran was lost: no delivery followed",
				    pe->cpu);
	sdeiv_quiet();
	/* The count does not show this: if this task was delayed, the first handler timed out. */
	if (pe->arrivals.deepest > 1)
		return sdeiv_failed(r, "a second handler ran inside the first on CPU %u", pe->cpu);
	return sdeiv_passed(r, "%u signals gave %llu deliveries after the handler", signals,
			    sdeiv_arrival_count(pe) - before);
}

static enum sdeiv_result in_handler(struct sdeiv_report *r, const void *with)
{
	return signals_in_handler(r, 1);
}

static enum sdeiv_result many_in_handler(struct sdeiv_report *r, const void *with)
{
	return signals_in_handler(r, 3);
}

static enum sdeiv_result own_in_handler(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	bool followed;
	u64 before;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	before = sdeiv_arrival_count(pe);
	pe->arrivals.deepest = 0;
	WRITE_ONCE(pe->action, SDEIV_ACTION_SIGNAL);
	if (!sdeiv_arrives(r, pe, "whose handler signals itself"))
		return SDEIV_FAIL;
	followed = sdeiv_wait_until(sdeiv_arrival_count(pe) >= before + 2,
				    SDEIV_PROMPT_MS + SDEIV_LATE_MS);
	sdeiv_quiet();
	WRITE_ONCE(pe->action, SDEIV_ACTION_NONE);
	if (pe->arrivals.deepest > 1)
		return sdeiv_failed(r, "a second handler ran inside the first on CPU %u", pe->cpu);
	if (!followed)
		return sdeiv_failed(r,
				    "a signal from the handler on CPU %u to its own PE was lost: no delivery followed",
				    pe->cpu);
	return sdeiv_passed(r, "another delivery followed on CPU %u", pe->cpu);
}

static enum sdeiv_result stray(struct sdeiv_report *r, const void *with)
{
	u64 *before = kcalloc(nr_cpu_ids, sizeof(*before), GFP_KERNEL);
	enum sdeiv_result result = SDEIV_PASS;
	struct sdeiv_pe *pe;

	if (!before)
		return sdeiv_skipped(r, "memory ran out");
	sdeiv_quiet();
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe))
		before[pe->cpu] = sdeiv_arrival_count(pe);
	sdeiv_pause(10 * SDEIV_QUIET_MS * USEC_PER_MSEC);
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		if (sdeiv_arrival_count(pe) == before[pe->cpu])
			continue;
		result = sdeiv_failed(r, "CPU %u got %llu events without a signal", pe->cpu,
				      sdeiv_arrival_count(pe) - before[pe->cpu]);
		break;
	}
	kfree(before);
	if (result == SDEIV_PASS)
		sdeiv_passed(r, "none in %u ms", 10 * SDEIV_QUIET_MS);
	return result;
}

const struct sdeiv_check sdeiv_coalescing_checks[] = {
	{
		.name = "coalescing.in_handler",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"a signal sent while the handler runs is delivered after the handler, not inside it",
		.means = "a request is lost if the CPU is answering another one",
		.run = in_handler, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "coalescing.burst",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"N signals in a row give 1 to N deliveries, and at least one begins after the last signal",
		.means =
			"a request made while another signal is in flight is answered late, or by an IPI, or not at all",
		.run = burst, .setup = SDEIV_SETUP_KERNEL, .seconds = 10, .relied = true,
		.needs = "coalescing.in_handler",
	}, {
		.name = "coalescing.no_more",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "signals in a row give no more deliveries than signals",
		.means =
			"no effect: the driver ignores a delivery without a request, which costs only time",
		.run = no_more, .setup = SDEIV_SETUP_KERNEL, .seconds = 10,
		.needs = "coalescing.burst", .needs_too = "first_signal.once",
	}, {
		.name = "coalescing.many_in_handler",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"of three signals sent while the handler runs, the last is followed by a delivery after the handler, not inside it",
		.means = "requests are lost if the CPU is answering another one",
		.run = many_in_handler, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.needs = "coalescing.burst",
	}, {
		.name = "coalescing.own_in_handler",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"if a handler signals its own PE, another delivery follows the handler and does not interrupt it",
		.means = "no effect: the driver's handler sends no signals",
		.run = own_in_handler, .setup = SDEIV_SETUP_KERNEL, .seconds = 5,
		.needs = "coalescing.burst",
	}, {
		.name = "coalescing.no_stray",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "no delivery without a signal",
		.means =
			"no effect: the driver ignores a delivery without a request, which costs only time",
		.run = stray, .setup = SDEIV_SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	},
	{},
};
