/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a snapshot for people: one block per group of CPUs with the same stack. */
#ifndef TOOL_SNAPSHOT_BLOCKS_H
#define TOOL_SNAPSHOT_BLOCKS_H

#include <stdio.h>

#include "snapshot/group.h"

void blocks_print(FILE *to, const struct snapshot *snapshot, const struct cpus *chosen, bool all);
void blocks_print_group(FILE *to, const struct group *group, const char *remark);
void blocks_print_line(FILE *to, const char *before, const struct cpus *cpus);

#endif
