// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folded.h"
#include "memory.h"

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

static char *fold_one(const struct cpu *cpu)
{
	size_t size;
	char *line;
	FILE *to = open_memstream(&line, &size);

	if (!to)
		return memory_format("[unknown]");
	put_task(to, cpu->task);
	if (cpu->cut >= 0)
		fputs(";[cut]", to);
	for (size_t i = cpu->depth; i--; )
		put_place(to, &cpu->stack[i]);
	if (!cpu->depth && cpu->has_pc && cpu->pc.name)
		put_place(to, &cpu->pc);
	else if (!cpu->depth) {
		fputs(";[", to);
		put_frame(to, cpu->state_word, strlen(cpu->state_word));
		fputs("]", to);
	}
	fclose(to);
	return line;
}

static int by_text(const void *one, const void *two)
{
	return strcmp(*(char *const *)one, *(char *const *)two);
}

/*
 * Leaves out silent and offline CPUs, because their stacks are not known. Also leaves out the CPU
 * that took the snapshot: the tool interrupted its work, so its stack is the tool's own.
 */
static bool has_place(const struct cpu *cpu)
{
	return cpu->state != CPU_SILENT && cpu->state != CPU_OFFLINE && cpu->state != CPU_SELF;
}

char *folded(const struct snapshot *snapshot, const struct cpus *chosen)
{
	char **line = memory_array(NULL, snapshot->count, sizeof(*line));
	size_t count = 0, same, size;
	char *text;
	FILE *to;

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct cpu *cpu = &snapshot->cpu[i];

		if ((!chosen || cpus_have(chosen, cpu->number)) && has_place(cpu))
			line[count++] = fold_one(cpu);
	}
	qsort(line, count, sizeof(*line), by_text);
	to = open_memstream(&text, &size);
	for (size_t i = 0; to && i < count; i += same) {
		for (same = 1; i + same < count && !strcmp(line[i], line[i + same]); same++)
			;
		fprintf(to, "%s %zu\n", line[i], same);
	}
	if (to)
		fclose(to);
	else
		text = memory_format("%s", "");
	for (size_t i = 0; i < count; i++)
		free(line[i]);
	free(line);
	return text;
}
