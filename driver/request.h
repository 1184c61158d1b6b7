/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The request word of a CPU. Event 0 carries no data: several signals can give one delivery, and
 * a delivery can come late or without a request. The word carries the requests. A requester sets
 * its bit and then signals. The target takes the whole word at once and serves every bit. So a
 * merged signal loses nothing, and a stray delivery finds nothing to do.
 *
 * Plain C over atomic_t, because the unit tests build it on the host.
 */
#ifndef SDEI_NMI_REQUEST_H
#define SDEI_NMI_REQUEST_H

#include <linux/atomic.h>
#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/percpu.h>

DECLARE_PER_CPU(atomic_t, sdei_nmi_request_word);
#endif

/**
 * enum sdei_nmi_request - what a CPU can be asked for
 * @SDEI_NMI_REQUEST_BACKTRACE: copy registers and return addresses into the CPU's record
 * @SDEI_NMI_REQUEST_PROBE: nothing but the delivery itself
 * @SDEI_NMI_REQUEST_SNAPSHOT: the same as for a backtrace, into another record
 * @SDEI_NMI_REQUEST_STOP: stop for good; nothing else is served then
 */
enum sdei_nmi_request {
	SDEI_NMI_REQUEST_BACKTRACE = 1 << 0,
	SDEI_NMI_REQUEST_PROBE = 1 << 1,
	SDEI_NMI_REQUEST_SNAPSHOT = 1 << 2,
	SDEI_NMI_REQUEST_STOP = 1 << 3,
};

/**
 * request_post() - ask for something. The signal comes after, not before.
 * @word: the target's
 * @request: what is asked
 *
 * Context: any. The caller makes the word visible to the target before it signals.
 */
static __always_inline void request_post(atomic_t *word, enum sdei_nmi_request request)
{
	/* Not before what was written for the target: atomic_or() would order nothing. */
	atomic_fetch_or_release(request, word);
}

/**
 * request_take() - take all that is asked, and leave nothing
 * @word: this CPU's
 *
 * Context: any; on the target. Fully ordered: what a requester wrote before it posted is seen
 * after.
 * Return: the bits, each of which the caller now has to serve.
 */
static __always_inline unsigned int request_take(atomic_t *word)
{
	return atomic_xchg(word, 0);
}

/**
 * request_drop() - take back what has not been taken yet
 * @word: the target's
 * @request: what was asked
 *
 * Context: any. Return: true if it was still there, so that the target will not serve it.
 */
static __always_inline bool request_drop(atomic_t *word, enum sdei_nmi_request request)
{
	return atomic_fetch_andnot(request, word) & request;
}

/**
 * request_waiting() - whether something was asked and not taken yet
 * @word: the target's
 *
 * Context: any. Return: true if so.
 */
static __always_inline bool request_waiting(const atomic_t *word)
{
	return atomic_read(word);
}

#endif
