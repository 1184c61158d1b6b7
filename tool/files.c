// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "memory.h"

#define LINE_MOST 4096

static const char *root = "";

void files_root(const char *folder)
{
	root = folder;
}

bool files_rooted(void)
{
	return *root;
}

char *file_path(const char *path)
{
	return memory_format("%s%s", root, path);
}

/* -errno, or a descriptor. Whatever it is, opening it waits for nobody. */
int file_open(const char *path, int flags)
{
	char *full = file_path(path);
	int fd = open(full, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		fd = -errno;
	free(full);
	return fd;
}

int file_read_fd(int fd, size_t most, struct contents *contents)
{
	size_t room = 0;

	*contents = (struct contents){ 0 };
	for (;;) {
		ssize_t got;

		if (contents->length == room) {
			room = room ? room * 2 : LINE_MOST;
			contents->text = memory_array(contents->text, room + 1, 1);
		}
		got = read(fd, contents->text + contents->length, room - contents->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int err = -errno;

			free(contents->text);
			*contents = (struct contents){ 0 };
			return err;
		}
		contents->length += (size_t)got;
		if (!got || contents->length > most) {
			contents->cut = contents->length > most;
			contents->text[contents->length] = '\0';
			return 0;
		}
	}
}

/* 0, or -errno. What is longer than it may be is cut, and said to be. */
int file_read(const char *path, size_t most, struct contents *contents)
{
	int fd = file_open(path, O_RDONLY), err;

	*contents = (struct contents){ 0 };
	if (fd < 0)
		return fd;
	err = file_read_fd(fd, most, contents);
	close(fd);
	return err;
}

/* The first line, or the first string of a device tree's property, safe to show. NULL if there is none. */
char *file_line(const char *format, ...)
{
	struct contents contents;
	struct piece piece;
	va_list args;
	char *path, *line = NULL;

	va_start(args, format);
	path = memory_vformat(format, args);
	va_end(args);
	if (!file_read(path, LINE_MOST, &contents)) {
		piece = (struct piece){ contents.text, strcspn(contents.text, "\n") };
		piece = text_trim(piece);
		if (piece.length)
			line = text_safe(piece, TEXT_DOUBLE_BACKSLASH);
		free(contents.text);
	}
	free(path);
	return line;
}

bool file_there(const char *format, ...)
{
	va_list args;
	char *path, *full;
	bool there;

	va_start(args, format);
	path = memory_vformat(format, args);
	va_end(args);
	full = file_path(path);
	there = !access(full, F_OK);
	free(full);
	free(path);
	return there;
}

struct piece contents_piece(const struct contents *contents)
{
	return (struct piece){ contents->text, contents->length };
}
