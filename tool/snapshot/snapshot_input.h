/* SPDX-License-Identifier: GPL-2.0 */
/* Reads a snapshot from the JSON of snapshot_json(). No I/O. */
#ifndef TOOL_SNAPSHOT_SNAPSHOT_INPUT_H
#define TOOL_SNAPSHOT_SNAPSHOT_INPUT_H

#include <json.h>

#include "snapshot/snapshot.h"

char *snapshot_input(struct json_object *object, struct snapshot *snapshot);

#endif
