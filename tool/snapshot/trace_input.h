/* SPDX-License-Identifier: GPL-2.0 */
/* Reads a trace from the keys that trace_json() adds to an object. No I/O. */
#ifndef TOOL_SNAPSHOT_TRACE_INPUT_H
#define TOOL_SNAPSHOT_TRACE_INPUT_H

#include <json.h>

#include "snapshot/trace.h"

char *trace_input(struct json_object *object, bool hidden, struct trace *trace);

#endif
