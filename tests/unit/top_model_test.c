// SPDX-License-Identifier: GPL-2.0
/* Tests tool/top/model.c with top_row.c and top_filter.c: rows, order, filter, selection, expansion and scrolling. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/top/model.h"

#define HEAD "sdei_nmi stacks 1\n\n"
#define BUSY(cpu, function, more) \
	"cpu: " cpu "\nstate: kernel\ninterrupts: on\ntask: t" cpu "\npid: 1" cpu "\n" more "stack:\n 10 " function "+0x0/0x20\n 20 caller+0x8/0x40\n\n"
#define SHORT(cpu, state) "cpu: " cpu "\nstate: " state "\n\n"
#define IDLE(cpu, more) "cpu: " cpu "\nstate: idle\ninterrupts: on\ntask: swapper/" cpu "\n" more "stack:\n 30 idle+0x4/0x8\n\n"
#define WAITS(ns) "waiting_ns: " ns "\n"

static struct top_model model;

static void take(const char *text)
{
	struct snapshot snapshot;
	struct flaw flaw;

	assert_true(snapshot_parse((struct piece){ text, strlen(text) }, &snapshot, &flaw));
	top_model_take(&model, &snapshot);
}

static int begin(void **state)
{
	(void)state;
	top_model_begin(&model, NULL);
	return 0;
}

static int end(void **state)
{
	(void)state;
	top_model_end(&model);
	return 0;
}

/* wanted lists the rows in order, each with its CPUs: "1-2 0". The selected row has a star, an expanded one a minus. */
static void assert_rows(const char *wanted)
{
	char list[512] = "";

	for (size_t i = 0; i < model.count; i++)
		sprintf(list + strlen(list), "%s%s%s%s", i ? " " : "", i == model.selected ? "*" : "", model.row[i]->expanded ? "-" : "",
			model.row[i]->list);
	assert_string_equal(list, wanted);
}

/* The lines on a screen of this height: CPUs of a row, or the line below it. The selected line has a star. */
static void assert_screen(size_t height, const char *wanted)
{
	char text[1024] = "";
	struct top_line line;

	top_model_scroll(&model, height);
	for (size_t i = 0; i < height && top_model_line(&model, model.first + i, &line); i++)
		sprintf(text + strlen(text), "%s%s%s", i ? "|" : "", line.selected ? "*" : "", line.detail ? line.detail : line.row->list);
	assert_string_equal(text, wanted);
}

static void assert_filter(const char *text, const char *wanted)
{
	assert_null(top_model_filter(&model, text));
	assert_rows(wanted);
}

static void assert_no_filter(const char *text, const char *words)
{
	char *flaw = top_model_filter(&model, text);

	assert_non_null(flaw);
	assert_non_null(strstr(flaw, words));
	assert_int_equal(flaw[strlen(flaw) - 1], '.');
	free(flaw);
}

static const char mixture[] = HEAD BUSY("0", "spin", WAITS("2000000000") "interrupts: off\n") BUSY("1", "spin", WAITS("3000000000"))
	IDLE("2", WAITS("900")) SHORT("3", "offline") "cpu: 4\nstate: silent\nreason: lost\n\n" SHORT("5", "user") IDLE("6", "")
	"cpu: 7\nstate: self\ntask: sdei-nmi\npid: 9\n\n" BUSY("8", "lock", WAITS("5000000")) "cpu: 9\nstate: silent\nreason: other\n\n"
	"cpu: 10\nstate: silent\nreason: lost\n\n" SHORT("11", "offline");

static void each_cpu_is_in_one_row(void **state)
{
	struct cpus chosen = { 0 };

	(void)state;
	take(mixture);
	assert_rows("*4,10 9 0-1 8 5 7 2,6 3,11");
	assert_int_equal(model.counts.online, 10);
	assert_int_equal(model.counts.offline, 2);
	assert_int_equal(model.counts.idle, 2);
	assert_int_equal(model.counts.silent, 3);
	assert_int_equal(model.counts.off, 1);
	cpus_add(&chosen, 1);
	cpus_add(&chosen, 6);
	cpus_add(&chosen, 10);
	cpus_add(&chosen, 11);
	model.chosen = &chosen;
	take(mixture);
	assert_rows("*10 1 6 11");
	assert_int_equal(model.counts.online, 3);
	assert_int_equal(model.counts.off, 0);
}

static void a_row_describes_its_longest_waiter(void **state)
{
	const struct top_row *row;

	(void)state;
	take(mixture);
	row = model.row[2];
	assert_int_equal(row->cpu[0]->number, 1);
	assert_string_equal(row->task, "t1");
	assert_string_equal(row->function, "spin");
	assert_string_equal(row->interrupts, "mixed");
	assert_int_equal(row->grade, TOP_ALARM);
	assert_int_equal(model.row[0]->grade, TOP_ALARM);
	assert_string_equal(model.row[0]->function, "lost");
	assert_string_equal(model.row[3]->interrupts, "on");
	assert_int_equal(model.row[3]->grade, TOP_PLAIN);
	assert_null(model.row[4]->function);
	assert_int_equal(model.row[6]->grade, TOP_QUIET);
	assert_null(model.row[6]->task);
	take(HEAD BUSY("0", "spin", "interrupts: off\n" WAITS("999999999")) BUSY("1", "lock", "interrupts: masked\n" WAITS("1000000000")));
	assert_int_equal(model.row[0]->grade, TOP_ALARM);
	assert_int_equal(model.row[1]->grade, TOP_OFF);
	take(HEAD "cpu: 0\nstate: guest\npc: 40 kvm_entry+0x0/0x8 [kvm]\n\ncpu: 1\nstate: kernel\nstack:\n ab ?\n\ncpu: 2\nstate: kernel\nstack:\n 0 ?\n");
	assert_string_equal(model.row[0]->function, "kvm_entry [kvm]");
	assert_string_equal(model.row[1]->function, "0xab");
	assert_null(model.row[2]->function);
}

/* Idle CPUs come late, unless one has been waiting for long. */
static void an_idle_cpu_that_waits_is_no_idle_one(void **state)
{
	(void)state;
	take(HEAD IDLE("0", WAITS("999999")) BUSY("1", "f", ""));
	assert_rows("*1 0");
	take(HEAD IDLE("0", "") IDLE("2", WAITS("1000000000")) BUSY("1", "f", ""));
	assert_rows("*0,2 1");
	assert_int_equal(model.row[0]->cpu[0]->number, 2);
	assert_int_equal(model.row[0]->grade, TOP_ALARM);
}

static void rows_are_sorted(void **state)
{
	static const char *const orders[][2] = {
		{ "2 1 0 3", "3 0 1 2" }, { "0 1 2 3", "3 2 1 0" }, { "1 0 2 3", "3 2 0 1" }, { "2 0 1 3", "3 1 0 2" },
	};

	(void)state;
	take(HEAD "cpu: 0\nstate: kernel\ntask: m\nstack:\n 1 g+0x0/0x4\n\ncpu: 1\nstate: kernel\ntask: a\nwaiting_ns: 5\nstack:\n 1 h+0x0/0x4\n\n"
		  "cpu: 2\nstate: kernel\ntask: z\nwaiting_ns: 9\nstack:\n 1 b+0x0/0x4\n\ncpu: 3\nstate: offline\n");
	for (int i = 0; i < TOP_SORTS; i++) {
		char list[64] = "*";

		assert_int_equal(model.sort, i);
		assert_non_null(top_sort_name(model.sort));
		strcat(list, orders[i][0]);
		assert_rows(list);
		top_model_reverse(&model);
		sprintf(list, "*%s", orders[i][1]);
		assert_rows(list);
		top_model_reverse(&model);
		top_model_sort(&model);
	}
	assert_int_equal(model.sort, TOP_BY_TIME);
}

static void rows_that_are_equal_do_not_change_places(void **state)
{
	(void)state;
	take(HEAD BUSY("3", "a", "") BUSY("1", "b", "") BUSY("2", "c", "") BUSY("0", "d", ""));
	assert_rows("*0 1 2 3");
	top_model_reverse(&model);
	assert_rows("*3 2 1 0");
}

static void a_filter_has_words_times_and_cpus(void **state)
{
	(void)state;
	take(mixture);
	assert_filter("T0", "*0-1");
	assert_filter("loc", "*8");
	assert_filter("user", "*5");
	assert_filter("swapper", "");
	assert_filter("lost", "*4,10");
	assert_filter(">5ms", "*0-1");
	assert_filter(">4.9ms", "*0-1 8");
	assert_filter(">2.5s", "*0-1");
	assert_filter(">3s", "");
	assert_filter("cpu:1,5-6", "*0-1 5 2,6");
	assert_filter("  cpu:0-8\tkernel >1s ", "*0-1");
	assert_filter("spin lock", "");
	assert_filter(" ", "*4,10 9 0-1 8 5 7 2,6 3,11");
	assert_null(model.filter.text);
}

static void an_invalid_filter_changes_nothing(void **state)
{
	(void)state;
	take(mixture);
	assert_filter("spin", "*0-1");
	assert_no_filter(">", ">10ms");
	assert_no_filter(">5x", "'>5x'");
	assert_no_filter("lock cpu:", "it is empty");
	assert_no_filter("cpu:3-1 lock", "ends before it begins");
	assert_no_filter("cpu:x", "cpu:0-3,8");
	assert_rows("*0-1");
	assert_string_equal(model.filter.text, "spin");
}

static void the_selection_stays_on_its_group(void **state)
{
	(void)state;
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "b", WAITS("8")) BUSY("2", "c", WAITS("7")));
	top_model_move(&model, 1);
	assert_rows("0 *1 2");
	/* The place has another CPU as well, and comes last. */
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("3", "b", WAITS("1")) BUSY("1", "x", WAITS("8")) BUSY("2", "c", WAITS("7")));
	assert_rows("0 1 2 *3");
	/* The place has gone, but not the CPU. */
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("3", "y", WAITS("10")) BUSY("1", "x", WAITS("8")));
	assert_rows("*3 0 1");
	/* The CPU is idle now, so the selection stays at its place in the list. */
	take(HEAD BUSY("0", "a", WAITS("9")) IDLE("3", "") BUSY("1", "x", WAITS("8")));
	assert_rows("*0 1 3");
	top_model_last(&model);
	assert_rows("0 1 *3");
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "x", WAITS("8")));
	assert_rows("0 *1");
	take(HEAD);
	assert_rows("");
	top_model_move(&model, 1);
	top_model_expand(&model);
	take(HEAD BUSY("0", "a", ""));
	assert_rows("*0");
	/* It stays also when the order or the filter changes. */
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "b", WAITS("8")) BUSY("2", "c", WAITS("7")));
	top_model_last(&model);
	top_model_reverse(&model);
	assert_rows("*2 1 0");
	assert_filter("cpu:1-2", "*2 1");
	assert_filter("cpu:0-1", "*1 0");
	assert_filter("", "2 *1 0");
}

/* Programs and the CPU that takes the snapshot have no place; the tool itself may move to another CPU. */
static void the_selection_follows_programs_and_the_tool(void **state)
{
	(void)state;
	take(HEAD SHORT("0", "user") SHORT("1", "user") SHORT("2", "self"));
	top_model_move(&model, 1);
	take(HEAD BUSY("0", "a", "") SHORT("1", "guest") SHORT("2", "self"));
	assert_rows("0 *1 2");
	top_model_move(&model, 1);
	take(HEAD SHORT("0", "self") SHORT("1", "user") SHORT("2", "user"));
	assert_rows("1 2 *0");
}

static void without_a_key_the_first_row_is_selected(void **state)
{
	(void)state;
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "b", WAITS("8")));
	assert_rows("*0 1");
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "b", WAITS("80")));
	assert_rows("*1 0");
	top_model_move(&model, 0);
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "b", WAITS("8")));
	assert_rows("0 *1");
	top_model_home(&model);
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "b", WAITS("80")));
	assert_rows("*1 0");
	top_model_reverse(&model);
	assert_rows("*0 1");
}

static void rows_stay_expanded(void **state)
{
	(void)state;
	take(HEAD BUSY("0", "a", WAITS("9")) BUSY("1", "b", WAITS("8")) BUSY("2", "c", WAITS("7")));
	top_model_move(&model, 1);
	top_model_expand(&model);
	assert_rows("0 *-1 2");
	assert_int_equal(top_model_lines(&model), 5);
	take(HEAD BUSY("0", "a", WAITS("1")) BUSY("1", "b", WAITS("8")) BUSY("2", "c", WAITS("7")));
	assert_rows("*-1 2 0");
	/* All are expanded, and new ones as well, but not the one that the user has collapsed. */
	top_model_expand_all(&model);
	assert_rows("*-1 -2 -0");
	top_model_expand(&model);
	take(HEAD BUSY("3", "n", WAITS("9")) BUSY("1", "b", WAITS("8")) BUSY("2", "c", WAITS("7")) IDLE("0", ""));
	assert_rows("-3 *1 -2 -0");
	top_model_expand_all(&model);
	assert_rows("-3 *-1 -2 -0");
	top_model_expand_all(&model);
	assert_rows("3 *1 2 0");
	assert_int_equal(top_model_lines(&model), 4);
}

/* A CPU that goes idle does not expand the row of all idle CPUs. */
static void idle_rows_are_not_expanded_by_others(void **state)
{
	(void)state;
	take(HEAD BUSY("0", "a", "") IDLE("1", ""));
	top_model_expand(&model);
	assert_rows("*-0 1");
	take(HEAD IDLE("0", "") IDLE("1", ""));
	assert_rows("*0-1");
	top_model_expand(&model);
	take(HEAD BUSY("0", "a", "") IDLE("1", ""));
	assert_rows("0 *-1");
}

static void an_expanded_row_has_its_cpus_and_its_stack(void **state)
{
	(void)state;
	take(HEAD BUSY("0", "spin", WAITS("2000000000")) "cpu: 1\nstate: kernel\ninterrupts: off\ntask: t\nstack:\n 10 spin+0x4/0x20\n 20 caller+0x8/0x40\n");
	for (int i = 0; i < 3; i++)
		top_model_expand(&model);
	assert_screen(20, "*0-1|2 CPUs: 0-1|CPU 0  t0 (10), interrupts on, waiting 2.00 s|CPU 1  t, interrupts off|  spin+0x0/0x20|  caller+0x8/0x40");
	take(HEAD "cpu: 0\nstate: kernel\nby: event\nanswered_ns: 20000\nheld_ns: 5000\nstack:\n ab ?\ncut: 1\n");
	assert_screen(20, "*0|reached by event in 20.0 us, held for 5.00 us|  00000000000000ab|  ... cut after 1 entries");
	top_model_expand_all(&model);
	top_model_expand_all(&model);
	take(HEAD "cpu: 0\nstate: silent\nreason: event 0 was sent and not answered in 1000 ms; an interrupt was sent and not answered, either\n\n"
		  "cpu: 1\nstate: self\nby: self\n\ncpu: 2\nstate: offline\n\ncpu: 3\nstate: user\npc: 40\n");
	assert_screen(20, "*0|event 0 was sent and not answered in 1000 ms; an interrupt was sent and |not answered, either|"
			  "3|pc 0000000000000040|1|this CPU took the snapshot|2|nothing more is known");
}

static void the_selection_is_on_the_screen(void **state)
{
	(void)state;
	take(HEAD BUSY("0", "a", "") BUSY("1", "b", "") BUSY("2", "c", "") BUSY("3", "d", "") BUSY("4", "e", ""));
	assert_screen(3, "*0|1|2");
	top_model_move(&model, 3);
	assert_screen(3, "1|2|*3");
	top_model_move(&model, -1);
	assert_screen(3, "1|*2|3");
	top_model_move(&model, -2);
	assert_screen(3, "*0|1|2");
	top_model_move(&model, LONG_MIN);
	assert_screen(3, "*0|1|2");
	top_model_last(&model);
	assert_screen(3, "2|3|*4");
	assert_screen(9, "0|1|2|3|*4");
	assert_screen(1, "*4");
	assert_screen(0, "");
	/* The list has become shorter. */
	assert_screen(3, "2|3|*4");
	take(HEAD BUSY("0", "a", "") BUSY("1", "b", "") BUSY("3", "d", "") BUSY("4", "e", ""));
	assert_screen(3, "1|3|*4");
	take(HEAD BUSY("0", "a", "") BUSY("1", "b", "") BUSY("2", "c", "") BUSY("3", "d", "") BUSY("4", "e", ""));
	/* The lines below the selected row come with it. */
	top_model_move(&model, -1);
	top_model_expand(&model);
	assert_screen(4, "2|*3|  d+0x0/0x20|  caller+0x8/0x40");
	/* Not all of them fit. */
	assert_screen(2, "*3|  d+0x0/0x20");
	top_model_move(&model, 2);
	assert_screen(2, "  d+0x0/0x20|*  caller+0x8/0x40");
	assert_int_equal(model.selected, 3);
	top_model_move(&model, 1);
	assert_int_equal(model.selected, 4);
	/* A line that a new snapshot lacks. */
	top_model_move(&model, -1);
	take(HEAD "cpu: 3\nstate: kernel\nstack:\n 10 x+0x0/0x4\n");
	assert_screen(4, "3|*  x+0x0/0x4");
	top_model_expand(&model);
	assert_screen(4, "*3");
}

static void many_cpus_are_listed_in_part(void **state)
{
	char text[8192] = HEAD;
	struct top_line line;

	(void)state;
	for (int i = 0; i < 40; i += 2)
		sprintf(text + strlen(text), "cpu: %d\nstate: kernel\ntask: t\npid: 1\nstack:\n 10 a+0x0/0x4\n\n", i);
	take(text);
	top_model_expand(&model);
	assert_int_equal(top_model_lines(&model), 12);
	assert_true(top_model_line(&model, 1, &line));
	assert_string_equal(line.detail, "20 CPUs: 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38");
	assert_true(top_model_line(&model, 10, &line));
	assert_string_equal(line.detail, "... and 12 more CPUs");
	assert_false(top_model_line(&model, 12, &line));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_cpu_is_in_one_row),
		TEST(a_row_describes_its_longest_waiter),
		TEST(an_idle_cpu_that_waits_is_no_idle_one),
		TEST(rows_are_sorted),
		TEST(rows_that_are_equal_do_not_change_places),
		TEST(a_filter_has_words_times_and_cpus),
		TEST(an_invalid_filter_changes_nothing),
		TEST(the_selection_stays_on_its_group),
		TEST(the_selection_follows_programs_and_the_tool),
		TEST(without_a_key_the_first_row_is_selected),
		TEST(rows_stay_expanded),
		TEST(idle_rows_are_not_expanded_by_others),
		TEST(an_expanded_row_has_its_cpus_and_its_stack),
		TEST(the_selection_is_on_the_screen),
		TEST(many_cpus_are_listed_in_part),
	};

	return cmocka_run_group_tests_name("top_model", tests, NULL, NULL);
}
