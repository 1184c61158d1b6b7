// SPDX-License-Identifier: GPL-2.0
/*
 * Measures how long each PE spends in the kernel's handlers: from just before EL3 enters the handler until the handler completes
 * the event. EL3 can measure any kernel without changing it. The kernel can read the same counter.
 */
#include <arch_helpers.h>
#include <lib/smccc.h>
#include <plat/common/platform.h>
#include <platform_def.h>
#include <smccc_helpers.h>

#include "times.h"

/* Per PE, since TIMES_RESET. Only the PE itself writes its entry, except in TIMES_RESET. Times are counter ticks. */
static volatile struct times {
	uint64_t count;		/* completed events */
	uint64_t last;		/* time of the last completion */
	uint64_t longest;	/* longest time in a handler */
	uint64_t entered;
} times[PLATFORM_CORE_COUNT];

static uint64_t now(void)
{
	isb();
	return read_cntpct_el0();
}

void times_entered(void)
{
	times[plat_my_core_pos()].entered = now();
}

void times_left(void)
{
	volatile struct times *t = &times[plat_my_core_pos()];
	uint64_t held;

	t->last = now();
	held = t->last - t->entered;
	if (held > t->longest)
		t->longest = held;
	t->count++;
}

bool times_call(uint32_t fid)
{
	return fid == TIMES_RESET || fid == TIMES_READ;
}

uintptr_t times_handler(uint32_t fid, uint64_t x1, void *handle)
{
	int pe;

	if (fid == TIMES_RESET) {
		for (pe = 0; pe < PLATFORM_CORE_COUNT; pe++) {
			times[pe].count = 0;
			times[pe].longest = 0;
		}
		SMC_RET1(handle, 0);
	}
	pe = plat_core_pos_by_mpidr(x1);
	if (pe < 0)
		SMC_RET1(handle, SMC_UNK);
	SMC_RET3(handle, times[pe].count, times[pe].last, times[pe].longest);
}
