/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a trace: its stack for people, or all of it as keys of a JSON object. */
#ifndef TOOL_SNAPSHOT_TRACE_OUTPUT_H
#define TOOL_SNAPSHOT_TRACE_OUTPUT_H

#include <json.h>
#include <stdio.h>

#include "snapshot/trace.h"

void trace_print(FILE *to, const struct trace *trace);
struct json_object *place_json(const struct place *place, bool hidden);
void trace_json(struct json_object *object, const struct trace *trace, bool hidden);

#endif
