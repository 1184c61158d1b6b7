// SPDX-License-Identifier: GPL-2.0
/*
 * Event 0 has one owner. Invariant: after swap_end() the machine has the driver that it had before
 * swap_begin(), unless the caller says that it must not be loaded again, or a sentence says what
 * failed and how to load it. The caller keeps signals from ending the tool in between.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "machine/host.h"
#include "validate/swap.h"

#define DRIVER "sdei_nmi"
#define CHECKS "sdei_nmi_validate"
#define PARAMETERS "/sys/module/" DRIVER "/parameters"

/* Loading waits until each CPU has taken an interrupt, which a busy machine with 512 CPUs does in seconds. */
#define MODPROBE_MS 120000

extern char **environ;

/*
 * Starts modprobe with its output into the pipe. It gets a process group of its own, so that Ctrl-C
 * does not stop it halfway. PATH may lack the folders for administrators.
 */
static int start(char *const *arguments, int output, pid_t *child)
{
	static const char *const places[] = { "modprobe", "/sbin/modprobe", "/usr/sbin/modprobe" };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = ENOENT;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && err == ENOENT; i++)
		err = posix_spawnp(child, places[i], &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* Returns the last line that modprobe wrote, or NULL. The pipe holds more than modprobe writes. */
static char *last_line(int output)
{
	struct contents contents;
	struct piece rest, line, last = { NULL, 0 };
	char *text = NULL;

	if (file_read_fd(output, 1 << 16, &contents))
		return NULL;
	for (rest = contents_piece(&contents); text_line(&rest, &line);)
		if (text_trim(line).length)
			last = text_trim(line);
	if (last.length)
		text = text_safe(last, TEXT_DOUBLE_BACKSLASH);
	free(contents.text);
	return text;
}

/* Waits for modprobe to end. Returns NULL, or why it failed. */
static char *wait_for(pid_t child, int output)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int64_t end = now_ms() + MODPROBE_MS;
	char *line, *why;
	pid_t got;
	int status;

	while ((got = waitpid(child, &status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
		if (now_ms() > end)
			return memory_format("modprobe has not ended for %d s", MODPROBE_MS / 1000);
		nanosleep(&pause, NULL);
	}
	if (got < 0)
		return memory_format("how modprobe ended is not known: %s", strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return NULL;
	line = last_line(output);
	if (line)
		why = memory_format("it says '%s'", line);
	else if (WIFEXITED(status))
		why = memory_format("modprobe ended with %d", WEXITSTATUS(status));
	else
		why = memory_format("a signal ended modprobe");
	free(line);
	return why;
}

/* Runs modprobe. Returns NULL, or why it failed. */
static char *modprobe(const char *what, const char *option, const char *module, char *const *parameter, size_t parameters)
{
	char **arguments = memory_array(NULL, parameters + 4, sizeof(*arguments));
	size_t count = 0;
	int ends[2], err;
	pid_t child;
	char *why;

	arguments[count++] = (char *)"modprobe";
	if (option)
		arguments[count++] = (char *)option;
	arguments[count++] = (char *)module;
	for (size_t i = 0; i < parameters; i++)
		arguments[count++] = parameter[i];
	arguments[count] = NULL;
	progress("%s", what);
	err = pipe2(ends, O_CLOEXEC | O_NONBLOCK) ? errno : 0;
	if (!err) {
		err = start(arguments, ends[1], &child);
		close(ends[1]);
		why = err ? NULL : wait_for(child, ends[0]);
		close(ends[0]);
	}
	progress_end();
	free(arguments);
	return err ? memory_format("modprobe could not be started: %s", strerror(err)) : why;
}

static bool is_loaded(const char *module)
{
	return file_there("/sys/module/%s/initstate", module);
}

/* The kernel splits parameters at blanks unless they are in quotes. */
static void keep_parameter(struct swap *swap, const char *name)
{
	char *value = file_line(PARAMETERS "/%s", name);

	if (value && strcmp(value, "(null)") && swap->parameters < SWAP_PARAMETERS)
		swap->parameter[swap->parameters++] = memory_format(strchr(value, ' ') ? "%s=\"%s\"" : "%s=%s", name, value);
	free(value);
}

static int by_name(const void *one, const void *two)
{
	return strcmp(*(char *const *)one, *(char *const *)two);
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
	qsort(swap->parameter, swap->parameters, sizeof(swap->parameter[0]), by_name);
}

static void forget(struct swap *swap)
{
	for (size_t i = 0; i < swap->parameters; i++)
		free(swap->parameter[i]);
	*swap = (struct swap){ 0 };
}

/* Loads the driver again. Returns the exit status. */
static int load_driver(const struct swap *swap)
{
	char *why = modprobe("loading the driver again", NULL, DRIVER, swap->parameter, swap->parameters), *command;

	if (!why)
		return EXIT_DONE;
	command = memory_format("modprobe " DRIVER);
	for (size_t i = 0; i < swap->parameters; i++) {
		char *more = memory_format("%s %s", command, swap->parameter[i]);

		free(command);
		command = more;
	}
	complain(EXIT_FAILED, "the driver could not be loaded again: %s; see the kernel log, and run '%s' as root.", why, command);
	free(command);
	free(why);
	return EXIT_FAILED;
}

/* What was loaded by insmod can't be loaded again by modprobe. */
static int check_installed(void)
{
	static const char *const modules[] = { CHECKS, DRIVER };
	char *release = file_line("/proc/sys/kernel/osrelease");
	const char *missing = NULL;

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if ((i || !is_loaded(CHECKS)) && host_has_module(release, modules[i]) == NO)
			missing = modules[i];
	free(release);
	if (!missing)
		return EXIT_DONE;
	return complain(EXIT_UNAVAILABLE, "not available: modprobe does not find the module %s, so it could not be loaded; install it as "
			"docs/install.md says.",
			missing);
}

static int unload_driver(struct swap *swap)
{
	char *why;

	keep_parameters(swap);
	why = modprobe("unloading the driver", "-r", DRIVER, NULL, 0);
	if (!why)
		return EXIT_DONE;
	complain(EXIT_FAILED, "the driver could not be unloaded: %s; end the programs that use it, such as perf, and see the kernel log.", why);
	free(why);
	if (!is_loaded(DRIVER))
		load_driver(swap);
	return EXIT_FAILED;
}

/* Returns the exit status. If it fails, the machine has the modules that it had before. */
int swap_begin(struct swap *swap)
{
	int status;
	char *why;

	*swap = (struct swap){ 0 };
	if (geteuid())
		return complain(EXIT_PERMISSION, "no permission to unload the driver; run the tool as root.");
	if (!is_loaded(DRIVER) && file_there("/sys/kernel/" DRIVER))
		return complain(EXIT_UNAVAILABLE, "not available: the driver is built into the kernel; boot with sdei_nmi.enable=0.");
	status = check_installed();
	if (status)
		return status;
	swap->driver = is_loaded(DRIVER);
	if (swap->driver) {
		status = unload_driver(swap);
		if (status) {
			forget(swap);
			return status;
		}
	}
	if (is_loaded(CHECKS))
		return EXIT_DONE;
	why = modprobe("loading the module with the checks", NULL, CHECKS, NULL, 0);
	if (!why) {
		swap->checks = true;
		return EXIT_DONE;
	}
	swap_end(swap, true);
	complain(EXIT_UNAVAILABLE, "not available: the module " CHECKS " could not be loaded: %s; see the kernel log.", why);
	free(why);
	return EXIT_UNAVAILABLE;
}

/*
 * Loads the driver again if reload is set. The driver can be loaded beside the module of the checks,
 * whose device is closed. Returns the exit status.
 */
int swap_end(struct swap *swap, bool reload)
{
	char *why = swap->checks ? modprobe("unloading the module with the checks", "-r", CHECKS, NULL, 0) : NULL;
	int status = EXIT_DONE;

	if (why)
		status = complain(EXIT_FAILED, "the module " CHECKS " could not be unloaded: %s; it does no harm, and is gone after a reboot.", why);
	free(why);
	if (swap->driver && reload && load_driver(swap))
		status = EXIT_FAILED;
	forget(swap);
	return status;
}
