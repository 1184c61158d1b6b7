/* SPDX-License-Identifier: GPL-2.0 */
/* What a check is, and how it tells what came of it. */
#ifndef SDEI_NMI_VALIDATE_CHECK_H
#define SDEI_NMI_VALIDATE_CHECK_H

#include <linux/types.h>

#include "call.h"
#include "pe.h"

enum result { NOT_RUN, PASS, FAIL, SKIP };

/**
 * struct report - what came of a check
 * @came: in a sentence, without its end
 * @notes: figures, each on a line
 * @notes_size: how long @notes is
 */
struct report {
	char came[512];
	char notes[4096];
	size_t notes_size;
};

/**
 * struct check - one check
 * @name: topic.name
 * @section: where the specification says so; its sections are named, as their numbers change
 * @expected: what is to come, in a sentence
 * @means: what it means for the driver if it does not
 * @run: does it; runs in task context, with interrupts on
 * @with: for @run, where several checks have the same
 * @needs: the check that this one makes no sense without, or NULL
 * @needs_too: another one, or NULL
 * @setup: who is to handle event 0 on all PEs
 * @seconds: for how long at most, with a handful of PEs
 * @relied: the driver relies on it
 * @destructive: it may cost a PE, or more, on faulty firmware
 * @program: programs are to spin in user space on all PEs but the first
 * @contact: it is about the first events that arrived, and makes none; what is looked at after
 *           other checks it looks at itself
 */
struct check {
	const char *name;
	const char *section;
	const char *expected;
	const char *means;
	enum result (*run)(struct report *r, const void *with);
	const void *with;
	const char *needs;
	const char *needs_too;
	enum setup setup;
	unsigned int seconds;
	bool relied;
	bool destructive;
	bool program;
	bool contact;
};

/* The topics, each ended by a check without a name. */
extern const struct check discovery_checks[];
extern const struct check states_checks[];
extern const struct check contact_checks[];
extern const struct check survival_checks[];
extern const struct check delivery_checks[];
extern const struct check counting_checks[];
extern const struct check kexec_checks[];
extern const struct check hotplug_checks[];
extern const struct check targets_checks[];

__printf(3, 4) enum result ended(struct report *r, enum result how, const char *format, ...);

#define passed(r, ...)	ended(r, PASS, __VA_ARGS__)
#define failed(r, ...)	ended(r, FAIL, __VA_ARGS__)
#define skipped(r, ...)	ended(r, SKIP, __VA_ARGS__)

__printf(2, 3) void note(struct report *r, const char *format, ...);

void contact_reset(void);
enum result returns(struct report *r, const char *what, u64 x0, s64 expected);
bool arrives(struct report *r, struct pe *pe, const char *where);

#endif
