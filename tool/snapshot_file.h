/* SPDX-License-Identifier: GPL-2.0 */
/* Reads a snapshot from the driver. If that fails, prints one sentence and returns the exit status. */
#ifndef TOOL_SNAPSHOT_FILE_H
#define TOOL_SNAPSHOT_FILE_H

#include "snapshot.h"

int snapshot_read(struct snapshot *snapshot);
int snapshot_check_cpus(const struct snapshot *snapshot, const struct cpus *chosen);

#endif
