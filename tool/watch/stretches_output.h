/* SPDX-License-Identifier: GPL-2.0 */
/* Prints stretches of time with interrupts off: a table of their sites, their stacks, JSON. */
#ifndef TOOL_WATCH_STRETCHES_OUTPUT_H
#define TOOL_WATCH_STRETCHES_OUTPUT_H

#include <json.h>
#include <stdio.h>

#include "common/table.h"
#include "watch/stretches.h"

/* What options say about the table of sites. */
extern const struct table_form stretches_form;

void stretches_print(FILE *to, const struct stretches *stretches, const struct table_form *form);
void stretches_print_longest(FILE *to, const struct stretches *stretches);
void stretches_print_newest(FILE *to, const struct stretches *stretches, size_t most);
void stretches_json(struct json_object *object, const struct stretches *stretches);

#endif
