// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: trace_json() makes the same keys from what was read. So a value that it would not print
 * is a flaw: an address that is null although addresses are shown, or a part that is not the name's.
 */
#include <stdlib.h>

#include "common/json_input.h"
#include "common/memory.h"
#include "snapshot/trace_input.h"
#include "snapshot/trace_output.h"

static char *check_address(const char *key, bool there, bool may_be_null, bool hidden)
{
	if (there && hidden)
		return memory_format("%s is a number, but addresses are hidden", key);
	if (!there && !hidden && !may_be_null)
		return memory_format("%s is null, but addresses are not hidden", key);
	return NULL;
}

/* Older versions of the tool do not print the parts of a name. */
static char *check_parts(struct json_object *object, const struct place *place, bool hidden)
{
	static const char *const keys[] = { "function", "offset", "size", "module" };
	struct json_object *right = place_json(place, hidden), *value;
	char *flaw = NULL;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !flaw; i++)
		if (json_object_object_get_ex(object, keys[i], &value) && !json_object_equal(value, json_object_object_get(right, keys[i])))
			flaw = memory_format("%s is not that of the name", keys[i]);
	json_object_put(right);
	return flaw;
}

static char *source_input(struct json_object *object, bool inlined, struct place *place)
{
	char *file = NULL, *function = NULL, *flaw = input_object(object, "it");
	int64_t line = -1;

	if (!flaw)
		flaw = input_text(object, "file", &file);
	if (!flaw)
		flaw = input_number(object, "line", &line);
	if (!flaw && inlined)
		flaw = input_text(object, "function", &function);
	if (!flaw && (!file || line < 1 || (inlined && !function)))
		flaw = memory_format("its source line is not complete");
	if (!flaw) {
		place_add_source(place, function, file, line);
	} else {
		free(function);
		free(file);
	}
	return flaw;
}

static char *sources_input(struct json_object *object, struct place *place)
{
	struct json_object *inlined;
	char *flaw;

	if (!json_object_object_get_ex(object, "file", NULL))
		return NULL;
	flaw = input_array(object, "inlined", &inlined);
	for (size_t i = 0; !flaw && inlined && i < json_object_array_length(inlined); i++)
		flaw = input_within(source_input(json_object_array_get_idx(inlined, i), true, place), "inlined[%zu]: ", i);
	return flaw ? flaw : source_input(object, false, place);
}

static char *place_input(struct json_object *object, bool hidden, struct place *place)
{
	char *flaw = input_object(object, "it"), *name = NULL;
	bool there = false;

	if (!flaw)
		flaw = input_hex(object, "address", &there, &place->address);
	if (!flaw)
		flaw = check_address("address", there, false, hidden);
	if (!flaw)
		flaw = input_text(object, "name", &name);
	if (name)
		place_set_name(place, name);
	if (!flaw)
		flaw = check_parts(object, place, hidden);
	return flaw ? flaw : sources_input(object, place);
}

static char *pc_input(struct json_object *object, bool hidden, struct trace *trace)
{
	struct json_object *value;
	char *flaw = input_value(object, "pc", &value);

	if (flaw || !value)
		return flaw;
	trace->has_pc = true;
	return input_within(place_input(value, hidden, &trace->pc), "pc: ");
}

static char *stack_input(struct json_object *object, bool hidden, struct trace *trace)
{
	struct json_object *stack;
	char *flaw = input_array(object, "stack", &stack);

	if (flaw || !stack)
		return flaw;
	trace->has_stack = true;
	for (size_t i = 0; i < json_object_array_length(stack) && !flaw; i++) {
		struct place place = { 0 };

		flaw = input_within(place_input(json_object_array_get_idx(stack, i), hidden, &place), "stack[%zu]: ", i);
		trace_push(trace, &place);
	}
	return flaw;
}

/* Hidden: the kernel hid addresses, which are null then. The caller frees the trace, also after a flaw. */
char *trace_input(struct json_object *object, bool hidden, struct trace *trace)
{
	char *flaw = input_text(object, "task", &trace->task);

	if (!flaw)
		flaw = input_number(object, "pid", &trace->pid);
	if (!flaw)
		flaw = input_hex(object, "pstate", &trace->has_pstate, &trace->pstate);
	if (!flaw)
		flaw = input_hex(object, "sp", &trace->has_sp, &trace->sp);
	if (!flaw)
		flaw = check_address("sp", trace->has_sp, true, hidden);
	if (!flaw)
		flaw = pc_input(object, hidden, trace);
	if (!flaw)
		flaw = stack_input(object, hidden, trace);
	return flaw ? flaw : input_number(object, "cut", &trace->cut);
}
