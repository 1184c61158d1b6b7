// SPDX-License-Identifier: GPL-2.0
/*
 * Tests tool/validate/runner.c: the order of the checks, and the results of checks that can't run.
 * The module is a table of replies.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/common/memory.h"
#include "tool/validate/runner.h"

#define LIST \
	"a.one\trelied\t-\t1\ts\te\tm\n" \
	"a.danger\trelied\tdestructive\t5\ts\te\tm\n" \
	"b.program\tspec\tprogram\t2\ts\te\tm\n" \
	"b.two\trelied\t-\t3\ts\te\tm\n"

struct spinners {
	int unused;
};

static struct spinners spinners;

struct module {
	const char *command, *reply;	/* the reply to this command; other commands get a pass */
	int err;			/* error of this command */
	int stop_after;			/* number of commands */
	int save_fails_at;
	const char *why, *wrong, *unclear;	/* findings of the programs */
	unsigned int seconds;		/* longest time limit of a command */

	int commands, saves, started;
	char said[1024];
	char saved[256];		/* the results at each save */
};

static void say(struct module *m, const char *what, const char *more)
{
	size_t length = strlen(m->said);

	snprintf(m->said + length, sizeof(m->said) - length, "%s%s%s", length ? " " : "", what, more);
}

static int ask(void *context, const char *command, unsigned int seconds, struct contents *reply)
{
	struct module *m = context;
	bool this = m->command && !strcmp(command, m->command);

	m->commands++;
	assert_true(seconds >= 10);
	if (seconds > m->seconds)
		m->seconds = seconds;
	say(m, "?", command);
	if (this && m->err)
		return m->err;
	*reply = (struct contents){ .text = memory_format("%s", this && m->reply ? m->reply : "result\tpass\n") };
	reply->length = strlen(reply->text);
	return 0;
}

static const char *stop(void *context)
{
	struct module *m = context;

	return m->stop_after && m->commands >= m->stop_after ? "interrupted" : NULL;
}

static bool save(void *context, const struct validation *v)
{
	struct module *m = context;

	say(m, "save", "");
	for (size_t i = 0; i < v->checks.count; i++)
		strncat(m->saved, result_word(v->checks.check[i].result), 2);
	strcat(m->saved, " ");
	return ++m->saves != m->save_fails_at;
}

static void starts(void *context, const struct check *check)
{
	struct module *m = context;

	m->started++;
	if (check->destructive)
		say(context, "danger:", check->name);
}

static void told(void *context, unsigned int number, const struct check *check)
{
	char text[16];

	snprintf(text, sizeof(text), "%u:%.2s", number, result_word(check->result));
	say(context, text, "");
}

static struct module *current;

static struct spinners *programs(const struct cpus *cpus, char **why)
{
	char *list = cpulist_format(cpus);

	say(current, "programs:", list);
	free(list);
	*why = current->why ? memory_format("%s", current->why) : NULL;
	return *why ? NULL : &spinners;
}

static void programs_end(struct spinners *s, struct spun *spun)
{
	assert_ptr_equal(s, &spinners);
	spun->note = memory_format("they ran");
	spun->wrong = current->wrong ? memory_format("%s", current->wrong) : NULL;
	spun->unclear = current->unclear ? memory_format("%s", current->unclear) : NULL;
}

static struct validation run_chosen(struct module *m, const char *list, const char *choice, bool destructive, bool whole)
{
	const struct runner runner = {
		.ask = ask, .stop = stop, .save = save, .starts = starts, .told = told,
		.programs = programs, .programs_end = programs_end, .context = m,
	};
	struct validation v = { .destructive = destructive };

	assert_true(checks_parse((struct piece){ list, strlen(list) }, &v.checks));
	checks_choose(&v.checks, choice);
	checks_order(&v.checks);
	facts_add(&v.firmware, "cpus", memory_format("0-3"));
	current = m;
	assert_int_equal(runner_run(&runner, &v), whole);
	return v;
}

static struct validation run(struct module *m, const char *list, bool destructive, bool whole)
{
	return run_chosen(m, list, NULL, destructive, whole);
}

static void destructive_ones_are_run_when_they_may_and_last(void **state)
{
	struct module without = { 0 }, with = { 0 };
	struct validation v;

	(void)state;
	v = run(&without, LIST, false, true);
	assert_string_equal(without.said, "?run a.one 1:pa programs:0-3 ?run b.program 2:pa ?run b.two 3:pa 4:sk");
	assert_string_equal(v.checks.check[3].came, "can leave the machine without a CPU on faulty firmware; --destructive runs it");
	assert_int_equal(without.started, 3);
	validation_free(&v);

	v = run(&with, LIST, true, true);
	assert_string_equal(with.said, "?run a.one 1:pa programs:0-3 ?run b.program 2:pa ?run b.two 3:pa "
				       "?destructive save danger:a.danger ?run a.danger save 4:pa");
	assert_string_equal(with.saved, "papaparu papapapa ");
	assert_int_equal(with.started, 4);
	assert_null(v.checks.check[3].came);
	validation_free(&v);
}

static void none_that_is_destructive_runs_unsaved(void **state)
{
	struct module before = { .save_fails_at = 1 }, after = { .save_fails_at = 2 }, refused = { .command = "destructive", .err = -EPERM };
	struct validation v;

	(void)state;
	v = run(&before, LIST, true, false);
	assert_null(strstr(before.said, "run a.danger"));
	assert_int_equal(v.checks.check[3].result, RESULT_SKIP);
	validation_free(&v);
	v = run(&after, LIST, true, false);
	assert_int_equal(v.checks.check[3].result, RESULT_PASS);
	validation_free(&v);
	v = run(&refused, LIST, true, false);
	assert_null(strstr(refused.said, "run a.danger"));
	assert_string_equal(v.checks.check[3].came, strerror(EPERM));
	validation_free(&v);
}

static void what_is_not_answered_is_no_pass(void **state)
{
	static const struct {
		int err;
		const char *reply;
		bool whole;
		enum result result;
		const char *came;
	} cases[] = {
		{ 0, "result\tmaybe\n", false, RESULT_SKIP, "can't be understood" },
		{ 0, "", false, RESULT_SKIP, "can't be understood" },
		{ 0, "result\tskip\ncame\tno GICv3\n", true, RESULT_SKIP, "no GICv3" },
		{ 0, "result\tfail\ncame\tnothing\n", true, RESULT_FAIL, "nothing" },
		{ -ETIME, NULL, true, RESULT_FAIL, "did not end within its declared time" },
		{ -EINTR, NULL, true, RESULT_SKIP, "interrupted" },
		{ -EINVAL, NULL, false, RESULT_SKIP, "no longer knows this check" },
		{ -EIO, NULL, false, RESULT_SKIP, "Input/output error" },
		{ -EMSGSIZE, NULL, false, RESULT_SKIP, "Message too long" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct module m = { .command = "run a.one", .err = cases[i].err, .reply = cases[i].reply };
		struct validation v = run(&m, LIST, false, cases[i].whole);

		assert_int_equal(v.checks.check[0].result, cases[i].result);
		assert_non_null(strstr(v.checks.check[0].came, cases[i].came));
		assert_int_equal(v.checks.check[2].result, RESULT_PASS);
		validation_free(&v);
	}
}

static void who_interrupts_gets_the_rest_skipped(void **state)
{
	struct module m = { .stop_after = 2 };
	struct validation v = run(&m, LIST, true, true);

	(void)state;
	assert_string_equal(m.said, "?run a.one 1:pa programs:0-3 ?run b.program 2:pa 3:sk 4:sk");
	assert_string_equal(v.checks.check[2].came, "interrupted");
	assert_string_equal(v.checks.check[3].came, "interrupted");
	validation_free(&v);
}

static void what_programs_saw_counts(void **state)
{
	static const struct {
		const char *reply, *why, *wrong, *unclear;
		enum result result;
		const char *came;
		size_t notes;
	} cases[] = {
		{ NULL, NULL, NULL, NULL, RESULT_PASS, NULL, 1 },
		{ NULL, "no CPU", NULL, NULL, RESULT_SKIP, "no CPU", 0 },
		{ NULL, NULL, "x7 changed", NULL, RESULT_FAIL, "x7 changed", 1 },
		{ "result\tskip\ncame\twhy\n", NULL, "x7 changed", NULL, RESULT_FAIL, "x7 changed", 1 },
		{ "result\tfail\ncame\twhy\n", NULL, "x7 changed", NULL, RESULT_FAIL, "why", 2 },
		{ NULL, NULL, NULL, "no turn", RESULT_SKIP, "no turn", 1 },
		{ "result\tfail\ncame\twhy\n", NULL, NULL, "no turn", RESULT_FAIL, "why", 1 },
		{ "garbage", NULL, "x7 changed", NULL, RESULT_FAIL, "x7 changed", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct module m = { .command = "run b.program", .reply = cases[i].reply, .why = cases[i].why, .wrong = cases[i].wrong,
				    .unclear = cases[i].unclear };
		bool whole = !(cases[i].reply && !strcmp(cases[i].reply, "garbage")) && !(cases[i].unclear && !cases[i].reply);
		struct validation v = run(&m, LIST, false, whole);

		assert_int_equal(v.checks.check[1].result, cases[i].result);
		if (cases[i].came)
			assert_string_equal(v.checks.check[1].came, cases[i].came);
		else
			assert_null(v.checks.check[1].came);
		assert_int_equal(v.checks.check[1].notes, cases[i].notes);
		validation_free(&v);
	}
}

/* The module may have to run earlier checks of the list first, so their times count as well. */
static void a_chosen_one_has_the_time_of_those_before_it(void **state)
{
	struct module all = { 0 }, last = { 0 };
	struct validation v = run(&all, LIST, true, true);

	(void)state;
	assert_int_equal(all.seconds, 15);
	validation_free(&v);
	v = run_chosen(&last, LIST, "b.two", false, true);
	assert_int_equal(last.seconds, 10 + 3 + 2 + 1);
	validation_free(&v);
}

static void a_lost_cpu_gets_no_program(void **state)
{
	struct module m = { .command = "run a.one", .reply = "result\tfail\ncame\tx\nlost\t0,2\n" };
	struct validation v = run(&m, LIST, false, true);

	(void)state;
	assert_non_null(strstr(m.said, "programs:1,3"));
	validation_free(&v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(destructive_ones_are_run_when_they_may_and_last),
		cmocka_unit_test(none_that_is_destructive_runs_unsaved),
		cmocka_unit_test(what_is_not_answered_is_no_pass),
		cmocka_unit_test(who_interrupts_gets_the_rest_skipped),
		cmocka_unit_test(what_programs_saw_counts),
		cmocka_unit_test(a_chosen_one_has_the_time_of_those_before_it),
		cmocka_unit_test(a_lost_cpu_gets_no_program),
	};

	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
