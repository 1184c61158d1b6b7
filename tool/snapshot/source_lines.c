// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: a line that may be wrong is not printed. Addresses differ from those of the file, so
 * only the name of a function and the offset in it are known. If the file has the function with
 * another size, it is of another build, and nothing in it is used.
 */
#define _GNU_SOURCE
#include <fts.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/exits.h"
#include "common/files.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "snapshot/debug_file.h"
#include "snapshot/source_lines.h"

/* The kernel, or a module. */
struct unit {
	char *release;			/* NULL: not known */
	char *module;			/* NULL: the kernel */
	char *path;
	struct debug_file *file;	/* NULL: there are no lines */
	bool missing;			/* there is no debug information, and nothing was said yet */
	bool foreign;			/* the file is of another build */
	bool lacked;			/* it was said that the file lacks a function */
};

struct known {
	size_t unit;
	bool exact;
	struct place place;		/* its name and its sources */
};

void source_lines_take(struct argp_state *state, const char *folder, struct source_lines *lines)
{
	if (folder)
		take_folder(state, "--lines", folder, "vmlinux and the modules with debug information");
	lines->wanted = true;
	lines->folder = folder;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void try_file(struct unit *unit, const char *path)
{
	char *flaw;

	if (unit->file)
		return;
	unit->file = debug_file_open(path, &flaw);
	if (unit->file)
		unit->path = memory_format("%s", path);
	if (!flaw)
		return;
	complain(EXIT_DONE, "%s can't be used for source lines: %s; replace it by a good copy.", path, flaw);
	unit->missing = false;
	free(flaw);
}

/* The path is that of the machine, which --root may have moved. */
static void try_own_file(struct unit *unit, char *path)
{
	char *full = file_path(path);

	if (!access(full, F_OK))
		try_file(unit, full);
	free(full);
	free(path);
}

/* A file's name may have a dash where the module's name has an underscore. */
static bool is_module_file(const char *name, const char *module)
{
	for (; *module; name++, module++)
		if (*name != *module && !(*name == '-' && *module == '_'))
			return false;
	return !strncmp(name, ".ko", 3) && (!name[3] || name[3] == '.');
}

static int by_name(const FTSENT **one, const FTSENT **two)
{
	return strcmp((*one)->fts_name, (*two)->fts_name);
}

/* Takes over the folder. */
static void try_folder(struct unit *unit, char *folder)
{
	char *const folders[] = { folder, NULL };
	FTS *tree = fts_open(folders, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	while (tree && !unit->file && (entry = fts_read(tree)))
		if ((entry->fts_info == FTS_F || entry->fts_info == FTS_SL) && is_module_file(entry->fts_name, unit->module))
			try_file(unit, entry->fts_path);
	if (tree)
		fts_close(tree);
	free(folder);
}

static void find_file(const struct source_lines *lines, struct unit *unit)
{
	const char *release = unit->release;

	unit->missing = true;
	if (lines->folder && unit->module) {
		try_folder(unit, memory_format("%s", lines->folder));
	} else if (lines->folder) {
		char *path = memory_format("%s/vmlinux", lines->folder);

		if (!access(path, F_OK))
			try_file(unit, path);
		free(path);
	} else if (unit->module) {
		char *updates = memory_format("/lib/modules/%s/updates", release);
		char *debug = memory_format("/usr/lib/debug/lib/modules/%s", release);

		/* modprobe prefers the first of them. */
		try_folder(unit, file_path(updates));
		try_folder(unit, file_path(debug));
		free(updates);
		free(debug);
	} else {
		try_own_file(unit, memory_format("/usr/lib/debug/lib/modules/%s/vmlinux", release));
		try_own_file(unit, memory_format("/usr/lib/debug/boot/vmlinux-%s", release));
		try_own_file(unit, memory_format("/lib/modules/%s/build/vmlinux", release));
	}
	if (unit->file)
		unit->missing = false;
}

/* Returns lines->count if the unit is not known yet. */
static size_t known_unit(const struct source_lines *lines, const char *release, struct piece module)
{
	size_t i;

	for (i = 0; i < lines->count; i++) {
		const struct unit *unit = &lines->unit[i];

		if (same_text(unit->release, release) && (unit->module ? text_is(module, unit->module) : !module.length))
			break;
	}
	return i;
}

static size_t find_unit(struct source_lines *lines, const char *release, struct piece module)
{
	struct unit *unit;
	size_t known = known_unit(lines, release, module);

	if (known < lines->count)
		return known;
	lines->unit = memory_array(lines->unit, lines->count + 1, sizeof(*lines->unit));
	unit = &lines->unit[lines->count];
	*unit = (struct unit){ .release = release ? memory_format("%s", release) : NULL };
	if (module.length)
		unit->module = memory_format("%.*s", (int)module.length, module.at);
	find_file(lines, unit);
	return lines->count++;
}

static enum debug_match find_function(const struct unit *unit, struct place_parts parts, int64_t *size, uint64_t *address)
{
	*size = parts.size;
	return debug_file_function(unit->file, parts.function, size, address);
}

/*
 * Finds the place's file, and says so if it is not that of the place's kernel. A place that is not
 * printed only helps to find that out.
 */
static void check_place(struct source_lines *lines, const char *release, const struct place *place, bool printed)
{
	struct place_parts parts = place_parts(place);
	struct unit *unit;
	enum debug_match match;
	uint64_t address;
	int64_t size;
	size_t index;

	if (!parts.function.length || parts.offset < 0 || parts.size < 0)
		return;
	/* This can move the array. */
	index = printed ? find_unit(lines, release, parts.module) : known_unit(lines, release, parts.module);
	if (index == lines->count)
		return;
	unit = &lines->unit[index];
	if (!unit->file || unit->foreign)
		return;
	match = find_function(unit, parts, &size, &address);
	if (match == DEBUG_OTHER_SIZE) {
		unit->foreign = true;
		complain(EXIT_DONE, "%s is of another build: %.*s has %lld bytes there and %lld in the snapshot, so no lines are taken from it; "
			 "name the folder with the right file by --lines=DIR.", unit->path, (int)parts.function.length, parts.function.at,
			 (long long)size, (long long)parts.size);
	} else if (match == DEBUG_NO_FUNCTION && printed && !unit->lacked) {
		unit->lacked = true;
		complain(EXIT_DONE, "%s has no function %.*s, so that has no line; if it is not a BPF program, the file is of another build: "
			 "name the folder with the right file by --lines=DIR.", unit->path, (int)parts.function.length, parts.function.at);
	}
}

static int by_place(const void *one, const void *two)
{
	const struct known *a = one, *b = two;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	if (a->exact != b->exact)
		return a->exact ? -1 : 1;
	return strcmp(a->place.name, b->place.name);
}

/*
 * A return address is behind the call, which can be the last instruction of its line, so the line is
 * that of the byte before it. If the call is the last instruction of its function, the address has
 * the name of the next function: its offset is 0, and the caller is not known.
 */
static void look_up(const struct source_lines *lines, struct known *known)
{
	const struct unit *unit = &lines->unit[known->unit];
	struct place_parts parts = place_parts(&known->place);
	uint64_t address;
	int64_t size;

	if (!unit->file || unit->foreign || (!known->exact && !parts.offset) || find_function(unit, parts, &size, &address) != DEBUG_FOUND)
		return;
	debug_file_sources(unit->file, address + (uint64_t)parts.offset - !known->exact, &known->place);
}

/* A place of a file that has lines already keeps them if none are found now. */
static void add_place(struct source_lines *lines, const char *release, bool exact, struct place *place)
{
	struct place_parts parts = place_parts(place);
	struct known key = { .exact = exact, .place.name = place->name, .place.function = place->function }, **found, *known;

	if (!parts.function.length || parts.offset < 0 || parts.size < 0)
		return;
	key.unit = find_unit(lines, release, parts.module);
	found = tsearch(&key, &lines->known, by_place);
	if (!found)
		memory_short();
	if (*found == &key) {
		known = memory_get(sizeof(*known));
		*known = key;
		known->place.name = memory_format("%s", place->name);
		*found = known;
		look_up(lines, known);
	}
	known = *found;
	if (!known->place.sources || lines->unit[key.unit].foreign)
		return;
	place_free_sources(place);
	place_copy_sources(place, &known->place);
}

/* The caller of an exception's entry code was interrupted, and did not call it. */
static bool is_exception_entry(const struct place *place)
{
	return place->name && (!strncmp(place->name, "el1h_64_", 8) || !strncmp(place->name, "el1t_64_", 8));
}

/* A stack with a pc begins with it. */
static void add_trace(struct source_lines *lines, const char *release, struct trace *trace)
{
	if (trace->has_pc)
		add_place(lines, release, true, &trace->pc);
	for (size_t i = 0; i < trace->depth; i++)
		add_place(lines, release, i ? is_exception_entry(&trace->stack[i - 1]) : trace->has_pc, &trace->stack[i]);
}

/* Adds the name to a list, and frees the list. */
static char *add_name(char *list, const struct unit *unit)
{
	char *longer = memory_format("%s%s%s%s", list ? list : "", list ? ", " : "", unit->module ? unit->module : "vmlinux",
				     unit->module ? ".ko" : "");

	free(list);
	return longer;
}

/* One sentence names all files that are missing since the last one. */
static void say_missing(struct source_lines *lines, const char *release)
{
	char *packaged = NULL, *own = NULL;

	for (size_t i = 0; i < lines->count; i++) {
		struct unit *unit = &lines->unit[i];

		if (!unit->missing)
			continue;
		unit->missing = false;
		if (unit->module && !strncmp(unit->module, "sdei_nmi", 8))
			own = add_name(own, unit);
		else
			packaged = add_name(packaged, unit);
	}
	if (packaged)
		complain(EXIT_DONE, "there is no debug information for %s%s%s, so stacks lack lines; Debian has it in the package linux-image-%s-dbg%s%s%s, "
			 "and --lines=DIR names another folder.", packaged, own ? ", " : "", own ? own : "", release ? release : "RELEASE",
			 own ? ", except for " : "", own ? own : "", own ? ", which no package has" : "");
	else if (own)
		complain(EXIT_DONE, "there is no debug information for %s, so stacks lack lines; no package has it, so build the module yourself and name its "
			 "folder by --lines=DIR.", own);
	free(packaged);
	free(own);
}

/* Returns a sentence, or NULL if lines can be looked for. */
static const char *obstacle(const struct source_lines *lines, const char *release)
{
	if (!debug_file_supported())
		return "this build of the tool has no libdw, so stacks lack lines; install the tool's package, or build it with libdw-dev installed.";
	if (!lines->folder && (!release || strchr(release, '/')))
		return "the snapshot does not name its kernel, so stacks lack lines; name the folder with vmlinux and the modules by --lines=DIR.";
	return NULL;
}

/* Checks the places of those CPUs that are chosen, or of the others. Without a choice, all are chosen. */
static void check_cpus(struct source_lines *lines, const char *release, const struct snapshot *snapshot, const struct cpus *chosen, bool printed)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct trace *trace = &snapshot->cpu[i].trace;

		if ((!chosen || cpus_have(chosen, snapshot->cpu[i].number)) != printed)
			continue;
		if (trace->has_pc)
			check_place(lines, release, &trace->pc, printed);
		for (size_t k = 0; k < trace->depth; k++)
			check_place(lines, release, &trace->stack[k], printed);
	}
}

/*
 * All places are checked before the first one gets a line, because any of them can show that the
 * file is of another build. Only the chosen CPUs are printed.
 */
void source_lines_add(struct source_lines *lines, struct snapshot *snapshot, const struct cpus *chosen)
{
	const char *release = lines->folder ? NULL : snapshot->release, *why;

	if (!lines->wanted)
		return;
	why = obstacle(lines, release);
	if (why) {
		if (!lines->said)
			complain(EXIT_DONE, "%s", why);
		lines->said = true;
		return;
	}
	check_cpus(lines, release, snapshot, chosen, true);
	check_cpus(lines, release, snapshot, chosen, false);
	say_missing(lines, snapshot->release);
	for (size_t i = 0; i < snapshot->count; i++)
		if (!chosen || cpus_have(chosen, snapshot->cpu[i].number))
			add_trace(lines, release, &snapshot->cpu[i].trace);
}

static void free_known(void *node)
{
	struct known *known = node;

	place_free(&known->place);
	free(known);
}

void source_lines_free(struct source_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct unit *unit = &lines->unit[i];

		if (unit->file)
			debug_file_close(unit->file);
		free(unit->path);
		free(unit->module);
		free(unit->release);
	}
	free(lines->unit);
	tdestroy(lines->known, free_known);
}
