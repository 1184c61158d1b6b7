// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/output.h"
#include "snapshot/blocks.h"
#include "snapshot/comparison_output.h"
#include "snapshot/group_output.h"
#include "snapshot/trace_output.h"

/* The lines below the blocks, in their order. */
enum line { LINE_SILENT, LINE_MOVED, LINE_STATE, LINE_OFFLINE, LINE_CHANGED, LINE_APPEARED, LINE_VANISHED, LINES, LINE_NONE = LINES };

/* The blocks, in their order. */
enum block { BLOCK_STUCK, BLOCK_MOVED, BLOCK_SAME, BLOCKS, BLOCK_NONE = BLOCKS };

/* A CPU that goes from function to function with interrupts off hangs as well. */
static enum block block_of(const struct cpu_change *cpu)
{
	if (cpu->same_stack)
		return cpu->stuck ? BLOCK_STUCK : BLOCK_SAME;
	if (cpu->change == CHANGE_MOVED && cpu->interrupted == NO && (cpu->now->state == CPU_KERNEL || cpu->now->state == CPU_OTHER))
		return BLOCK_MOVED;
	return BLOCK_NONE;
}

static void find_groups(const struct comparison *c, enum block block, struct groups *groups)
{
	struct cpus chosen = { 0 };

	for (size_t i = 0; i < c->count; i++)
		if (block_of(&c->cpu[i]) == block)
			cpus_add(&chosen, c->cpu[i].number);
	groups_make(c->now, &chosen, false, groups);
}

static const struct cpu_change *find_cpu(const struct comparison *c, unsigned int number)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->cpu[i].number == number)
			return &c->cpu[i];
	return NULL;
}

/* Returns whether there are any. */
static bool print_groups(FILE *to, const struct comparison *c, enum block block)
{
	static const char *const headings[] = {
		[BLOCK_STUCK] = "stuck: the same stack, and no interrupt taken in between",
		[BLOCK_MOVED] = "moved, and no interrupt taken in between; the stack is the newer one",
		[BLOCK_SAME] = "the same stack, but interrupts may have been taken in between",
	};
	struct groups groups;
	bool any;

	find_groups(c, block, &groups);
	any = groups.count;
	if (any)
		fprintf(to, "%s%s%s\n\n", colour(BOLD), headings[block], colour(PLAIN));
	for (size_t i = 0; i < groups.count; i++) {
		const struct cpu_change *first = find_cpu(c, groups.group[i].cpu[0]->number);
		char longer[TEXT_DURATION], *remark;

		if (first && first->longer_ns >= 0)
			remark = memory_format(", %s longer", text_duration(first->longer_ns, longer));
		else
			remark = memory_format("%s", "");
		blocks_print_group(to, &groups.group[i], remark);
		fprintf(to, "\n");
		free(remark);
	}
	groups_free(&groups);
	return any;
}

static enum line line_of(const struct cpu_change *cpu)
{
	switch (cpu->change) {
	case CHANGE_APPEARED:
		return LINE_APPEARED;
	case CHANGE_VANISHED:
		return LINE_VANISHED;
	case CHANGE_STATE:
		return LINE_CHANGED;
	default:
		break;
	}
	if (block_of(cpu) != BLOCK_NONE)
		return LINE_NONE;
	switch (cpu->now->state) {
	case CPU_SILENT:
		return LINE_SILENT;
	case CPU_OFFLINE:
		return LINE_OFFLINE;
	case CPU_KERNEL:
	case CPU_OTHER:
		return cpu->change == CHANGE_MOVED ? LINE_MOVED : LINE_STATE;
	default:
		return LINE_STATE;
	}
}

/* CPUs with the same words share a line. The caller frees them. */
static char *words_of(const struct cpu_change *cpu)
{
	const char *end = cpu->interrupted == NO ? ", no interrupt taken in between" : "";

	switch (line_of(cpu)) {
	case LINE_APPEARED:
		return memory_format("only in the newer snapshot (%s)", cpu->now->state_word);
	case LINE_VANISHED:
		return memory_format("only in the older snapshot (%s)", cpu->old->state_word);
	case LINE_CHANGED:
		return memory_format("%s, then %s%s", cpu->old->state_word, cpu->now->state_word, end);
	case LINE_SILENT:
		return memory_format("answered in neither snapshot");
	case LINE_MOVED:
		return memory_format("moved");
	default:
		if (cpu->now->state == CPU_SELF)
			return memory_format("took both snapshots");
		return memory_format("%s%s", cpu->now->state_word, end);
	}
}

/* Prints the CPUs from this one on that have the same words. */
static void print_line(FILE *to, const struct comparison *c, size_t first, enum line line, struct cpus *printed)
{
	char *words = words_of(&c->cpu[first]);
	struct cpus same = { 0 };

	for (size_t i = first; i < c->count; i++) {
		char *others = line_of(&c->cpu[i]) == line ? words_of(&c->cpu[i]) : NULL;

		if (others && !strcmp(words, others)) {
			cpus_add(&same, c->cpu[i].number);
			cpus_add(printed, c->cpu[i].number);
		}
		free(others);
	}
	fputs(line == LINE_SILENT ? colour(RED) : "", to);
	blocks_print_line(to, words, &same);
	fputs(line == LINE_SILENT ? colour(PLAIN) : "", to);
	free(words);
}

void comparison_print(FILE *to, const struct comparison *c)
{
	struct cpus printed = { 0 };
	char elapsed[TEXT_DURATION];
	bool stuck, moved;

	if (c->elapsed_ns >= 0)
		fprintf(to, "%s between the snapshots\n\n", text_duration(c->elapsed_ns, elapsed));
	stuck = print_groups(to, c, BLOCK_STUCK);
	moved = print_groups(to, c, BLOCK_MOVED);
	if (!stuck && !moved)
		fprintf(to, "no CPU is known to be stuck\n\n");
	print_groups(to, c, BLOCK_SAME);
	for (enum line line = 0; line < LINES; line++)
		for (size_t i = 0; i < c->count; i++)
			if (line_of(&c->cpu[i]) == line && !cpus_have(&printed, c->cpu[i].number))
				print_line(to, c, i, line, &printed);
}

static struct json_object *json_snapshot(const struct snapshot *snapshot)
{
	struct json_object *object = json_object_new_object();

	json_text(object, "time", snapshot->time);
	json_text(object, "boot_id", snapshot->boot_id);
	json_text(object, "release", snapshot->release);
	json_number(object, "taken_ns", snapshot->taken_ns);
	return object;
}

/* The CPU's state in one of the snapshots. */
static struct json_object *json_side(const struct snapshot *snapshot, const struct cpu *cpu)
{
	struct json_object *object;
	const struct trace *trace;
	const struct place *place;

	if (!cpu)
		return NULL;
	trace = &cpu->trace;
	place = trace->depth ? &trace->stack[0] : trace->has_pc ? &trace->pc : NULL;
	object = json_object_new_object();
	json_text(object, "state", cpu->state_word);
	json_text(object, "task", trace->task);
	json_number(object, "pid", trace->pid);
	json_number(object, "waiting_ns", cpu->waiting_ns);
	json_object_object_add(object, "place", place ? place_json(place, snapshot_hides_addresses(snapshot)) : NULL);
	return object;
}

static struct json_object *json_cpu(const struct comparison *c, const struct cpu_change *cpu)
{
	struct json_object *object = json_object_new_object();

	json_number(object, "cpu", cpu->number);
	json_text(object, "change", change_name(cpu->change));
	json_truth(object, "same_stack", cpu->same_stack);
	json_truth(object, "stuck", cpu->stuck);
	json_answer(object, "interrupted", cpu->interrupted);
	json_number(object, "longer_ns", cpu->longer_ns);
	json_object_object_add(object, "old", json_side(c->old, cpu->old));
	json_object_object_add(object, "new", json_side(c->now, cpu->now));
	return object;
}

static struct json_object *json_groups(const struct comparison *c, enum block block)
{
	struct json_object *list;
	struct groups groups;

	find_groups(c, block, &groups);
	list = groups_json(&groups);
	groups_free(&groups);
	return list;
}

struct json_object *comparison_json(const struct comparison *c)
{
	struct json_object *object = json_document("sdei-nmi-diff"), *list = json_object_new_array();

	json_object_object_add(object, "old", json_snapshot(c->old));
	json_object_object_add(object, "new", json_snapshot(c->now));
	json_answer(object, "same_boot", c->same_boot);
	json_answer(object, "same_release", c->same_release);
	json_text(object, "compared_by", comparison_by_address(c) ? "address" : "name");
	json_number(object, "elapsed_ns", c->elapsed_ns);
	for (size_t i = 0; i < c->count; i++)
		json_object_array_add(list, json_cpu(c, &c->cpu[i]));
	json_object_object_add(object, "cpus", list);
	json_object_object_add(object, "stuck", json_groups(c, BLOCK_STUCK));
	json_object_object_add(object, "same_stack", json_groups(c, BLOCK_SAME));
	return object;
}
