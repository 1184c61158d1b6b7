// SPDX-License-Identifier: GPL-2.0
/* The handler of event 0 behind the kernel's entry code, and waits for events. */
#include <linux/kprobes.h>
#include <linux/sched.h>

#include "arrivals.h"
#include "call.h"
#include "deadline.h"
#include "wait.h"

/* Raised before a signal. A handler that begins after the signal sees the new number. */
atomic64_t sdeiv_signal_number;

/**
 * sdeiv_arrived() - handle event 0 behind the kernel's entry code
 * @event: 0
 * @regs: registers of the interrupted context
 * @arg: the PE's struct sdeiv_pe
 *
 * Context: SDEI. Return: 0, so the kernel completes the event.
 */
int notrace sdeiv_arrived(u32 event, struct pt_regs *regs, void *arg)
{
	struct sdeiv_pe *pe = arg;
	struct sdeiv_arrivals *a = &pe->arrivals;
	u64 deadline;

	a->depth++;
	a->deepest = max(a->deepest, a->depth);
	a->at = counter_now();
	if (a->fresh) {
		a->pstate = regs->pstate;
		a->fresh = false;
	}
	a->number = atomic64_read(&sdeiv_signal_number);
	if (user_mode(regs))
		a->interrupted[SDEIV_IN_PROGRAM]++;
	else if (is_idle_task(current))
		a->interrupted[SDEIV_IN_IDLE]++;
	smp_wmb();	/* a reader that sees the count sees the other fields */
	WRITE_ONCE(a->count, a->count + 1);
	if (pe->action == SDEIV_ACTION_SIGNAL) {
		pe->action = SDEIV_ACTION_NONE;
		sdeiv_signal(pe->mpidr);
	}
	deadline = counter_now() + counter_ticks(SDEIV_STATE_MS * USEC_PER_MSEC);
	while (READ_ONCE(pe->action) == SDEIV_ACTION_HOLD && !READ_ONCE(pe->let_go) &&
	       !counter_passed(deadline))
		cpu_relax();
	a->depth--;
	return 0;
}

NOKPROBE_SYMBOL(sdeiv_arrived);

/**
 * sdeiv_arrival_count() - count the events that arrived at a PE
 * @pe: the PE
 *
 * Context: any. Return: the number of events that the PE's current handler has counted.
 */
u64 sdeiv_arrival_count(const struct sdeiv_pe *pe)
{
	return READ_ONCE(pe->setup) == SDEIV_SETUP_OWN ? READ_ONCE(pe->seen.count)
						       : READ_ONCE(pe->arrivals.count);
}

static bool came_until(const struct sdeiv_pe *pe, u64 before, unsigned int ms)
{
	bool came = sdeiv_wait_until(sdeiv_arrival_count(pe) != before, ms);

	smp_rmb();	/* read the other fields after the count */
	return came;
}

/**
 * sdeiv_await_arrival() - wait for an event
 * @pe: the target of the signal
 * @before: sdeiv_arrival_count() before the signal
 *
 * Some firmware delivers a signal only on the next firmware call. If the event is late, this
 * function makes firmware calls.
 *
 * Context: any. Return: whether the event arrived, and whether it needed another call.
 */
enum sdeiv_arrival sdeiv_await_arrival(const struct sdeiv_pe *pe, u64 before)
{
	unsigned int i;

	if (came_until(pe, before, SDEIV_PROMPT_MS))
		return SDEIV_ARRIVED;
	for (i = 0; i < SDEIV_LATE_MS / 10; i++) {
		sdeiv_call0(SDEIV_FN_VERSION);
		if (came_until(pe, before, 10))
			return SDEIV_ARRIVED_LATE;
	}
	return SDEIV_NOT_ARRIVED;
}

/**
 * sdeiv_seen_last() - wait until a handler has seen the number of the last signal
 * @pe: the target of the signal
 *
 * A handler that sees this number began after the signal, so the signal was not lost.
 *
 * Context: any. Return: whether a handler has seen the number in time.
 */
bool sdeiv_seen_last(const struct sdeiv_pe *pe)
{
	return sdeiv_wait_until(READ_ONCE(pe->arrivals.number) ==
					atomic64_read(&sdeiv_signal_number),
				SDEIV_PROMPT_MS + SDEIV_LATE_MS);
}

/**
 * sdeiv_pause() - busy-wait while other PEs run
 * @us: time in microseconds
 *
 * Context: any.
 */
void sdeiv_pause(unsigned int us)
{
	struct sdeiv_wait wait = sdeiv_wait_begin(us);

	while (!sdeiv_wait_over(&wait))
		cpu_relax();
}

/**
 * sdeiv_quiet() - wait until any pending event has arrived
 *
 * Context: any.
 */
void sdeiv_quiet(void)
{
	sdeiv_pause(SDEIV_QUIET_MS * USEC_PER_MSEC);
}
