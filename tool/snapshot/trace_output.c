// SPDX-License-Identifier: GPL-2.0
#include "common/output.h"
#include "snapshot/trace_output.h"

/* An inlined function has a line of its own, above that of the function into which it was inlined. */
static void print_place(FILE *to, const struct place *place)
{
	for (size_t i = 0; i + 1 < place->sources; i++)
		fprintf(to, "    (inlined) %s %s:%lld\n", place->source[i].function, place->source[i].file, (long long)place->source[i].line);
	if (place->name)
		fprintf(to, "    %s", place->name);
	else
		fprintf(to, "    %016llx", (unsigned long long)place->address);
	if (place->sources)
		fprintf(to, " %s:%lld", place->source[place->sources - 1].file, (long long)place->source[place->sources - 1].line);
	fprintf(to, "\n");
}

void trace_print(FILE *to, const struct trace *trace)
{
	if (trace->has_pc && !trace->depth)
		fprintf(to, "  pc %016llx%s%s\n", (unsigned long long)trace->pc.address, trace->pc.name ? " " : "",
			trace->pc.name ? trace->pc.name : "");
	for (size_t i = 0; i < trace->depth; i++)
		print_place(to, &trace->stack[i]);
	if (trace->cut >= 0)
		fprintf(to, "    ... cut after %lld entries\n", (long long)trace->cut);
}

static void json_hex(struct json_object *object, const char *key, bool there, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)number);
	json_text(object, key, there ? text : NULL);
}

static void json_source(struct json_object *object, const struct source *source)
{
	json_text(object, "file", source->file);
	json_number(object, "line", source->line);
}

/* A place has these keys only if its line is known. */
static void json_sources(struct json_object *object, const struct place *place)
{
	struct json_object *inlined;

	if (!place->sources)
		return;
	json_source(object, &place->source[place->sources - 1]);
	inlined = json_object_new_array();
	for (size_t i = 0; i + 1 < place->sources; i++) {
		struct json_object *one = json_object_new_object();

		json_text(one, "function", place->source[i].function);
		json_source(one, &place->source[i]);
		json_object_array_add(inlined, one);
	}
	json_object_object_add(object, "inlined", inlined);
}

/* The other keys are parts of the name, for programs, and the lines. */
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
	json_sources(object, place);
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
