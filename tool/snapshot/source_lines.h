/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the source lines of the stacks of snapshots in files with debug information. Says on
 * standard error why stacks have no lines; that is no failure.
 */
#ifndef TOOL_SNAPSHOT_SOURCE_LINES_H
#define TOOL_SNAPSHOT_SOURCE_LINES_H

#include <argp.h>

#include "snapshot/snapshot.h"

#define SOURCE_LINES_OPTION 0x200

/* The entry of --lines for a table of options. */
#define SOURCE_LINES_ENTRY \
	{ "lines", SOURCE_LINES_OPTION, "DIR", OPTION_ARG_OPTIONAL, \
	  "Print the source line of each entry of a stack, by debug information in DIR (default: that of the kernel's packages)", 0 }

struct source_lines {
	bool wanted;
	const char *folder;	/* NULL: where packages put debug information */
	bool said;		/* that nothing can be found at all */
	struct unit *unit;	/* the kernel and the modules that were looked for */
	size_t count;
	void *known;		/* places that were looked up */
};

void source_lines_take(struct argp_state *state, const char *folder, struct source_lines *lines);
void source_lines_add(struct source_lines *lines, struct snapshot *snapshot, const struct cpus *chosen);
void source_lines_free(struct source_lines *lines);

#endif
