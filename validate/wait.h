/* SPDX-License-Identifier: GPL-2.0 */
/* Waits for what another PE does. */
#ifndef SDEI_NMI_VALIDATE_WAIT_H
#define SDEI_NMI_VALIDATE_WAIT_H

#include <linux/minmax.h>
#include <linux/types.h>

#include "deadline.h"

/*
 * Of what passes between two looks no more is counted: who waits did not run meanwhile. An
 * emulator or a hypervisor that did not have its host's CPU kept the other PEs from running, too.
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
 * @condition: looked at again and again, without a lock
 * @ms: milliseconds, after which it is looked at once more
 *
 * Context: any. Return: whether it is.
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
