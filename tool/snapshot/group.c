// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "snapshot/group.h"

static bool same_site(const struct place *a, const struct place *b)
{
	/* With hidden addresses all addresses are 0, so the names and their offsets decide. */
	if (a->address != b->address)
		return false;
	return a->name && b->name ? !strcmp(a->name, b->name) : a->address && !a->name && !b->name;
}

/*
 * Stacks are equal if all callers are at equal addresses and the innermost functions are the same.
 * The innermost addresses may differ, because a snapshot can stop a loop at any instruction. A
 * stack that was cut equals no other stack, because the rest of it is unknown.
 */
bool group_same_stack(const struct cpu *a, const struct cpu *b)
{
	const struct trace *one = &a->trace, *two = &b->trace;

	if (a->state != CPU_KERNEL || b->state != CPU_KERNEL || !one->depth || one->depth != two->depth || one->cut >= 0 || two->cut >= 0)
		return false;
	for (size_t i = 1; i < one->depth; i++)
		if (!same_site(&one->stack[i], &two->stack[i]))
			return false;
	return place_same_function(&one->stack[0], &two->stack[0]);
}

static uint64_t mix(uint64_t hash, const void *data, size_t length)
{
	for (const unsigned char *at = data; length--; at++)
		hash = (hash ^ *at) * 0x100000001b3ULL;
	return hash;
}

/* Equal stacks have equal hashes, so most pairs of CPUs need no comparison of their stacks. */
static uint64_t stack_hash(const struct trace *trace)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < trace->depth; i++) {
		const struct place *place = &trace->stack[i];

		if (i)
			hash = mix(hash, &place->address, sizeof(place->address));
		if (place->name)
			hash = mix(hash, place->name, i ? strlen(place->name) : place->function);
	}
	return hash;
}

struct candidate {
	const struct cpu *cpu;
	uint64_t hash;
};

static int by_waiting(const void *one, const void *two)
{
	const struct cpu *a = ((const struct candidate *)one)->cpu, *b = ((const struct candidate *)two)->cpu;

	if (a->waiting_ns != b->waiting_ns)
		return a->waiting_ns > b->waiting_ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/*
 * A group's first CPU has been waiting for the longest time in the group, and groups are sorted by
 * the wait of their first CPU. Offline and silent CPUs are in no group. Idle CPUs are in no group
 * unless all is set; then each CPU is a separate group.
 */
void groups_make(const struct snapshot *snapshot, const struct cpus *chosen, bool all, struct groups *groups)
{
	struct candidate *sorted = memory_array(NULL, snapshot->count, sizeof(*sorted));
	size_t count = 0, placed = 0;

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct cpu *cpu = &snapshot->cpu[i];

		if (chosen && !cpus_have(chosen, cpu->number))
			continue;
		if (cpu->state == CPU_OFFLINE || cpu->state == CPU_SILENT || (cpu->state == CPU_IDLE && !all))
			continue;
		sorted[count++] = (struct candidate){ cpu, all ? 0 : stack_hash(&cpu->trace) };
	}
	qsort(sorted, count, sizeof(*sorted), by_waiting);

	groups->count = 0;
	groups->group = memory_array(NULL, count, sizeof(*groups->group));
	groups->members = memory_array(NULL, count, sizeof(*groups->members));
	for (size_t i = 0; i < count; i++) {
		struct group *group = &groups->group[groups->count];

		if (!sorted[i].cpu)
			continue;
		*group = (struct group){ .cpu = groups->members + placed };
		for (size_t k = i; k < count; k++)
			if (k == i || (!all && sorted[k].cpu && sorted[k].hash == sorted[i].hash &&
				       group_same_stack(sorted[i].cpu, sorted[k].cpu))) {
				group->cpu[group->count++] = sorted[k].cpu;
				if (k != i)
					sorted[k].cpu = NULL;
			}
		placed += group->count;
		groups->count++;
	}
	free(sorted);
}

void groups_free(struct groups *groups)
{
	free(groups->group);
	free(groups->members);
}

void group_cpus(const struct group *group, struct cpus *cpus)
{
	memset(cpus, 0, sizeof(*cpus));
	for (size_t i = 0; i < group->count; i++)
		cpus_add(cpus, group->cpu[i]->number);
}
