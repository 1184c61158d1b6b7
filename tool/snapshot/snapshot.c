// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the parser accepts complete snapshots only: driver_file.c's rules hold, and every
 * online CPU has a block.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "snapshot/snapshot.h"

struct parser {
	struct snapshot *snapshot;
	struct cpus seen;
	struct cpu cpu;
	bool has_number, has_state;
	size_t room;
};

void cpu_free(struct cpu *cpu)
{
	free(cpu->state_word);
	free(cpu->reason);
	free(cpu->by);
	free(cpu->interrupts);
	trace_free(&cpu->trace);
}

static void set_word(char **word, struct piece value)
{
	free(*word);
	*word = text_safe(value, TEXT_DOUBLE_BACKSLASH);
}

enum cpu_state cpu_state_of(struct piece word)
{
	static const char *const words[] = {
		[CPU_KERNEL] = "kernel", [CPU_IDLE] = "idle", [CPU_USER] = "user", [CPU_GUEST] = "guest",
		[CPU_SELF] = "self", [CPU_SILENT] = "silent", [CPU_OFFLINE] = "offline",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(word, words[i]))
			return (enum cpu_state)i;
	return CPU_OTHER;
}

static bool of_all(void *into, struct piece key, struct piece value)
{
	struct parser *p = into;
	struct snapshot *s = p->snapshot;

	if (text_is(key, "taken_ns"))
		return text_number(value, &s->taken_ns);
	if (text_is(key, "addresses")) {
		set_word(&s->addresses, value);
	} else if (text_is(key, "online")) {
		s->has_online = true;
		return cpulist_parse(value, &s->online) == CPULIST_FINE;
	}
	return true;
}

static bool set_number(struct parser *p, struct piece value)
{
	int64_t number;

	if (p->has_number || !text_number(value, &number) || number >= CPUS_MAX || cpus_have(&p->seen, (unsigned int)number))
		return false;
	p->cpu.number = (unsigned int)number;
	p->has_number = true;
	cpus_add(&p->seen, p->cpu.number);
	return true;
}

static bool of_cpu(void *into, struct piece key, struct piece value)
{
	static const struct {
		const char *key;
		size_t at;
	} numbers[] = {
		{ "waiting_ns", offsetof(struct cpu, waiting_ns) }, { "answered_ns", offsetof(struct cpu, answered_ns) },
		{ "held_ns", offsetof(struct cpu, held_ns) },	    { "uid", offsetof(struct cpu, uid) },
	}, words[] = {
		{ "reason", offsetof(struct cpu, reason) },
		{ "by", offsetof(struct cpu, by) },
		{ "interrupts", offsetof(struct cpu, interrupts) },
	};
	struct parser *p = into;
	struct cpu *cpu = &p->cpu;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (text_is(key, numbers[i].key))
			return text_number(value, (int64_t *)((char *)cpu + numbers[i].at));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(key, words[i].key)) {
			set_word((char **)((char *)cpu + words[i].at), value);
			return true;
		}
	if (text_is(key, "cpu"))
		return set_number(p, value);
	if (text_is(key, "state")) {
		p->has_state = true;
		cpu->state = cpu_state_of(value);
		set_word(&cpu->state_word, value);
	}
	return true;
}

static void begin_cpu(void *into)
{
	struct parser *p = into;

	p->cpu = CPU_EMPTY;
	p->has_number = p->has_state = false;
}

static const char *end_cpu(void *into, struct trace *trace)
{
	struct parser *p = into;
	struct snapshot *s = p->snapshot;

	if (!p->has_number || !p->has_state)
		return "the block before it has no CPU number or no state";
	if (s->count == p->room) {
		p->room = p->room ? p->room * 2 : 16;
		s->cpu = memory_array(s->cpu, p->room, sizeof(p->cpu));
	}
	p->cpu.trace = *trace;
	s->cpu[s->count++] = p->cpu;
	p->cpu = (struct cpu){ 0 };
	return NULL;
}

/* The caller frees the snapshot only if this returns true. */
bool snapshot_parse(struct piece text, struct snapshot *snapshot, struct flaw *flaw)
{
	struct parser p = { .snapshot = snapshot };
	const struct driver_file file = {
		.form = SNAPSHOT_FORM,
		.another_form = "it does not begin with \"" SNAPSHOT_FORM "\", the format that this tool reads",
		.head = of_all, .begin = begin_cpu, .field = of_cpu, .end = end_cpu, .into = &p,
	};

	*snapshot = (struct snapshot){ .taken_ns = -1 };
	if (!driver_file_parse(&file, text, flaw))
		goto fail;
	flaw->what = "the snapshot ends before it has listed all online CPUs";
	cpus_for_each(cpu, &snapshot->online)
		if (!cpus_have(&p.seen, cpu))
			goto fail;
	return true;

fail:
	cpu_free(&p.cpu);
	snapshot_free(snapshot);
	return false;
}

/* The kernel hides addresses from this reader. They are 0 then. */
bool snapshot_hides_addresses(const struct snapshot *snapshot)
{
	return snapshot->addresses && !strcmp(snapshot->addresses, "hidden");
}

const struct cpu *snapshot_find(const struct snapshot *snapshot, unsigned int number)
{
	for (size_t i = 0; i < snapshot->count; i++)
		if (snapshot->cpu[i].number == number)
			return &snapshot->cpu[i];
	return NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++)
		cpu_free(&snapshot->cpu[i]);
	free(snapshot->cpu);
	free(snapshot->time);
	free(snapshot->boot_id);
	free(snapshot->release);
	free(snapshot->addresses);
	*snapshot = (struct snapshot){ .taken_ns = -1 };
}
