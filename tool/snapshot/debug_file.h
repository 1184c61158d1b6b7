/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel or a module with debug information: the functions of its symbol table, and the source
 * lines of an address. By libdw; a build of the tool without it opens no file.
 */
#ifndef TOOL_SNAPSHOT_DEBUG_FILE_H
#define TOOL_SNAPSHOT_DEBUG_FILE_H

#include "snapshot/trace.h"

struct debug_file;

enum debug_match {
	DEBUG_FOUND,
	DEBUG_NO_FUNCTION,
	DEBUG_OTHER_SIZE,	/* a function has the name, and none the size */
	DEBUG_AMBIGUOUS,	/* several functions have the name and the size */
};

bool debug_file_supported(void);
struct debug_file *debug_file_open(const char *path, char **flaw);
void debug_file_close(struct debug_file *file);
enum debug_match debug_file_function(const struct debug_file *file, struct piece name, int64_t *size, uint64_t *address);
void debug_file_sources(struct debug_file *file, uint64_t address, struct place *place);

#endif
