/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folds stacks into the input of flame graph tools: sorted lines of the form
 * task;outermost;...;innermost WEIGHT. The weights of equal stacks are added up. No I/O.
 */
#ifndef TOOL_SNAPSHOT_FOLDED_H
#define TOOL_SNAPSHOT_FOLDED_H

#include "snapshot/snapshot.h"

struct folded_line {
	char *stack;
	int64_t weight;
};

struct folded {
	struct folded_line *line;
	size_t count, room;
};

void folded_add(struct folded *folded, const struct trace *trace, const char *place_word, int64_t weight);
char *folded_text(struct folded *folded, int64_t unit);
char *folded_snapshot(const struct snapshot *snapshot, const struct cpus *chosen);

#endif
