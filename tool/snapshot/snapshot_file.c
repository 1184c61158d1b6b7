// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exits.h"
#include "common/output.h"
#include "snapshot/snapshot_file.h"

/* Of the standard input; snapshots of the largest machine for minutes. */
#define INPUT_MOST (1LL << 30)

static ssize_t read_piece(void *from, char *buffer, size_t room)
{
	struct snapshot_file *file = from;
	ssize_t got;

	do
		got = read(file->fd, buffer, room);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static int refuse(const char *path, int err)
{
	if (err == EACCES || err == EPERM)
		return complain(EXIT_PERMISSION, "%s can't be read: no permission; run the tool as the file's owner or root.", path);
	return complain(EXIT_FAILED, "%s can't be read: %s; name a file that 'sdei-nmi stacks -o FILE' has written.", path, strerror(err));
}

/* Returns the program that decompresses the file, or NULL if the file is not compressed. */
static const char *compressed_by(int fd)
{
	static const struct {
		const char *begins, *program;
	} kinds[] = {
		{ "\x1f\x8b", "zcat" }, { "\xfd" "7zXZ", "xzcat" }, { "\x28\xb5\x2f\xfd", "zstdcat" }, { "BZh", "bzcat" },
	};
	char begins[8];
	ssize_t got = pread(fd, begins, sizeof(begins), 0);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (got >= (ssize_t)strlen(kinds[i].begins) && !memcmp(begins, kinds[i].begins, strlen(kinds[i].begins)))
			return kinds[i].program;
	return NULL;
}

/*
 * Goes to the JSON. A report for people ends with it. Some editors put a byte order mark in front of
 * a file.
 */
static void skip_text(int fd)
{
	static const char mark[] = "\xef\xbb\xbf";
	FILE *text = fdopen(dup(fd), "r");
	char *line = NULL;
	size_t room = 0, start = 0;
	bool is_report;
	off_t json;

	if (!text)
		return;
	is_report = getline(&line, &room, text) > 0;
	if (is_report && !strncmp(line, mark, strlen(mark)))
		start = strlen(mark);
	json = (off_t)start;
	is_report = is_report && !strcmp(line + start, REPORT_BEGINS);
	while (is_report && json == (off_t)start && getline(&line, &room, text) > 0)
		if (!strcmp(line, REPORT_JSON_BEGINS))
			json = ftello(text);
	free(line);
	fclose(text);
	lseek(fd, json, SEEK_SET);
}

/* Copies the standard input to a file without a name. Returns its descriptor, or a negative errno. */
static int keep_input(void)
{
	FILE *copy = tmpfile();
	char piece[65536];
	off_t size = 0;
	ssize_t got;
	int fd, err = 0;

	if (!copy)
		return -errno;
	while (!err && (got = read(STDIN_FILENO, piece, sizeof(piece)))) {
		size += got;
		if (got < 0)
			err = errno;
		else if (size > INPUT_MOST)
			err = EFBIG;
		else if (fwrite(piece, 1, (size_t)got, copy) != (size_t)got)
			err = errno;
	}
	fd = err || fflush(copy) ? -1 : dup(fileno(copy));
	if (fd < 0)
		fd = -(err ? err : errno);
	fclose(copy);
	return fd;
}

/*
 * The path is that of the user's file, also with --root; "-" is the standard input. Opening a FIFO
 * must not block.
 */
int snapshot_file_open(struct snapshot_file *file, const char *path)
{
	struct stat st = { 0 };
	const char *program;

	*file = (struct snapshot_file){ .path = path };
	if (!strcmp(path, "-")) {
		file->path = "the standard input";
		file->fd = keep_input();
		errno = file->fd < 0 ? -file->fd : 0;
	} else {
		file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	if (file->fd < 0)
		return refuse(file->path, errno);
	program = compressed_by(file->fd);
	if (program) {
		close(file->fd);
		return complain(EXIT_FAILED, "%s is compressed; decompress it first: '%s FILE | sdei-nmi stacks --file -'.", file->path, program);
	}
	if (!fstat(file->fd, &st) && S_ISREG(st.st_mode)) {
		lseek(file->fd, 0, SEEK_SET);
		skip_text(file->fd);
		series_begin(&file->series, read_piece, file);
		return EXIT_DONE;
	}
	close(file->fd);
	if (S_ISDIR(st.st_mode))
		return refuse(path, EISDIR);
	return complain(EXIT_FAILED, "%s can't be read: it is not a regular file; copy its content to one.", path);
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
