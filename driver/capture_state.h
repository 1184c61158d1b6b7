/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The states of a CPU's record. The state says who may access the record. The changes, with the
 * party that makes each one:
 *
 *	FREE   -> ASKED		requester
 *	ASKED  -> TAKING	target, on event 0 or on an IPI, whichever comes first; the other
 *				one finds nothing to do
 *	TAKING -> TAKEN		target; the record is visible before the state
 *	TAKEN  -> FREE		requester, which has read the record
 *	ASKED  -> FREE		requester, if the target cannot answer
 *
 * If the target does not answer in time:
 *
 *	ASKED  -> OVERDUE	requester, which gives up
 *	TAKING -> TAKING_LATE	requester, which gives up while the target fills the record
 *	OVERDUE -> TAKING_LATE	target
 *	TAKING_LATE -> LATE	target
 *	LATE   -> TELLING	printer of late answers
 *	TELLING -> FREE		printer of late answers, which has read the record
 *	OVERDUE -> FREE		printer of late answers, which gives up
 *	OVERDUE, LATE -> ASKED	requester, with a new request
 *
 * Each change is one atomic operation, so only one party has access at any time.
 *
 * The header is plain C over atomic_t, because the unit tests build it on the host.
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

/* Returns true, fully ordered, if the state was @from and is now @to. */
static __always_inline bool capture_change(atomic_t *state, enum sdei_nmi_capture_state from,
					   enum sdei_nmi_capture_state to)
{
	return atomic_cmpxchg(state, from, to) == (int)from;
}

/**
 * capture_ask() - requester: make the record ready for the target
 * @state: the record's
 *
 * Context: any; one requester at a time. Return: false if the target still fills the record, or if
 * its late answer is being printed.
 */
static __always_inline bool capture_ask(atomic_t *state)
{
	int now = atomic_read(state), was;

	while (now == SDEI_NMI_CAPTURE_FREE || now == SDEI_NMI_CAPTURE_OVERDUE ||
	       now == SDEI_NMI_CAPTURE_LATE) {
		was = atomic_cmpxchg(state, now, SDEI_NMI_CAPTURE_ASKED);
		if (was == now)
			return true;
		now = was;
	}
	return false;
}

/**
 * capture_begin() - target: claim the record
 * @state: the record's
 *
 * Context: any, SDEI and IRQ included; on the target. Return: true if the caller is to fill the
 * record.
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
 * capture_end() - target: hand the filled record over
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
 * capture_taken() - requester: whether the record is filled
 * @state: the record's
 *
 * Context: any. Return: true if the requester may read the record.
 */
static __always_inline bool capture_taken(const atomic_t *state)
{
	return atomic_read_acquire(state) == SDEI_NMI_CAPTURE_TAKEN;
}

/**
 * capture_cancel() - requester: withdraw from a target that cannot answer
 * @state: the record's
 *
 * Context: any. Return: false if the target has begun after all.
 */
static __always_inline bool capture_cancel(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_ASKED, SDEI_NMI_CAPTURE_FREE);
}

/**
 * capture_give_up() - requester: stop waiting for a target that has not begun
 * @state: the record's
 *
 * Context: any. Return: false if the target has begun, so that it soon hands the record over.
 */
static __always_inline bool capture_give_up(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_ASKED, SDEI_NMI_CAPTURE_OVERDUE);
}

/**
 * capture_leave() - requester: stop waiting for a target that fills the record
 * @state: the record's
 *
 * Context: any. Return: false if the target is not filling it, for example because it is done.
 */
static __always_inline bool capture_leave(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_TAKING, SDEI_NMI_CAPTURE_TAKING_LATE);
}

/**
 * capture_tell() - printer of late answers: claim a late answer
 * @state: the record's
 *
 * Context: any. Return: true if there is a late answer, which the caller is to print.
 */
static __always_inline bool capture_tell(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_LATE, SDEI_NMI_CAPTURE_TELLING);
}

/**
 * capture_late() - printer of late answers: whether to look again
 * @state: the record's
 *
 * Context: any. Return: true if a late answer is there or may still come.
 */
static __always_inline bool capture_late(const atomic_t *state)
{
	int now = atomic_read(state);

	return now == SDEI_NMI_CAPTURE_OVERDUE || now == SDEI_NMI_CAPTURE_TAKING_LATE ||
	       now == SDEI_NMI_CAPTURE_LATE;
}

/**
 * capture_forget() - printer of late answers: stop waiting for one
 * @state: the record's
 *
 * Context: any. Return: false if none was overdue, or the target has begun.
 */
static __always_inline bool capture_forget(atomic_t *state)
{
	return capture_change(state, SDEI_NMI_CAPTURE_OVERDUE, SDEI_NMI_CAPTURE_FREE);
}

/**
 * capture_done() - requester or printer of late answers: free a record that was read
 * @state: the record's; TAKEN or TELLING
 *
 * Context: any.
 */
static __always_inline void capture_done(atomic_t *state)
{
	atomic_set_release(state, SDEI_NMI_CAPTURE_FREE);
}

#endif
