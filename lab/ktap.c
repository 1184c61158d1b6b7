// SPDX-License-Identifier: GPL-2.0
/*
 * Parser of KTAP version 1 as a lab guest sends it, one cleaned line at a time, in this order:
 *
 *	KTAP version 1 -> 1..N -> (notes, result) N times -> end line
 *
 * A result counts once, for a number of the plan, and only if its line is whole: a cut line may
 * lack "# SKIP". A result out of order adds to the errors or sets the test's fault. Text that is not
 * KTAP changes nothing but the notes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktap.h"

/* Parses a decimal number. A number above @limit becomes @limit + 1. Returns NULL without a number. */
static const char *number(const char *s, unsigned int limit, unsigned int *value)
{
	if (*s < '0' || *s > '9')
		return NULL;
	for (*value = 0; *s >= '0' && *s <= '9'; s++) {
		*value = *value * 10 + (unsigned int)(*s - '0');
		if (*value > limit)
			*value = limit + 1;
	}
	return s;
}

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t");
}

static bool is_skip(const char *directive)
{
	static const char skip[] = "skip";

	for (size_t i = 0; skip[i]; i++)
		if ((directive[i] | 0x20) != skip[i])
			return false;
	return true;
}

static void take_plan(struct ktap *ktap, const char *line, unsigned int count)
{
	if (!ktap->version)
		text_add(&ktap->errors,
			 text_format("the plan comes without \"KTAP version 1\" before it"));
	if (ktap->planned) {
		text_add(&ktap->errors, text_format("received a second plan: %s", line));
	} else if (!count || count > KTAP_MAX) {
		text_add(&ktap->errors, text_format("plan %s is out of bounds: 1 to %d tests",
						    line, KTAP_MAX));
	} else {
		struct ktap_test *test = NULL;
		size_t room = 0;

		for (unsigned int i = 0; i < count; i++) {
			test = text_grow(test, i, &room, sizeof(*test));
			test[i] = (struct ktap_test){ 0 };
		}
		ktap->test = test;
		ktap->planned = count;
	}
}

/* @rest is the text after the number: " [- ]NAME [# DIRECTIVE]". */
static void take_result(struct ktap *ktap, const char *line, bool ok, unsigned int n,
			const char *rest)
{
	const char *name = blanks(rest), *directive;
	struct ktap_test *test;
	size_t length;

	if (!ktap->planned || n < 1 || n > ktap->planned) {
		if (ktap->planned)
			text_add(&ktap->errors,
				 text_format("a result is not in the plan of %u tests: %s",
					     ktap->planned, line));
		else
			text_add(&ktap->errors,
				 text_format("received a result before any valid plan: %s", line));
		return;
	}
	test = &ktap->test[n - 1];
	text_move(&test->notes, &ktap->notes);
	if (test->status != KTAP_MISSING) {
		if (!test->fault)
			test->fault = text_format("number %u was reported twice", n);
		text_add(&test->notes, text_format("# second report: %s", line));
		return;
	}
	if (n < ktap->last)
		test->fault = text_format("number %u was reported after number %u", n, ktap->last);
	else
		ktap->last = n;

	if (name[0] == '-' && (!name[1] || name[1] == ' '))
		name = blanks(name + 1);
	directive = *name == '#' ? name : strstr(name, " #");
	length = directive ? (size_t)(directive - name) : strlen(name);
	while (length && name[length - 1] == ' ')
		length--;
	test->name = text_format("%.*s", (int)length, name);
	test->status = ok ? KTAP_OK : KTAP_NOT_OK;
	if (!directive)
		return;
	directive = blanks(strchr(directive, '#') + 1);
	if (ok && is_skip(directive)) {
		test->status = KTAP_SKIP;
		directive = blanks(directive + strcspn(directive, " \t"));
	}
	if (*directive)
		test->why = text_format("%s", directive);
}

static bool is_plan(const char *line, unsigned int *count)
{
	const char *rest = strncmp(line, "1..", 3) ? NULL : number(line + 3, KTAP_MAX, count);

	return rest && !*rest;
}

/* Returns the text after the number of a result, or NULL if @line is not a result. */
static const char *result_rest(const char *line, bool *ok, unsigned int *n)
{
	const char *rest;

	*ok = strncmp(line, "not ", 4);
	line += *ok ? 0 : 4;
	rest = strncmp(line, "ok ", 3) ? NULL : number(line + 3, KTAP_MAX, n);
	return rest && (!*rest || *rest == ' ') ? rest : NULL;
}

/**
 * ktap_line() - add the next line of the result channel
 * @ktap: the state
 * @line: the line after text_clean()
 * @whole: the line ended in a newline; a cut line counts only as a note or as the end line
 */
void ktap_line(struct ktap *ktap, const char *line, bool whole)
{
	unsigned int n = 0;
	const char *rest;
	bool ok;

	if (!*line)
		return;
	ktap->heard = true;
	if (!strcmp(line, KTAP_END)) {
		if (ktap->ended)
			text_add(&ktap->errors, text_format("received the end line twice"));
		ktap->ended = true;
		return;
	}
	rest = result_rest(line, &ok, &n);
	if (whole && !strcmp(line, "KTAP version 1") && !ktap->version) {
		ktap->version = true;
	} else if (whole && is_plan(line, &n)) {
		take_plan(ktap, line, n);
	} else if (whole && rest) {
		take_result(ktap, line, ok, n, rest);
	} else {
		text_add(&ktap->notes, text_format("%s", line));
		return;
	}
	if (ktap->ended)
		text_add(&ktap->errors, text_format("received after the end line: %s", line));
}

/**
 * ktap_is_diagnostic() - should a note be shown only if its test failed?
 * @note: a note of a test
 *
 * Return: true for "# ..." and for indented lines, which belong to subtests; false for other text,
 * which is always shown.
 */
bool ktap_is_diagnostic(const char *note)
{
	return *note == '#' || *note == ' ' || *note == '\t';
}

/**
 * ktap_init() - start with an empty result channel
 * @ktap: the state; the caller frees it with ktap_exit()
 */
void ktap_init(struct ktap *ktap)
{
	*ktap = (struct ktap){ 0 };
}

/**
 * ktap_exit() - free all memory
 * @ktap: the state
 */
void ktap_exit(struct ktap *ktap)
{
	for (unsigned int i = 0; i < ktap->planned; i++) {
		free(ktap->test[i].name);
		free(ktap->test[i].why);
		free(ktap->test[i].fault);
		text_free(&ktap->test[i].notes);
	}
	free(ktap->test);
	text_free(&ktap->errors);
	text_free(&ktap->notes);
	ktap_init(ktap);
}
