/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One CPU's record of where it was, and who may touch it when. The states, and who changes them:
 *
 *	FREE  -> ASKED	requester
 *	ASKED -> TAKING	target, on event 0 or on an IPI, whichever comes first; the other then finds
 *			nothing to do
 *	TAKING -> TAKEN	target; what it wrote is visible with the state
 *	TAKEN -> FREE	requester, which has read it
 *	TAKEN -> ASKED	requester; nobody read what came too late for the request before
 *	ASKED -> FREE	requester, which has given up; a target that comes later finds nothing to do
 *
 * Every change is one atomic operation, so a target and a requester never hold the record at the
 * same time. Plain C over atomic_t: the unit tests build it on the host.
 */
#ifndef SDEI_NMI_CAPTURE_H
#define SDEI_NMI_CAPTURE_H

#include <linux/atomic.h>
#include <linux/types.h>

enum capture_state {
	CAPTURE_FREE,
	CAPTURE_ASKED,
	CAPTURE_TAKING,
	CAPTURE_TAKEN,
};

/**
 * capture_ask() - requester: make the record ready for the target
 * @state: the record's
 *
 * Context: any; one requester at a time. Return: false if the target is still busy with an earlier
 * request.
 */
static __always_inline bool capture_ask(atomic_t *state)
{
	if (atomic_read(state) == CAPTURE_TAKING)
		return false;
	atomic_set_release(state, CAPTURE_ASKED);
	return true;
}

/**
 * capture_begin() - target: claim the record
 * @state: the record's
 *
 * Context: any, SDEI and IRQ included; on the target. Return: true if the caller is to fill it.
 */
static __always_inline bool capture_begin(atomic_t *state)
{
	return atomic_cmpxchg(state, CAPTURE_ASKED, CAPTURE_TAKING) == CAPTURE_ASKED;
}

/**
 * capture_end() - target: hand over what was written since capture_begin()
 * @state: the record's
 *
 * Context: as capture_begin().
 */
static __always_inline void capture_end(atomic_t *state)
{
	atomic_set_release(state, CAPTURE_TAKEN);
}

/**
 * capture_taken() - requester: whether the record can be read
 * @state: the record's
 *
 * Context: any. Return: true if so.
 */
static __always_inline bool capture_taken(const atomic_t *state)
{
	return atomic_read_acquire(state) == CAPTURE_TAKEN;
}

/**
 * capture_give_up() - requester: stop waiting for the target
 * @state: the record's
 *
 * Context: any. Return: false if the target has begun, so that the record is taken or will be in a
 * moment.
 */
static __always_inline bool capture_give_up(atomic_t *state)
{
	return atomic_cmpxchg(state, CAPTURE_ASKED, CAPTURE_FREE) == CAPTURE_ASKED;
}

/**
 * capture_done() - requester: the record was read
 * @state: the record's, which is taken
 *
 * Context: any.
 */
static __always_inline void capture_done(atomic_t *state)
{
	atomic_set_release(state, CAPTURE_FREE);
}

#endif
