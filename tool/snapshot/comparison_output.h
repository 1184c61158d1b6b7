/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a comparison of two snapshots, for people or as JSON. */
#ifndef TOOL_SNAPSHOT_COMPARISON_OUTPUT_H
#define TOOL_SNAPSHOT_COMPARISON_OUTPUT_H

#include <json.h>
#include <stdio.h>

#include "snapshot/comparison.h"

void comparison_print(FILE *to, const struct comparison *comparison);
struct json_object *comparison_json(const struct comparison *comparison);

#endif
