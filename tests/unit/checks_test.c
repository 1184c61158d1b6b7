// SPDX-License-Identifier: GPL-2.0
/*
 * Tests tool/validate/checks.c: the parsers accept complete lists and replies only, and no accepted
 * name needs escapes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/validate/checks.h"

#define LINE(name, grade, flags) name "\t" grade "\t" flags "\t3\tDEN0054 X\tit comes\tnothing works\n"

static struct piece piece(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static void a_list_has_all_of_each(void **state)
{
	struct checks checks;

	(void)state;
	assert_true(checks_parse(piece("signal.delivered\trelied\t-\t12\tDEN0054 SDEI_EVENT_SIGNAL\tcomes \033[2J\tno \\ backtraces\n"
				       "context.registers\tspec\tprogram,later,destructive\t0\ta\tb\tc\tfield of a later module\n"
				       "kexec.event0\trelied\tconditional\t0\ta\tb\tc\n"
				       "kexec.status\tspec\tconditional\t0\ta\tb\tc\n"),
				 &checks));
	assert_int_equal(checks.count, 4);
	assert_string_equal(checks.check[0].name, "signal.delivered");
	assert_int_equal(checks.check[0].grade, GRADE_RELIED);
	assert_int_equal(checks.check[0].seconds, 12);
	assert_false(checks.check[0].destructive || checks.check[0].program || checks.check[0].chosen);
	assert_string_equal(checks.check[0].section, "DEN0054 SDEI_EVENT_SIGNAL");
	assert_string_equal(checks.check[0].expected, "comes \\x1b[2J");
	assert_string_equal(checks.check[0].means, "no \\\\ backtraces");
	assert_int_equal(checks.check[0].result, RESULT_PENDING);
	assert_int_equal(checks.check[1].grade, GRADE_SPEC);
	assert_true(checks.check[1].destructive && checks.check[1].program);
	assert_string_equal(checks.check[1].means, "c");
	assert_int_equal(checks.check[2].grade, GRADE_CONDITIONAL);
	assert_int_equal(checks.check[3].grade, GRADE_SPEC);
	checks_free(&checks);
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "signal.own", LINE("signal", "relied", "-"), LINE("Signal.own", "relied", "-"), LINE(".own", "relied", "-"),
		LINE("signal.", "relied", "-"), LINE("a..b", "relied", "-"), LINE("a b.c", "relied", "-"), LINE("a.<b>", "relied", "-"),
		LINE("a.b", "Relied", "-"), LINE("a.b", "", "-"), LINE("a.b", "relied", ""), LINE("a.b", "spec", "-") LINE("a.b", "spec", "-"),
		LINE("a.b", "spec", "-") "\n", "a.b\tspec\t-\t-1\tx\ty\tz\n", "a.b\tspec\t-\t86401\tx\ty\tz\n", "a.b\tspec\t-\t1s\tx\ty\tz\n",
		"a.b\tspec\t-\t1\tx\ty\n", "a.b\tspec\t-\t1\tx\ty\tz", "a.b spec - 1 x y z\n",
		"a.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\tspec\t-\t1\tx\ty\tz\n",
	};
	struct checks checks;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (checks_parse(piece(texts[i]), &checks))
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(checks.count, 0);
	}
}

static void assert_chosen(const char *name, bool found, const char *wanted)
{
	struct checks checks;
	char got[8] = "";

	assert_true(checks_parse(piece(LINE("a.x", "relied", "-") LINE("a.y", "relied", "-") LINE("ab.x", "relied", "-")), &checks));
	assert_int_equal(checks_choose(&checks, name), found);
	for (size_t i = 0; i < checks.count; i++)
		strcat(got, checks.check[i].chosen ? "1" : "0");
	assert_string_equal(got, wanted);
	checks_free(&checks);
}

static void checks_are_chosen_by_name_or_topic(void **state)
{
	(void)state;
	assert_chosen(NULL, true, "111");
	assert_chosen("a", true, "110");
	assert_chosen("a.y", true, "010");
	assert_chosen("ab", true, "001");
	assert_chosen("x", false, "000");
	assert_chosen("a.", false, "000");
	assert_chosen("", false, "000");
	assert_chosen("a.x.y", false, "000");
}

static void destructive_ones_come_last(void **state)
{
	struct checks checks;
	char order[16] = "";

	(void)state;
	assert_true(checks_parse(piece(LINE("t.a", "relied", "destructive") LINE("t.b", "relied", "-")
				       LINE("t.c", "relied", "destructive,program") LINE("t.d", "spec", "program")), &checks));
	checks_order(&checks);
	for (size_t i = 0; i < checks.count; i++)
		strcat(order, checks.check[i].name + 2);
	assert_string_equal(order, "bdac");
	checks_free(&checks);
}

static void a_reply_says_what_came(void **state)
{
	struct check check = { 0 };
	char *lost;

	(void)state;
	assert_true(check_parse_reply(piece("note\tp99 2 us\nresult\tfail\ncame\t<b>\033\nnote\ttwo\tfields\nlater\tvalue\nlost\t2-3\n"), &check));
	assert_int_equal(check.result, RESULT_FAIL);
	assert_string_equal(check.came, "<b>\\x1b");
	assert_int_equal(check.notes, 3);
	assert_string_equal(check.note[0], "p99 2 us");
	assert_string_equal(check.note[1], "two\\x09fields");
	assert_string_equal(check.note[2], "later: value");
	lost = cpulist_format(&check.lost);
	assert_string_equal(lost, "2-3");
	free(lost);
	/* A second reply replaces the result and keeps the earlier notes. */
	assert_true(check_parse_reply(piece("result\tpass\n"), &check));
	assert_int_equal(check.result, RESULT_PASS);
	assert_null(check.came);
	assert_int_equal(check.notes, 3);
	assert_true(check_parse_reply(piece("result\tskip\ncame\tno deep idle here\nlost\t\n"), &check));
	assert_int_equal(check.result, RESULT_SKIP);
	checks_free(&(struct checks){ memcpy(malloc(sizeof(check)), &check, sizeof(check)), 1 });
}

static void what_is_no_reply_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "result\n", "result\tpass", "result pass\n", "result\tPass\n", "result\t\n", "came\tx\n", "result\tpass\nresult\tpass\n",
		"result\tpass\nresult\tfail\ncame\tx\n", "result\tfail\n", "result\tskip\n", "result\tskip\ncame\t\n", "result\tpending\n",
		"result\trunning\ncame\tx\n", "result\tpass\nlost\t3-1\n", "result\tpass\nlost\tall\n", "result\tpass\n\n",
		"result\tpass\nnote\tx\nno tab\n",
	};
	struct check check = { .result = RESULT_RUNNING };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (check_parse_reply(piece(texts[i]), &check))
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(check.result, RESULT_RUNNING);
		assert_int_equal(check.notes, 0);
		assert_null(check.came);
	}
}

static void facts_are_carried_as_they_are(void **state)
{
	static const char *const texts[] = { "x\n", "\tx\n", "a\t1\na\t2\n", "a\t1\n\n", " \tx\n" };
	struct facts facts;

	(void)state;
	assert_true(facts_parse(piece("sdei_version\t1.0\nnew key\t\nbad\xff\t\033\n"), &facts));
	assert_int_equal(facts.count, 3);
	assert_string_equal(facts_get(&facts, "sdei_version"), "1.0");
	assert_string_equal(facts_get(&facts, "new key"), "");
	assert_string_equal(facts_get(&facts, "bad\\xff"), "\\x1b");
	assert_null(facts_get(&facts, "cpus"));
	facts_free(&facts);
	assert_true(facts_parse(piece(""), &facts));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(facts_parse(piece(texts[i]), &facts));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_has_all_of_each),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(checks_are_chosen_by_name_or_topic),
		cmocka_unit_test(destructive_ones_come_last),
		cmocka_unit_test(a_reply_says_what_came),
		cmocka_unit_test(what_is_no_reply_is_refused),
		cmocka_unit_test(facts_are_carried_as_they_are),
	};

	return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
