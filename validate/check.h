/* SPDX-License-Identifier: GPL-2.0 */
/* The type of a check, and the functions with which a check reports its result. */
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
 * struct sdeiv_report - the result of a check, in words
 * @came: observation of the check: a sentence without the full stop
 * @notes: measured figures, one per line
 * @notes_size: length of @notes in bytes
 */
struct sdeiv_report {
	char came[512];
	char notes[4096];
	size_t notes_size;
};

/**
 * struct sdeiv_check - one check
 * @name: topic.name
 * @section: section of the specification, by name, because section numbers change
 * @expected: the result that the specification requires, in a sentence
 * @means: how a failure affects the driver
 * @run: runs the check, in task context with interrupts on
 * @with: argument for @run, if several checks share one function
 * @needs: name of a check that must pass first, or NULL
 * @needs_too: name of another such check, or NULL
 * @setup: the handler of event 0 on all PEs during the check
 * @seconds: longest duration on one PE; sdeiv_check_seconds() scales it
 * @relied: the driver relies on the behaviour that @expected describes
 * @applies: returns whether the check can say anything in this boot; NULL if it always can
 * @destructive: faulty firmware may lose one or more PEs in this check
 * @program: user space programs spin on all PEs except the first during the check
 * @first_signal: the check examines the first events that arrived and sends none; the suite
 *                does not test the PEs after it
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
	bool (*applies)(void);
	bool relied;
	bool destructive;
	bool program;
	bool first_signal;
};

/* The topics. A check without a name ends each array. */
extern const struct sdeiv_check sdeiv_discovery_checks[];
extern const struct sdeiv_check sdeiv_states_checks[];
extern const struct sdeiv_check sdeiv_first_signal_checks[];
extern const struct sdeiv_check sdeiv_survival_checks[];
extern const struct sdeiv_check sdeiv_handler_checks[];
extern const struct sdeiv_check sdeiv_delivery_checks[];
extern const struct sdeiv_check sdeiv_coalescing_checks[];
extern const struct sdeiv_check sdeiv_concurrency_checks[];
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
unsigned int sdeiv_check_seconds(const struct sdeiv_check *check);
bool sdeiv_arrives(struct sdeiv_report *r, struct sdeiv_pe *pe, const char *where);

#endif
