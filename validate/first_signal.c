// SPDX-License-Identifier: GPL-2.0
/*
 * Signals each PE for the first time, in the loop of entry.S with interrupts masked. If the event
 * arrives on no PE, the PE is signalled again with interrupts enabled. All of these checks examine
 * the same events.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "busy_loop.h"
#include "check.h"

#define NOBODY	UINT_MAX

/**
 * struct first_signals - results of the first signals; a CPU is NOBODY if no CPU has the fault
 * @made: the signals have been sent
 * @asked: number of PEs that were signalled
 * @refused: CPU for which the firmware refused the signal
 * @x0: return value of the refused signal
 * @nowhere: CPU whose event arrived on no CPU
 * @late: CPU whose event arrived only after another firmware call
 * @elsewhere: CPU whose event arrived on another CPU
 * @where: CPU on which the event for @elsewhere arrived
 * @also: the event arrived on both @elsewhere and @where
 * @open_only: CPU whose event arrived only with interrupts enabled
 * @not_once: CPU on which one signal gave several deliveries
 * @times: number of deliveries on @not_once
 * @dead: CPU that took no interrupts after its event
 * @lacks: what failed on @dead
 */
static struct first_signals {
	bool made;
	unsigned int asked;
	unsigned int refused;
	u64 x0;
	unsigned int nowhere;
	unsigned int late;
	unsigned int elsewhere;
	unsigned int where;
	bool also;
	unsigned int open_only;
	unsigned int not_once;
	u64 times;
	unsigned int dead;
	enum sdeiv_health lacks;
} first_signal;

/**
 * sdeiv_first_signal_reset() - forget the results of the first signals
 *
 * Context: task.
 */
void sdeiv_first_signal_reset(void)
{
	first_signal.made = false;
}

/* Finds a PE other than @but that got an event since @before. Returns its CPU or NOBODY. */
static unsigned int who_else(const u64 *before, const struct sdeiv_pe *but)
{
	struct sdeiv_pe *pe;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe))
		if (pe != but && sdeiv_arrival_count(pe) != before[pe->cpu])
			return pe->cpu;
	return NOBODY;
}

/* Signals a PE for the first time. Returns true if the next PE may be signalled. */
static bool ask(struct sdeiv_pe *pe, struct sdeiv_busy_loop *m, u64 *before)
{
	struct first_signals *c = &first_signal;
	unsigned int other;
	struct sdeiv_pe *each;

	for (each = sdeiv_pe_next(NULL); each; each = sdeiv_pe_next(each))
		before[each->cpu] = sdeiv_arrival_count(each);
	before[pe->cpu] = 0;
	if (sdeiv_set_up(pe, SDEIV_SETUP_OWN) < 0)
		return false;
	c->asked++;
	m->interrupts = false;
	if (!sdeiv_busy_loop_run(pe, m))
		goto dead;
	other = who_else(before, pe);
	if (!m->x0 && m->arrival == SDEIV_NOT_ARRIVED && other == NOBODY) {
		m->interrupts = true;
		if (!sdeiv_busy_loop_run(pe, m))
			goto dead;
		other = who_else(before, pe);
		if (m->arrival != SDEIV_NOT_ARRIVED)
			c->open_only = pe->cpu;
	}
	if (m->x0) {
		c->refused = pe->cpu;
		c->x0 = m->x0;
	} else if (other != NOBODY) {
		c->elsewhere = pe->cpu;
		c->where = other;
		c->also = m->count;
	} else if (m->arrival == SDEIV_NOT_ARRIVED) {
		c->nowhere = pe->cpu;
	} else if (m->arrival == SDEIV_ARRIVED_LATE) {
		c->late = pe->cpu;
	} else if (m->count > 1) {
		c->not_once = pe->cpu;
		c->times = m->count;
	}
	c->lacks = sdeiv_health(pe);
	if (c->lacks)
		goto dead_of_it;
	sdeiv_set_up(pe, SDEIV_SETUP_KERNEL);
	return c->refused == NOBODY && c->elsewhere == NOBODY && c->nowhere == NOBODY &&
	       c->late == NOBODY;
dead:
	c->lacks = SDEIV_NO_THREAD;
dead_of_it:
	c->dead = pe->cpu;
	return false;
}

static void make(void)
{
	struct sdeiv_busy_loop *m = kzalloc(sizeof(*m), GFP_KERNEL);
	u64 *before = kcalloc(nr_cpu_ids, sizeof(*before), GFP_KERNEL);
	struct sdeiv_pe *pe;

	first_signal = (struct first_signals){
		.made = true,
		.refused = NOBODY,
		.nowhere = NOBODY,
		.late = NOBODY,
		.elsewhere = NOBODY,
		.open_only = NOBODY,
		.not_once = NOBODY,
		.dead = NOBODY,
	};
	if (m && before) {
		for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe))
			if (!ask(pe, m, before))
				break;
	}
	kfree(before);
	/* A lost PE may still return and write to @m. */
	if (!sdeiv_pe_lost())
		kfree(m);
}

static bool made(struct sdeiv_report *r)
{
	if (!first_signal.made)
		make();
	if (first_signal.asked)
		return true;
	sdeiv_skipped(r, "this needs a second CPU and some memory");
	return false;
}

static enum sdeiv_result accepted(struct sdeiv_report *r, const void *with)
{
	if (!made(r))
		return SDEIV_SKIP;
	if (first_signal.refused != NOBODY)
		return sdeiv_failed(r,
				    "SDEI_EVENT_SIGNAL for CPU %u returned %s",
				    first_signal.refused,
				    sdeiv_code_name(first_signal.x0));
	return sdeiv_passed(r, "success for %u CPUs", first_signal.asked);
}

static enum sdeiv_result arrived(struct sdeiv_report *r, const void *with)
{
	if (!made(r))
		return SDEIV_SKIP;
	if (first_signal.nowhere != NOBODY)
		return sdeiv_failed(r,
				    "the event for CPU %u reached no CPU within %u ms, with interrupts masked or enabled",
				    first_signal.nowhere, SDEIV_PROMPT_MS + SDEIV_LATE_MS);
	return sdeiv_passed(r, "on %u CPUs", first_signal.asked);
}

static enum sdeiv_result right_pe(struct sdeiv_report *r, const void *with)
{
	if (!made(r))
		return SDEIV_SKIP;
	if (first_signal.elsewhere != NOBODY)
		return sdeiv_failed(r, "the event for CPU %u reached CPU %u%s",
				    first_signal.elsewhere, first_signal.where,
				    first_signal.also ? " as well" : "");
	return sdeiv_passed(r, "on %u CPUs", first_signal.asked);
}

static enum sdeiv_result prompt(struct sdeiv_report *r, const void *with)
{
	if (!made(r))
		return SDEIV_SKIP;
	if (first_signal.late != NOBODY)
		return sdeiv_failed(r,
				    "the event for CPU %u arrived only after another firmware call",
				    first_signal.late);
	return sdeiv_passed(r, "on %u CPUs", first_signal.asked);
}

static enum sdeiv_result with_masked(struct sdeiv_report *r, const void *with)
{
	if (!made(r))
		return SDEIV_SKIP;
	if (first_signal.open_only != NOBODY)
		return sdeiv_failed(r,
				    "CPU %u gets the event with interrupts enabled, but not with interrupts masked",
				    first_signal.open_only);
	return sdeiv_passed(r, "on %u CPUs", first_signal.asked);
}

static enum sdeiv_result once(struct sdeiv_report *r, const void *with)
{
	if (!made(r))
		return SDEIV_SKIP;
	if (first_signal.not_once != NOBODY)
		return sdeiv_failed(r,
				    "one signal gave %llu deliveries on CPU %u", first_signal.times,
				    first_signal.not_once);
	return sdeiv_passed(r, "on %u CPUs", first_signal.asked);
}

static enum sdeiv_result interrupts_go_on(struct sdeiv_report *r, const void *with)
{
	if (!made(r))
		return SDEIV_SKIP;
	if (first_signal.dead != NOBODY)
		return sdeiv_failed(r, "after one event CPU %u %s", first_signal.dead,
				    sdeiv_health_name(first_signal.lacks));
	return sdeiv_passed(r,
			    "%u CPUs take IPIs and timer interrupts, and no interrupt priority is active",
			    first_signal.asked);
}

const struct sdeiv_check sdeiv_first_signal_checks[] = {
	{
		.name = "first_signal.accepted",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"success for each other PE; event 0 is registered, enabled and unmasked there",
		.means =
			"event 0 cannot be used on this machine; the driver is not loaded, or uses IPIs for the CPUs that refuse",
		.run = accepted, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.first_signal = true, .needs = "states.enable",
	}, {
		.name = "first_signal.arrives",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "the event is delivered",
		.means =
			"event 0 cannot be used on this machine; the driver detects this when it is loaded, and does not load",
		.run = arrived, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.first_signal = true, .needs = "first_signal.accepted",
	}, {
		.name = "first_signal.right_pe",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "only the PE with the given affinity gets the event",
		.means = "a request interrupts other CPUs and may not reach the wedged one",
		.run = right_pe, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.first_signal = true, .needs = "first_signal.arrives",
	}, {
		.name = "first_signal.prompt",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "the event arrives within 100 ms without another call",
		.means = "reports list CPUs as silent; their answers come too late",
		.run = prompt, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.first_signal = true, .needs = "first_signal.right_pe",
	}, {
		.name = "first_signal.masked_interrupts",
		.section = "DEN0054, delivery whatever PSTATE.DAIF is",
		.expected = "the event arrives while all of PSTATE.DAIF is set",
		.means = "the driver cannot reach a wedged CPU, which is its purpose",
		.run = with_masked, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.first_signal = true, .needs = "first_signal.prompt",
	}, {
		.name = "first_signal.once",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "one signal gives one delivery",
		.means =
			"no effect: the driver ignores a delivery without a request, which costs only time",
		.run = once, .setup = SDEIV_SETUP_KERNEL, .seconds = 5,
		.first_signal = true, .needs = "first_signal.masked_interrupts",
	}, {
		.name = "first_signal.interrupts_go_on",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"the PE still takes IPIs and timer interrupts, and its running priority is idle",
		.means =
			"each CPU that answers a request stops taking interrupts; do not load the driver on this machine",
		.run = interrupts_go_on, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.first_signal = true, .needs = "first_signal.accepted",
	},
	{},
};
