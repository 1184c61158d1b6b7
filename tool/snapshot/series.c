// SPDX-License-Identifier: GPL-2.0
/*
 * Invariants: a document is read whole or not at all, and so much memory and no more is used, whatever
 * the text is. Documents before a flaw have been returned before the flaw is.
 */
#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "snapshot/series.h"
#include "snapshot/snapshot_input.h"

/*
 * What json-c needs for a byte of the text. 4096 CPUs with 64 entries each, which is the most that the
 * driver records, come to less than half of the limit.
 */
#define MEMORY_MOST (1U << 30)
#define MEMORY_OBJECT 1024
#define MEMORY_VALUE 128

void series_begin(struct series *s, series_read read, void *from)
{
	*s = (struct series){ .read = read, .from = from, .line = 1 };
	s->tokener = json_tokener_new();
	s->buffer = memory_get(SERIES_PIECE);
	if (!s->tokener)
		memory_short();
	json_tokener_set_flags(s->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
}

void series_end(struct series *s)
{
	json_tokener_free(s->tokener);
	free(s->buffer);
}

/* Gets the next piece of the text if none is left. Returns a text with the flaw, or NULL. */
static char *fill(struct series *s)
{
	ssize_t got;

	if (s->at < s->length || s->ended)
		return NULL;
	got = s->read(s->from, s->buffer, SERIES_PIECE);
	s->at = 0;
	s->length = got > 0 ? (size_t)got : 0;
	s->ended = got <= 0;
	return got < 0 ? memory_format("it can't be read (%s)", strerror((int)-got)) : NULL;
}

static void pass(struct series *s, size_t count)
{
	for (; count--; s->at++)
		s->line += s->buffer[s->at] == '\n';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Finds the beginning of a document. Returns a text with the flaw, or NULL. */
static char *find(struct series *s)
{
	for (;;) {
		char *flaw = fill(s);

		if (flaw || s->ended)
			return flaw;
		while (s->at < s->length && is_space(s->buffer[s->at]))
			pass(s, 1);
		if (s->at == s->length)
			continue;
		s->first_line = s->line;
		s->memory = 0;
		if (!s->buffer[s->at])
			return memory_format("line %zu has a NUL byte", s->line);
		return s->buffer[s->at] == '{' ? NULL : memory_format("line %zu is not a JSON object", s->line);
	}
}

/* Returns the number of bytes that the document may take of the piece: up to a NUL byte, or what there is memory for. */
static size_t allowed(struct series *s)
{
	size_t i;

	for (i = s->at; i < s->length && s->buffer[i] && s->memory < MEMORY_MOST; i++) {
		switch (s->buffer[i]) {
		case '{':
			s->memory += MEMORY_OBJECT;
			break;
		case '[':
		case ',':
			s->memory += MEMORY_VALUE;
			break;
		default:
			s->memory++;
		}
	}
	return i - s->at;
}

/* Gives the rest of the piece to json-c. Returns a text with the flaw, or NULL. */
static char *parse_piece(struct series *s, struct json_object **object)
{
	size_t count = allowed(s);
	enum json_tokener_error err;

	if (!count && s->memory >= MEMORY_MOST)
		return memory_format("the snapshot in line %zu is larger than a snapshot can be", s->first_line);
	if (!count)
		return memory_format("line %zu has a NUL byte", s->line);
	*object = json_tokener_parse_ex(s->tokener, s->buffer + s->at, (int)count);
	err = json_tokener_get_error(s->tokener);
	pass(s, json_tokener_get_parse_end(s->tokener));
	if (err != json_tokener_success && err != json_tokener_continue)
		return memory_format("line %zu is not JSON (%s)", s->line, json_tokener_error_desc(err));
	return NULL;
}

static char *parse(struct series *s, struct json_object **object)
{
	*object = NULL;
	while (!*object) {
		char *flaw = fill(s);

		if (!flaw && s->ended)
			flaw = memory_format("it ends within the snapshot that begins in line %zu", s->first_line);
		if (!flaw)
			flaw = parse_piece(s, object);
		if (flaw)
			return flaw;
	}
	return NULL;
}

/* Reads a snapshot, or the snapshot of a report. Returns a text with the flaw, or NULL. */
static char *input(struct json_object *object, struct snapshot *snapshot)
{
	struct json_object *format, *stacks, *failed;

	if (!json_object_object_get_ex(object, "format", &format) || !json_object_is_type(format, json_type_string) ||
	    strcmp(json_object_get_string(format), "sdei-nmi-report"))
		return snapshot_input(object, snapshot);
	if (json_object_object_get_ex(object, "stacks_failed", &failed) && json_object_get_boolean(failed))
		return memory_format("it is a report whose stacks could not be taken; its part 'status' says whether the driver served");
	if (!json_object_object_get_ex(object, "stacks", &stacks) || !stacks)
		return memory_format("it is a report without stacks, which only 'sdei-nmi report --stacks' takes");
	return snapshot_input(stacks, snapshot);
}

/*
 * Returns true if there is another snapshot, which the caller frees. If it returns false, *flaw is
 * a text with the flaw, or NULL at the end of the series. The caller frees the text.
 */
bool series_next(struct series *s, struct snapshot *snapshot, char **flaw)
{
	struct json_object *object;

	*snapshot = (struct snapshot){ .taken_ns = -1 };
	*flaw = find(s);
	if (!*flaw && s->ended && !s->documents)
		*flaw = memory_format("it is empty");
	if (*flaw || s->ended)
		return false;
	*flaw = parse(s, &object);
	if (*flaw)
		return false;
	*flaw = input(object, snapshot);
	json_object_put(object);
	if (*flaw) {
		char *what = *flaw;

		*flaw = memory_format("the snapshot in line %zu has a flaw (%s)", s->first_line, what);
		free(what);
		return false;
	}
	s->documents++;
	return true;
}
