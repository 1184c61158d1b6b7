// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of all CPUs.
 */
#include "stats.h"

DEFINE_PER_CPU(unsigned long [SDEI_NMI_STATS], sdei_nmi_stats);

/**
 * sdei_nmi_stats_sum() - add up a counter over all CPUs
 * @what: the counter
 *
 * Context: any. Return: the sum. Other CPUs may go on counting during the call.
 */
unsigned long sdei_nmi_stats_sum(enum sdei_nmi_stat what)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(sdei_nmi_stats, cpu)[what]);
	return sum;
}
