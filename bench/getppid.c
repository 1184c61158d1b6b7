// SPDX-License-Identifier: GPL-2.0
/*
 * getppid: times a million system calls that do almost nothing, in nanoseconds of the architected
 * counter. Timer ticks fall into a few batches only, so the median excludes them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCHES	1000
#define BATCH	1000

static uint64_t now(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
}

static uint64_t frequency(void)
{
	uint64_t hertz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hertz));
	return hertz;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(void)
{
	static uint64_t batches[BATCHES];
	double tick = 1e9 / frequency();
	uint64_t sum = 0;

	for (int b = 0; b < BATCHES; b++) {
		uint64_t start = now();

		for (int i = 0; i < BATCH; i++)
			syscall(SYS_getppid);
		batches[b] = now() - start;
		sum += batches[b];
	}
	qsort(batches, BATCHES, sizeof(*batches), compare);
	printf("getppid %.0f\n", batches[BATCHES / 2] * tick * BATCHES);
	printf("getppid_and_ticks %.0f\n", sum * tick);
	return 0;
}
