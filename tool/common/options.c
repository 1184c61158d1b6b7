// SPDX-License-Identifier: GPL-2.0
/*
 * Options that subcommands share, and the parsing of their values. If a value is invalid, the
 * program prints one sentence and ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"

bool want_json;

enum { OPTION_ROOT = 0x100 };

static struct argp_option common_options[] = {
	{ "json", 'j', NULL, 0, "Print JSON", 1 },
	{ "root", OPTION_ROOT, "DIR", 0, "Read a copy of a machine's files below DIR", 1 },
	{ NULL, 'h', NULL, 0, "The same as --help", -1 },
	{ 0 }
};

/* The program ends if the value of the option is no folder, because a mistyped folder would look like an empty one. */
void take_folder(struct argp_state *state, const char *option, const char *folder, const char *has)
{
	struct stat st;
	int err;

	if (!*folder)
		argp_error(state, "%s needs a folder, but its value is empty.", option);
	err = stat(folder, &st) ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
	if (err)
		exit(complain(EXIT_USAGE, "the folder %s of %s can't be used: %s; give %s the folder that has %s.", shown(folder), option,
			      strerror(err), option, has));
}

static error_t parse_common(int key, char *argument, struct argp_state *state)
{
	switch (key) {
	case 'j':
		want_json = true;
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case OPTION_ROOT:
		take_folder(state, "--root", argument, "the machine's files");
		files_root(argument);
		return 0;
	case ARGP_KEY_ARG:
		/* No parser of the subcommand has taken it. */
		argp_error(state, "there is an argument too many, '%s'; see --help.", shown(argument));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp common_argp = { .options = common_options, .parser = parse_common };

void help_without_json(void)
{
	common_options[0].flags |= OPTION_HIDDEN;
}

static void parse_all(const struct argp *shared, const struct argp_option *options, argp_parser_t parser, const char *names, const char *doc,
		      int argc, char **argv, void *input)
{
	const struct argp_child children[] = { { .argp = &common_argp }, [ARGUMENTS_SHARED] = { .argp = shared }, { 0 } };
	char *text = memory_format("%s\v" EXITS_HELP, doc);
	const struct argp argp = { .options = options, .parser = parser, .args_doc = names, .doc = text, .children = children };
	int err = argp_parse(&argp, argc, argv, 0, NULL, input);

	free(text);
	if (err)
		exit(complain(EXIT_USAGE, "the arguments could not be parsed: %s; see --help.", strerror(err)));
}

void arguments(const struct argp_option *options, argp_parser_t parser, const char *doc, int argc, char **argv, void *input)
{
	parse_all(NULL, options, parser, NULL, doc, argc, argv, input);
}

void arguments_named(const struct argp_option *options, argp_parser_t parser, const char *names, const char *doc, int argc, char **argv,
		     void *input)
{
	parse_all(NULL, options, parser, names, doc, argc, argv, input);
}

void arguments_with(const struct argp *shared, const struct argp_option *options, argp_parser_t parser, const char *doc, int argc,
		    char **argv, void *input)
{
	parse_all(shared, options, parser, NULL, doc, argc, argv, input);
}

const char *shown(const char *argument)
{
	return text_safe((struct piece){ argument, strnlen(argument, 64) }, TEXT_DOUBLE_BACKSLASH);
}

error_t parse_output(int key, char *argument, struct argp_state *state, const char **path)
{
	switch (key) {
	case 'o':
		*path = argument;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --output to name the file.", shown(argument));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Adds the CPUs of the list to the set. */
void take_cpus(struct argp_state *state, const char *list, struct cpus *cpus)
{
	struct cpus more;
	enum cpulist_flaw flaw = cpulist_parse((struct piece){ list, strlen(list) }, &more);

	if (flaw)
		argp_error(state, "the list of CPUs '%s' is invalid: %s.", shown(list), cpulist_flaw(flaw));
	cpus_for_each(cpu, &more)
		cpus_add(cpus, cpu);
}

int64_t take_number(struct argp_state *state, const char *what, const char *text, int64_t least, int64_t most)
{
	int64_t number = 0;

	if (!text_number((struct piece){ text, strlen(text) }, &number) || number < least || number > most)
		argp_error(state, "%s must be a number from %lld to %lld, not '%s'.", what, (long long)least, (long long)most, shown(text));
	return number;
}

double take_seconds(struct argp_state *state, const char *what, const char *text, double most)
{
	double seconds = 0;

	if (!text_seconds(text, &seconds) || seconds > most)
		argp_error(state, "%s must be a time from 0 to %.0f s, such as 2, .5, 1s or 10ms, not '%s'.", what, most, shown(text));
	return seconds;
}

/* The form says in words which times are valid. */
int64_t take_time(struct argp_state *state, const char *what, const char *text, int64_t least_ns, int64_t most_ns, const char *form)
{
	int64_t ns = 0;

	if (!text_time(text, &ns) || ns < least_ns || ns > most_ns)
		argp_error(state, "%s must be %s, not '%s'.", what, form, shown(text));
	return ns;
}
