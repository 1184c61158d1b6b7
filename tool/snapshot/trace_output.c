// SPDX-License-Identifier: GPL-2.0
#include "common/output.h"
#include "snapshot/trace_output.h"

void trace_print(FILE *to, const struct trace *trace)
{
	if (trace->has_pc && !trace->depth)
		fprintf(to, "  pc %016llx%s%s\n", (unsigned long long)trace->pc.address, trace->pc.name ? " " : "",
			trace->pc.name ? trace->pc.name : "");
	for (size_t i = 0; i < trace->depth; i++) {
		const struct place *place = &trace->stack[i];

		if (place->name)
			fprintf(to, "    %s\n", place->name);
		else
			fprintf(to, "    %016llx\n", (unsigned long long)place->address);
	}
	if (trace->cut >= 0)
		fprintf(to, "    ... cut after %lld entries\n", (long long)trace->cut);
}

static void json_hex(struct json_object *object, const char *key, bool there, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)number);
	json_text(object, key, there ? text : NULL);
}

/* The other keys are parts of the name, for programs. */
struct json_object *place_json(const struct place *place, bool hidden)
{
	struct json_object *object = json_object_new_object();
	struct place_parts parts = place_parts(place);

	json_hex(object, "address", !hidden, place->address);
	json_text(object, "name", place->name);
	json_piece(object, "function", parts.function);
	json_number(object, "offset", parts.offset);
	json_number(object, "size", parts.size);
	json_piece(object, "module", parts.module);
	return object;
}

/* Hidden: the kernel hides addresses, which are null then. */
void trace_json(struct json_object *object, const struct trace *trace, bool hidden)
{
	struct json_object *stack = NULL;

	json_text(object, "task", trace->task);
	json_number(object, "pid", trace->pid);
	json_hex(object, "pstate", trace->has_pstate, trace->pstate);
	json_hex(object, "sp", trace->has_sp && !hidden, trace->sp);
	json_object_object_add(object, "pc", trace->has_pc ? place_json(&trace->pc, hidden) : NULL);
	if (trace->has_stack) {
		stack = json_object_new_array();
		for (size_t i = 0; i < trace->depth; i++)
			json_object_array_add(stack, place_json(&trace->stack[i], hidden));
	}
	json_object_object_add(object, "stack", stack);
	json_number(object, "cut", trace->cut);
}
