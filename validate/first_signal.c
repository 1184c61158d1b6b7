// SPDX-License-Identifier: GPL-2.0
/*
 * The first event that each PE gets, while it waits for it in a loop of ours with interrupts
 * masked, and if it does not come there, with interrupts on. All of these checks look at the same
 * events.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "check.h"
#include "busy_loop.h"

#define NOBODY	UINT_MAX

/**
 * struct contact - what came of the first events
 * @made: they have been made
 * @asked: PEs that were signalled
 * @refused: a CPU for which the signal was refused, or NOBODY
 * @x0: what it was refused with
 * @nowhere: a CPU whose event arrived on no CPU
 * @late: one whose event came only with another call
 * @elsewhere: one whose event arrived on another CPU
 * @where: that one
 * @also: the event arrived on both
 * @open_only: one that it reached with interrupts on alone
 * @not_once: one that it reached more than once
 * @times: how often that was
 * @dead: one that took no interrupts after it
 * @lacks: what it lacks
 */
static struct contact {
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
	enum alive lacks;
} contact;

/**
 * contact_reset() - no event has been made
 *
 * Context: task.
 */
void contact_reset(void)
{
	contact.made = false;
}

/* Another CPU that got an event since it had so many. */
static unsigned int who_else(const u64 *before, const struct pe *but)
{
	struct pe *pe;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe))
		if (pe != but && pe_count(pe) != before[pe->cpu])
			return pe->cpu;
	return NOBODY;
}

/* True: the next PE may be asked. */
static bool ask(struct pe *pe, struct meeting *m, u64 *before)
{
	struct contact *c = &contact;
	unsigned int other;
	struct pe *each;

	for (each = pe_next(NULL); each; each = pe_next(each))
		before[each->cpu] = pe_count(each);
	before[pe->cpu] = 0;
	if (pe_set_up(pe, SETUP_OWN) < 0)
		return false;
	c->asked++;
	m->interrupts = false;
	if (!meet(pe, m))
		goto dead;
	other = who_else(before, pe);
	if (!m->x0 && m->arrival == NOT_ARRIVED && other == NOBODY) {
		m->interrupts = true;
		if (!meet(pe, m))
			goto dead;
		other = who_else(before, pe);
		if (m->arrival != NOT_ARRIVED)
			c->open_only = pe->cpu;
	}
	if (m->x0) {
		c->refused = pe->cpu;
		c->x0 = m->x0;
	} else if (other != NOBODY) {
		c->elsewhere = pe->cpu;
		c->where = other;
		c->also = m->count;
	} else if (m->arrival == NOT_ARRIVED) {
		c->nowhere = pe->cpu;
	} else if (m->arrival == ARRIVED_LATE) {
		c->late = pe->cpu;
	} else if (m->count > 1) {
		c->not_once = pe->cpu;
		c->times = m->count;
	}
	c->lacks = pe_alive(pe);
	if (c->lacks)
		goto dead_of_it;
	pe_set_up(pe, SETUP_KERNEL);
	return c->refused == NOBODY && c->elsewhere == NOBODY && c->nowhere == NOBODY &&
	       c->late == NOBODY;
dead:
	c->lacks = NO_THREAD;
dead_of_it:
	c->dead = pe->cpu;
	return false;
}

static void make(void)
{
	struct meeting *m = kzalloc(sizeof(*m), GFP_KERNEL);
	u64 *before = kcalloc(nr_cpu_ids, sizeof(*before), GFP_KERNEL);
	struct pe *pe;

	contact = (struct contact){
		.made = true, .refused = NOBODY, .nowhere = NOBODY, .late = NOBODY,
		.elsewhere = NOBODY, .open_only = NOBODY, .not_once = NOBODY, .dead = NOBODY,
	};
	if (m && before) {
		for (pe = pe_next_other(NULL); pe; pe = pe_next_other(pe))
			if (!ask(pe, m, before))
				break;
	}
	kfree(before);
	/* A PE that did not come back may do so yet, and write to it. */
	if (!pe_lost())
		kfree(m);
}

static bool made(struct report *r)
{
	if (!contact.made)
		make();
	if (contact.asked)
		return true;
	skipped(r, "there is one CPU only, or memory ran out");
	return false;
}

static enum result accepted(struct report *r, const void *with)
{
	if (!made(r))
		return SKIP;
	if (contact.refused != NOBODY)
		return failed(r, "for CPU %u it returned %s", contact.refused,
			      call_says(contact.x0));
	return passed(r, "0 for %u CPUs", contact.asked);
}

static enum result arrived(struct report *r, const void *with)
{
	if (!made(r))
		return SKIP;
	if (contact.nowhere != NOBODY)
		return failed(r,
			      "the event for CPU %u came to no CPU in %u ms, with interrupts masked or not",
			      contact.nowhere, PROMPT_MS + LATE_MS);
	return passed(r, "on %u CPUs", contact.asked);
}

static enum result right_pe(struct report *r, const void *with)
{
	if (!made(r))
		return SKIP;
	if (contact.elsewhere != NOBODY)
		return failed(r, "the event for CPU %u came to CPU %u%s", contact.elsewhere,
			      contact.where, contact.also ? ", too" : "");
	return passed(r, "on %u CPUs", contact.asked);
}

static enum result prompt(struct report *r, const void *with)
{
	if (!made(r))
		return SKIP;
	if (contact.late != NOBODY)
		return failed(r,
			      "the event for CPU %u came only when the firmware was called again",
			      contact.late);
	return passed(r, "on %u CPUs", contact.asked);
}

static enum result with_masked(struct report *r, const void *with)
{
	if (!made(r))
		return SKIP;
	if (contact.open_only != NOBODY)
		return failed(r,
			      "CPU %u gets the event with interrupts on, and not with interrupts masked",
			      contact.open_only);
	return passed(r, "on %u CPUs", contact.asked);
}

static enum result once(struct report *r, const void *with)
{
	if (!made(r))
		return SKIP;
	if (contact.not_once != NOBODY)
		return failed(r, "%llu times on CPU %u", contact.times, contact.not_once);
	return passed(r, "on %u CPUs", contact.asked);
}

static enum result interrupts_go_on(struct report *r, const void *with)
{
	if (!made(r))
		return SKIP;
	if (contact.dead != NOBODY)
		return failed(r, "after one event CPU %u %s", contact.dead,
			      pe_alive_says(contact.lacks));
	return passed(r, "%u CPUs take IPIs and their timers, and no priority is active",
		      contact.asked);
}

const struct check contact_checks[] = {
	{
		.name = "contact.accepted",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected =
			"success for each other PE, which has event 0 registered and enabled and is not masked",
		.means = "event 0 is of no use here; the driver falls back to interrupts",
		.run = accepted, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.contact = true, .needs = "states.enable",
	}, {
		.name = "contact.arrives",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "the event is delivered",
		.means =
			"event 0 is of no use here; the driver sees that when it is loaded, and does not serve",
		.run = arrived, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.contact = true, .needs = "contact.accepted",
	}, {
		.name = "contact.right_pe",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "the PE gets it whose affinity was given, and no other",
		.means =
			"CPUs are interrupted that nobody asked, and the wedged one is not reached",
		.run = right_pe, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.contact = true, .needs = "contact.arrives",
	}, {
		.name = "contact.prompt",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "it arrives by itself, within 100 ms",
		.means = "reports name CPUs as silent, whose answers come late",
		.run = prompt, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.contact = true, .needs = "contact.right_pe",
	}, {
		.name = "contact.masked_interrupts",
		.section = "DEN0054, delivery whatever PSTATE.DAIF is",
		.expected = "it arrives with all of PSTATE.DAIF set",
		.means = "what the driver is for does not work: a wedged CPU is not reached",
		.run = with_masked, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.contact = true, .needs = "contact.prompt",
	}, {
		.name = "contact.once",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "one delivery for one signal",
		.means = "nothing; a delivery without a request does nothing but take time",
		.run = once, .setup = SETUP_KERNEL, .seconds = 5,
		.contact = true, .needs = "contact.masked_interrupts",
	}, {
		.name = "contact.interrupts_go_on",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"the PE takes IPIs and its timer as before, and its running priority is idle",
		.means = "each report costs the CPUs that it asked; do not load the driver here",
		.run = interrupts_go_on, .setup = SETUP_KERNEL, .seconds = 5, .relied = true,
		.contact = true, .needs = "contact.accepted",
	},
	{},
};
