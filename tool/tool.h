/* SPDX-License-Identifier: GPL-2.0 */
/* What the subcommands share: how they are called, and the options that all of them take. */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include <argp.h>
#include <stdbool.h>

#include "cpulist.h"
#include "exits.h"

/* The Makefile defines this from the file VERSION. */
#ifndef TOOL_VERSION
#define TOOL_VERSION "unknown"
#endif

extern const struct argp common_argp;
extern bool want_json;

int status_main(int argc, char **argv);
int stacks_main(int argc, char **argv);
int ping_main(int argc, char **argv);
int trigger_main(int argc, char **argv);
int report_main(int argc, char **argv);
int metrics_main(int argc, char **argv);
int validate_main(int argc, char **argv);

void arguments(const struct argp_option *options, argp_parser_t parser, const char *doc, int argc, char **argv, void *input);
const char *shown(const char *argument);
extern const struct argp_option output_options[];
error_t parse_output(int key, char *argument, struct argp_state *state);
void take_cpus(struct argp_state *state, const char *list, struct cpus *cpus);
int64_t take_number(struct argp_state *state, const char *what, const char *text, int64_t least, int64_t most);
double take_seconds(struct argp_state *state, const char *what, const char *text, double most);

#endif
