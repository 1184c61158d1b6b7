// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/output.h"
#include "snapshot/blocks.h"
#include "snapshot/group.h"
#include "snapshot/trace_output.h"

#define TASKS 4				/* names of tasks printed for a group */

static void print_interrupts(FILE *to, const char *word)
{
	bool on = !strcmp(word, "on");

	fprintf(to, "%s%s%s", on ? "" : colour(YELLOW), word, on ? "" : colour(PLAIN));
}

static void print_wait(FILE *to, const struct cpu *cpu)
{
	char buffer[TEXT_DURATION];
	bool is_long = cpu->waiting_ns >= CPU_LONG_WAIT_NS;

	fprintf(to, "timer has been waiting for %s%s%s", is_long ? colour(RED) : "", text_duration(cpu->waiting_ns, buffer),
		is_long ? colour(PLAIN) : "");
}

static void print_cpu(FILE *to, const struct cpu *cpu, const char *remark)
{
	char buffer[TEXT_DURATION];

	fprintf(to, "%sCPU %u%s  %s", colour(BOLD), cpu->number, colour(PLAIN),
		cpu->state == CPU_SELF ? "this CPU took the snapshot" : cpu->state_word);
	if (cpu->interrupts) {
		fprintf(to, ", interrupts ");
		print_interrupts(to, cpu->interrupts);
	}
	if (cpu->waiting_ns >= 0) {
		fprintf(to, ", its ");
		print_wait(to, cpu);
	}
	fprintf(to, "%s\n", remark);
	if (cpu->trace.task) {
		fprintf(to, "  task %s", cpu->trace.task);
		if (cpu->trace.pid >= 0)
			fprintf(to, "  pid %lld", (long long)cpu->trace.pid);
		if (cpu->uid >= 0)
			fprintf(to, "  uid %lld", (long long)cpu->uid);
		fprintf(to, "\n");
	}
	if (cpu->by) {
		fprintf(to, "  reached by %s", cpu->by);
		if (cpu->answered_ns >= 0)
			fprintf(to, " in %s", text_duration(cpu->answered_ns, buffer));
		if (cpu->held_ns >= 0)
			fprintf(to, ", held for %s", text_duration(cpu->held_ns, buffer));
		fprintf(to, "\n");
	}
	trace_print(to, &cpu->trace);
}

static void print_list(FILE *to, const struct cpus *cpus)
{
	char *list = cpulist_format(cpus);

	fprintf(to, "CPU%s %s", cpus_count(cpus) > 1 ? "s" : "", list);
	free(list);
}

void blocks_print_line(FILE *to, const char *before, const struct cpus *cpus)
{
	if (!cpus_count(cpus))
		return;
	fprintf(to, "%s: ", before);
	print_list(to, cpus);
	fprintf(to, "\n");
}

/* Prints one word if it is that of all CPUs, and otherwise each word and its CPUs. */
static void print_group_interrupts(FILE *to, const struct group *group)
{
	struct cpus printed = { 0 };
	const char *before = ", interrupts ";

	for (size_t i = 0; i < group->count; i++) {
		const char *word = group->cpu[i]->interrupts;
		struct cpus same = { 0 };

		if (!word || cpus_have(&printed, group->cpu[i]->number))
			continue;
		for (size_t k = i; k < group->count; k++)
			if (group->cpu[k]->interrupts && !strcmp(group->cpu[k]->interrupts, word)) {
				cpus_add(&same, group->cpu[k]->number);
				cpus_add(&printed, group->cpu[k]->number);
			}
		fputs(before, to);
		before = ", ";
		print_interrupts(to, word);
		if (cpus_count(&same) < group->count) {
			fputs(" (", to);
			print_list(to, &same);
			putc(')', to);
		}
	}
}

/* Prints each name once. The task of the CPU that has been waiting longest comes first. */
static void print_tasks(FILE *to, const struct group *group)
{
	const char *name[TASKS];
	size_t names = 0, more = 0;

	for (size_t i = 0; i < group->count; i++) {
		const char *task = group->cpu[i]->trace.task;
		size_t k = 0;

		while (task && k < names && strcmp(name[k], task))
			k++;
		if (!task || k < names)
			continue;
		if (names < TASKS)
			name[names++] = task;
		else
			more++;
	}
	for (size_t k = 0; k < names; k++)
		fprintf(to, "%s%s", k ? ", " : names + more > 1 ? "  tasks " : "  task ", name[k]);
	if (more)
		fprintf(to, " and on %zu more CPU%s", more, more > 1 ? "s" : "");
	if (names)
		fprintf(to, "\n");
}

/* The remark stands behind the wait of the group's first CPU. */
void blocks_print_group(FILE *to, const struct group *group, const char *remark)
{
	const struct cpu *first = group->cpu[0];
	struct cpus members;
	char *list;

	if (group->count == 1) {
		print_cpu(to, first, remark);
		return;
	}
	group_cpus(group, &members);
	list = cpulist_format(&members);
	fprintf(to, "%s%zu CPUs with the same stack%s: %s\n  %s", colour(BOLD), group->count, colour(PLAIN), list, first->state_word);
	free(list);
	print_group_interrupts(to, group);
	if (first->waiting_ns >= 0) {
		fprintf(to, ", CPU %u's ", first->number);
		print_wait(to, first);
	}
	fprintf(to, "%s\n", remark);
	print_tasks(to, group);
	trace_print(to, &first->trace);
}

static bool wanted(const struct cpu *cpu, const struct cpus *chosen)
{
	return !chosen || cpus_have(chosen, cpu->number);
}

static const char *reason_of(const struct cpu *cpu)
{
	return cpu->reason ? cpu->reason : "the driver gives no reason";
}

/* CPUs that are silent for the same reason share one line. */
static void print_silent(FILE *to, const struct snapshot *snapshot, const struct cpus *chosen)
{
	struct cpus printed = { 0 };

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct cpu *cpu = &snapshot->cpu[i];
		struct cpus same = { 0 };

		if (cpu->state != CPU_SILENT || !wanted(cpu, chosen) || cpus_have(&printed, cpu->number))
			continue;
		for (size_t k = i; k < snapshot->count; k++) {
			const struct cpu *other = &snapshot->cpu[k];

			if (other->state == CPU_SILENT && wanted(other, chosen) && !strcmp(reason_of(other), reason_of(cpu))) {
				cpus_add(&same, other->number);
				cpus_add(&printed, other->number);
			}
		}
		fprintf(to, "%s", colour(RED));
		print_list(to, &same);
		fprintf(to, "  silent%s: %s\n\n", colour(PLAIN), reason_of(cpu));
	}
}

void blocks_print(FILE *to, const struct snapshot *snapshot, const struct cpus *chosen, bool all)
{
	struct cpus idle = { 0 }, offline = { 0 };
	struct groups groups;

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct cpu *cpu = &snapshot->cpu[i];

		if (!wanted(cpu, chosen))
			continue;
		if (cpu->state == CPU_IDLE)
			cpus_add(&idle, cpu->number);
		if (cpu->state == CPU_OFFLINE)
			cpus_add(&offline, cpu->number);
	}
	print_silent(to, snapshot, chosen);
	groups_make(snapshot, chosen, all, &groups);
	for (size_t i = 0; i < groups.count; i++) {
		blocks_print_group(to, &groups.group[i], "");
		fprintf(to, "\n");
	}
	groups_free(&groups);
	if (!all)
		blocks_print_line(to, "idle", &idle);
	blocks_print_line(to, "offline", &offline);
	if (snapshot->addresses && !strcmp(snapshot->addresses, "hidden"))
		fprintf(to, "addresses are hidden by kptr_restrict, or because the tool lacks CAP_SYSLOG\n");
}
