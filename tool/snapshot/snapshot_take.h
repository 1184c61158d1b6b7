/* SPDX-License-Identifier: GPL-2.0 */
/* Takes a snapshot of this machine, or reads that of a copy of another machine's files (--root). */
#ifndef TOOL_SNAPSHOT_SNAPSHOT_TAKE_H
#define TOOL_SNAPSHOT_SNAPSHOT_TAKE_H

#include "snapshot/snapshot.h"

int snapshot_take(struct snapshot *snapshot);
int snapshot_check_cpus(const struct snapshot *snapshot, const struct cpus *chosen, const char *file);

#endif
