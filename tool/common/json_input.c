// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/json_input.h"
#include "common/memory.h"
#include "common/text.h"

#define HEX_LENGTH 18	/* 0x and 16 digits */

static struct piece piece_of(struct json_object *text)
{
	return (struct piece){ json_object_get_string(text), (size_t)json_object_get_string_len(text) };
}

/* Says in which part of a document the flaw is. The format ends where the flaw's key begins. */
char *input_within(char *flaw, const char *format, ...)
{
	va_list args;
	char *part, *whole;

	if (!flaw)
		return NULL;
	va_start(args, format);
	part = memory_vformat(format, args);
	va_end(args);
	whole = memory_format("%s%s", part, flaw);
	free(part);
	free(flaw);
	return whole;
}

char *input_object(struct json_object *value, const char *name)
{
	return json_object_is_type(value, json_type_object) ? NULL : memory_format("%s is not an object", name);
}

char *input_value(struct json_object *object, const char *key, struct json_object **value)
{
	return json_object_object_get_ex(object, key, value) ? NULL : memory_format("%s is missing", key);
}

char *input_array(struct json_object *object, const char *key, struct json_object **array)
{
	char *flaw = input_value(object, key, array);

	if (flaw || !*array || json_object_is_type(*array, json_type_array))
		return flaw;
	return memory_format("%s is not an array", key);
}

/* A key that older versions of the tool do not print. */
char *input_new_text(struct json_object *object, const char *key, char **text)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return NULL;
	if (!json_object_is_type(value, json_type_string))
		return memory_format("%s is not a string", key);
	free(*text);
	/* The tool has escaped the text already. Whatever another program put there is escaped now. */
	*text = text_safe(piece_of(value), TEXT_KEEP_BACKSLASH);
	return NULL;
}

char *input_text(struct json_object *object, const char *key, char **text)
{
	struct json_object *value;
	char *flaw = input_value(object, key, &value);

	return flaw ? flaw : input_new_text(object, key, text);
}

/* json-c changes a number that is too large to the largest that it knows. */
char *input_number(struct json_object *object, const char *key, int64_t *number)
{
	struct json_object *value;
	char *flaw = input_value(object, key, &value);

	if (flaw || !value)
		return flaw;
	if (!json_object_is_type(value, json_type_int))
		return memory_format("%s is not an integer", key);
	if (json_object_get_int64(value) < 0 || json_object_get_uint64(value) > INT64_MAX)
		return memory_format("%s is out of range", key);
	*number = json_object_get_int64(value);
	return NULL;
}

char *input_hex(struct json_object *object, const char *key, bool *there, uint64_t *number)
{
	struct json_object *value;
	char *flaw = input_value(object, key, &value);
	struct piece text;

	*there = false;
	if (flaw || !value)
		return flaw;
	text = json_object_is_type(value, json_type_string) ? piece_of(value) : (struct piece){ "", 0 };
	if (text.length != HEX_LENGTH || !text_starts(text, "0x") || !text_hex(text, number))
		return memory_format("%s is not \"0x\" and 16 hexadecimal digits", key);
	*there = true;
	return NULL;
}
