/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A task and its stack at one moment, as the driver's files in debugfs have them. text_safe() has
 * made all text safe. Missing values are NULL or -1. No I/O.
 */
#ifndef TOOL_SNAPSHOT_TRACE_H
#define TOOL_SNAPSHOT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

/* A line of source code, and the function that was inlined there; NULL for the place's own function. */
struct source {
	char *function, *file;
	int64_t line;
};

struct place {
	uint64_t address;	/* 0 if hidden */
	char *name;		/* NAME+0xOFFSET/0xSIZE, then " [MODULE]" for a module's code */
	size_t function;	/* length of NAME */
	struct source *source;	/* innermost first; the last one is the place's own. None if the line is not known */
	size_t sources;
};

/* The parts of a place's name. A part that the name lacks is empty or -1. */
struct place_parts {
	struct piece function, module;
	int64_t offset, size;
};

struct trace {
	char *task;
	int64_t pid, cut;
	bool has_pstate, has_pc, has_sp, has_stack;
	uint64_t pstate, sp;
	struct place pc;
	struct place *stack;
	size_t depth, room;
};

#define TRACE_EMPTY ((struct trace){ .pid = -1, .cut = -1 })

enum trace_key {
	TRACE_READ,
	TRACE_INVALID,	/* the value is not valid for this key */
	TRACE_NO_KEY,	/* the key is not one of a trace */
};

enum trace_key trace_key(struct trace *trace, struct piece key, struct piece value);
bool trace_entry(struct trace *trace, struct piece entry);
void trace_push(struct trace *trace, const struct place *place);
void trace_free(struct trace *trace);
void place_set_name(struct place *place, char *name);
void place_add_source(struct place *place, char *function, char *file, int64_t line);
void place_copy_sources(struct place *place, const struct place *from);
void place_free_sources(struct place *place);
void place_free(struct place *place);
struct place_parts place_parts(const struct place *place);
bool place_same_function(const struct place *a, const struct place *b);

#endif
