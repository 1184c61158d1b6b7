// SPDX-License-Identifier: GPL-2.0
/* Runs a check of one event on each PE in the loop of entry.S. */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "loop_check.h"

#define OWN		16	/* the loop's own register */
#define OWN_OTHER	10	/* in the second round */

static enum sdeiv_result look_once(struct sdeiv_report *r, const struct sdeiv_loop_check *look,
				   struct sdeiv_pe *pe, struct sdeiv_busy_loop *m)
{
	bool back;

	pe->seen.ask = look->ask;
	pe->seen.resume = (u64)look->resume;
	back = sdeiv_busy_loop_run(pe, m);
	pe->seen.ask = 0;
	pe->seen.resume = 0;
	if (!back)
		return sdeiv_failed(r, "CPU %u did not return", pe->cpu);
	if (m->x0 || m->arrival != SDEIV_ARRIVED)
		return sdeiv_failed(r, "event 0 did not reach CPU %u in the suite's loop", pe->cpu);
	if (!m->in_loop)
		return sdeiv_failed(r, "the interrupted PC, 0x%llx, is not in the loop of CPU %u",
				    pe->seen.x[2], pe->cpu);
	return look->at(r, pe, m);
}

/**
 * sdeiv_loop_check_run() - run a check of the loop on every PE except the one that signals
 * @r: report
 * @with: a struct sdeiv_loop_check
 *
 * Context: task. Return: the result.
 */
enum sdeiv_result sdeiv_loop_check_run(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_busy_loop *m = kzalloc(sizeof(*m), GFP_KERNEL);
	const struct sdeiv_loop_check *look = with;
	enum sdeiv_result result = SDEIV_PASS;
	unsigned int tested = 0;
	struct sdeiv_pe *pe;

	if (!m)
		return sdeiv_skipped(r, "memory ran out");
	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe)) {
		m->other_own = false;
		result = look_once(r, look, pe, m);
		if (result == SDEIV_PASS && look->twice) {
			m->other_own = true;
			result = look_once(r, look, pe, m);
		}
		if (result == SDEIV_PASS && signal_pending(current))
			result = sdeiv_skipped(r, "interrupted");
		if (result != SDEIV_PASS)
			break;
		tested++;
	}
	/* A lost PE may still return and write to @m. */
	if (!sdeiv_pe_lost())
		kfree(m);
	if (result == SDEIV_PASS)
		sdeiv_passed(r, "as expected on %u CPUs", tested);
	return result;
}

/**
 * sdeiv_loop_check_own() - find the register that the loop itself uses
 * @m: the run of the loop
 *
 * Context: any. Return: the number of the register.
 */
unsigned int sdeiv_loop_check_own(const struct sdeiv_busy_loop *m)
{
	return m->other_own ? OWN_OTHER : OWN;
}

/**
 * sdeiv_loop_check_registers() - compare general registers before and after the event
 * @r: report, set if a register differs
 * @pe: the PE that ran the loop
 * @m: the run of the loop
 * @from: number of the first register
 * @to: number of the last register
 *
 * The loop's own register is not compared.
 *
 * Context: task. Return: SDEIV_PASS or SDEIV_FAIL.
 */
enum sdeiv_result sdeiv_loop_check_registers(struct sdeiv_report *r, struct sdeiv_pe *pe,
					     const struct sdeiv_busy_loop *m, unsigned int from,
					     unsigned int to)
{
	unsigned int own = sdeiv_loop_check_own(m), i;

	for (i = from; i <= to; i++) {
		if (i == own || m->loop.in[i] == m->loop.out[i])
			continue;
		return sdeiv_failed(r,
				    "x%u of CPU %u was 0x%016llx before and 0x%016llx after an event",
				    i, pe->cpu, m->loop.in[i], m->loop.out[i]);
	}
	return SDEIV_PASS;
}
