// SPDX-License-Identifier: GPL-2.0
/* Tests lab/ktap.c: how each kind of line in a result channel changes the state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lab/ktap.h"

#define READ(ktap, ...) read_lines(ktap, (const char *const[]){ __VA_ARGS__, NULL })

static void read_lines(struct ktap *ktap, const char *const *line)
{
	ktap_init(ktap);
	while (*line)
		ktap_line(ktap, *line++, true);
}

static void whole_run(void **state)
{
	struct ktap ktap;

	(void)state;
	READ(&ktap, "KTAP version 1", "1..2", "# two CPUs", "ok 1 first", "ok 2 - second",
	     KTAP_END);
	assert_true(ktap.version && ktap.ended && ktap.heard);
	assert_int_equal(ktap.planned, 2);
	assert_int_equal(ktap.last, 2);
	assert_int_equal(ktap.errors.count, 0);
	assert_int_equal(ktap.test[0].status, KTAP_OK);
	assert_string_equal(ktap.test[0].name, "first");
	assert_null(ktap.test[0].why);
	assert_int_equal(ktap.test[0].notes.count, 1);
	assert_string_equal(ktap.test[0].notes.line[0], "# two CPUs");
	assert_string_equal(ktap.test[1].name, "second");
	assert_int_equal(ktap.test[1].notes.count, 0);
	ktap_exit(&ktap);
}

static void nothing_came(void **state)
{
	struct ktap ktap;

	(void)state;
	READ(&ktap, "");
	assert_false(ktap.heard || ktap.version || ktap.ended);
	assert_int_equal(ktap.planned, 0);
	ktap_exit(&ktap);
}

static void directives(void **state)
{
	static const struct {
		const char *line;
		enum ktap_status status;
		const char *name, *why;
	} rows[] = {
		{ "ok 1 a # SKIP no PMU", KTAP_SKIP, "a", "no PMU" },
		{ "ok 1 a # skip: no PMU", KTAP_SKIP, "a", "no PMU" },
		{ "ok 1 a # SKIP", KTAP_SKIP, "a", NULL },
		{ "ok 1 a #SKIPPED it", KTAP_SKIP, "a", "it" },
		{ "ok 1 # SKIP unnamed", KTAP_SKIP, "", "unnamed" },
		{ "ok 1 a#b", KTAP_OK, "a#b", NULL },
		{ "ok 1", KTAP_OK, "", NULL },
		{ "not ok 1 a # SKIP not so", KTAP_NOT_OK, "a", "SKIP not so" },
		{ "not ok 1 a # TIMEOUT", KTAP_NOT_OK, "a", "TIMEOUT" },
		{ "not ok 1 - a b", KTAP_NOT_OK, "a b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ktap ktap;

		READ(&ktap, "KTAP version 1", "1..1", rows[i].line);
		assert_int_equal(ktap.test[0].status, rows[i].status);
		assert_string_equal(ktap.test[0].name, rows[i].name);
		if (rows[i].why)
			assert_string_equal(ktap.test[0].why, rows[i].why);
		else
			assert_null(ktap.test[0].why);
		ktap_exit(&ktap);
	}
}

static void text_that_is_no_ktap_is_kept_as_a_note(void **state)
{
	static const char *const lines[] = {
		"ok", "ok ", "ok one", "okay 1 a", "ok1 a", "ok 1a",
		"ok -1 a", "not ok", "not ok a", " ok 1 a", "\tok 1 a", "Ok 1 a",
		"1..", "1..x", "1..2x", "2..3",
		"TAP version 13", "KTAP version 2", "# sdei-nmi-lab: ended", "?",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ktap ktap;

		READ(&ktap, "KTAP version 1", "1..1", lines[i]);
		assert_int_equal(ktap.test[0].status, KTAP_MISSING);
		assert_int_equal(ktap.errors.count, 0);
		assert_false(ktap.ended);
		assert_int_equal(ktap.notes.count, 1);
		assert_string_equal(ktap.notes.line[0], lines[i]);
		ktap_exit(&ktap);
	}
}

static void plan_out_of_bounds(void **state)
{
	static const char *const plans[] = {
		"1..0", "1..10001", "1..4294967296", "1..18446744073709551617",
	};
	struct ktap ktap;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		READ(&ktap, "KTAP version 1", plans[i], "ok 1 a");
		assert_int_equal(ktap.planned, 0);
		assert_int_equal(ktap.errors.count, 2);
		assert_non_null(strstr(ktap.errors.line[0], "out of bounds"));
		ktap_exit(&ktap);
	}
	READ(&ktap, "KTAP version 1", "1..10000", "ok 10000 last");
	assert_int_equal(ktap.planned, 10000);
	assert_int_equal(ktap.test[9999].status, KTAP_OK);
	ktap_exit(&ktap);
}

static void breaches_of_the_protocol(void **state)
{
	static const struct {
		const char *line[5], *error;
	} rows[] = {
		{ { "1..1", "ok 1 a", KTAP_END }, "without \"KTAP version 1\"" },
		{ { "KTAP version 1", "ok 1 a", "1..1", KTAP_END }, "before any valid plan" },
		{ { "KTAP version 1", "1..1", "1..1", "ok 1 a", KTAP_END }, "second plan" },
		{ { "KTAP version 1", "1..1", "ok 2 a", KTAP_END }, "not in the plan" },
		{ { "KTAP version 1", "1..1", "ok 0 a", KTAP_END }, "not in the plan" },
		{ { "KTAP version 1", "1..1", "ok 4294967297 a", KTAP_END }, "not in the plan" },
		{ { "KTAP version 1", "1..1", KTAP_END, "ok 1 a" }, "after the end line" },
		{ { "KTAP version 1", "1..1", "ok 1 a", KTAP_END, KTAP_END }, "twice" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ktap ktap;

		ktap_init(&ktap);
		for (size_t j = 0; j < 5 && rows[i].line[j]; j++)
			ktap_line(&ktap, rows[i].line[j], true);
		assert_int_equal(ktap.errors.count, 1);
		assert_non_null(strstr(ktap.errors.line[0], rows[i].error));
		ktap_exit(&ktap);
	}
}

static void a_number_counts_once_and_in_order(void **state)
{
	struct ktap ktap;

	(void)state;
	READ(&ktap, "KTAP version 1", "1..4", "not ok 1 a", "ok 1 a", "ok 4 d", "ok 3 c");
	assert_int_equal(ktap.test[0].status, KTAP_NOT_OK);
	assert_string_equal(ktap.test[0].fault, "number 1 was reported twice");
	assert_int_equal(ktap.test[1].status, KTAP_MISSING);
	assert_string_equal(ktap.test[2].fault, "number 3 was reported after number 4");
	assert_null(ktap.test[3].fault);
	assert_int_equal(ktap.last, 4);
	ktap_exit(&ktap);
}

static void half_a_line_is_no_result(void **state)
{
	struct ktap ktap;

	(void)state;
	READ(&ktap, "KTAP version 1", "1..1");
	ktap_line(&ktap, "ok 1 a", false);
	assert_int_equal(ktap.test[0].status, KTAP_MISSING);
	assert_int_equal(ktap.notes.count, 1);
	ktap_line(&ktap, KTAP_END, false);
	assert_true(ktap.ended);
	ktap_exit(&ktap);
}

static void diagnostics_are_told_from_other_text(void **state)
{
	(void)state;
	assert_true(ktap_is_diagnostic("# a"));
	assert_true(ktap_is_diagnostic("    ok 1 sub"));
	assert_false(ktap_is_diagnostic("insmod: error"));
}

static void cleaned(const char *raw, size_t length, const char *expected)
{
	char line[64];

	memcpy(line, raw, length);
	assert_int_equal(text_clean(line, length), strlen(expected));
	assert_string_equal(line, expected);
}

#define CLEANED(raw, expected) cleaned(raw, sizeof(raw) - 1, expected)

static void raw_bytes_become_a_printable_line(void **state)
{
	(void)state;
	CLEANED("", "");
	CLEANED("ok 1 a\r\n", "ok 1 a");
	CLEANED("\r\rok 1 a \t\r\n", "ok 1 a");
	CLEANED("\033[1;31mok\033[0m 1\033[", "ok 1");
	CLEANED("a\033b\007c\177", "abc");
	CLEANED("a\0b", "a?b");
	CLEANED("a\tb", "a\tb");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_run),
		cmocka_unit_test(nothing_came),
		cmocka_unit_test(directives),
		cmocka_unit_test(text_that_is_no_ktap_is_kept_as_a_note),
		cmocka_unit_test(plan_out_of_bounds),
		cmocka_unit_test(breaches_of_the_protocol),
		cmocka_unit_test(a_number_counts_once_and_in_order),
		cmocka_unit_test(half_a_line_is_no_result),
		cmocka_unit_test(diagnostics_are_told_from_other_text),
		cmocka_unit_test(raw_bytes_become_a_printable_line),
	};

	return cmocka_run_group_tests_name("ktap", tests, NULL, NULL);
}
