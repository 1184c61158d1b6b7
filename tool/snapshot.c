// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the parser accepts complete snapshots only. If the value of a known key is invalid,
 * the parser refuses the snapshot and names the line. The parser skips unknown keys, because the
 * ABI allows new ones.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "snapshot.h"

struct parser {
	struct snapshot *snapshot;
	struct cpus seen;
	struct cpu cpu;
	bool in_block, has_number, has_state, in_stack;
	size_t room, stack_room;
	const char *what;
};

/* The kernel escapes newlines as \n and backslashes as \\ in names of tasks. */
static char *parse_task(struct piece value)
{
	struct piece raw = { NULL, 0 };
	char *name, *safe;

	name = memory_array(NULL, value.length, 1);
	raw.at = name;
	for (size_t i = 0; i < value.length; i++) {
		char c = value.at[i];

		if (c == '\\' && i + 1 < value.length && (value.at[i + 1] == 'n' || value.at[i + 1] == '\\'))
			c = value.at[++i] == 'n' ? '\n' : '\\';
		name[raw.length++] = c;
	}
	safe = text_safe(raw, TEXT_DOUBLE_BACKSLASH);
	free(name);
	return safe;
}

/* ADDRESS, ADDRESS NAME or ADDRESS ? */
static bool parse_place(struct piece value, struct place *place)
{
	const char *space = memchr(value.at, ' ', value.length);
	struct piece address = value, name = { NULL, 0 };

	if (space) {
		address.length = (size_t)(space - value.at);
		name.at = space + 1;
		name.length = value.length - address.length - 1;
	}
	if (!text_hex(address, &place->address))
		return false;
	if (!name.length || text_is(name, "?"))
		return true;
	place->name = text_safe(name, TEXT_DOUBLE_BACKSLASH);
	/* The function in "a.isra.0+0x10/0x20 [m]" is "a.isra.0". */
	place->function = strcspn(place->name, "+ ");
	return true;
}

static void place_free(struct place *place)
{
	free(place->name);
	*place = (struct place){ 0 };
}

static void cpu_free(struct cpu *cpu)
{
	free(cpu->state_word);
	free(cpu->reason);
	free(cpu->by);
	free(cpu->interrupts);
	free(cpu->task);
	place_free(&cpu->pc);
	for (size_t i = 0; i < cpu->depth; i++)
		place_free(&cpu->stack[i]);
	free(cpu->stack);
}

static void set_word(char **word, struct piece value)
{
	free(*word);
	*word = text_safe(value, TEXT_DOUBLE_BACKSLASH);
}

static enum cpu_state state_of(struct piece value)
{
	static const char *const words[] = {
		[CPU_KERNEL] = "kernel", [CPU_IDLE] = "idle", [CPU_USER] = "user", [CPU_GUEST] = "guest",
		[CPU_SELF] = "self", [CPU_SILENT] = "silent", [CPU_OFFLINE] = "offline",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(value, words[i]))
			return (enum cpu_state)i;
	return CPU_OTHER;
}

static bool of_all(struct parser *p, struct piece key, struct piece value)
{
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

static bool of_cpu(struct parser *p, struct piece key, struct piece value)
{
	static const struct {
		const char *key;
		size_t at;
	} numbers[] = {
		{ "waiting_ns", offsetof(struct cpu, waiting_ns) }, { "answered_ns", offsetof(struct cpu, answered_ns) },
		{ "held_ns", offsetof(struct cpu, held_ns) },	    { "pid", offsetof(struct cpu, pid) },
		{ "uid", offsetof(struct cpu, uid) },		    { "cut", offsetof(struct cpu, cut) },
	}, words[] = {
		{ "reason", offsetof(struct cpu, reason) },
		{ "by", offsetof(struct cpu, by) },
		{ "interrupts", offsetof(struct cpu, interrupts) },
	};
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
		cpu->state = state_of(value);
		set_word(&cpu->state_word, value);
	} else if (text_is(key, "task")) {
		free(cpu->task);
		cpu->task = parse_task(value);
	} else if (text_is(key, "pstate")) {
		cpu->has_pstate = true;
		return text_hex(value, &cpu->pstate);
	} else if (text_is(key, "sp")) {
		cpu->has_sp = true;
		return text_hex(value, &cpu->sp);
	} else if (text_is(key, "pc")) {
		place_free(&cpu->pc);
		cpu->has_pc = true;
		return parse_place(value, &cpu->pc);
	} else if (text_is(key, "stack")) {
		if (cpu->has_stack || value.length)
			return false;
		cpu->has_stack = p->in_stack = true;
	}
	return true;
}

static bool stack_entry(struct parser *p, struct piece entry)
{
	struct cpu *cpu = &p->cpu;
	struct place place = { 0 };

	if (!parse_place(entry, &place))
		return false;
	if (cpu->depth == p->stack_room) {
		p->stack_room = p->stack_room ? p->stack_room * 2 : 32;
		cpu->stack = memory_array(cpu->stack, p->stack_room, sizeof(place));
	}
	cpu->stack[cpu->depth++] = place;
	return true;
}

static void begin_block(struct parser *p)
{
	p->cpu = (struct cpu){ .waiting_ns = -1, .answered_ns = -1, .held_ns = -1, .pid = -1, .uid = -1, .cut = -1 };
	p->has_number = p->has_state = p->in_stack = false;
	p->stack_room = 0;
	p->in_block = true;
}

static bool end_block(struct parser *p)
{
	struct snapshot *s = p->snapshot;

	if (!p->in_block)
		return true;
	if (!p->has_number || !p->has_state) {
		p->what = "the block before it has no CPU number or no state";
		return false;
	}
	if (s->count == p->room) {
		p->room = p->room ? p->room * 2 : 16;
		s->cpu = memory_array(s->cpu, p->room, sizeof(p->cpu));
	}
	s->cpu[s->count++] = p->cpu;
	p->in_block = false;
	return true;
}

static bool parse_line(struct parser *p, struct piece line, bool *of_cpus)
{
	struct piece key = line, value;
	const char *colon;

	if (!line.length) {
		*of_cpus = true;
		return end_block(p);
	}
	if (*of_cpus && !p->in_block)
		begin_block(p);
	if (line.at[0] == ' ') {
		line.at++;
		line.length--;
		/* An indented line outside a stack belongs to an unknown key. */
		if (!p->in_block || !p->in_stack)
			return true;
		p->what = "it is not an entry of a stack";
		return stack_entry(p, line);
	}
	p->in_stack = false;
	colon = memchr(line.at, ':', line.length);
	p->what = "it does not have the form KEY: VALUE";
	if (!colon)
		return false;
	key.length = (size_t)(colon - line.at);
	value.at = colon + 1;
	value.length = line.length - key.length - 1;
	if (value.length && value.at[0] == ' ') {
		value.at++;
		value.length--;
	}
	p->what = "the value is not valid for this key";
	return *of_cpus ? of_cpu(p, key, value) : of_all(p, key, value);
}

/* The caller frees the snapshot only if this returns true. */
bool snapshot_parse(struct piece text, struct snapshot *snapshot, struct flaw *flaw)
{
	struct parser p = { .snapshot = snapshot };
	struct piece rest = text, line;
	bool of_cpus = false;

	*snapshot = (struct snapshot){ .taken_ns = -1 };
	flaw->line = 1;
	flaw->what = "it does not begin with \"" SNAPSHOT_FORM "\", the format that this tool reads";
	if (!text_line(&rest, &line) || !text_is(line, SNAPSHOT_FORM) || line.length == text.length)
		return false;
	while (text_line(&rest, &line)) {
		flaw->line++;
		/* A complete snapshot ends with a newline. */
		if (!rest.length && text.at[text.length - 1] != '\n') {
			p.what = "the line is cut off";
			goto fail;
		}
		if (!parse_line(&p, line, &of_cpus))
			goto fail;
	}
	flaw->line++;
	if (!end_block(&p))
		goto fail;
	p.what = "the snapshot ends before it has listed all online CPUs";
	cpus_for_each(cpu, &snapshot->online)
		if (!cpus_have(&p.seen, cpu))
			goto fail;
	return true;

fail:
	flaw->what = p.what;
	if (p.in_block)
		cpu_free(&p.cpu);
	snapshot_free(snapshot);
	return false;
}

void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++)
		cpu_free(&snapshot->cpu[i]);
	free(snapshot->cpu);
	free(snapshot->addresses);
	*snapshot = (struct snapshot){ .taken_ns = -1 };
}

/* Places without a name are never in the same function. */
bool place_same_function(const struct place *a, const struct place *b)
{
	const char *module_a, *module_b;

	if (!a->name || !b->name || a->function != b->function || memcmp(a->name, b->name, a->function))
		return false;
	module_a = strchr(a->name, ' ');
	module_b = strchr(b->name, ' ');
	return !strcmp(module_a ? module_a : "", module_b ? module_b : "");
}
