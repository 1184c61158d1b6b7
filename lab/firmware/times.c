// SPDX-License-Identifier: GPL-2.0
/*
 * How long each PE was in a handler of the kernel's, as EL3 sees it: from the moment in which it is about to enter the
 * handler to the moment in which it is told that the handler is through. So kernels are measured that can't be looked into.
 * The counter is the one that the kernel reads, too.
 */
#include <arch_helpers.h>
#include <lib/smccc.h>
#include <plat/common/platform.h>
#include <platform_def.h>
#include <smccc_helpers.h>

#include "times.h"

/* Of one PE since the reset; only the PE itself writes it. */
static volatile struct times {
	uint64_t count;		/* events that were completed */
	uint64_t last;		/* when the last of them was */
	uint64_t longest;	/* the longest time in a handler */
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
