// SPDX-License-Identifier: GPL-2.0
/*
 * run -t SECONDS -d DIR -p PARENT [-e] -- QEMU ARGUMENT...: runs one guest and writes its files to DIR.
 *
 * QEMU's standard output is the guest's result channel. The program copies it to DIR/result, and with -e to standard output.
 * The run ends with the guest's end line, with QEMU's own end, or at the hard limit. After QEMU has ended, the program writes
 * the reason as one line to DIR/exit. QEMU never outlives this program.
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
		fail("can't write %s: %s", path, strerror(errno));
	return file;
}

/* Starts QEMU. A successful exec closes the pipe "failed"; otherwise the child sends errno through it. */
static pid_t start(const char *dir, char **command, int *output, int *exec_error)
{
	int in[2], out[2], failed[2];
	pid_t child;
	FILE *errors = open_in(dir, "qemu");

	/* The program sends no input, but keeps the pipe open: QEMU takes an end of file for a disconnected channel. */
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(failed, O_CLOEXEC))
		fail("can't create a pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		fail("can't fork: %s", strerror(errno));
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

/* Copies the guest's lines until the end line, QEMU's end, or the limit. Returns the first word of the exit line. */
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
	/* If the caller ends, end the run too: nothing would read its result. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		fail("the caller ended before the guest was started");

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
