/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_SNAPSHOT_H
#define SDEI_NMI_SNAPSHOT_H

#include <linux/cpumask.h>
#include <linux/types.h>

#include "collect.h"

/**
 * struct sdei_nmi_snapshot - where all CPUs were
 * @taken_at: when the CPUs were asked, in ticks of the architected counter
 * @taken_ns: the same moment, CLOCK_MONOTONIC
 * @online: the CPUs that were online
 * @this_cpu: the requester's CPU
 * @answered: the CPUs of @online that answered
 * @cpus: by CPU number; for CPUs of @answered the record, for other CPUs of @online the reason why
 * there is none
 */
struct sdei_nmi_snapshot {
	u64 taken_at;
	u64 taken_ns;
	struct cpumask online;
	unsigned int this_cpu;
	struct cpumask answered;
	union {
		struct sdei_nmi_record record;
		char why[SDEI_NMI_WHY_SIZE];
	} cpus[];
};

int sdei_nmi_snapshot_init(void);
void sdei_nmi_snapshot_exit(void);
struct sdei_nmi_snapshot *sdei_nmi_snapshot_take(void);
void sdei_nmi_snapshot_free(struct sdei_nmi_snapshot *s);

#endif
