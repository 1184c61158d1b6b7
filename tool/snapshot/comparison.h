/* SPDX-License-Identifier: GPL-2.0 */
/* Compares two snapshots of one machine, CPU by CPU. No I/O. */
#ifndef TOOL_SNAPSHOT_COMPARISON_H
#define TOOL_SNAPSHOT_COMPARISON_H

#include "common/answer.h"
#include "snapshot/snapshot.h"

enum change {
	CHANGE_SAME,		/* the state and, as far as they are known, the task and the place are the same */
	CHANGE_MOVED,		/* the state is the same; the task or the place is another one */
	CHANGE_STATE,
	CHANGE_APPEARED,	/* only the newer snapshot has this CPU */
	CHANGE_VANISHED,	/* only the older one has it */
};

struct cpu_change {
	unsigned int number;
	const struct cpu *old, *now;	/* one of them can be NULL */
	enum change change;
	enum answer interrupted;	/* the CPU took an interrupt between the snapshots */
	int64_t longer_ns;		/* so much longer its timer has been waiting, or -1 */
	bool same_stack;		/* of kernel code that is not the idle loop */
	bool stuck;			/* the same stack, and no interrupt */
};

struct comparison {
	const struct snapshot *old, *now;
	enum answer same_boot, same_release, in_order;
	int64_t elapsed_ns;		/* -1: the times are of different clocks */
	struct cpu_change *cpu;		/* in the order of their numbers */
	size_t count;
};

/* The comparison refers to both snapshots. */
void comparison_make(const struct snapshot *old, const struct snapshot *now, struct comparison *comparison);
void comparison_free(struct comparison *comparison);
bool comparison_by_address(const struct comparison *comparison);
const char *change_name(enum change change);

#endif
