/* SPDX-License-Identifier: GPL-2.0 */
/* Reads files of this machine, or of a copy of another machine's files (--root). */
#ifndef TOOL_COMMON_FILES_H
#define TOOL_COMMON_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"

struct contents {
	char *text;	/* ends with a NUL, which length does not count */
	size_t length;
	bool cut;	/* the file is longer than the limit */
};

void files_root(const char *folder);
bool files_rooted(void);
char *file_path(const char *path);
int file_open(const char *path, int flags);
int file_read(const char *path, size_t most, struct contents *contents);
int file_read_fd(int fd, size_t most, struct contents *contents);
char *file_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool file_there(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct piece contents_piece(const struct contents *contents);

#endif
