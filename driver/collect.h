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
 * struct sdei_nmi_inquiry - how one CPU was asked, the last time
 * @event_error: what sdei_nmi_event_ask() said; -EALREADY where the CPU was still busy with an
 * earlier request
 * @ipi_error: 0 if the IPI was sent, -EBUSY if an earlier one is still under way to it, -ENXIO if
 * it is offline
 * @ipi_under_way: the CPU has an IPI of ours to take, and @ipi is its
 * @ipi: the IPI's call structure
 */
struct sdei_nmi_inquiry {
	int event_error;
	int ipi_error;
	atomic_t ipi_under_way;
	call_single_data_t ipi;
};

/**
 * struct sdei_nmi_collection - a purpose for which CPUs are asked where they are
 * @records: each CPU's answer
 * @inquiries: how it was asked
 * @request: which request it is
 * @timers: the answers are to tell how long interrupts have been waiting
 * @owed: called when answers are left to come late, or NULL
 * @asked: the CPUs; set by the requester
 * @answered: those that answered in time, of whom the requester has the record
 * @silent: the rest
 *
 * One requester at a time, which the user of the collection sees to, owns the masks, the inquiries
 * and its side of every record (capture_state.h). Different collections don't meet.
 */
struct sdei_nmi_collection {
	struct sdei_nmi_record __percpu *records;
	struct sdei_nmi_inquiry __percpu *inquiries;
	enum sdei_nmi_request request;
	bool timers;
	void (*owed)(void);
	struct cpumask asked;
	struct cpumask answered;
	struct cpumask silent;
};

void sdei_nmi_collect_init(struct sdei_nmi_collection *c);
void sdei_nmi_collect_exit(struct sdei_nmi_collection *c);
void sdei_nmi_collect(struct sdei_nmi_collection *c, bool may_sleep);
void sdei_nmi_collect_own(struct sdei_nmi_collection *c, unsigned int this_cpu);
void sdei_nmi_collect_answer(struct sdei_nmi_collection *c, struct pt_regs *regs);
void sdei_nmi_collect_why(struct sdei_nmi_collection *c, unsigned int cpu, char *why);

#endif
