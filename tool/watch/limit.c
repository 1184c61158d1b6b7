// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: a limit that this program has set is set back however the program ends, unless a
 * signal that interrupt.c does not catch kills it. If somebody else has changed the limit
 * meanwhile, it stays. A lock on the parameter's file keeps two runs of the tool from setting it
 * back to each other's values.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/exits.h"
#include "common/files.h"
#include "common/output.h"
#include "machine/cause.h"
#include "watch/limit.h"

static int lock = -1;
static int64_t before_ns, own_ns;
static bool changed;

/* Writes the limit as the parameter takes it. */
const char *limit_text(int64_t ns, char buffer[static LIMIT_TEXT])
{
	if (!ns)
		return strcpy(buffer, "off");
	if (ns % 1000000000 == 0)
		snprintf(buffer, LIMIT_TEXT, "%llds", (long long)(ns / 1000000000));
	else if (ns % 1000000 == 0)
		snprintf(buffer, LIMIT_TEXT, "%lldms", (long long)(ns / 1000000));
	else
		snprintf(buffer, LIMIT_TEXT, "%lldus", (long long)(ns / 1000));
	return buffer;
}

/* 0: off */
static int read_limit(int64_t *ns)
{
	struct contents contents;
	struct piece value;
	int err = file_read(LIMIT_FILE, 4096, &contents);
	bool valid;

	if (err == -ENOENT && file_there("/sys/kernel/sdei_nmi"))
		return complain(EXIT_UNAVAILABLE, "the driver is running, but " LIMIT_FILE " does not exist; load a newer module.");
	if (err)
		return file_trouble(LIMIT_FILE, err);
	value = text_trim(contents_piece(&contents));
	contents.text[(size_t)(value.at - contents.text) + value.length] = '\0';
	*ns = 0;
	valid = text_is(value, "off") || text_time(value.at, ns);
	free(contents.text);
	return valid ? EXIT_DONE :
		       complain(EXIT_FAILED, LIMIT_FILE " can't be understood; use the version of the tool that belongs to the driver.");
}

/* Returns 0 or -errno. */
static int write_limit(int64_t ns)
{
	char buffer[LIMIT_TEXT];
	const char *text = limit_text(ns, buffer);
	int fd = file_open(LIMIT_FILE, O_WRONLY | O_TRUNC), err = 0;

	if (fd < 0)
		return fd;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static void end_at_exit(void)
{
	limit_end();
}

static int cannot_set(int err)
{
	if (err == -EACCES || err == -EPERM || err == -EROFS)
		return complain(EXIT_PERMISSION, "no permission to write " LIMIT_FILE "; run the tool as root and outside a container.");
	return complain(EXIT_FAILED, "the limit could not be written to " LIMIT_FILE ": %s; see the kernel log.", strerror(-err));
}

/* Sets the limit, unless the driver already records what is longer than that. The caller catches interrupts. */
int limit_begin(int64_t ns)
{
	char had[LIMIT_TEXT], wanted[LIMIT_TEXT];
	bool locked;
	int status, err;

	lock = file_open(LIMIT_FILE, O_RDONLY);
	locked = lock >= 0 && !flock(lock, LOCK_EX | LOCK_NB);
	status = read_limit(&before_ns);
	if (status)
		return status;
	limit_text(before_ns, had);
	limit_text(ns, wanted);
	if (before_ns && before_ns <= ns) {
		close(lock);
		return complain(EXIT_DONE, "the driver already records what is longer than %s; this limit stays, and %s does not apply.",
				had, wanted);
	}
	if (!locked)
		return complain(EXIT_FAILED, "another 'sdei-nmi watch --over' has set the limit, which is %s, and sets it back when it ends; end that one.",
				had);
	own_ns = ns;
	atexit(end_at_exit);
	changed = true;
	err = write_limit(ns);
	if (!err)
		return EXIT_DONE;
	changed = false;
	return cannot_set(err);
}

int limit_end(void)
{
	char had[LIMIT_TEXT], now[LIMIT_TEXT];
	int64_t now_ns;
	int status, err;

	if (!changed)
		return EXIT_DONE;
	changed = false;
	/* The driver was unloaded. */
	if (!file_there(LIMIT_FILE))
		return EXIT_DONE;
	status = read_limit(&now_ns);
	if (status)
		return status;
	limit_text(before_ns, had);
	if (now_ns != own_ns)
		return complain(EXIT_DONE, "another program has changed the limit to %s meanwhile; it stays, and is not set back to %s.",
				limit_text(now_ns, now), had);
	err = write_limit(before_ns);
	close(lock);
	return err ? complain(EXIT_FAILED, "the limit could not be set back to %s: %s; write that to " LIMIT_FILE " yourself.", had, strerror(-err)) :
		     EXIT_DONE;
}
