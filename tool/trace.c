// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "trace.h"

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
	place->name = text_safe(name, TEXT_DOUBLE_BACKSLASH);
	/* The function in "a.isra.0+0x10/0x20 [m]" is "a.isra.0". */
	place->function = strcspn(place->name, "+ ");
	return true;
}

static void place_free(struct place *place)
{
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

bool trace_entry(struct trace *trace, struct piece entry)
{
	struct place place = { 0 };

	if (!parse_place(entry, &place))
		return false;
	if (trace->depth == trace->room) {
		trace->room = trace->room ? trace->room * 2 : 32;
		trace->stack = memory_array(trace->stack, trace->room, sizeof(place));
	}
	trace->stack[trace->depth++] = place;
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
