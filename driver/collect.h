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

#define COLLECT_WHY	192	/* room for a reason, in characters */

/**
 * struct inquiry - how one CPU was asked, the last time
 * @event_error: what event_ask() said; -EALREADY where the CPU was still busy with an earlier
 * request
 * @ipi_error: 0 if the IPI was sent, -EBUSY if an earlier one is still under way to it, -ENXIO if
 * it is offline
 * @ipi_under_way: the CPU has an IPI of ours to take, and @ipi is its
 * @ipi: the IPI's call structure
 */
struct inquiry {
	int event_error;
	int ipi_error;
	atomic_t ipi_under_way;
	call_single_data_t ipi;
};

/**
 * struct collection - a purpose for which CPUs are asked where they are
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
struct collection {
	struct backtrace __percpu *records;
	struct inquiry __percpu *inquiries;
	enum request request;
	bool timers;
	void (*owed)(void);
	struct cpumask asked;
	struct cpumask answered;
	struct cpumask silent;
};

void collect_init(struct collection *c);
void collect_exit(struct collection *c);
void collect(struct collection *c, bool may_sleep);
void collect_own(struct collection *c, unsigned int this_cpu);
void collect_answer(struct collection *c, struct pt_regs *regs);
void collect_why(struct collection *c, unsigned int cpu, char *why);

#endif
