/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that spin with all their registers filled, one on a CPU, while events come: whatever an event changes shows. */
#ifndef TOOL_SPINNER_H
#define TOOL_SPINNER_H

#include "../cpulist.h"

struct spinners;

/* What came of them; each may be NULL. */
struct spun {
	char *wrong;	/* a register that changed, or a program that died or came to no end */
	char *unclear;	/* a program that something else than an event kept from running */
	char *note;	/* what was done */
};

struct spinners *spinners_start(const struct cpus *cpus, char **why);
void spinners_stop(struct spinners *spinners, struct spun *spun);

#endif
