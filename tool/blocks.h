/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a snapshot for people: one block per group of CPUs with the same stack. */
#ifndef TOOL_BLOCKS_H
#define TOOL_BLOCKS_H

#include <stdio.h>

#include "snapshot.h"

void blocks_print(FILE *to, const struct snapshot *snapshot, const struct cpus *chosen, bool all);

#endif
