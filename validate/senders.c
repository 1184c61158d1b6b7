// SPDX-License-Identifier: GPL-2.0
/* Signals from each PE to itself and to every other PE. */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <asm/daifflags.h>

#include "senders.h"

/**
 * struct own - a signal from a PE to itself
 * @masked: signal with interrupts masked
 * @x0: return value of SDEI_EVENT_SIGNAL
 * @arrival: whether the event arrived
 */
struct own {
	bool masked;
	u64 x0;
	enum sdeiv_arrival arrival;
};

static void own_here(struct sdeiv_pe *pe, void *arg)
{
	struct own *own = arg;
	unsigned long flags;
	u64 before;

	preempt_disable();
	flags = read_sysreg(daif);
	if (own->masked)
		local_daif_mask();
	before = sdeiv_arrival_count(pe);
	own->x0 = sdeiv_signal(pe->mpidr);
	own->arrival = own->x0 ? SDEIV_NOT_ARRIVED : sdeiv_await_arrival(pe, before);
	if (own->masked)
		local_daif_restore(flags);
	preempt_enable();
}

/**
 * sdeiv_to_itself_check() - signal each PE from itself, with interrupts enabled and masked
 * @r: report
 * @with: unused
 *
 * Context: task. Return: the result.
 */
enum sdeiv_result sdeiv_to_itself_check(struct sdeiv_report *r, const void *with)
{
	struct own own;
	unsigned int tested = 0, i;
	struct sdeiv_pe *pe;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		for (i = 0; i < 2; i++) {
			own = (struct own){ .masked = i };
			if (!sdeiv_work_run(pe, own_here, &own))
				return sdeiv_failed(r, "CPU %u did not return", pe->cpu);
			if (own.x0)
				return sdeiv_failed(r,
						    "SDEI_EVENT_SIGNAL from CPU %u to itself returned %s",
						    pe->cpu, sdeiv_code_name(own.x0));
			if (own.arrival != SDEIV_ARRIVED)
				return sdeiv_failed(r,
						    "the signal from CPU %u to itself did not arrive with interrupts %s",
						    pe->cpu, i ? "masked" : "enabled");
		}
		tested++;
	}
	return sdeiv_passed(r, "on %u CPUs, with interrupts enabled and masked", tested);
}

/**
 * struct pair - a signal from one PE to another
 * @to: the target
 * @x0: return value of SDEI_EVENT_SIGNAL
 * @arrival: whether the event arrived
 */
struct pair {
	struct sdeiv_pe *to;
	u64 x0;
	enum sdeiv_arrival arrival;
};

static void signal_other(struct sdeiv_pe *pe, void *arg)
{
	struct pair *p = arg;
	u64 before = sdeiv_arrival_count(p->to);

	p->x0 = sdeiv_signal(p->to->mpidr);
	p->arrival = p->x0 ? SDEIV_NOT_ARRIVED : sdeiv_await_arrival(p->to, before);
}

/* On more than 16 CPUs: from and to sdeiv_home, and from each CPU to the next. */
static bool pair_counts(unsigned int from, unsigned int to)
{
	return from != to && (cpumask_weight(sdeiv_pe_all()) <= 16 || from == sdeiv_home ||
			      to == sdeiv_home || to == cpumask_next(from, sdeiv_pe_all()));
}

/* Tests one pair. Sets the report and returns false on failure. */
static bool from_to(struct sdeiv_report *r, struct sdeiv_pe *pe, struct sdeiv_pe *to)
{
	struct pair p = { .to = to };

	if (!sdeiv_work_run(pe, signal_other, &p))
		sdeiv_failed(r, "CPU %u did not return from SDEI_EVENT_SIGNAL", pe->cpu);
	else if (p.x0)
		sdeiv_failed(r,
			     "SDEI_EVENT_SIGNAL from CPU %u to CPU %u returned %s",
			     pe->cpu, to->cpu,
			     sdeiv_code_name(p.x0));
	else if (p.arrival != SDEIV_ARRIVED)
		sdeiv_failed(r,
			     "the signal from CPU %u to CPU %u did not arrive", pe->cpu, to->cpu);
	else
		return true;
	return false;
}

/**
 * sdeiv_each_to_each_check() - signal each PE from every other PE
 * @r: report
 * @with: unused
 *
 * On many CPUs the check omits most pairs.
 *
 * Context: task. Return: the result.
 */
enum sdeiv_result sdeiv_each_to_each_check(struct sdeiv_report *r, const void *with)
{
	unsigned int tested = 0;
	struct sdeiv_pe *pe, *to;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		for (to = sdeiv_pe_next(NULL); to; to = sdeiv_pe_next(to)) {
			if (!pair_counts(pe->cpu, to->cpu))
				continue;
			if (!from_to(r, pe, to))
				return SDEIV_FAIL;
			tested++;
		}
		if (signal_pending(current))
			return sdeiv_skipped(r, "interrupted");
	}
	if (!tested)
		return sdeiv_skipped(r, "this needs a second CPU");
	return sdeiv_passed(r, "%u pairs", tested);
}
