/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_SNAPSHOT_H
#define SDEI_NMI_SNAPSHOT_H

#include <linux/cpumask.h>
#include <linux/types.h>

#include "collect.h"

/**
 * struct snapshot - where all CPUs were
 * @taken_at: when they were asked, by the architected counter
 * @taken_ns: the same moment, CLOCK_MONOTONIC
 * @online: those that were
 * @this_cpu: the requester's
 * @answered: those of which @cpus has the record
 * @cpus: for each possible CPU where it was, or the reason why that is not known
 */
struct snapshot {
	u64 taken_at;
	u64 taken_ns;
	struct cpumask online;
	unsigned int this_cpu;
	struct cpumask answered;
	union {
		struct backtrace record;
		char why[COLLECT_WHY];
	} cpus[];
};

int snapshot_init(void);
void snapshot_exit(void);
struct snapshot *snapshot_take(void);
void snapshot_free(struct snapshot *s);

#endif
