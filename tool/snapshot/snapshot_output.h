/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the JSON of a snapshot. snapshot_input.h reads it. */
#ifndef TOOL_SNAPSHOT_SNAPSHOT_OUTPUT_H
#define TOOL_SNAPSHOT_SNAPSHOT_OUTPUT_H

#include <json.h>

#include "snapshot/snapshot.h"

#define SNAPSHOT_FORMAT "sdei-nmi-stacks"
#define SNAPSHOT_VERSION 1

struct json_object *snapshot_json(const struct snapshot *snapshot, const struct cpus *chosen, bool all);

#endif
