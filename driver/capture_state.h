/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One CPU's record of where it was, and who may touch it when. The states, and who changes them:
 *
 *	FREE   -> ASKED		requester
 *	ASKED  -> TAKING	target, on event 0 or on an IPI, whichever comes first; the other
 *				then finds nothing to do
 *	TAKING -> TAKEN		target; what it wrote is visible with the state
 *	TAKEN  -> FREE		requester, which has read it
 *	ASKED  -> FREE		requester, which found that nobody will come
 *
 * and where the target does not come in time:
 *
 *	ASKED  -> OVERDUE	requester, which has given up
 *	TAKING -> TAKING_LATE	requester, which has given up in the middle of it
 *	OVERDUE -> TAKING_LATE	target
 *	TAKING_LATE -> LATE	target
 *	LATE   -> TELLING	whoever tells of late answers
 *	TELLING -> FREE		the same
 *	OVERDUE -> FREE		the same, as it gives up too
 *	OVERDUE, LATE -> ASKED	requester: it is asked anew
 *
 * Every change is one atomic operation, so nobody ever shares the record with anybody. Plain C over
 * atomic_t: the unit tests build it on the host.
 */
#ifndef SDEI_NMI_CAPTURE_STATE_H
#define SDEI_NMI_CAPTURE_STATE_H

#include <linux/atomic.h>
#include <linux/types.h>

enum sdei_nmi_capture_state {
	SDEI_NMI_CAPTURE_FREE,
	SDEI_NMI_CAPTURE_ASKED,
	SDEI_NMI_CAPTURE_TAKING,
	SDEI_NMI_CAPTURE_TAKEN,
	SDEI_NMI_CAPTURE_OVERDUE,
	SDEI_NMI_CAPTURE_TAKING_LATE,
	SDEI_NMI_CAPTURE_LATE,
	SDEI_NMI_CAPTURE_TELLING,
};

/* True if the state was @from, and is @to now. Fully ordered if so. */
static __always_inline bool capture_change(atomic_t *state, enum sdei_nmi_capture_state from,
					   enum sdei_nmi_capture_state to)
{
	return atomic_cmpxchg(state, from, to) == (int)from;
}

/**
 * capture_ask() - requester: make the record ready for the target
 * @state: the record's
 *
 * Context: any; one requester at a time. Return: false if the target, or who tells of its late
 * answer, is still busy with an earlier request.
 */
static __always_inline bool capture_ask(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_OVERDUE, SDEI_NMI_CAPTURE_ASKED) ||
	       capture_change(state, SDEI_NMI_CAPTURE_LATE, SDEI_NMI_CAPTURE_ASKED) ||
	       capture_change(state, SDEI_NMI_CAPTURE_FREE, SDEI_NMI_CAPTURE_ASKED);
}

/**
 * capture_begin() - target: claim the record
 * @state: the record's
 *
 * Context: any, SDEI and IRQ included; on the target. Return: true if the caller is to fill it.
 */
static __always_inline bool capture_begin(atomic_t *state)
{
	int now = atomic_read(state), was;

	while (now == SDEI_NMI_CAPTURE_ASKED || now == SDEI_NMI_CAPTURE_OVERDUE) {
		was = atomic_cmpxchg(state, now,
				     now == SDEI_NMI_CAPTURE_ASKED ? SDEI_NMI_CAPTURE_TAKING
								   : SDEI_NMI_CAPTURE_TAKING_LATE);
		if (was == now)
			return true;
		now = was;
	}
	return false;
}

/**
 * capture_end() - target: hand over what was written since capture_begin()
 * @state: the record's
 *
 * Context: as capture_begin().
 */
static __always_inline void capture_end(atomic_t *state)
{
	if (!capture_change(state, SDEI_NMI_CAPTURE_TAKING, SDEI_NMI_CAPTURE_TAKEN))
		atomic_set_release(state, SDEI_NMI_CAPTURE_LATE);
}

/**
 * capture_taken() - requester: whether the record can be read
 * @state: the record's
 *
 * Context: any. Return: true if so.
 */
static __always_inline bool capture_taken(const atomic_t *state)
{
	return atomic_read_acquire(state) == SDEI_NMI_CAPTURE_TAKEN;
}

/**
 * capture_cancel() - requester: nobody will come
 * @state: the record's
 *
 * Context: any. Return: false if the target has begun.
 */
static __always_inline bool capture_cancel(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_ASKED, SDEI_NMI_CAPTURE_FREE);
}

/**
 * capture_give_up() - requester: stop waiting for a target that has not begun
 * @state: the record's
 *
 * Context: any. Return: false if it has, so that the record is taken or will be in a moment.
 */
static __always_inline bool capture_give_up(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_ASKED, SDEI_NMI_CAPTURE_OVERDUE);
}

/**
 * capture_leave() - requester: stop waiting for a target that is in the middle of it
 * @state: the record's
 *
 * Context: any. Return: false if it has ended, so that the record is taken.
 */
static __always_inline bool capture_leave(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_TAKING, SDEI_NMI_CAPTURE_TAKING_LATE);
}

/**
 * capture_tell() - claim a late answer
 * @state: the record's
 *
 * Context: any. Return: true if there is one, and the caller is to read it.
 */
static __always_inline bool capture_tell(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_LATE, SDEI_NMI_CAPTURE_TELLING);
}

/**
 * capture_late() - whether an answer may still come late
 * @state: the record's
 *
 * Context: any. Return: true if so.
 */
static __always_inline bool capture_late(const atomic_t *state)
{
	int now = atomic_read(state);

	return now == SDEI_NMI_CAPTURE_OVERDUE || now == SDEI_NMI_CAPTURE_TAKING_LATE ||
	       now == SDEI_NMI_CAPTURE_LATE;
}

/**
 * capture_forget() - nobody will tell of a late answer any more
 * @state: the record's
 *
 * Context: any. Return: false if it is not overdue, or the target has begun.
 */
static __always_inline bool capture_forget(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_OVERDUE, SDEI_NMI_CAPTURE_FREE);
}

/**
 * capture_done() - requester, or who tells of a late answer: the record was read
 * @state: the record's, which is taken, or being told
 *
 * Context: any.
 */
static __always_inline void capture_done(atomic_t *state)
{
	atomic_set_release(state, SDEI_NMI_CAPTURE_FREE);
}

#endif
