/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads the form that the driver's files in debugfs have (docs/abi/debugfs-sdei_nmi): a line that
 * names the format, a head, and blocks, in lines KEY: VALUE. No I/O.
 */
#ifndef TOOL_SNAPSHOT_DRIVER_FILE_H
#define TOOL_SNAPSHOT_DRIVER_FILE_H

#include "snapshot/trace.h"

struct flaw {
	size_t line;
	const char *what;
};

/* The functions get "into". The parser itself reads the keys of struct trace. */
struct driver_file {
	const char *form;		/* the first line */
	const char *another_form;	/* what is wrong if the first line differs */
	bool (*head)(void *into, struct piece key, struct piece value);
	void (*begin)(void *into);
	bool (*field)(void *into, struct piece key, struct piece value);
	const char *(*end)(void *into, struct trace *trace);	/* takes over the trace, or returns what is wrong */
	void *into;
};

bool driver_file_parse(const struct driver_file *file, struct piece text, struct flaw *flaw);

#endif
