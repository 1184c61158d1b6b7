// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "snapshot/folded.h"

/* A semicolon would end the frame, so a colon replaces it. */
static void put_frame(FILE *to, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		putc(name[i] == ';' ? ':' : name[i], to);
}

static void put_place(FILE *to, const struct place *place)
{
	const char *module;

	putc(';', to);
	if (!place->name) {
		if (place->address)
			fprintf(to, "0x%llx", (unsigned long long)place->address);
		else
			fputs("[unknown]", to);
		return;
	}
	put_frame(to, place->name, place->function);
	module = strchr(place->name, ' ');
	if (module)
		put_frame(to, module, strlen(module));
}

/* Each CPU has an idle task, swapper/N. They all get one name, so that equal stacks add up. */
static void put_task(FILE *to, const char *task)
{
	size_t length = task ? strlen(task) : 0;

	if (task && !strncmp(task, "swapper/", 8))
		length = strlen("swapper");
	if (length)
		put_frame(to, task, length);
	else
		fputs("[unknown]", to);
}

static char *fold_one(const struct trace *trace, const char *place_word)
{
	size_t size;
	char *line;
	FILE *to = open_memstream(&line, &size);

	if (!to)
		return memory_format("[unknown]");
	put_task(to, trace->task);
	if (trace->cut >= 0)
		fputs(";[cut]", to);
	for (size_t i = trace->depth; i--; )
		put_place(to, &trace->stack[i]);
	if (!trace->depth && trace->has_pc && trace->pc.name)
		put_place(to, &trace->pc);
	else if (!trace->depth) {
		fputs(";[", to);
		put_frame(to, place_word, strlen(place_word));
		fputs("]", to);
	}
	fclose(to);
	return line;
}

static int by_stack(const void *one, const void *two)
{
	return strcmp(((const struct folded_line *)one)->stack, ((const struct folded_line *)two)->stack);
}

/* Sorts the lines and adds up those of equal stacks. */
static void add_up(struct folded *folded)
{
	size_t kept = 0;

	qsort(folded->line, folded->count, sizeof(*folded->line), by_stack);
	for (size_t i = 0; i < folded->count; i++) {
		if (kept && !strcmp(folded->line[kept - 1].stack, folded->line[i].stack)) {
			if (__builtin_add_overflow(folded->line[kept - 1].weight, folded->line[i].weight, &folded->line[kept - 1].weight))
				folded->line[kept - 1].weight = INT64_MAX;
			free(folded->line[i].stack);
		} else {
			folded->line[kept++] = folded->line[i];
		}
	}
	folded->count = kept;
}

/* A trace without a stack and without a known pc gets place_word for its place. */
void folded_add(struct folded *folded, const struct trace *trace, const char *place_word, int64_t weight)
{
	if (folded->count == folded->room) {
		if (folded->count)
			add_up(folded);
		if (folded->count * 2 >= folded->room) {
			folded->room = folded->room ? folded->room * 2 : 64;
			folded->line = memory_array(folded->line, folded->room, sizeof(*folded->line));
		}
	}
	folded->line[folded->count++] = (struct folded_line){ fold_one(trace, place_word), weight };
}

/* Returns the lines with their weights in this unit, and frees the folded stacks. */
char *folded_text(struct folded *folded, int64_t unit)
{
	size_t size;
	char *text;
	FILE *to = open_memstream(&text, &size);

	if (folded->count)
		add_up(folded);
	for (size_t i = 0; i < folded->count; i++) {
		if (to)
			fprintf(to, "%s %lld\n", folded->line[i].stack, (long long)(folded->line[i].weight / unit));
		free(folded->line[i].stack);
	}
	free(folded->line);
	*folded = (struct folded){ 0 };
	if (to)
		fclose(to);
	else
		text = memory_format("%s", "");
	return text;
}

/*
 * Leaves out silent and offline CPUs, because their stacks are not known. Also leaves out the CPU
 * that took the snapshot: the tool interrupted its work, so its stack is the tool's own.
 */
static bool has_place(const struct cpu *cpu)
{
	return cpu->state != CPU_SILENT && cpu->state != CPU_OFFLINE && cpu->state != CPU_SELF;
}

/* The weight of a stack is the number of its CPUs. */
char *folded_snapshot(const struct snapshot *snapshot, const struct cpus *chosen)
{
	struct folded folded = { 0 };

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct cpu *cpu = &snapshot->cpu[i];

		if ((!chosen || cpus_have(chosen, cpu->number)) && has_place(cpu))
			folded_add(&folded, &cpu->trace, cpu->state_word, 1);
	}
	return folded_text(&folded, 1);
}
