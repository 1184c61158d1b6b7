/* SPDX-License-Identifier: GPL-2.0 */
/* What a check is, and how it tells what came of it. */
#ifndef SDEI_NMI_VALIDATE_CHECK_H
#define SDEI_NMI_VALIDATE_CHECK_H

#include <linux/types.h>

#include "arrivals.h"
#include "call.h"
#include "health.h"
#include "pe.h"
#include "setup.h"
#include "worker.h"

enum sdeiv_result { SDEIV_NOT_RUN, SDEIV_PASS, SDEIV_FAIL, SDEIV_SKIP };

/**
 * struct sdeiv_report - what came of a check
 * @came: in a sentence, without its end
 * @notes: figures, each on a line
 * @notes_size: how long @notes is
 */
struct sdeiv_report {
	char came[512];
	char notes[4096];
	size_t notes_size;
};

/**
 * struct sdeiv_check - one check
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
 * @first_signal: it is about the first events that arrived, and makes none; what is looked at after
 *           other checks it looks at itself
 */
struct sdeiv_check {
	const char *name;
	const char *section;
	const char *expected;
	const char *means;
	enum sdeiv_result (*run)(struct sdeiv_report *r, const void *with);
	const void *with;
	const char *needs;
	const char *needs_too;
	enum sdeiv_setup setup;
	unsigned int seconds;
	bool relied;
	bool destructive;
	bool program;
	bool first_signal;
};

/* The topics, each ended by a check without a name. */
extern const struct sdeiv_check sdeiv_discovery_checks[];
extern const struct sdeiv_check sdeiv_states_checks[];
extern const struct sdeiv_check sdeiv_first_signal_checks[];
extern const struct sdeiv_check sdeiv_survival_checks[];
extern const struct sdeiv_check sdeiv_delivery_checks[];
extern const struct sdeiv_check sdeiv_counting_checks[];
extern const struct sdeiv_check sdeiv_kexec_checks[];
extern const struct sdeiv_check sdeiv_hotplug_checks[];
extern const struct sdeiv_check sdeiv_targets_checks[];

__printf(3, 4) enum sdeiv_result
	sdeiv_ended(struct sdeiv_report *r, enum sdeiv_result how, const char *format, ...);

#define sdeiv_passed(r, ...)	sdeiv_ended(r, SDEIV_PASS, __VA_ARGS__)
#define sdeiv_failed(r, ...)	sdeiv_ended(r, SDEIV_FAIL, __VA_ARGS__)
#define sdeiv_skipped(r, ...)	sdeiv_ended(r, SDEIV_SKIP, __VA_ARGS__)

__printf(2, 3) void sdeiv_note(struct sdeiv_report *r, const char *format, ...);

void sdeiv_first_signal_reset(void);
enum sdeiv_result sdeiv_returns(struct sdeiv_report *r, const char *what, u64 x0, s64 expected);
bool sdeiv_arrives(struct sdeiv_report *r, struct sdeiv_pe *pe, const char *where);

#endif
