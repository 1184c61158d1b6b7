// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "snapshot/trace.h"

/* The kernel escapes newlines as \n and backslashes as \\ in names of tasks. */
static char *parse_task(struct piece value)
{
	struct piece raw = { NULL, 0 };
	char *name, *safe;

	name = memory_array(NULL, value.length, 1);
	raw.at = name;
	for (size_t i = 0; i < value.length; i++) {
		char c = value.at[i];

		if (c == '\\' && i + 1 < value.length && (value.at[i + 1] == 'n' || value.at[i + 1] == '\\'))
			c = value.at[++i] == 'n' ? '\n' : '\\';
		name[raw.length++] = c;
	}
	safe = text_safe(raw, TEXT_DOUBLE_BACKSLASH);
	free(name);
	return safe;
}

/* Takes over the name. The function in "a.isra.0+0x10/0x20 [m]" is "a.isra.0". */
void place_set_name(struct place *place, char *name)
{
	place->name = name;
	place->function = strcspn(name, "+ ");
}

/* ADDRESS, ADDRESS NAME or ADDRESS ? */
static bool parse_place(struct piece value, struct place *place)
{
	const char *space = memchr(value.at, ' ', value.length);
	struct piece address = value, name = { NULL, 0 };

	if (space) {
		address.length = (size_t)(space - value.at);
		name.at = space + 1;
		name.length = value.length - address.length - 1;
	}
	if (!text_hex(address, &place->address))
		return false;
	if (!name.length || text_is(name, "?"))
		return true;
	place_set_name(place, text_safe(name, TEXT_DOUBLE_BACKSLASH));
	return true;
}

/* Takes over both texts. */
void place_add_source(struct place *place, char *function, char *file, int64_t line)
{
	place->source = memory_array(place->source, place->sources + 1, sizeof(*place->source));
	place->source[place->sources++] = (struct source){ function, file, line };
}

/* The place has no sources yet. */
void place_copy_sources(struct place *place, const struct place *from)
{
	for (size_t i = 0; i < from->sources; i++) {
		const struct source *source = &from->source[i];

		place_add_source(place, source->function ? memory_format("%s", source->function) : NULL, memory_format("%s", source->file),
				 source->line);
	}
}

void place_free_sources(struct place *place)
{
	for (size_t i = 0; i < place->sources; i++) {
		free(place->source[i].function);
		free(place->source[i].file);
	}
	free(place->source);
	place->source = NULL;
	place->sources = 0;
}

void place_free(struct place *place)
{
	place_free_sources(place);
	free(place->name);
	*place = (struct place){ 0 };
}

enum trace_key trace_key(struct trace *trace, struct piece key, struct piece value)
{
	bool valid = true;

	if (text_is(key, "task")) {
		free(trace->task);
		trace->task = parse_task(value);
	} else if (text_is(key, "pid")) {
		valid = text_number(value, &trace->pid);
	} else if (text_is(key, "cut")) {
		valid = text_number(value, &trace->cut);
	} else if (text_is(key, "pstate")) {
		trace->has_pstate = true;
		valid = text_hex(value, &trace->pstate);
	} else if (text_is(key, "sp")) {
		trace->has_sp = true;
		valid = text_hex(value, &trace->sp);
	} else if (text_is(key, "pc")) {
		place_free(&trace->pc);
		trace->has_pc = true;
		valid = parse_place(value, &trace->pc);
	} else if (text_is(key, "stack")) {
		valid = !trace->has_stack && !value.length;
		trace->has_stack = true;
	} else {
		return TRACE_NO_KEY;
	}
	return valid ? TRACE_READ : TRACE_INVALID;
}

/* Adds an entry to the stack, and takes over its name. */
void trace_push(struct trace *trace, const struct place *place)
{
	if (trace->depth == trace->room) {
		trace->room = trace->room ? trace->room * 2 : 32;
		trace->stack = memory_array(trace->stack, trace->room, sizeof(*place));
	}
	trace->stack[trace->depth++] = *place;
}

bool trace_entry(struct trace *trace, struct piece entry)
{
	struct place place = { 0 };

	if (!parse_place(entry, &place))
		return false;
	trace_push(trace, &place);
	return true;
}

void trace_free(struct trace *trace)
{
	free(trace->task);
	place_free(&trace->pc);
	for (size_t i = 0; i < trace->depth; i++)
		place_free(&trace->stack[i]);
	free(trace->stack);
	*trace = TRACE_EMPTY;
}

/* Accepts 0xHEX up to INT64_MAX. */
static int64_t hex_part(struct piece text)
{
	uint64_t number;

	return text_starts(text, "0x") && text_hex(text, &number) && number <= INT64_MAX ? (int64_t)number : -1;
}

/* Takes the text up to the character, or all of it, off the rest. The character goes, too. */
static struct piece take_until(struct piece *rest, char end)
{
	const char *at = rest->length ? memchr(rest->at, end, rest->length) : NULL;
	struct piece part = { rest->at, at ? (size_t)(at - rest->at) : rest->length };

	rest->at += part.length + !!at;
	rest->length -= part.length + !!at;
	return part;
}

struct place_parts place_parts(const struct place *place)
{
	struct place_parts parts = { .offset = -1, .size = -1 };
	struct piece rest, where;

	if (!place->name)
		return parts;
	parts.function = (struct piece){ place->name, place->function };
	rest = (struct piece){ place->name + place->function, strlen(place->name + place->function) };
	where = take_until(&rest, ' ');
	if (text_starts(where, "+")) {
		where.at++;
		where.length--;
		parts.offset = hex_part(take_until(&where, '/'));
		parts.size = hex_part(where);
	}
	if (text_starts(rest, "[") && rest.at[rest.length - 1] == ']')
		parts.module = (struct piece){ rest.at + 1, rest.length - 2 };
	return parts;
}

/* Places without a name are never in the same function. */
bool place_same_function(const struct place *a, const struct place *b)
{
	const char *module_a, *module_b;

	if (!a->name || !b->name || a->function != b->function || memcmp(a->name, b->name, a->function))
		return false;
	module_a = strchr(a->name, ' ');
	module_b = strchr(b->name, ' ');
	return !strcmp(module_a ? module_a : "", module_b ? module_b : "");
}
