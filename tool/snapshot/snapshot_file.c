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

/* A report for people ends with the same as JSON. Goes to that place, or to the start of the file. */
static void skip_text(int fd)
{
	FILE *text = fdopen(dup(fd), "r");
	char *line = NULL;
	size_t room = 0;
	off_t json = 0;
	bool is_report;

	if (!text)
		return;
	is_report = getline(&line, &room, text) > 0 && !strcmp(line, REPORT_BEGINS);
	while (is_report && !json && getline(&line, &room, text) > 0)
		if (!strcmp(line, REPORT_JSON_BEGINS))
			json = ftello(text);
	free(line);
	fclose(text);
	lseek(fd, json, SEEK_SET);
}

/* The path is that of the user's file, also with --root. Opening a FIFO must not block. */
int snapshot_file_open(struct snapshot_file *file, const char *path)
{
	struct stat st = { 0 };

	*file = (struct snapshot_file){ .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) };
	if (file->fd < 0)
		return refuse(path, errno);
	if (!fstat(file->fd, &st) && S_ISREG(st.st_mode)) {
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
