/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics since the driver was loaded. Each CPU counts for itself, in any context, SDEI
 * included, without a lock. A reader adds up all CPUs.
 */
#ifndef SDEI_NMI_STATS_H
#define SDEI_NMI_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

/**
 * enum sdei_nmi_stat - the counters; docs/abi/sysfs-kernel-sdei_nmi describes them
 */
enum sdei_nmi_stat {
	SDEI_NMI_STAT_SIGNALS_SENT,
	SDEI_NMI_STAT_SIGNALS_HELD_OFF,
	SDEI_NMI_STAT_REFUSED_NOT_SUPPORTED,
	SDEI_NMI_STAT_REFUSED_INVALID_PARAMETERS,
	SDEI_NMI_STAT_REFUSED_DENIED,
	SDEI_NMI_STAT_REFUSED_PENDING,
	SDEI_NMI_STAT_REFUSED_OUT_OF_RESOURCE,
	SDEI_NMI_STAT_REFUSED_UNKNOWN,
	SDEI_NMI_STAT_DELIVERIES,
	SDEI_NMI_STAT_DELIVERIES_STRAY,
	SDEI_NMI_STAT_IPI_FALLBACKS,
	SDEI_NMI_STAT_LATE_ANSWERS,
	SDEI_NMI_STAT_REQUESTS,
	SDEI_NMI_STAT_REQUESTS_QUEUED,
	SDEI_NMI_STAT_REQUESTS_TURNED_AWAY,
	SDEI_NMI_STAT_CPUS_ASKED,
	SDEI_NMI_STAT_CPUS_ANSWERED,
	SDEI_NMI_STAT_CPUS_NAMED,
	SDEI_NMI_STAT_SNAPSHOTS,
	SDEI_NMI_STAT_LOOKS,
	SDEI_NMI_STAT_LOOKS_NS,
	SDEI_NMI_STAT_LOCKUPS,
	SDEI_NMI_STAT_IRQS_OFF,
	SDEI_NMI_STAT_IRQS_OFF_NS,
	SDEI_NMI_STAT_IRQS_OFF_DROPPED,
	SDEI_NMI_STAT_IRQS_OFF_LE_1MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_2MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_5MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_10MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_20MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_50MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_100MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_200MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_500MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_1000MS,
	SDEI_NMI_STAT_IRQS_OFF_LE_10000MS,
	SDEI_NMI_STAT_SAMPLES,
	SDEI_NMI_STAT_SAMPLES_MISSED,
	SDEI_NMI_STAT_SAMPLES_COALESCED,
	SDEI_NMI_STAT_SAMPLES_SKIPPED,
	SDEI_NMI_STAT_SAMPLES_REFUSED,
	SDEI_NMI_STAT_SAMPLES_THROTTLED,
	SDEI_NMI_STATS
};

DECLARE_PER_CPU(unsigned long [SDEI_NMI_STATS], sdei_nmi_stats);

/**
 * sdei_nmi_stats_inc() - add one to a counter on this CPU
 * @what: the counter
 *
 * Context: any.
 */
static __always_inline void sdei_nmi_stats_inc(enum sdei_nmi_stat what)
{
	this_cpu_inc(sdei_nmi_stats[what]);
}

/**
 * sdei_nmi_stats_add() - add to a counter on this CPU
 * @what: the counter
 * @amount: how much
 *
 * Context: any.
 */
static __always_inline void sdei_nmi_stats_add(enum sdei_nmi_stat what, unsigned long amount)
{
	this_cpu_add(sdei_nmi_stats[what], amount);
}

unsigned long sdei_nmi_stats_sum(enum sdei_nmi_stat what);

#endif
