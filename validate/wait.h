/* SPDX-License-Identifier: GPL-2.0 */
/* Bounded waits for another PE. */
#ifndef SDEI_NMI_VALIDATE_WAIT_H
#define SDEI_NMI_VALIDATE_WAIT_H

#include <linux/minmax.h>
#include <linux/types.h>

#include "deadline.h"

/*
 * Longest time counted between two polls. A longer gap means that the waiting PE did not run. If
 * the emulator or hypervisor was not running, the other PEs did not run either.
 */
#define SDEIV_WAIT_LOOK_US	10000

struct sdeiv_wait {
	u64 looked;
	u64 left;
};

static __always_inline struct sdeiv_wait sdeiv_wait_begin(u64 us)
{
	return (struct sdeiv_wait){.looked = counter_now(), .left = counter_ticks(us)};
}

static __always_inline bool sdeiv_wait_over(struct sdeiv_wait *wait)
{
	u64 now = counter_now();
	u64 passed = min(now - wait->looked, counter_ticks(SDEIV_WAIT_LOOK_US));

	wait->looked = now;
	wait->left -= min(passed, wait->left);
	return !wait->left;
}

/**
 * sdeiv_wait_until() - wait until a condition is true
 * @condition: polled, without a lock, and once more after the time limit
 * @ms: time limit in milliseconds
 *
 * Context: any. Return: whether the condition is true.
 */
#define sdeiv_wait_until(condition, ms)							\
	({									\
		struct sdeiv_wait __wait = sdeiv_wait_begin((u64)(ms) * USEC_PER_MSEC);	\
		bool __over, __met;						\
										\
		do {								\
			cpu_relax();						\
			__over = sdeiv_wait_over(&__wait);				\
			__met = (condition);					\
		} while (!__met && !__over);					\
		__met;								\
	})

#endif
