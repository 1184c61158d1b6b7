/* SPDX-License-Identifier: GPL-2.0 */
/* Signals event 0 to a PE that runs the loop of entry.S. */
#ifndef SDEI_NMI_VALIDATE_BUSY_LOOP_H
#define SDEI_NMI_VALIDATE_BUSY_LOOP_H

#include "arrivals.h"
#include "entry.h"
#include "pe.h"

#define SDEIV_SYSTEM_REGISTERS_MOST	40
#define SDEIV_VECTOR_WORDS		66	/* v0 to v31, FPCR, FPSR */

/**
 * struct sdeiv_busy_loop - registers before and after the loop, and the event
 * @loop: general registers
 * @before: system registers before the loop; sdeiv_busy_loop_register_name() names them
 * @after: system registers after the loop, in the same order
 * @vectors_before: v0 to v31, FPCR and FPSR before the loop
 * @vectors_after: v0 to v31, FPCR and FPSR after the loop
 * @interrupts: run the loop with interrupts enabled
 * @other_own: run the loop that uses x10 for itself instead of x16
 * @x0: return value of SDEI_EVENT_SIGNAL
 * @arrival: whether the event arrived
 * @count: number of deliveries
 * @in_loop: the last delivery interrupted the loop
 */
struct sdeiv_busy_loop {
	struct sdeiv_loop loop;
	u64 before[SDEIV_SYSTEM_REGISTERS_MOST];
	u64 after[SDEIV_SYSTEM_REGISTERS_MOST];
	u64 vectors_before[SDEIV_VECTOR_WORDS];
	u64 vectors_after[SDEIV_VECTOR_WORDS];
	bool interrupts;
	bool other_own;
	u64 x0;
	enum sdeiv_arrival arrival;
	u64 count;
	bool in_loop;
};

bool sdeiv_busy_loop_run(struct sdeiv_pe *pe, struct sdeiv_busy_loop *m);
bool sdeiv_busy_loop_has_pc(const struct sdeiv_busy_loop *m, u64 pc);
const char *sdeiv_busy_loop_register_name(unsigned int i);

#endif
