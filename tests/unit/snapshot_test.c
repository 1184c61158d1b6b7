// SPDX-License-Identifier: GPL-2.0
/* Tests tool/snapshot/snapshot.c: the parser reads a snapshot of all CPUs correctly or refuses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/snapshot/snapshot.h"

#define HEAD "sdei_nmi stacks 1\ntaken_ns: 5000\naddresses: shown\n\n"
#define HEAD_ONLINE "sdei_nmi stacks 1\ntaken_ns: 5000\nonline: 1-2\naddresses: shown\n\n"

static bool parse(const char *text, struct snapshot *snapshot, struct flaw *flaw)
{
	/* The copy is on the heap, so that the sanitizer finds a read past its end. */
	size_t length = strlen(text);
	char *copy = malloc(length ? length : 1);
	bool fine;

	memcpy(copy, text, length);
	fine = snapshot_parse((struct piece){ copy, length }, snapshot, flaw);
	free(copy);
	return fine;
}

static void assert_refused(const char *text, size_t line)
{
	struct snapshot snapshot;
	struct flaw flaw = { 0 };

	assert_false(parse(text, &snapshot, &flaw));
	assert_int_equal(flaw.line, line);
	assert_non_null(flaw.what);
}

static void all_keys_are_read(void **state)
{
	static const char text[] = HEAD_ONLINE
		"cpu: 2\nstate: kernel\nby: event\ninterrupts: off\nwaiting_ns: 12400000000\nanswered_ns: 20000\nheld_ns: 5000\n"
		"task: a\\nb\\\\c\npid: 167\nuid: 0\npstate: 814003c9\npc: ffff80007ab3a600 wedge_spin+0x30/0x60 [sdei_nmi_wedge]\n"
		"sp: ffff80008403be20\nstack:\n ffff80007ab3a600 wedge_spin+0x30/0x60 [sdei_nmi_wedge]\n ffff800000000000 ?\ncut: 2\n\n"
		"cpu: 3\nstate: offline\n\ncpu: 1\nstate: silent\nreason: event 0 was sent and not answered\n";
	struct snapshot s;
	struct flaw flaw;

	(void)state;
	assert_true(parse(text, &s, &flaw));
	assert_int_equal(s.taken_ns, 5000);
	assert_string_equal(s.addresses, "shown");
	assert_true(s.has_online);
	assert_int_equal(cpus_count(&s.online), 2);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.cpu[0].number, 2);
	assert_int_equal(s.cpu[0].state, CPU_KERNEL);
	assert_string_equal(s.cpu[0].by, "event");
	assert_string_equal(s.cpu[0].interrupts, "off");
	assert_true(s.cpu[0].waiting_ns == 12400000000);
	assert_int_equal(s.cpu[0].answered_ns, 20000);
	assert_int_equal(s.cpu[0].held_ns, 5000);
	assert_string_equal(s.cpu[0].trace.task, "a\\x0ab\\\\c");
	assert_int_equal(s.cpu[0].trace.pid, 167);
	assert_int_equal(s.cpu[0].uid, 0);
	assert_true(s.cpu[0].trace.has_pstate && s.cpu[0].trace.pstate == 0x814003c9);
	assert_true(s.cpu[0].trace.has_sp && s.cpu[0].trace.sp == 0xffff80008403be20);
	assert_string_equal(s.cpu[0].trace.pc.name, "wedge_spin+0x30/0x60 [sdei_nmi_wedge]");
	assert_int_equal(s.cpu[0].trace.pc.function, strlen("wedge_spin"));
	assert_int_equal(s.cpu[0].trace.depth, 2);
	assert_true(s.cpu[0].trace.stack[0].address == 0xffff80007ab3a600);
	assert_null(s.cpu[0].trace.stack[1].name);
	assert_int_equal(s.cpu[0].trace.cut, 2);
	assert_int_equal(s.cpu[1].state, CPU_OFFLINE);
	assert_int_equal(s.cpu[1].waiting_ns, -1);
	assert_false(s.cpu[1].trace.has_stack);
	assert_int_equal(s.cpu[2].state, CPU_SILENT);
	assert_string_equal(s.cpu[2].reason, "event 0 was sent and not answered");
	snapshot_free(&s);
}

static void what_is_new_is_passed_over(void **state)
{
	struct snapshot s;
	struct flaw flaw;

	(void)state;
	assert_true(parse("sdei_nmi stacks 1\nnew: thing\n\ncpu: 0\nstate: dreaming\nlist:\n one\n two\nstack:\n 0 a+0x0/0x4\n", &s, &flaw));
	assert_int_equal(s.cpu[0].state, CPU_OTHER);
	assert_string_equal(s.cpu[0].state_word, "dreaming");
	assert_int_equal(s.cpu[0].trace.depth, 1);
	snapshot_free(&s);
}

static void no_cpus_are_a_snapshot_too(void **state)
{
	struct snapshot s;
	struct flaw flaw;

	(void)state;
	assert_true(parse("sdei_nmi stacks 1\n", &s, &flaw));
	assert_int_equal(s.count, 0);
	snapshot_free(&s);
	assert_true(parse("sdei_nmi stacks 1\n\n\n\n", &s, &flaw));
	snapshot_free(&s);
}

static void another_form_is_refused(void **state)
{
	(void)state;
	assert_refused("", 1);
	assert_refused("\n", 1);
	assert_refused("sdei_nmi stacks 2\n", 1);
	assert_refused("sdei_nmi stacks 10\n", 1);
	assert_refused("sdei_nmi stacks", 1);
}

static void wrong_values_are_refused_with_their_line(void **state)
{
	(void)state;
	assert_refused(HEAD "cpu: -1\nstate: idle\n", 5);
	assert_refused(HEAD "cpu: 8192\nstate: idle\n", 5);
	assert_refused(HEAD "cpu: 99999999999999999999\nstate: idle\n", 5);
	assert_refused(HEAD "cpu: 0\nstate: idle\n\ncpu: 0\nstate: idle\n", 8);
	assert_refused(HEAD "cpu: 0\ncpu: 1\nstate: idle\n", 6);
	assert_refused(HEAD "state: idle\n", 6);
	assert_refused(HEAD "cpu: 0\n\ncpu: 1\nstate: idle\n", 6);
	assert_refused(HEAD "cpu: 0\nstate: kernel\nwaiting_ns: 1.5\n", 7);
	assert_refused(HEAD "cpu: 0\nstate: kernel\nwaiting_ns: 9999999999999999999999\n", 7);
	assert_refused(HEAD "cpu: 0\nstate: kernel\npstate: 1ffffffffffffffff\n", 7);
	assert_refused(HEAD "cpu: 0\nstate: kernel\npc: here\n", 7);
	assert_refused(HEAD "cpu: 0\nstate: kernel\nstack: 1\n", 7);
	assert_refused(HEAD "cpu: 0\nstate: kernel\nstack:\n where?\n", 8);
	assert_refused(HEAD "cpu: 0\nstate: kernel\nno colon\n", 7);
	assert_refused("sdei_nmi stacks 1\nonline: 3-1\n", 2);
	assert_refused("sdei_nmi stacks 1\nonline:\n", 2);
}

/* If the parser accepts a cut snapshot, the cut is at the end of a line. */
static void a_snapshot_that_is_cut_is_no_other_one(void **state)
{
	static const char text[] =
		HEAD_ONLINE "cpu: 1\nstate: kernel\ntask: x\nstack:\n 10 a+0x0/0x4\n 20 b+0x0/0x4\n\ncpu: 2\nstate: idle\n";
	struct snapshot s;
	struct flaw flaw;

	(void)state;
	for (size_t length = 0; length < strlen(text); length++) {
		char *cut = malloc(length + 1);

		memcpy(cut, text, length);
		cut[length] = '\0';
		if (parse(cut, &s, &flaw)) {
			/*
			 * At most the end of the last CPU's block may be missing, or the whole
			 * "online" line.
			 */
			assert_int_equal(cut[length - 1], '\n');
			assert_true(!s.has_online || s.count == 2);
			snapshot_free(&s);
		}
		free(cut);
	}
}

static void names_are_safe_to_show(void **state)
{
	struct snapshot s;
	struct flaw flaw;

	(void)state;
	assert_true(parse(HEAD "cpu: 0\nstate: kernel\ntask: \033[2J\xff;\nreason: \x07\npc: 10 \x1b" "f+0x0/0x4\nby: \x9b\n", &s, &flaw));
	assert_string_equal(s.cpu[0].trace.task, "\\x1b[2J\\xff;");
	assert_string_equal(s.cpu[0].reason, "\\x07");
	assert_string_equal(s.cpu[0].trace.pc.name, "\\x1bf+0x0/0x4");
	assert_string_equal(s.cpu[0].by, "\\x9b");
	snapshot_free(&s);
}

static void functions_are_told_apart_by_name_and_module(void **state)
{
	struct place a = { .address = 1, .name = "f+0x10/0x40 [m]", .function = 1 },
		     b = { .address = 2, .name = "f+0x20/0x40 [m]", .function = 1 },
		     c = { .address = 1, .name = "f+0x10/0x40", .function = 1 };
	struct place d = { .address = 1, .name = "fg+0x10/0x40 [m]", .function = 2 }, none = { .address = 1, .name = NULL, .function = 0 };

	(void)state;
	assert_true(place_same_function(&a, &b));
	assert_false(place_same_function(&a, &c));
	assert_false(place_same_function(&a, &d));
	assert_false(place_same_function(&none, &none));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys_are_read),
		cmocka_unit_test(what_is_new_is_passed_over),
		cmocka_unit_test(no_cpus_are_a_snapshot_too),
		cmocka_unit_test(another_form_is_refused),
		cmocka_unit_test(wrong_values_are_refused_with_their_line),
		cmocka_unit_test(a_snapshot_that_is_cut_is_no_other_one),
		cmocka_unit_test(names_are_safe_to_show),
		cmocka_unit_test(functions_are_told_apart_by_name_and_module),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
