/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that spin on their CPUs with patterns in all registers while events arrive. They find
 * each register that an event changes.
 */
#ifndef TOOL_VALIDATE_SPINNER_H
#define TOOL_VALIDATE_SPINNER_H

#include "common/cpulist.h"

struct spinners;

/* The findings of the programs. Each may be NULL. */
struct spun {
	char *wrong;	/* a register changed, or a program died or hung */
	char *unclear;	/* something other than an event kept a program from running */
	char *note;	/* which registers the programs held, and for how many rounds */
};

struct spinners *spinners_start(const struct cpus *cpus, char **why);
void spinners_stop(struct spinners *spinners, struct spun *spun);

#endif
