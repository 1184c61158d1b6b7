/* SPDX-License-Identifier: GPL-2.0 */
/* One PE in the loop of entry.S meets one event. */
#ifndef SDEI_NMI_VALIDATE_BUSY_LOOP_H
#define SDEI_NMI_VALIDATE_BUSY_LOOP_H

#include "entry.h"
#include "pe.h"

#define SYSTEM_REGISTERS_MOST	40
#define VECTOR_WORDS		66	/* v0 to v31, FPCR, FPSR */

/**
 * struct meeting - what was before, during and after
 * @loop: general registers
 * @before: system registers, by meet_register_name()
 * @after: the same; what has changed was set back
 * @vectors_before: v0 to v31, FPCR, FPSR
 * @vectors_after: the same
 * @interrupts: they are on
 * @other_own: the loop's own register is x10, and not x16
 * @x0: what SDEI_EVENT_SIGNAL returned
 * @arrival: whether the event came
 * @count: how often
 * @in_loop: the last one came while the PE was in the loop
 */
struct meeting {
	struct loop loop;
	u64 before[SYSTEM_REGISTERS_MOST];
	u64 after[SYSTEM_REGISTERS_MOST];
	u64 vectors_before[VECTOR_WORDS];
	u64 vectors_after[VECTOR_WORDS];
	bool interrupts;
	bool other_own;
	u64 x0;
	enum arrival arrival;
	u64 count;
	bool in_loop;
};

bool meet(struct pe *pe, struct meeting *m);
bool meet_in_loop(const struct meeting *m, u64 pc);
const char *meet_register_name(unsigned int i);

#endif
