/* SPDX-License-Identifier: GPL-2.0 */
/* A validation of a machine's firmware: facts, checks, results and verdict. No I/O. */
#ifndef TOOL_VALIDATE_VALIDATION_H
#define TOOL_VALIDATE_VALIDATION_H

#include <stdint.h>

#include "validate/checks.h"

struct validation {
	char *date;		/* in UTC */
	bool destructive;	/* destructive checks may run */
	struct facts firmware;	/* from the module */
	struct facts machine;
	struct facts midrs;	/* MIDR_EL1: list of CPUs */
	struct checks checks;	/* in the order of running */
};

/* Names of checks, separated by commas; "" if there is none. */
struct names {
	char *list;
	unsigned int count;
};

enum answer_of_verdict {
	VERDICT_RELIABLE,
	VERDICT_PARTIAL,	/* no relied check failed, but some did not run, a spec check did not end, or a CPU was lost */
	VERDICT_UNRELIABLE,	/* a relied check failed or did not end */
	VERDICT_UNCHECKED,	/* no relied check passed, and none failed */
};

struct verdict {
	enum answer_of_verdict answer;
	struct names failed;		/* relied checks that failed */
	struct names running;		/* checks that are not known to have ended */
	bool relied_runs;		/* one of them is relied on */
	struct names not_run;		/* relied checks that were skipped or not chosen */
	struct names not_run_short;	/* the same; a topic without any result stands for its checks */
	struct names not_applicable;	/* conditional checks that did not run */
	struct names deviations;	/* spec checks that failed */
	unsigned int relied_passed;
	unsigned int pass, fail, skip, pending, chosen;
	struct cpus lost;
	char *text;
};

void verdict_make(const struct validation *validation, struct verdict *verdict);
void verdict_free(struct verdict *verdict);
const char *verdict_word(enum answer_of_verdict answer);
uint64_t validation_seconds(const struct validation *validation, unsigned int *left_out);
void validation_free(struct validation *validation);

#endif
