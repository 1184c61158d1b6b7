/* SPDX-License-Identifier: GPL-2.0 */
/* Runs the chosen checks of a validation, one after the other. Whom it asks, and who is told, is the caller's. No I/O. */
#ifndef TOOL_RUNNER_H
#define TOOL_RUNNER_H

#include "../files.h"
#include "spinner.h"
#include "validation.h"

struct runner {
	/* Gives the module a command, and waits for the reply for so long at most. 0, or -errno: -ETIME, -EINTR when it is to end. */
	int (*ask)(void *context, const char *command, unsigned int seconds, struct contents *reply);
	/* Why no more is to be run, or NULL. */
	const char *(*stop)(void *context);
	/* So that what was found survives the machine. False if that failed. */
	bool (*save)(void *context, const struct validation *validation);
	/* Before a check that may cost the machine, and after each. */
	void (*danger)(void *context, const struct check *check);
	void (*told)(void *context, unsigned int number, const struct check *check);
	struct spinners *(*programs)(const struct cpus *cpus, char **why);
	void (*programs_end)(struct spinners *spinners, struct spun *spun);
	void *context;
};

bool runner_run(const struct runner *runner, struct validation *validation);

#endif
