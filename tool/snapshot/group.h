/* SPDX-License-Identifier: GPL-2.0 */
/* Groups the CPUs of a snapshot by equal stacks, and sorts them by waiting time. No I/O. */
#ifndef TOOL_SNAPSHOT_GROUP_H
#define TOOL_SNAPSHOT_GROUP_H

#include "snapshot/snapshot.h"

struct group {
	const struct cpu **cpu;	/* the CPU that has been waiting longest comes first */
	size_t count;
};

struct groups {
	struct group *group;
	size_t count;
	const struct cpu **members;
};

bool group_same_stack(const struct cpu *a, const struct cpu *b);
void groups_make(const struct snapshot *snapshot, const struct cpus *chosen, bool all, struct groups *groups);
void groups_free(struct groups *groups);
void group_cpus(const struct group *group, struct cpus *cpus);

#endif
