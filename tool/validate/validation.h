/* SPDX-License-Identifier: GPL-2.0 */
/* A validation of a machine's firmware: what was run where, what came of it, and what follows. No I/O. */
#ifndef TOOL_VALIDATION_H
#define TOOL_VALIDATION_H

#include <stdint.h>

#include "checks.h"

struct validation {
	char *date;		/* in UTC */
	bool destructive;	/* such checks may be run */
	struct facts firmware;	/* as the module tells it */
	struct facts machine;
	struct facts midrs;	/* MIDR_EL1: list of CPUs */
	struct checks checks;	/* in the order in which they are run */
};

/* Names of checks that are of a kind, separated by commas; "" if there is none. */
struct names {
	char *list;
	unsigned int count;
};

enum answer_of_verdict {
	VERDICT_RELIABLE,
	VERDICT_PARTIAL,	/* what was run speaks for it, but not all was */
	VERDICT_UNRELIABLE,
};

struct verdict {
	enum answer_of_verdict answer;
	struct names failed;		/* what the driver relies on */
	struct names running;		/* of these: not known to have ended */
	struct names not_run;		/* of these: left out or skipped */
	struct names deviations;	/* failed as well, and the driver copes */
	unsigned int relied;		/* all of these */
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
