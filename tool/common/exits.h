/* SPDX-License-Identifier: GPL-2.0 */
/* The tool's exit status. Scripts rely on the values, so they must not change. */
#ifndef TOOL_COMMON_EXITS_H
#define TOOL_COMMON_EXITS_H

enum exits {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_UNAVAILABLE = 3,
	EXIT_PERMISSION = 4,
	EXIT_SILENT = 5,
	EXIT_UNRELIABLE = 6,
	EXIT_PARTIAL = 7,
	EXIT_UNCHECKED = 8,
};

#define EXITS_HELP \
	"Exit status:\n" \
	"  0  success\n" \
	"  1  failure, including output that could not be written\n" \
	"  2  wrong usage\n" \
	"  3  not available here: no SDEI, or the module is not loaded\n" \
	"  4  no permission\n" \
	"  5  a CPU did not answer\n" \
	"  6  validate: not reliable\n" \
	"  7  validate: reliable as far as checked\n" \
	"  8  validate: nothing checked\n"

#endif
