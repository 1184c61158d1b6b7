/* SPDX-License-Identifier: GPL-2.0 */
/* Options that subcommands share, and the parsing of their values. */
#ifndef TOOL_COMMON_OPTIONS_H
#define TOOL_COMMON_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/cpulist.h"
#include "common/exits.h"

/* --json and --root, which every subcommand takes. */
extern const struct argp common_argp;
extern bool want_json;

/* For a subcommand that refuses --json: the help doesn't list it. */
void help_without_json(void);

/* -o, for subcommands that write to a file or to the standard output, and take no arguments. */
#define OUTPUT_OPTION { "output", 'o', "FILE", 0, "Write to FILE, replacing it atomically (default: standard output)", 0 }
error_t parse_output(int key, char *argument, struct argp_state *state, const char **path);

/* Parses a subcommand's own options and the common ones. */
void arguments(const struct argp_option *options, argp_parser_t parser, const char *doc, int argc, char **argv, void *input);

/* The same for a subcommand that takes arguments besides options. Their names are for the help. */
void arguments_named(const struct argp_option *options, argp_parser_t parser, const char *names, const char *doc, int argc, char **argv,
		     void *input);

#define ARGUMENTS_SHARED 1

/*
 * The same for a subcommand that shares further options with others. At ARGP_KEY_INIT, its parser
 * sets state->child_inputs[ARGUMENTS_SHARED], which is the input of their parser.
 */
void arguments_with(const struct argp *shared, const struct argp_option *options, argp_parser_t parser, const char *doc, int argc,
		    char **argv, void *input);

/* The argument in a form that is safe to print in a message. */
const char *shown(const char *argument);

void take_folder(struct argp_state *state, const char *option, const char *folder, const char *has);
void take_cpus(struct argp_state *state, const char *list, struct cpus *cpus);
int64_t take_number(struct argp_state *state, const char *what, const char *text, int64_t least, int64_t most);
double take_seconds(struct argp_state *state, const char *what, const char *text, double most);
int64_t take_time(struct argp_state *state, const char *what, const char *text, int64_t least_ns, int64_t most_ns, const char *form);

#endif
