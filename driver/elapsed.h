/* SPDX-License-Identifier: GPL-2.0 */
/* Elapsed time of a counter that may start anew. Plain C: the unit tests build it on the host. */
#ifndef SDEI_NMI_ELAPSED_H
#define SDEI_NMI_ELAPSED_H

#include <linux/types.h>

/**
 * elapsed_enough() - whether a time has passed between two readings of the counter
 * @now: the counter now, in ticks
 * @since: the counter at the earlier moment; it may be slightly ahead, if another CPU read it
 * @wanted: the time, in ticks
 * @second: ticks per second
 *
 * The counter starts anew when the machine was off: after hibernation. A moment that is more than a
 * second ahead is from before that, so any time has passed since.
 *
 * Context: any. Return: true if the time has passed.
 */
static __always_inline bool elapsed_enough(u64 now, u64 since, u64 wanted, u64 second)
{
	s64 elapsed = now - since;

	return elapsed >= (s64)wanted || elapsed < -(s64)second;
}

#endif
