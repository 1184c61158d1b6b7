// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: a CPU is called stuck only if there is proof. The proof is its timer: an interrupt that
 * has been waiting for the whole time between the snapshots shows that the CPU took none.
 */
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "snapshot/comparison.h"

/*
 * The driver measures a wait by the counter, and the time of a snapshot by CLOCK_MONOTONIC, which NTP
 * may run faster or slower by up to 0.05 %. Reading both takes a moment.
 */
#define SLACK_NS 100000
#define SLACK_PART 1000

enum sameness {
	BY_ADDRESS,
	BY_NAME,	/* with the offset */
	BY_FUNCTION,	/* another kernel has other offsets */
};

static enum answer same_text(const char *a, const char *b)
{
	return !a || !b ? UNKNOWN : strcmp(a, b) ? NO : YES;
}

static enum sameness sameness(const struct comparison *c)
{
	if (c->same_release == NO)
		return BY_FUNCTION;
	if (c->same_boot == NO || snapshot_hides_addresses(c->old) || snapshot_hides_addresses(c->now))
		return BY_NAME;
	return BY_ADDRESS;
}

bool comparison_by_address(const struct comparison *c)
{
	return sameness(c) == BY_ADDRESS;
}

static bool same_place(const struct place *a, const struct place *b, enum sameness how)
{
	if (how == BY_FUNCTION)
		return place_same_function(a, b);
	if (how == BY_ADDRESS && a->address != b->address)
		return false;
	if (!a->name || !b->name)
		return how == BY_ADDRESS && !a->name && !b->name;
	return !strcmp(a->name, b->name);
}

/*
 * A loop may be at any instruction of the innermost function. A stack that was cut counts as the same
 * if the known part is, because it is that of the same CPU and task.
 */
static bool same_stack(const struct trace *a, const struct trace *b, enum sameness how)
{
	if (a->depth != b->depth || a->cut != b->cut)
		return false;
	for (size_t i = 1; i < a->depth; i++)
		if (!same_place(&a->stack[i], &b->stack[i], how))
			return false;
	return place_same_function(&a->stack[0], &b->stack[0]) || same_place(&a->stack[0], &b->stack[0], how);
}

/* User space and guests have a pc without a name and no stack. */
static bool same_pc(const struct trace *a, const struct trace *b, enum sameness how)
{
	if (!a->has_pc || !b->has_pc || (how != BY_ADDRESS && (!a->pc.name || !b->pc.name)))
		return a->has_pc == b->has_pc;
	return same_place(&a->pc, &b->pc, how);
}

static enum change change_of(const struct cpu *old, const struct cpu *now, enum sameness how)
{
	const struct trace *a = &old->trace, *b = &now->trace;

	if (strcmp(old->state_word, now->state_word))
		return CHANGE_STATE;
	if (a->pid >= 0 && b->pid >= 0 && a->pid != b->pid)
		return CHANGE_MOVED;
	if (a->depth || b->depth)
		return a->depth && b->depth && same_stack(a, b, how) ? CHANGE_SAME : CHANGE_MOVED;
	return same_pc(a, b, how) ? CHANGE_SAME : CHANGE_MOVED;
}

/* The time between the answers of this CPU. */
static int64_t elapsed_of(const struct comparison *c, const struct cpu *old, const struct cpu *now)
{
	int64_t elapsed;

	if (c->elapsed_ns < 0 || old->answered_ns < 0 || now->answered_ns < 0)
		return c->elapsed_ns;
	if (__builtin_add_overflow(c->elapsed_ns, now->answered_ns - old->answered_ns, &elapsed))
		return -1;
	return elapsed > 0 ? elapsed : 0;
}

/*
 * No: the timer interrupt that waits now has been waiting since before the older snapshot. Yes: the
 * one that waited then waits no more. If none waited then, the CPU may have taken interrupts until its
 * timer expired.
 */
static enum answer interrupted(const struct comparison *c, const struct cpu *old, const struct cpu *now)
{
	int64_t elapsed = elapsed_of(c, old, now), before = old->waiting_ns > 0 ? old->waiting_ns : 0;

	if (elapsed <= 0)
		return UNKNOWN;
	if (now->waiting_ns >= before && now->waiting_ns - before >= elapsed - elapsed / SLACK_PART - SLACK_NS)
		return now->waiting_ns > 0 ? NO : UNKNOWN;
	return old->waiting_ns > 0 ? YES : UNKNOWN;
}

static bool runs_kernel_code(const struct cpu *cpu)
{
	return (cpu->state == CPU_KERNEL || cpu->state == CPU_OTHER) && cpu->trace.depth;
}

static void compare_cpu(const struct comparison *c, struct cpu_change *cpu)
{
	cpu->interrupted = UNKNOWN;
	cpu->longer_ns = -1;
	if (!cpu->old || !cpu->now) {
		cpu->change = cpu->old ? CHANGE_VANISHED : CHANGE_APPEARED;
		return;
	}
	cpu->change = change_of(cpu->old, cpu->now, sameness(c));
	cpu->interrupted = interrupted(c, cpu->old, cpu->now);
	if (cpu->interrupted == NO)
		cpu->longer_ns = cpu->now->waiting_ns - (cpu->old->waiting_ns > 0 ? cpu->old->waiting_ns : 0);
	cpu->same_stack = cpu->change == CHANGE_SAME && runs_kernel_code(cpu->now);
	cpu->stuck = cpu->same_stack && cpu->interrupted == NO;
}

/* A boot that is not known is taken for the same one, unless the clock went back. */
static void compare_clocks(struct comparison *c)
{
	bool known = c->old->taken_ns >= 0 && c->now->taken_ns >= 0;

	if (c->same_release == NO)
		c->same_boot = NO;
	c->in_order = c->same_boot == NO || !known ? UNKNOWN : c->now->taken_ns >= c->old->taken_ns ? YES : NO;
	if (c->in_order == NO && c->same_boot == UNKNOWN) {
		c->same_boot = NO;
		c->in_order = UNKNOWN;
	}
	c->elapsed_ns = c->in_order == YES ? c->now->taken_ns - c->old->taken_ns : -1;
}

void comparison_make(const struct snapshot *old, const struct snapshot *now, struct comparison *c)
{
	struct cpu_change *all = memory_get(CPUS_MAX * sizeof(*all));

	*c = (struct comparison){ .old = old, .now = now, .same_boot = same_text(old->boot_id, now->boot_id),
				  .same_release = same_text(old->release, now->release), .cpu = all };
	compare_clocks(c);
	for (size_t i = 0; i < old->count; i++)
		all[old->cpu[i].number].old = &old->cpu[i];
	for (size_t i = 0; i < now->count; i++)
		all[now->cpu[i].number].now = &now->cpu[i];
	for (unsigned int number = 0; number < CPUS_MAX; number++) {
		if (!all[number].old && !all[number].now)
			continue;
		all[c->count] = all[number];
		all[c->count].number = number;
		compare_cpu(c, &all[c->count++]);
	}
}

void comparison_free(struct comparison *c)
{
	free(c->cpu);
}

const char *change_name(enum change change)
{
	static const char *const names[] = {
		[CHANGE_SAME] = "same", [CHANGE_MOVED] = "moved", [CHANGE_STATE] = "state",
		[CHANGE_APPEARED] = "appeared", [CHANGE_VANISHED] = "vanished",
	};

	return names[change];
}
