/* SPDX-License-Identifier: GPL-2.0 */
/* Reads files that sdei-nmi stacks or sdei-nmi report has written. */
#ifndef TOOL_SNAPSHOT_SNAPSHOT_FILE_H
#define TOOL_SNAPSHOT_SNAPSHOT_FILE_H

#include "snapshot/series.h"

/* A report for people. */
#define REPORT_BEGINS "== sdei-nmi report\n"
#define REPORT_JSON_BEGINS "== the same, as JSON\n"

struct snapshot_file {
	const char *path;
	int fd;
	char ahead[4096];	/* the beginning, to see what the file is */
	size_t at, length;	/* what is left of it */
	struct series series;
	char *flaw;
};

int snapshot_file_open(struct snapshot_file *file, const char *path);
bool snapshot_file_next(struct snapshot_file *file, struct snapshot *snapshot);
int snapshot_file_close(struct snapshot_file *file);
int snapshot_file_single(const char *path, struct snapshot *snapshot);

#endif
