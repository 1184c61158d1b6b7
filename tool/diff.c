// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/output.h"
#include "snapshot/comparison_output.h"
#include "snapshot/snapshot_file.h"
#include "snapshot/source_lines.h"
#include "tool.h"

struct diff {
	const char *old, *now;
	struct source_lines lines;
};

static const struct argp_option options[] = {
	SOURCE_LINES_ENTRY,
	{ 0 }
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct diff *diff = state->input;

	switch (key) {
	case SOURCE_LINES_OPTION:
		source_lines_take(state, argument, &diff->lines);
		return 0;
	case ARGP_KEY_ARG:
		if (diff->now)
			argp_error(state, "there is an argument too many, '%s'; diff takes two files.", shown(argument));
		*(diff->old ? &diff->now : &diff->old) = argument;
		return 0;
	case ARGP_KEY_END:
		if (!diff->now)
			argp_error(state, "diff needs two files, OLD and NEW, that 'sdei-nmi stacks -o FILE' has written.");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Says in one sentence what the comparison can't tell. */
static void warn(const struct comparison *c)
{
	if (c->same_release == NO)
		complain(EXIT_DONE, "the snapshots are of different kernels, %s and %s: functions are compared by name, and nothing is known about "
			 "interrupts in between; compare snapshots of one boot.", c->old->release, c->now->release);
	else if (c->same_boot == NO)
		complain(EXIT_DONE, "the snapshots are of different boots: places are compared by name, and nothing is known about interrupts in "
			 "between; compare snapshots of one boot.");
	else if (!c->elapsed_ns)
		complain(EXIT_DONE, "both files have the same snapshot: no time passed in between; take another one later.");
}

static int compare(struct diff *diff, struct snapshot *old, struct snapshot *now)
{
	struct comparison comparison;
	int status = EXIT_DONE;

	comparison_make(old, now, &comparison);
	if (comparison.in_order == NO) {
		status = complain(EXIT_USAGE, "%s was taken before %s: the order is wrong; name the older file first.", diff->now, diff->old);
	} else {
		warn(&comparison);
		source_lines_add(&diff->lines, old, NULL);
		source_lines_add(&diff->lines, now, NULL);
		if (want_json)
			json_print(stdout, comparison_json(&comparison));
		else
			comparison_print(stdout, &comparison);
	}
	comparison_free(&comparison);
	return status;
}

int diff_main(int argc, char **argv)
{
	struct snapshot old, now;
	struct diff diff = { 0 };
	int status;

	arguments_named(options, parse, "OLD NEW",
		  "Compares two snapshots that 'sdei-nmi stacks -o FILE' has written on one machine. CPUs with the same stack in "
		  "both that took no interrupt in between come first.",
		  argc, argv, &diff);
	status = snapshot_file_single(diff.old, &old);
	if (status)
		return status;
	status = snapshot_file_single(diff.now, &now);
	if (!status) {
		status = compare(&diff, &old, &now);
		snapshot_free(&now);
	}
	snapshot_free(&old);
	source_lines_free(&diff.lines);
	return status;
}
