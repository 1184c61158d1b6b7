// SPDX-License-Identifier: GPL-2.0
/*
 * Event 0 has one owner. Invariant: after swap_end() the machine has the modules that it had before
 * swap_begin(), except that the driver stays unloaded if the caller says that this firmware must not
 * serve it. modprobe runs in a process group of its own, so that Ctrl-C does not stop it halfway.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../files.h"
#include "../log.h"
#include "../memory.h"
#include "../options.h"
#include "../output.h"
#include "swap.h"

#define DRIVER "sdei_nmi"
#define CHECKS "sdei_nmi_validate"
#define PARAMETERS "/sys/module/" DRIVER "/parameters"

/* Loading waits until each CPU has taken an interrupt, which a busy machine with 512 CPUs does in seconds. */
#define MODPROBE_MS 120000

extern char **environ;

static int start(char *const *arguments, pid_t *child)
{
	posix_spawnattr_t attributes;
	int err = posix_spawnattr_init(&attributes);

	if (err)
		return err;
	err = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	if (!err)
		err = posix_spawnp(child, arguments[0], NULL, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	return err;
}

/* Runs modprobe. Returns NULL, or why it failed. */
static char *modprobe(const char *option, const char *module, char *const *parameter, size_t parameters)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	char **arguments = memory_array(NULL, parameters + 4, sizeof(*arguments));
	int64_t end = now_ms() + MODPROBE_MS;
	size_t count = 0;
	pid_t child, got;
	int err, status;

	arguments[count++] = (char *)"modprobe";
	if (option)
		arguments[count++] = (char *)option;
	arguments[count++] = (char *)module;
	for (size_t i = 0; i < parameters; i++)
		arguments[count++] = parameter[i];
	arguments[count] = NULL;
	err = start(arguments, &child);
	free(arguments);
	if (err)
		return memory_format("modprobe could not be started: %s", strerror(err));
	while ((got = waitpid(child, &status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
		if (now_ms() > end)
			return memory_format("modprobe has not ended for %d s", MODPROBE_MS / 1000);
		nanosleep(&pause, NULL);
	}
	if (got < 0)
		return memory_format("modprobe was lost: %s", strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return NULL;
	return WIFEXITED(status) ? memory_format("modprobe ended with %d", WEXITSTATUS(status)) : memory_format("a signal ended modprobe");
}

/* The kernel splits parameters at blanks unless they are in quotes. */
static void keep_parameter(struct swap *swap, const char *name)
{
	char *value = file_line(PARAMETERS "/%s", name);

	if (value && strcmp(value, "(null)") && swap->parameters < SWAP_PARAMETERS)
		swap->parameter[swap->parameters++] = memory_format(strchr(value, ' ') ? "%s=\"%s\"" : "%s=%s", name, value);
	free(value);
}

static void keep_parameters(struct swap *swap)
{
	char *full = file_path(PARAMETERS);
	DIR *dir = opendir(full);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			keep_parameter(swap, entry->d_name);
	if (dir)
		closedir(dir);
	free(full);
}

static void forget(struct swap *swap)
{
	for (size_t i = 0; i < swap->parameters; i++)
		free(swap->parameter[i]);
	*swap = (struct swap){ 0 };
}

/* Returns the exit status. On failure the machine has the modules that it had before. */
int swap_begin(struct swap *swap)
{
	char *why;

	*swap = (struct swap){ 0 };
	if (geteuid())
		return complain(EXIT_PERMISSION, "no permission to unload the driver; run the tool as root.");
	swap->driver = file_there("/sys/module/" DRIVER "/initstate");
	if (!swap->driver && file_there("/sys/kernel/" DRIVER))
		return complain(EXIT_UNAVAILABLE, "not available: the driver is built into the kernel; boot with sdei_nmi.enable=0.");
	if (swap->driver) {
		keep_parameters(swap);
		why = modprobe("-r", DRIVER, NULL, 0);
		if (why) {
			forget(swap);
			complain(EXIT_FAILED, "the driver could not be unloaded: %s; end the programs that use it, such as perf, and see the kernel log.",
				 why);
			free(why);
			return EXIT_FAILED;
		}
	}
	if (file_there("/sys/module/" CHECKS "/initstate"))
		return EXIT_DONE;
	why = modprobe(NULL, CHECKS, NULL, 0);
	if (!why) {
		swap->checks = true;
		return EXIT_DONE;
	}
	swap_end(swap, true);
	complain(EXIT_UNAVAILABLE, "not available: the module " CHECKS " could not be loaded: %s; install it, and see the kernel log.", why);
	free(why);
	return EXIT_UNAVAILABLE;
}

/* Loads the driver again if reload is set. Returns the exit status. */
int swap_end(struct swap *swap, bool reload)
{
	int status = EXIT_DONE;
	char *why = NULL;

	if (swap->checks)
		why = modprobe("-r", CHECKS, NULL, 0);
	if (why) {
		status = complain(EXIT_FAILED, "the module " CHECKS " could not be unloaded: %s; unload it, and run 'modprobe " DRIVER "' as root.",
				  why);
	} else if (swap->driver && reload) {
		why = modprobe(NULL, DRIVER, swap->parameter, swap->parameters);
		if (why)
			status = complain(EXIT_FAILED, "the driver could not be loaded again: %s; see the kernel log, and run 'modprobe " DRIVER
					  "' as root.",
					  why);
	}
	free(why);
	forget(swap);
	return status;
}
