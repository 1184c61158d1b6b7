// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/files.h"
#include "common/memory.h"

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

/*
 * Links of the copy lead to files of the copy, never to those of this host. Returns NULL if the
 * kernel can't find out, which needs Linux 5.6.
 */
static char *path_in_copy(const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	char target[PATH_MAX], *link;
	int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	ssize_t length;

	if (top < 0)
		return NULL;
	fd = (int)syscall(SYS_openat2, top, path, &how, sizeof(how));
	close(top);
	/* A link may lead out of the copy. No copy has this folder. */
	if (fd < 0)
		return errno == ENOENT ? memory_format("%s/.sdei-nmi.none%s", root, path) : NULL;
	link = memory_format("/proc/self/fd/%d", fd);
	length = readlink(link, target, sizeof(target) - 1);
	free(link);
	close(fd);
	return length > 0 ? memory_format("%.*s", (int)length, target) : NULL;
}

char *file_path(const char *path)
{
	char *inside = *root ? path_in_copy(path) : NULL;

	return inside ? inside : memory_format("%s%s", root, path);
}

/* Returns a descriptor or -errno. Never blocks, also if the path is a FIFO or a device. */
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

/* Returns 0 or -errno. A file longer than most bytes is cut, and contents->cut is set. */
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

/*
 * Returns the first line of a file, or the first string of a device tree property. The text is safe
 * to show. Returns NULL if the file is empty or can't be read.
 */
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
