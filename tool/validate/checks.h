/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module sdei_nmi_validate says: the list of its checks, what it knows of the firmware, and what came of a check. All
 * text in it has passed text_safe(). What was not told is NULL. No I/O.
 */
#ifndef TOOL_CHECKS_H
#define TOOL_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "../cpulist.h"
#include "../text.h"

#define CHECK_SECONDS_MOST 86400

enum grade {
	GRADE_RELIED,	/* the driver relies on it */
	GRADE_SPEC,	/* the specification asks for it, the driver copes */
};

enum result {
	RESULT_PENDING,	/* its turn has not come */
	RESULT_RUNNING,
	RESULT_PASS,
	RESULT_FAIL,
	RESULT_SKIP,
};

struct check {
	char *name;		/* topic.check, of [a-z0-9_.] */
	enum grade grade;
	bool destructive;	/* may leave the machine without a CPU on faulty firmware */
	bool program;		/* needs programs that spin */
	unsigned int seconds;	/* at most */
	char *section, *expected, *means;

	bool chosen;
	enum result result;
	char *came;		/* of a skipped one: why */
	char **note;
	size_t notes;
	struct cpus lost;	/* take no interrupts any more */
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
const char *result_word(enum result result);

bool facts_parse(struct piece text, struct facts *facts);
void facts_add(struct facts *facts, const char *key, char *value);
const char *facts_get(const struct facts *facts, const char *key);
void facts_free(struct facts *facts);

#endif
