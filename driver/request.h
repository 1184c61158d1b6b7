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
 * @SDEI_NMI_REQUEST_PROBE: only note the time of the delivery
 * @SDEI_NMI_REQUEST_SNAPSHOT: the same as for a backtrace, into another record
 * @SDEI_NMI_REQUEST_STOP: stop for good; a CPU that stops serves no other request
 * @SDEI_NMI_REQUEST_WATCH: the same as for a backtrace, for the watchers, into a record of theirs
 * @SDEI_NMI_REQUEST_SAMPLE: pass the registers to perf
 */
enum sdei_nmi_request {
	SDEI_NMI_REQUEST_BACKTRACE = 1 << 0,
	SDEI_NMI_REQUEST_PROBE = 1 << 1,
	SDEI_NMI_REQUEST_SNAPSHOT = 1 << 2,
	SDEI_NMI_REQUEST_STOP = 1 << 3,
	SDEI_NMI_REQUEST_WATCH = 1 << 4,
	SDEI_NMI_REQUEST_SAMPLE = 1 << 5,
};

/**
 * request_post() - set a request in the target's word
 * @word: the target's request word
 * @request: the request
 *
 * Context: any. The caller makes the word visible to the target, then signals.
 */
static __always_inline void request_post(atomic_t *word, enum sdei_nmi_request request)
{
	/* Release: earlier writes for the target come first. atomic_or() has no ordering. */
	atomic_fetch_or_release(request, word);
}

/**
 * request_take() - take all requests and clear the word
 * @word: this CPU's request word
 *
 * Context: any; on the target. Fully ordered: the target then sees what a requester wrote before
 * request_post().
 * Return: the bits of the requests; the caller has to serve each one.
 */
static __always_inline unsigned int request_take(atomic_t *word)
{
	return atomic_xchg(word, 0);
}

/**
 * request_drop() - withdraw a request
 * @word: the target's request word
 * @request: the request
 *
 * Context: any. Return: true if the target had not taken the request, and so will not serve it.
 */
static __always_inline bool request_drop(atomic_t *word, enum sdei_nmi_request request)
{
	return atomic_fetch_andnot(request, word) & request;
}

/**
 * request_waiting() - whether the target has yet to take a request
 * @word: the target's request word
 *
 * Context: any. Return: true if the word has any request.
 */
static __always_inline bool request_waiting(const atomic_t *word)
{
	return atomic_read(word);
}

#endif
