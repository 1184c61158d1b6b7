/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the JSON of groups: a list of lists of CPUs. */
#ifndef TOOL_SNAPSHOT_GROUP_OUTPUT_H
#define TOOL_SNAPSHOT_GROUP_OUTPUT_H

#include <json.h>

#include "snapshot/group.h"

struct json_object *groups_json(const struct groups *groups);

#endif
