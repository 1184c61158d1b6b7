// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: each chosen CPU of the snapshot is in exactly one row. Idle CPUs share a row, offline
 * CPUs share one, and silent CPUs with the same reason share one. The rows point into the snapshot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "top/row.h"

#define MEMBERS 8	/* CPUs that an expanded row describes one by one */
#define WRAP 72		/* longest line of a text that is wrapped */

enum cpu_state top_row_state(const struct top_row *row)
{
	return row->cpu[0]->state;
}

/* -1: not known */
int64_t top_row_waiting(const struct top_row *row)
{
	return row->cpu[0]->waiting_ns;
}

static const char *reason_of(const struct cpu *cpu)
{
	return cpu->reason ? cpu->reason : "the driver gives no reason";
}

static char *place_text(const struct place *place)
{
	const char *module;

	if (!place->name)
		return place->address ? memory_format("0x%llx", (unsigned long long)place->address) : NULL;
	module = strchr(place->name, ' ');
	return memory_format("%.*s%s", (int)place->function, place->name, module ? module : "");
}

static char *function_of(const struct cpu *cpu)
{
	const struct trace *trace = &cpu->trace;

	if (trace->depth)
		return place_text(&trace->stack[0]);
	/* The pc of a guest or a program is no function of the kernel. */
	return trace->has_pc && trace->pc.name ? place_text(&trace->pc) : NULL;
}

static const char *interrupts_of(const struct top_row *row)
{
	const char *word = NULL;

	for (size_t i = 0; i < row->count; i++) {
		const char *one = row->cpu[i]->interrupts;

		if (one && word && strcmp(one, word))
			return "mixed";
		if (one)
			word = one;
	}
	return word;
}

static enum top_grade grade_of(const struct top_row *row)
{
	enum cpu_state state = top_row_state(row);

	if (state == CPU_SILENT || top_row_waiting(row) >= CPU_LONG_WAIT_NS)
		return TOP_ALARM;
	if (row->interrupts && strcmp(row->interrupts, "on"))
		return TOP_OFF;
	return state == CPU_IDLE || state == CPU_OFFLINE ? TOP_QUIET : TOP_PLAIN;
}

/* The CPU that has been waiting longest comes first. If no CPU waits, it is the one with the lowest number. */
static void put_longest_first(struct top_row *row)
{
	for (size_t i = 1; i < row->count; i++)
		if (row->cpu[i]->waiting_ns > row->cpu[0]->waiting_ns) {
			const struct cpu *longest = row->cpu[i];

			memmove(row->cpu + 1, row->cpu, i * sizeof(longest));
			row->cpu[0] = longest;
		}
}

static void complete(struct top_row *row)
{
	const struct cpu *first;

	put_longest_first(row);
	first = row->cpu[0];
	for (size_t i = 0; i < row->count; i++)
		cpus_add(&row->set, row->cpu[i]->number);
	row->lowest = cpus_next(&row->set, 0);
	row->list = cpulist_format(&row->set);
	row->interrupts = interrupts_of(row);
	row->grade = grade_of(row);
	/* Each CPU has its own idle task. */
	if (first->trace.task && first->state != CPU_IDLE)
		row->task = memory_format("%s", first->trace.task);
	row->function = first->state == CPU_SILENT ? memory_format("%s", reason_of(first)) : function_of(first);
}

/* Takes the CPUs of this state, and for silent CPUs of this reason, that have no row so far. */
static void add_state(struct top_rows *rows, const struct snapshot *snapshot, const struct cpus *chosen, const struct cpu *like,
		      struct cpus *placed)
{
	struct top_row *row = &rows->row[rows->count];

	*row = (struct top_row){ .cpu = memory_array(NULL, snapshot->count, sizeof(*row->cpu)) };
	for (const struct cpu *cpu = snapshot->cpu; cpu < snapshot->cpu + snapshot->count; cpu++) {
		if (cpu->state != like->state || (chosen && !cpus_have(chosen, cpu->number)) || cpus_have(placed, cpu->number) ||
		    (cpu->state == CPU_SILENT && strcmp(reason_of(cpu), reason_of(like))))
			continue;
		row->cpu[row->count++] = cpu;
		cpus_add(placed, cpu->number);
	}
	complete(row);
	rows->count++;
}

static bool shares_by_state(const struct cpu *cpu)
{
	return cpu->state == CPU_IDLE || cpu->state == CPU_OFFLINE || cpu->state == CPU_SILENT;
}

void top_rows_make(const struct snapshot *snapshot, const struct cpus *chosen, struct top_rows *rows)
{
	struct cpus placed = { 0 };
	struct groups groups;

	*rows = (struct top_rows){ .row = memory_array(NULL, snapshot->count, sizeof(*rows->row)) };
	groups_make(snapshot, chosen, false, &groups);
	for (size_t i = 0; i < groups.count; i++) {
		struct top_row *row = &rows->row[rows->count++];
		const struct group *group = &groups.group[i];

		*row = (struct top_row){ .cpu = memory_array(NULL, group->count, sizeof(*row->cpu)), .count = group->count };
		memcpy(row->cpu, group->cpu, group->count * sizeof(*row->cpu));
		complete(row);
	}
	groups_free(&groups);
	for (const struct cpu *cpu = snapshot->cpu; cpu < snapshot->cpu + snapshot->count; cpu++)
		if (shares_by_state(cpu) && (!chosen || cpus_have(chosen, cpu->number)) && !cpus_have(&placed, cpu->number))
			add_state(rows, snapshot, chosen, cpu, &placed);
}

void top_rows_free(struct top_rows *rows)
{
	for (struct top_row *row = rows->row; row < rows->row + rows->count; row++) {
		for (size_t i = 0; i < row->details; i++)
			free(row->detail[i]);
		free(row->detail);
		free(row->cpu);
		free(row->list);
		free(row->task);
		free(row->function);
	}
	free(rows->row);
	*rows = (struct top_rows){ 0 };
}

/* Whether the rows of two snapshots are the same place. A row of one program or guest is none. */
bool top_row_same_place(const struct top_row *a, const struct top_row *b)
{
	if (top_row_state(a) != top_row_state(b))
		return false;
	switch (top_row_state(a)) {
	case CPU_IDLE:
	case CPU_OFFLINE:
	case CPU_SELF:
		return true;
	case CPU_SILENT:
		return !strcmp(reason_of(a->cpu[0]), reason_of(b->cpu[0]));
	default:
		return group_same_stack(a->cpu[0], b->cpu[0]);
	}
}

/* Takes over the text. */
static void add_line(struct top_row *row, char *text)
{
	row->detail = memory_array(row->detail, row->details + 1, sizeof(*row->detail));
	row->detail[row->details++] = text;
}

/* Breaks a long text after blanks and commas. */
static void add_wrapped(struct top_row *row, const char *text)
{
	size_t left = strlen(text), length;

	for (; left > WRAP; text += length, left -= length) {
		for (length = WRAP; length && text[length - 1] != ' ' && text[length - 1] != ','; length--)
			;
		if (!length)
			length = WRAP;
		add_line(row, memory_format("%.*s", (int)length, text));
	}
	add_line(row, memory_format("%s", text));
}

static void add_member(struct top_row *row, const struct cpu *cpu)
{
	char duration[TEXT_DURATION], waits[TEXT_DURATION + 16] = "", pid[24] = "";

	if (cpu->waiting_ns >= 0)
		snprintf(waits, sizeof(waits), ", waiting %s", text_duration(cpu->waiting_ns, duration));
	if (cpu->trace.pid >= 0)
		snprintf(pid, sizeof(pid), " (%lld)", (long long)cpu->trace.pid);
	add_line(row, memory_format("CPU %u  %s%s%s%s%s", cpu->number, cpu->trace.task ? cpu->trace.task : "?", pid,
				    cpu->interrupts ? ", interrupts " : "", cpu->interrupts ? cpu->interrupts : "", waits));
}

static void add_members(struct top_row *row)
{
	char *all = memory_format("%zu CPUs: %s", row->count, row->list);

	add_wrapped(row, all);
	free(all);
	if (!row->cpu[0]->trace.task)
		return;
	for (size_t i = 0; i < row->count && i < MEMBERS; i++)
		add_member(row, row->cpu[i]);
	if (row->count > MEMBERS)
		add_line(row, memory_format("... and %zu more CPUs", row->count - MEMBERS));
}

static void add_reached(struct top_row *row, const struct cpu *cpu)
{
	char answered[TEXT_DURATION], held[TEXT_DURATION];
	bool knows = cpu->answered_ns >= 0 && cpu->held_ns >= 0;

	if (cpu->state == CPU_SELF)
		add_line(row, memory_format("this CPU took the snapshot"));
	else if (cpu->by && knows)
		add_line(row, memory_format("reached by %s in %s, held for %s", cpu->by, text_duration(cpu->answered_ns, answered),
					    text_duration(cpu->held_ns, held)));
	else if (cpu->by)
		add_line(row, memory_format("reached by %s", cpu->by));
}

static void add_stack(struct top_row *row, const struct trace *trace)
{
	if (trace->has_pc && !trace->depth)
		add_line(row, memory_format("pc %016llx%s%s", (unsigned long long)trace->pc.address, trace->pc.name ? " " : "",
					    trace->pc.name ? trace->pc.name : ""));
	for (size_t i = 0; i < trace->depth; i++) {
		const struct place *place = &trace->stack[i];

		add_line(row, place->name ? memory_format("  %s", place->name) : memory_format("  %016llx", (unsigned long long)place->address));
	}
	if (trace->cut >= 0)
		add_line(row, memory_format("  ... cut after %lld entries", (long long)trace->cut));
}

/* Makes the lines below the row, once. */
void top_row_details(struct top_row *row)
{
	const struct cpu *first = row->cpu[0];

	if (row->detail)
		return;
	if (row->count > 1)
		add_members(row);
	else
		add_reached(row, first);
	if (first->state == CPU_SILENT)
		add_wrapped(row, reason_of(first));
	add_stack(row, &first->trace);
	if (!row->details)
		add_line(row, memory_format("nothing more is known"));
}
