// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exits.h"
#include "common/memory.h"
#include "common/output.h"
#include "snapshot/snapshot_file.h"

/* What was read ahead comes first. */
static ssize_t read_piece(void *from, char *buffer, size_t room)
{
	struct snapshot_file *file = from;
	ssize_t got = (ssize_t)(file->length - file->at);

	if (got) {
		got = (size_t)got < room ? got : (ssize_t)room;
		memcpy(buffer, file->ahead + file->at, (size_t)got);
		file->at += (size_t)got;
		return got;
	}
	do
		got = read(file->fd, buffer, room);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Returns whether these bytes come next, and leaves them. */
static bool begins(struct snapshot_file *file, const char *bytes)
{
	size_t count = strlen(bytes);
	ssize_t got = 1;

	while (got > 0 && file->length - file->at < count) {
		do
			got = read(file->fd, file->ahead + file->length, sizeof(file->ahead) - file->length);
		while (got < 0 && errno == EINTR);
		file->length += got > 0 ? (size_t)got : 0;
	}
	return file->length - file->at >= count && !memcmp(file->ahead + file->at, bytes, count);
}

/* Returns the next byte, or -1 if there is none. */
static int next_byte(struct snapshot_file *file)
{
	if (file->at == file->length) {
		ssize_t got = read_piece(file, file->ahead, sizeof(file->ahead));

		file->at = 0;
		file->length = got > 0 ? (size_t)got : 0;
		if (!file->length)
			return -1;
	}
	return (unsigned char)file->ahead[file->at++];
}

static int refuse(const char *path, int err)
{
	if (err == EACCES || err == EPERM)
		return complain(EXIT_PERMISSION, "%s can't be read: no permission; run the tool as the file's owner or root.", path);
	return complain(EXIT_FAILED, "%s can't be read: %s; name a file that 'sdei-nmi stacks -o FILE' has written.", path, strerror(err));
}

/* Returns the program that decompresses the file, or NULL if the file is not compressed. */
static const char *compressed_by(struct snapshot_file *file)
{
	static const struct {
		const char *begins, *program;
	} kinds[] = {
		{ "\x1f\x8b", "zcat" }, { "\xfd" "7zXZ", "xzcat" }, { "\x28\xb5\x2f\xfd", "zstdcat" }, { "BZh", "bzcat" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (begins(file, kinds[i].begins))
			return kinds[i].program;
	return NULL;
}

/*
 * Goes to the JSON. A report for people ends with it. Some editors put a byte order mark in front of
 * a file.
 */
static void skip_text(struct snapshot_file *file)
{
	static const char mark[] = "\xef\xbb\xbf", json[] = REPORT_JSON_BEGINS;
	size_t same = 0;
	int byte = 0;

	if (begins(file, mark))
		file->at += sizeof(mark) - 1;
	if (!begins(file, REPORT_BEGINS))
		return;
	while (same != sizeof(json) - 1 && (byte = next_byte(file)) >= 0) {
		/* SIZE_MAX: this line is another one, up to its end. */
		if (same != SIZE_MAX && byte == json[same])
			same++;
		else
			same = byte == '\n' ? 0 : SIZE_MAX;
	}
	if (byte < 0)
		file->flaw = memory_format("it is a report that ends before its JSON");
}

/*
 * The path is that of the user's file, also with --root; "-" is the standard input. Opening a FIFO
 * must not block.
 */
int snapshot_file_open(struct snapshot_file *file, const char *path)
{
	bool is_input = !strcmp(path, "-");
	struct stat st = { 0 };
	const char *program;

	*file = (struct snapshot_file){ .path = is_input ? "the standard input" : path };
	file->fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0)
		return refuse(file->path, errno);
	if (fstat(file->fd, &st) || S_ISDIR(st.st_mode) || (!is_input && !S_ISREG(st.st_mode))) {
		close(file->fd);
		if (S_ISDIR(st.st_mode))
			return refuse(file->path, EISDIR);
		return complain(EXIT_FAILED, "%s can't be read: it is not a regular file; copy its content to one.", path);
	}
	program = compressed_by(file);
	if (program) {
		close(file->fd);
		return complain(EXIT_FAILED, "%s is compressed; decompress it first: '%s FILE | sdei-nmi stacks --file -'.", file->path, program);
	}
	skip_text(file);
	series_begin(&file->series, read_piece, file);
	return EXIT_DONE;
}

/* Returns false at the end and at a flaw, which snapshot_file_close() reports. */
bool snapshot_file_next(struct snapshot_file *file, struct snapshot *snapshot)
{
	return !file->flaw && series_next(&file->series, snapshot, &file->flaw);
}

/* Returns EXIT_FAILED and says what is wrong if the file was not read to its end because of a flaw. */
int snapshot_file_close(struct snapshot_file *file)
{
	int status = EXIT_DONE;

	if (file->flaw)
		status = complain(EXIT_FAILED, "%s is not a complete file of snapshots: %s; write it anew by 'sdei-nmi stacks -o FILE'.", file->path,
				  file->flaw);
	free(file->flaw);
	series_end(&file->series);
	close(file->fd);
	return status;
}

/* Reads a file that has one snapshot. The caller frees the snapshot only if this returns EXIT_DONE. */
int snapshot_file_single(const char *path, struct snapshot *snapshot)
{
	struct snapshot_file file;
	struct snapshot second;
	int status = snapshot_file_open(&file, path);
	bool several = false, found;

	if (status)
		return status;
	found = snapshot_file_next(&file, snapshot);
	if (found && snapshot_file_next(&file, &second)) {
		several = true;
		snapshot_free(&second);
	}
	status = snapshot_file_close(&file);
	if (several)
		status = complain(EXIT_USAGE, "%s has several snapshots: one is needed; take out the first by 'sed -n 1p', or another.", path);
	if (status && found)
		snapshot_free(snapshot);
	return status;
}
