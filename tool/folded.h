/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folds a snapshot into the input of flame graph tools: sorted lines of the form
 * task;outermost;...;innermost COUNT. No I/O.
 */
#ifndef TOOL_FOLDED_H
#define TOOL_FOLDED_H

#include "snapshot.h"

char *folded(const struct snapshot *snapshot, const struct cpus *chosen);

#endif
