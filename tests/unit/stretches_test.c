// SPDX-License-Identifier: GPL-2.0
/* Tests tool/watch/stretches.c: the record of times with interrupts off is read correctly or refused, and readings are merged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/snapshot/folded.h"
#include "tool/watch/stretches.h"

#define HEAD_OF(started) "sdei_nmi irqs_off 1\nwatch_ns: 5000000\nstarted_ns: " started "\nnow_ns: 900\ndropped: 3\naddresses: shown\n"
#define HEAD HEAD_OF("100")
#define SITE(name, total) "\nsite: " name "\ncount: 2\ntotal_ns: " total "\nworst_ns: 60\ncpu: 1\ntask: t\npid: 7\n"
#define STRETCH(number, more) "\nstretch: " number "\ncpu: 1\nsite: f [m]\nsince_ns: 200\nseen_ns: 50\n" more "task: t" number "\npid: 7\nstack:\n 10 f+0x4/0x8 [m]\n"

static bool parse(const char *text, size_t length, struct stretches *stretches, struct flaw *flaw)
{
	/* The copy is on the heap, so that the sanitizer finds a read past its end. */
	char *copy = malloc(length ? length : 1);
	bool fine;

	memcpy(copy, text, length);
	fine = stretches_parse((struct piece){ copy, length }, stretches, flaw);
	free(copy);
	return fine;
}

static struct stretches parsed(const char *text)
{
	struct stretches stretches;
	struct flaw flaw;

	assert_true(parse(text, strlen(text), &stretches, &flaw));
	return stretches;
}

static void assert_refused(const char *text, size_t line)
{
	struct stretches stretches;
	struct flaw flaw = { 0 };

	assert_false(parse(text, strlen(text), &stretches, &flaw));
	assert_int_equal(flaw.line, line);
	assert_non_null(flaw.what);
}

static void all_keys_are_read(void **state)
{
	struct stretches s = parsed(HEAD SITE("f [m]", "100") SITE("?", "120")
				    "\nstretch: 41\ncpu: 3\nsite: f [m]\nsince_ns: 200\nseen_ns: 50\ntotal_ns: 60\ntask: a\\nb\npid: 8\n"
				    "pstate: 814003c9\npc: ff10 f+0x10/0x60 [m]\nsp: ff20\nstack:\n ff10 f+0x10/0x60 [m]\n ff30 ?\ncut: 2\n"
				    STRETCH("42", ""));

	(void)state;
	assert_int_equal(s.watch_ns, 5000000);
	assert_int_equal(s.started_ns, 100);
	assert_int_equal(s.now_ns, 900);
	assert_int_equal(s.dropped, 3);
	assert_string_equal(s.addresses, "shown");
	/* The largest sum comes first. */
	assert_int_equal(s.sites, 2);
	assert_null(s.site[0].name);
	assert_int_equal(s.site[0].total_ns, 120);
	assert_string_equal(s.site[1].name, "f [m]");
	assert_int_equal(s.site[1].count, 2);
	assert_int_equal(s.site[1].worst_ns, 60);
	assert_int_equal(s.site[1].cpu, 1);
	assert_int_equal(s.site[1].pid, 7);
	assert_string_equal(s.site[1].task, "t");
	assert_int_equal(s.count, 2);
	assert_int_equal(s.oldest, 41);
	assert_int_equal(s.newest, 42);
	assert_int_equal(s.stretch[0].number, 41);
	assert_int_equal(s.stretch[0].cpu, 3);
	assert_int_equal(s.stretch[0].since_ns, 200);
	assert_int_equal(s.stretch[0].seen_ns, 50);
	assert_int_equal(stretch_ns(&s.stretch[0]), 60);
	assert_false(stretch_lasts(&s, &s.stretch[0]));
	assert_string_equal(s.stretch[0].trace.task, "a\\x0ab");
	assert_int_equal(s.stretch[0].trace.depth, 2);
	assert_int_equal(s.stretch[0].trace.cut, 2);
	assert_true(s.stretch[0].trace.has_pc && s.stretch[0].trace.has_sp && s.stretch[0].trace.has_pstate);
	assert_int_equal(s.stretch[1].total_ns, -1);
	assert_int_equal(stretch_ns(&s.stretch[1]), 50);
	assert_true(stretch_lasts(&s, &s.stretch[1]));
	stretches_free(&s);
}

static void what_is_new_is_passed_over(void **state)
{
	struct stretches s = parsed("sdei_nmi irqs_off 1\nnew: x\nwatch_ns: 0\nstarted_ns: 0\nnow_ns: 0\ndropped: 0\n\nnew: y\n indented\nsite: f\n"
				    "count: 1\ntotal_ns: 1\nworst_ns: 1\n");

	(void)state;
	assert_int_equal(s.sites, 1);
	assert_int_equal(s.site[0].cpu, -1);
	assert_null(s.site[0].task);
	stretches_free(&s);
}

static void another_form_is_refused(void **state)
{
	(void)state;
	assert_refused("", 1);
	assert_refused("sdei_nmi irqs_off 1", 1);
	assert_refused("sdei_nmi irqs_off 2\n", 1);
	assert_refused("sdei_nmi stacks 1\n", 1);
}

static void wrong_values_are_refused_with_their_line(void **state)
{
	(void)state;
	assert_refused("sdei_nmi irqs_off 1\n", 2);
	assert_refused("sdei_nmi irqs_off 1\nwatch_ns: 1\nstarted_ns: 1\nnow_ns: 1\n", 5);
	assert_refused("sdei_nmi irqs_off 1\nwatch_ns: 5ms\n", 2);
	assert_refused(HEAD "\nsite: f\ncount: 1\ntotal_ns: 1\n", 11);
	assert_refused(HEAD "\nsite: f\nsite: g\n", 9);
	assert_refused(HEAD "\nsite:\n", 8);
	assert_refused(HEAD "\ncount: 1\ntotal_ns: 1\nworst_ns: 1\n", 11);
	assert_refused(HEAD SITE("f", "-1"), 10);
	assert_refused(HEAD "\nsite: f\ncpu: 8192\n", 9);
	assert_refused(HEAD "\nstretch: 0\n", 8);
	assert_refused(HEAD "\nstretch: 1\nstretch: 2\n", 9);
	assert_refused(HEAD "\nstretch: 1\ncpu: 0\nsite: f\nsince_ns: 1\n\n", 12);
	assert_refused(HEAD "\nstretch: 1\nstack: 1\n", 9);
	assert_refused(HEAD "\nstretch: 1\nstack:\n where?\n", 10);
	/* Their numbers rise. */
	assert_refused(HEAD STRETCH("7", "") STRETCH("7", ""), 18);
	assert_refused(HEAD STRETCH("7", "") STRETCH("6", ""), 18);
	/* What came before is freed. */
	assert_refused(HEAD SITE("f", "1") STRETCH("7", "") "\nno colon\n", 26);
}

/* If the parser accepts a cut text, the cut is at the end of a line, and each block is complete. */
static void a_text_that_is_cut_is_no_other_one(void **state)
{
	static const char text[] = HEAD SITE("f", "1") STRETCH("7", "total_ns: 60\n") STRETCH("8", "");
	struct stretches s;
	struct flaw flaw;

	(void)state;
	for (size_t length = 0; length < strlen(text); length++) {
		if (!parse(text, length, &s, &flaw))
			continue;
		assert_int_equal(text[length - 1], '\n');
		for (size_t i = 0; i < s.count; i++)
			assert_true(s.stretch[i].site && s.stretch[i].seen_ns == 50);
		stretches_free(&s);
	}
}

static void names_are_safe_to_show(void **state)
{
	struct stretches s = parsed(HEAD SITE("f\033[2J", "1") "\nstretch: 1\ncpu: 0\nsite: \x9b\nsince_ns: 1\nseen_ns: 1\n");

	(void)state;
	assert_string_equal(s.site[0].name, "f\\x1b[2J");
	assert_string_equal(s.stretch[0].site, "\\x9b");
	stretches_free(&s);
}

/* Merges the texts in their order. wanted lists "NUMBER:LENGTH", with "+" if the stretch lasts. */
static void assert_merged(const char *const *texts, const char *wanted, int64_t missed)
{
	struct stretches all = STRETCHES_EMPTY, more;
	char list[256] = "";

	for (; *texts; texts++) {
		more = parsed(*texts);
		stretches_merge(&all, &more);
		assert_int_equal(more.count, 0);
	}
	for (size_t i = 0; i < all.count; i++)
		sprintf(list + strlen(list), "%s%d:%d%s", i ? " " : "", (int)all.stretch[i].number, (int)stretch_ns(&all.stretch[i]),
			stretch_lasts(&all, &all.stretch[i]) ? "+" : "");
	assert_string_equal(list, wanted);
	assert_int_equal(all.missed, missed);
	stretches_free(&all);
}

#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void merged_readings_keep_what_the_driver_forgot(void **state)
{
	(void)state;
	assert_merged(TEXTS(HEAD STRETCH("7", "total_ns: 60\n") STRETCH("8", ""), HEAD STRETCH("9", "total_ns: 70\n")), "7:60 8:50 9:70", 0);
	assert_merged(TEXTS(HEAD, HEAD STRETCH("7", ""), HEAD STRETCH("7", ""), HEAD), "7:50", 0);
	assert_merged(TEXTS(HEAD), "", 0);
}

static void merged_readings_update_what_had_not_ended(void **state)
{
	(void)state;
	assert_merged(TEXTS(HEAD STRETCH("7", "") STRETCH("8", ""), HEAD STRETCH("7", "total_ns: 90\n") STRETCH("8", "") STRETCH("9", "")),
		      "7:90 8:50+ 9:50+", 0);
}

static void merged_readings_count_what_they_missed(void **state)
{
	(void)state;
	assert_merged(TEXTS(HEAD STRETCH("7", ""), HEAD STRETCH("10", ""), HEAD STRETCH("11", ""), HEAD, HEAD STRETCH("13", "")),
		      "7:50 10:50 11:50 13:50+", 3);
}

/* The driver was loaded anew, or the record was switched off and on. */
static void a_new_record_begins_anew(void **state)
{
	(void)state;
	assert_merged(TEXTS(HEAD STRETCH("7", ""), HEAD_OF("500") STRETCH("1", "total_ns: 60\n")), "1:60", 0);
	assert_merged(TEXTS(HEAD STRETCH("7", ""), HEAD_OF("500"), HEAD_OF("500") STRETCH("20", "")), "20:50+", 0);
}

static void forgotten_stretches_do_not_come_back(void **state)
{
	struct stretches all = STRETCHES_EMPTY, more = parsed(HEAD STRETCH("7", "") STRETCH("8", "") STRETCH("9", ""));

	(void)state;
	stretches_merge(&all, &more);
	stretches_forget(&all, 2);
	more = parsed(HEAD STRETCH("7", "total_ns: 60\n") STRETCH("8", "") STRETCH("9", ""));
	stretches_merge(&all, &more);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.stretch[0].number, 9);
	stretches_forget(&all, 1);
	stretches_forget(&all, 0);
	stretches_free(&all);
}

static void folded_adds_up_times(void **state)
{
	struct stretches s = parsed(HEAD STRETCH("7", "total_ns: 6000\n") STRETCH("8", ""));
	struct folded folded = { 0 };
	char *text;

	(void)state;
	/* More lines than there is room for at first. */
	for (int i = 0; i < 200; i++)
		for (size_t k = 0; k < s.count; k++)
			folded_add(&folded, &s.stretch[k].trace, "unknown", stretch_ns(&s.stretch[k]));
	text = folded_text(&folded, 1000);
	assert_string_equal(text, "t7;f [m] 1200\nt8;f [m] 10\n");
	free(text);
	stretches_free(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys_are_read),
		cmocka_unit_test(what_is_new_is_passed_over),
		cmocka_unit_test(another_form_is_refused),
		cmocka_unit_test(wrong_values_are_refused_with_their_line),
		cmocka_unit_test(a_text_that_is_cut_is_no_other_one),
		cmocka_unit_test(names_are_safe_to_show),
		cmocka_unit_test(merged_readings_keep_what_the_driver_forgot),
		cmocka_unit_test(merged_readings_update_what_had_not_ended),
		cmocka_unit_test(merged_readings_count_what_they_missed),
		cmocka_unit_test(a_new_record_begins_anew),
		cmocka_unit_test(forgotten_stretches_do_not_come_back),
		cmocka_unit_test(folded_adds_up_times),
	};

	return cmocka_run_group_tests_name("stretches", tests, NULL, NULL);
}
