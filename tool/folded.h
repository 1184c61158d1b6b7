/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot as flame graphs take it: task;outermost;...;innermost COUNT, sorted. No I/O. */
#ifndef TOOL_FOLDED_H
#define TOOL_FOLDED_H

#include "snapshot.h"

char *folded(const struct snapshot *snapshot, const struct cpus *chosen);

#endif
