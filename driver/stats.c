// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of all CPUs.
 */
#include "stats.h"

DEFINE_PER_CPU(unsigned long [COUNTS], counts);

/**
 * count_sum() - how often it was, on all CPUs
 * @what: what
 *
 * Context: any. Return: the number, to which others may add meanwhile.
 */
unsigned long count_sum(enum count what)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(counts, cpu)[what]);
	return sum;
}
