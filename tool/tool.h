/* SPDX-License-Identifier: GPL-2.0 */
/* The subcommands, and the tool's version. */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

/* The Makefile defines this from the file VERSION. */
#ifndef TOOL_VERSION
#define TOOL_VERSION "unknown"
#endif

int check_main(int argc, char **argv);
int status_main(int argc, char **argv);
int stacks_main(int argc, char **argv);
int top_main(int argc, char **argv);
int diff_main(int argc, char **argv);
int watch_main(int argc, char **argv);
int ping_main(int argc, char **argv);
int trigger_main(int argc, char **argv);
int report_main(int argc, char **argv);
int metrics_main(int argc, char **argv);
int validate_main(int argc, char **argv);

#endif
