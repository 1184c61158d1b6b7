/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has come of everything, since the load. Each CPU counts for itself, in any context, SDEI
 * included, so nobody waits for anybody; who reads sums up.
 */
#ifndef SDEI_NMI_STATS_H
#define SDEI_NMI_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

/**
 * enum count - what is counted; docs/abi tells what each means
 */
enum count {
	COUNT_SIGNALS_SENT,
	COUNT_SIGNALS_HELD_OFF,
	COUNT_REFUSED_NOT_SUPPORTED,
	COUNT_REFUSED_INVALID_PARAMETERS,
	COUNT_REFUSED_DENIED,
	COUNT_REFUSED_PENDING,
	COUNT_REFUSED_OUT_OF_RESOURCE,
	COUNT_REFUSED_UNKNOWN,
	COUNT_DELIVERIES,
	COUNT_DELIVERIES_STRAY,
	COUNT_IPI_FALLBACKS,
	COUNT_LATE_ANSWERS,
	COUNT_REQUESTS,
	COUNT_REQUESTS_TURNED_AWAY,
	COUNT_CPUS_ASKED,
	COUNT_CPUS_ANSWERED,
	COUNT_CPUS_NAMED,
	COUNT_SNAPSHOTS,
	COUNTS
};

DECLARE_PER_CPU(unsigned long [COUNTS], counts);

/**
 * count() - one more of something
 * @what: of what
 *
 * Context: any.
 */
static __always_inline void count(enum count what)
{
	this_cpu_inc(counts[what]);
}

unsigned long count_sum(enum count what);

#endif
