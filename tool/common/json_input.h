/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads values of a JSON object that another run of the tool has printed. Each function returns NULL,
 * or a text with the flaw; the caller frees the text. A null leaves the value as it was, because it
 * stands for an unknown value. Text is made safe to show.
 */
#ifndef TOOL_COMMON_JSON_INPUT_H
#define TOOL_COMMON_JSON_INPUT_H

#include <json.h>
#include <stdbool.h>
#include <stdint.h>

char *input_object(struct json_object *value, const char *name);
char *input_value(struct json_object *object, const char *key, struct json_object **value);
char *input_array(struct json_object *object, const char *key, struct json_object **array);
char *input_text(struct json_object *object, const char *key, char **text);
char *input_new_text(struct json_object *object, const char *key, char **text);
char *input_number(struct json_object *object, const char *key, int64_t *number);
char *input_hex(struct json_object *object, const char *key, bool *there, uint64_t *number);
char *input_within(char *flaw, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
