/* SPDX-License-Identifier: GPL-2.0 */
/* Reads this machine's files, or those of a tree like it (--root). */
#ifndef TOOL_FILES_H
#define TOOL_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct contents {
	char *text;	/* with a NUL behind it */
	size_t length;
	bool cut;	/* there is more than was to be read */
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
