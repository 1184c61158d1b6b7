// SPDX-License-Identifier: GPL-2.0
/*
 * The configuration is in up to three places. The kernel's own copy comes first, because a file can
 * be that of another build with the same release.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "machine/config.h"

#define CONFIG_MOST (4U << 20)	/* bytes */

extern char **environ;

/* Starts gzip with in as its input and out as its output. Returns its process, or -errno. */
static pid_t start_gzip(int in, int out)
{
	char *const arguments[] = { "gzip", "-dc", NULL };
	posix_spawn_file_actions_t actions;
	pid_t child = 0;
	int err;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	err = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!err)
		err = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err ? -err : child;
}

/* Like file_read(), for a compressed file. Without gzip the file counts as unreadable. */
static int read_compressed(const char *path, struct contents *contents)
{
	int in = file_open(path, O_RDONLY), ends[2], err, status;
	pid_t child, got;

	if (in < 0)
		return in;
	if (pipe2(ends, O_CLOEXEC)) {
		err = -errno;
		close(in);
		return err;
	}
	child = start_gzip(in, ends[1]);
	close(in);
	close(ends[1]);
	err = child < 0 ? child : file_read_fd(ends[0], CONFIG_MOST, contents);
	close(ends[0]);
	if (child < 0)
		return err;
	/* If the file is too long, gzip ends because nobody reads its output any more. */
	while ((got = waitpid(child, &status, 0)) < 0 && errno == EINTR)
		;
	if (!err && (got < 0 || !WIFEXITED(status) || WEXITSTATUS(status))) {
		free(contents->text);
		*contents = (struct contents){ 0 };
		err = -EIO;
	}
	return err;
}

static bool has_line(const struct config *config, const char *start)
{
	struct piece rest = contents_piece(&config->contents), line;

	while (text_line(&rest, &line))
		if (text_starts(line, start))
			return true;
	return false;
}

/* Keeps the contents that were read, unless they are no configuration. */
static void take(struct config *config, int err)
{
	if (err)
		return;
	config->known = has_line(config, "CONFIG_") || has_line(config, "# CONFIG_");
	if (!config->known)
		config_free(config);
}

/* Frees the path. */
static void read_plain(struct config *config, char *path)
{
	take(config, file_read(path, CONFIG_MOST, &config->contents));
	free(path);
}

/* The release is NULL if it is not known. */
void config_read(struct config *config, const char *release)
{
	*config = (struct config){ 0 };
	take(config, read_compressed("/proc/config.gz", &config->contents));
	if (release && !config->known)
		read_plain(config, memory_format("/boot/config-%s", release));
	if (release && !config->known)
		read_plain(config, memory_format("/lib/modules/%s/config", release));
}

/*
 * The answer is UNKNOWN if the configuration does not mention the option. An option that depends on
 * another one is not mentioned without it.
 */
enum answer config_has(const struct config *config, const char *option)
{
	char *on = memory_format("CONFIG_%s=", option), *off = memory_format("# CONFIG_%s is not set", option);
	enum answer answer = UNKNOWN;

	if (config->known)
		answer = has_line(config, on) ? YES : has_line(config, off) ? NO : UNKNOWN;
	free(on);
	free(off);
	return answer;
}

void config_free(struct config *config)
{
	free(config->contents.text);
	*config = (struct config){ 0 };
}
