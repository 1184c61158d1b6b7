/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parses the replies of the module sdei_nmi_validate: the list of checks, the facts about the
 * firmware, and the result of a check. text_safe() has made all text safe. Missing values are NULL.
 * No I/O.
 */
#ifndef TOOL_VALIDATE_CHECKS_H
#define TOOL_VALIDATE_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/cpulist.h"
#include "common/text.h"

#define CHECK_SECONDS_MOST 86400

enum grade {
	GRADE_RELIED,	/* the driver relies on the checked behaviour */
	GRADE_CONDITIONAL,	/* the driver relies on it in another kind of boot, for example after kexec */
	GRADE_SPEC,	/* the specification requires it; the driver copes with a failure */
	GRADES
};

enum result {
	RESULT_PENDING,	/* not run yet, or not chosen */
	RESULT_RUNNING,
	RESULT_PASS,
	RESULT_FAIL,
	RESULT_SKIP,
};

struct check {
	char *name;		/* topic.check, characters [a-z0-9_.] */
	enum grade grade;
	bool destructive;	/* may leave the machine without a CPU on faulty firmware */
	bool program;		/* needs programs that spin */
	unsigned int seconds;	/* longest time that the check takes */
	char *section, *expected, *means;

	bool chosen;
	enum result result;
	char *came;		/* the observation; for a skipped check, the reason */
	char **note;
	size_t notes;
	struct cpus lost;	/* CPUs that no longer take interrupts */
};

struct checks {
	struct check *check;
	size_t count;
};

struct fact {
	char *key, *value;
};

struct facts {
	struct fact *fact;
	size_t count;
};

bool checks_parse(struct piece text, struct checks *checks);
void checks_free(struct checks *checks);
bool check_name_fine(struct piece name);
bool checks_choose(struct checks *checks, const char *name);
void checks_order(struct checks *checks);

bool check_parse_reply(struct piece text, struct check *check);
void check_set(struct check *check, enum result result, char *came);
void check_note(struct check *check, char *note);
const char *grade_word(enum grade grade);
const char *grade_meaning(enum grade grade);
const char *result_word(enum result result);

bool facts_parse(struct piece text, struct facts *facts);
void facts_add(struct facts *facts, const char *key, char *value);
const char *facts_get(const struct facts *facts, const char *key);
void facts_free(struct facts *facts);

#endif
