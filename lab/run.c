// SPDX-License-Identifier: GPL-2.0
/*
 * run -t SECONDS -d DIR -p PARENT [-e] -- QEMU ARGUMENT...: runs one guest and keeps what it leaves in DIR.
 *
 * QEMU's standard output is the guest's result channel. It is copied to DIR/result, with -e to our standard output too. The
 * run ends when the guest's last line has come, when QEMU ends by itself, or at the hard limit, whichever is first; which it
 * was goes as one line into DIR/exit, written after QEMU has gone. QEMU never outlives this program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_LINE "# sdei-nmi-lab: end"

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static __attribute__((noreturn)) void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("run: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static FILE *open_in(const char *dir, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	if (!file)
		fail("cannot write %s: %s", path, strerror(errno));
	return file;
}

/* Starts QEMU and tells by a second pipe, which a successful exec closes, whether it could be started at all. */
static pid_t start(const char *dir, char **command, int *output, int *exec_error)
{
	int in[2], out[2], failed[2];
	pid_t child;
	FILE *errors = open_in(dir, "qemu");

	/* Nothing is ever sent in; but at an end of file QEMU would take the channel for disconnected. */
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(failed, O_CLOEXEC))
		fail("cannot make a pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		fail("cannot fork: %s", strerror(errno));
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(fileno(errors), 2);
		execvp(command[0], command);
		*exec_error = errno;
		if (write(failed[1], exec_error, sizeof(*exec_error)) < 0)
			_exit(126);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	close(failed[1]);
	fclose(errors);
	if (read(failed[0], exec_error, sizeof(*exec_error)) != sizeof(*exec_error))
		*exec_error = 0;
	close(failed[0]);
	*output = out[0];
	return child;
}

/* Takes the guest's lines until the end line, the end of QEMU, or the limit. */
static const char *follow(int output, FILE *result, bool echo, long long limit)
{
	char line[65536];
	size_t held = 0;

	for (;;) {
		struct pollfd watch = { .fd = output, .events = POLLIN };
		long long left = limit - now_ms();
		ssize_t n;

		if (interrupted)
			return "interrupted";
		if (left <= 0)
			return "timeout";
		if (poll(&watch, 1, left > 1000 ? 1000 : (int)left) <= 0)
			continue;
		n = read(output, line + held, sizeof(line) - 1 - held);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return "qemu";
		fwrite(line + held, 1, n, result);
		fflush(result);
		if (echo) {
			fwrite(line + held, 1, n, stdout);
			fflush(stdout);
		}
		held += n;
		for (;;) {
			char *end = memchr(line, '\n', held);
			size_t size = end ? (size_t)(end - line) + 1 : 0;

			if (!end)
				break;
			*end = '\0';
			if (!strncmp(line, END_LINE, strlen(END_LINE)))
				return "end";
			held -= size;
			memmove(line, line + size, held);
		}
		if (held == sizeof(line) - 1)
			held = 0;
	}
}

int main(int argc, char **argv)
{
	const char *dir = NULL, *how;
	long seconds = 0, parent = 0;
	bool echo = false;
	int option, output, status, exec_error;
	struct sigaction action = { .sa_handler = on_signal };
	FILE *result, *ending;
	pid_t child;

	while ((option = getopt(argc, argv, "+t:d:p:e")) != -1) {
		switch (option) {
		case 't':
			seconds = strtol(optarg, NULL, 10);
			break;
		case 'd':
			dir = optarg;
			break;
		case 'p':
			parent = strtol(optarg, NULL, 10);
			break;
		case 'e':
			echo = true;
			break;
		default:
			fail("usage: run -t SECONDS -d DIR -p PARENT [-e] -- QEMU ARGUMENT...");
		}
	}
	if (!dir || seconds <= 0 || parent <= 0 || optind == argc)
		fail("usage: run -t SECONDS -d DIR -p PARENT [-e] -- QEMU ARGUMENT...");
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* Nobody is left to read the result of a run whose caller is gone. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		fail("the caller has gone before the guest was started");

	result = open_in(dir, "result");
	child = start(dir, argv + optind, &output, &exec_error);
	how = exec_error ? "start" : follow(output, result, echo, now_ms() + seconds * 1000LL);
	fclose(result);
	if (strcmp(how, "qemu"))
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;

	if (interrupted) {
		signal(interrupted, SIG_DFL);
		raise(interrupted);
	}
	ending = open_in(dir, "exit");
	if (!strcmp(how, "timeout"))
		fprintf(ending, "timeout %ld\n", seconds);
	else if (!strcmp(how, "qemu"))
		fprintf(ending, "qemu %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	else if (!strcmp(how, "start"))
		fprintf(ending, "start %s: %s\n", argv[optind], strerror(exec_error));
	else
		fprintf(ending, "%s\n", how);
	fclose(ending);
	return 0;
}
