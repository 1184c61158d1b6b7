/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_COLLECT_H
#define SDEI_NMI_COLLECT_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/smp.h>
#include <linux/types.h>

#include "capture.h"
#include "request.h"

/**
 * struct sdei_nmi_inquiry - how one CPU was last asked
 * @event_error: return value of sdei_nmi_event_ask(); -EALREADY if the CPU was still busy with an
 * earlier request
 * @ipi_error: 0 if an IPI was sent or not needed; -EBUSY if the CPU has not taken an earlier IPI;
 * -ENXIO if the CPU is offline
 * @ipi_under_way: 1 while the CPU has an IPI of this collection to take, which uses @ipi
 * @ipi: the IPI's call structure
 */
struct sdei_nmi_inquiry {
	int event_error;
	int ipi_error;
	atomic_t ipi_under_way;
	call_single_data_t ipi;
};

/**
 * struct sdei_nmi_collection - the records of all CPUs, for one kind of request
 * @records: each CPU's answer
 * @inquiries: how each CPU was last asked
 * @request: the request
 * @flags: what to record (enum sdei_nmi_capture_flags); the requester may set them before it asks
 * @owed: called if CPUs may still answer late, or NULL
 * @asked: CPUs to ask; set by the requester
 * @answered: CPUs that answered in time; the requester owns their records
 * @silent: CPUs that were asked and have not answered
 *
 * A collection has one requester at a time; the user of the collection ensures this. The requester
 * owns the masks, the inquiries and the requester's side of every record (capture_state.h).
 * Collections share nothing with each other.
 */
struct sdei_nmi_collection {
	struct sdei_nmi_record __percpu *records;
	struct sdei_nmi_inquiry __percpu *inquiries;
	enum sdei_nmi_request request;
	unsigned int flags;
	void (*owed)(void);
	struct cpumask asked;
	struct cpumask answered;
	struct cpumask silent;
};

void sdei_nmi_collect_init(struct sdei_nmi_collection *c);
void sdei_nmi_collect_exit(struct sdei_nmi_collection *c);
void sdei_nmi_collect(struct sdei_nmi_collection *c, bool may_sleep);
void sdei_nmi_collect_own(struct sdei_nmi_collection *c, unsigned int this_cpu);
void sdei_nmi_collect_answer(struct sdei_nmi_collection *c, struct pt_regs *regs, bool by_event);
void sdei_nmi_collect_why(struct sdei_nmi_collection *c, unsigned int cpu, char *why);

#endif
