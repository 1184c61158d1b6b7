/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs the chosen checks of a validation one after another. Callbacks talk to the module, save the
 * reports and print. No I/O.
 */
#ifndef TOOL_VALIDATE_RUNNER_H
#define TOOL_VALIDATE_RUNNER_H

#include "common/files.h"
#include "validate/spinner.h"
#include "validate/validation.h"

struct runner {
	/*
	 * Sends the module a command and waits up to seconds for the reply. Returns 0 or -errno:
	 * -ETIME after a timeout, -EINTR if the user interrupted the run.
	 */
	int (*ask)(void *context, const char *command, unsigned int seconds, struct contents *reply);
	/* Returns the reason if no more checks should run, or NULL. */
	const char *(*stop)(void *context);
	/* Saves the reports, so that they survive a crash. Returns false on failure. */
	bool (*save)(void *context, const struct validation *validation);
	/* starts() is called before each check that runs, told() after each check. */
	void (*starts)(void *context, const struct check *check);
	void (*told)(void *context, unsigned int number, const struct check *check);
	struct spinners *(*programs)(const struct cpus *cpus, char **why);
	void (*programs_end)(struct spinners *spinners, struct spun *spun);
	void *context;
};

bool runner_run(const struct runner *runner, struct validation *validation);

#endif
