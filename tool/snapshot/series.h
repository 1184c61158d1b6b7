/* SPDX-License-Identifier: GPL-2.0 */
/* Reads JSON documents with a snapshot each, one after another, from a text that comes in pieces. */
#ifndef TOOL_SNAPSHOT_SERIES_H
#define TOOL_SNAPSHOT_SERIES_H

#include <sys/types.h>

#include "snapshot/snapshot.h"

#define SERIES_PIECE 65536

/* Returns the number of bytes, 0 at the end of the text, or -errno. */
typedef ssize_t (*series_read)(void *from, char *buffer, size_t room);

struct series {
	series_read read;
	void *from;
	struct json_tokener *tokener;
	char *buffer;
	size_t at, length;	/* what is left of the piece */
	size_t line;		/* of the text at "at" */
	size_t first_line;	/* of the document */
	size_t memory;		/* that the document takes, estimated */
	size_t documents;
	bool ended;
};

void series_begin(struct series *series, series_read read, void *from);
bool series_next(struct series *series, struct snapshot *snapshot, char **flaw);
void series_end(struct series *series);

#endif
