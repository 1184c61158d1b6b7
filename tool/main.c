// SPDX-License-Identifier: GPL-2.0
/* sdei-nmi(8): the table of subcommands. main() finds the subcommand and calls it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "tool.h"

static int help_main(int argc, char **argv);

static const struct subcommand {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *what;
} subcommands[] = {
	{ "check", check_main, "Check whether this machine can use the driver, and say what to do" },
	{ "status", status_main, "Show whether the driver is running, and if not, why" },
	{ "stacks", stacks_main, "Show the stacks of all CPUs, also with interrupts masked" },
	{ "diff", diff_main, "Compare two snapshots of the stacks, and show which CPUs are stuck" },
	{ "top", top_main, "Show all CPUs on the terminal, those without interrupts first" },
	{ "watch", watch_main, "Show where CPUs have interrupts off for long" },
	{ "ping", ping_main, "Measure how long event 0 takes to a CPU and back" },
	{ "trigger", trigger_main, "Ask the kernel for a backtrace of all CPUs in its log" },
	{ "report", report_main, "Print what a bug report needs" },
	{ "metrics", metrics_main, "Print counters for Prometheus' node exporter" },
	{ "validate", validate_main, "Check whether this firmware's event 0 can be relied on" },
	{ "help", help_main, "Show the options of a subcommand: help [SUBCOMMAND]" },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

const char *argp_program_version = "sdei-nmi " TOOL_VERSION;
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
	text = memory_format("%s\n" EXITS_HELP, list);
	free(list);
	return (char *)text;
}

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(name, subcommands[i].name))
			return &subcommands[i];
	return NULL;
}

static error_t parse_main(int key, char *argument, struct argp_state *state)
{
	const struct subcommand **chosen = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		*chosen = find(argument);
		if (!*chosen)
			argp_error(state, "there is no subcommand '%s'; --help lists the subcommands.", shown(argument));
		/* The subcommand parses the remaining arguments. */
		state->next--;
		state->quoted = 0;
		state->argc = state->next;
		return 0;
	case ARGP_KEY_END:
		if (!*chosen)
			argp_error(state, "the subcommand is missing; --help lists the subcommands.");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/*
 * If the caller closed a standard descriptor, the next opened file would get its number, and
 * messages would go into that file. /dev/null takes the number first.
 */
static void occupy(int fd)
{
	if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
		(void)!open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

static const struct argp_child children[] = { { .argp = &common_argp }, { 0 } };

static const struct argp main_argp = {
	.parser = parse_main,
	.args_doc = "SUBCOMMAND [OPTION...]",
	.doc = "Shows what the CPUs of an arm64 server are doing, using the driver sdei_nmi.\v",
	.children = children,
	.help_filter = help_filter,
};

static error_t parse_help(int key, char *argument, struct argp_state *state)
{
	const struct subcommand **of = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (*of)
		argp_error(state, "there is an argument too many, '%s'; help takes the name of one subcommand.", shown(argument));
	*of = find(argument);
	if (!*of)
		argp_error(state, "there is no subcommand '%s'; 'sdei-nmi help' lists the subcommands.", shown(argument));
	return 0;
}

static const struct argp help_argp = {
	.parser = parse_help,
	.args_doc = "[SUBCOMMAND]",
	.doc = "Shows the options of a subcommand, or all subcommands.\v" EXITS_HELP,
	.children = children,
};

/* Has --help parsed, by the subcommand or by the table of subcommands. That prints and ends the program. */
static int help_main(int argc, char **argv)
{
	static char option[] = "--help";
	const struct subcommand *of = NULL;
	char *arguments_of[] = { NULL, option, NULL };

	if (argp_parse(&help_argp, argc, argv, 0, NULL, &of))
		return complain(EXIT_USAGE, "the arguments could not be parsed; see --help.");
	if (of && of->main != help_main) {
		arguments_of[0] = memory_format("sdei-nmi %s", of->name);
		return of->main(2, arguments_of);
	}
	arguments_of[0] = program_invocation_short_name;
	return argp_parse(&main_argp, 2, arguments_of, ARGP_IN_ORDER, NULL, &of) ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
	const struct subcommand *chosen = NULL;
	char *name;
	int first = 0;

	for (int fd = 0; fd < 3; fd++)
		occupy(fd);
	signal(SIGPIPE, SIG_IGN);
	/* Whoever started the tool may ignore it, and then no child could be waited for. */
	signal(SIGCHLD, SIG_DFL);
	output_begin();
	atexit(output_end);
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 1)
		return complain(EXIT_USAGE, "the program was started without its name; start it from a shell.");
	argv[0] = program_invocation_short_name;
	if (argp_parse(&main_argp, argc, argv, ARGP_IN_ORDER, &first, &chosen) || !chosen)
		return complain(EXIT_USAGE, "the arguments could not be parsed; see --help.");
	name = memory_format("sdei-nmi %s", chosen->name);
	argv[first] = name;
	return chosen->main(argc - first, argv + first);
}
