// SPDX-License-Identifier: GPL-2.0
/* sdei-nmi(8): the table of subcommands, and what all of them have in common before they begin. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "memory.h"
#include "output.h"
#include "tool.h"

static const struct subcommand {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *what;
} subcommands[] = {
	{ "status", status_main, "is SDEI there, does the driver serve, and if not, why" },
	{ "stacks", stacks_main, "where all CPUs are, those with interrupts masked included" },
	{ "ping", ping_main, "how long event 0 takes to a CPU and back" },
	{ "trigger", trigger_main, "the kernel's own backtrace of all CPUs, to the kernel log" },
	{ "report", report_main, "all that belongs into a bug report" },
	{ "metrics", metrics_main, "counters for Prometheus' node exporter" },
	{ "validate", validate_main, "can this firmware's event 0 be relied on" },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

const char *argp_program_version = "sdei-nmi " TOOL_VERSION;
bool want_json;

enum { OPTION_ROOT = 0x100 };

static const struct argp_option common_options[] = {
	{ "json", 'j', NULL, 0, "Print JSON", 1 },
	{ "root", OPTION_ROOT, "DIR", 0, "Read a tree like this machine's below DIR", 1 },
	{ 0 }
};

static error_t parse_common(int key, char *argument, struct argp_state *state)
{
	switch (key) {
	case 'j':
		want_json = true;
		return 0;
	case OPTION_ROOT:
		if (!*argument)
			argp_error(state, "--root needs a folder.");
		files_root(argument);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp common_argp = { .options = common_options, .parser = parse_common };

/* The rest of a subcommand's options: its own, the common ones, and nothing else. */
void arguments(const struct argp_option *options, argp_parser_t parser, const char *doc, int argc, char **argv, void *input)
{
	const struct argp_child children[] = { { .argp = &common_argp }, { 0 } };
	char *text = memory_format("%s\v" EXITS_HELP, doc);
	const struct argp argp = { .options = options, .parser = parser, .doc = text, .children = children };
	int err = argp_parse(&argp, argc, argv, 0, NULL, input);

	free(text);
	if (err)
		exit(complain(EXIT_USAGE, "the arguments can't be read: %s; see --help.", strerror(err)));
}

/* An argument, as it may be repeated in a message: it may come from anywhere, too. */
const char *shown(const char *argument)
{
	return text_safe((struct piece){ argument, strnlen(argument, 64) }, TEXT_DOUBLE_BACKSLASH);
}

/* Of those that write a file, or to the standard output. */
const struct argp_option output_options[] = {
	{ "output", 'o', "FILE", 0, "Into this file, which is there whole or as it was; otherwise to the standard output", 0 },
	{ 0 }
};

error_t parse_output(int key, char *argument, struct argp_state *state)
{
	const char **path = state->input;

	switch (key) {
	case 'o':
		*path = argument;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is nothing to be done with '%s'; the file is given by --output.", shown(argument));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void take_cpus(struct argp_state *state, const char *list, struct cpus *cpus)
{
	enum cpulist_flaw flaw = cpulist_parse((struct piece){ list, strlen(list) }, cpus);

	if (flaw)
		argp_error(state, "the list of CPUs '%s' can't be used: %s.", shown(list), cpulist_flaw(flaw));
}

int64_t take_number(struct argp_state *state, const char *what, const char *text, int64_t least, int64_t most)
{
	int64_t number = 0;

	if (!text_number((struct piece){ text, strlen(text) }, &number) || number < least || number > most)
		argp_error(state, "%s has to be a number from %lld to %lld, not '%s'.", what, (long long)least, (long long)most, shown(text));
	return number;
}

double take_seconds(struct argp_state *state, const char *what, const char *text, double most)
{
	double seconds = 0;

	if (!text_seconds(text, &seconds) || seconds > most)
		argp_error(state, "%s has to be seconds from 0 to %.0f, not '%s'.", what, most, shown(text));
	return seconds;
}

static char *help_filter(int key, const char *text, void *input)
{
	char *list = NULL;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	for (size_t i = 0; i < SUBCOMMANDS; i++) {
		char *more = memory_format("%s  %-8s %s\n", list ? list : "Subcommands:\n", subcommands[i].name, subcommands[i].what);

		free(list);
		list = more;
	}
	text = memory_format("%s\nEach has a --help of its own.\n\n" EXITS_HELP, list);
	free(list);
	return (char *)text;
}

static error_t parse_main(int key, char *argument, struct argp_state *state)
{
	const struct subcommand **chosen = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < SUBCOMMANDS; i++)
			if (!strcmp(argument, subcommands[i].name))
				*chosen = &subcommands[i];
		if (!*chosen)
			argp_error(state, "there is no subcommand '%s'.", shown(argument));
		/* What follows is the subcommand's. */
		state->next--;
		state->quoted = 0;
		state->argc = state->next;
		return 0;
	case ARGP_KEY_END:
		if (!*chosen)
			argp_error(state, "which subcommand?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A file that is opened must not become the standard output of somebody who closed it. */
static void occupy(int fd)
{
	if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
		(void)!open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

int main(int argc, char **argv)
{
	const struct argp_child children[] = { { .argp = &common_argp }, { 0 } };
	const struct argp argp = {
		.parser = parse_main,
		.args_doc = "SUBCOMMAND [OPTION...]",
		.doc = "The tool of the SDEI-based NMI service.\v",
		.children = children,
		.help_filter = help_filter,
	};
	const struct subcommand *chosen = NULL;
	char *name;
	int first = 0;

	for (int fd = 0; fd < 3; fd++)
		occupy(fd);
	signal(SIGPIPE, SIG_IGN);
	atexit(output_end);
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 1)
		return complain(EXIT_USAGE, "there are no arguments, not even the program's name; call it from a shell.");
	argv[0] = program_invocation_short_name;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, &first, &chosen) || !chosen)
		return complain(EXIT_USAGE, "the arguments can't be read; see --help.");
	name = memory_format("sdei-nmi %s", chosen->name);
	argv[first] = name;
	return chosen->main(argc - first, argv + first);
}
