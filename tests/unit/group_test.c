// SPDX-License-Identifier: GPL-2.0
/* Tests tool/snapshot/group.c and tool/snapshot/folded.c: groups of CPUs, their order, and folded stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/snapshot/folded.h"
#include "tool/snapshot/group.h"

#define HEAD "sdei_nmi stacks 1\n\n"
#define SPIN(cpu, at, more) \
	"cpu: " cpu "\nstate: kernel\ntask: t" cpu "\n" more "stack:\n " at "\n 20 work+0x8/0x40\n 30 kthread+0xc/0x40\n\n"

static struct snapshot parsed(const char *text)
{
	struct snapshot snapshot;
	struct flaw flaw;

	assert_true(snapshot_parse((struct piece){ text, strlen(text) }, &snapshot, &flaw));
	return snapshot;
}

/* wanted lists the groups in order: "1,2 0" is CPUs 1 and 2 in one group, then CPU 0 alone. */
static void assert_groups(const char *text, const struct cpus *chosen, bool all, const char *wanted)
{
	struct snapshot snapshot = parsed(text);
	struct groups groups;
	char list[256] = "";

	groups_make(&snapshot, chosen, all, &groups);
	for (size_t i = 0; i < groups.count; i++)
		for (size_t k = 0; k < groups.group[i].count; k++)
			sprintf(list + strlen(list), "%s%u", k ? "," : i ? " " : "", groups.group[i].cpu[k]->number);
	assert_string_equal(list, wanted);
	groups_free(&groups);
	snapshot_free(&snapshot);
}

static void assert_folded(const char *text, const char *wanted)
{
	struct snapshot snapshot = parsed(text);
	char *lines = folded_snapshot(&snapshot, NULL);

	assert_string_equal(lines, wanted);
	free(lines);
	snapshot_free(&snapshot);
}

static void who_loops_in_a_function_is_one_stack(void **state)
{
	(void)state;
	assert_groups(HEAD SPIN("0", "10 spin+0x0/0x20", "") SPIN("1", "14 spin+0x4/0x20", ""), NULL, false, "0,1");
	assert_groups(HEAD SPIN("0", "10 spin+0x0/0x20", "") SPIN("1", "14 spon+0x4/0x20", ""), NULL, false, "0 1");
	assert_groups(HEAD SPIN("0", "10 spin+0x0/0x20", "") SPIN("1", "14 spin+0x4/0x20 [m]", ""), NULL, false, "0 1");
	assert_groups(HEAD SPIN("0", "10 ?", "") SPIN("1", "10 ?", ""), NULL, false, "0 1");
}

static void other_call_sites_are_another_stack(void **state)
{
	(void)state;
	assert_groups(HEAD "cpu: 0\nstate: kernel\nstack:\n 10 a+0x0/0x8\n 20 b+0x0/0x8\n\n"
			   "cpu: 1\nstate: kernel\nstack:\n 10 a+0x0/0x8\n 24 b+0x4/0x8\n\n"
			   "cpu: 2\nstate: kernel\nstack:\n 10 a+0x0/0x8\n",
		      NULL, false, "0 1 2");
	/* With hidden addresses every address is 0. */
	assert_groups(HEAD "cpu: 0\nstate: kernel\nstack:\n 0 a+0x0/0x8\n 0 b+0x0/0x8\n\n"
			   "cpu: 1\nstate: kernel\nstack:\n 0 a+0x0/0x8\n 0 b+0x4/0x8\n\n"
			   "cpu: 2\nstate: kernel\nstack:\n 0 a+0x4/0x8\n 0 b+0x4/0x8\n\n"
			   "cpu: 3\nstate: kernel\nstack:\n 0 a+0x4/0x8\n 0 ?\n\n"
			   "cpu: 4\nstate: kernel\nstack:\n 0 a+0x4/0x8\n 0 ?\n",
		      NULL, false, "0 1,2 3 4");
}

static void what_is_cut_stands_alone(void **state)
{
	(void)state;
	assert_groups(HEAD SPIN("0", "10 s+0x0/0x20", "cut: 3\n") SPIN("1", "10 s+0x0/0x20", "cut: 3\n"), NULL, false, "0 1");
}

static void who_waits_longest_comes_first(void **state)
{
	(void)state;
	assert_groups(HEAD SPIN("0", "10 a+0x0/0x20", "") SPIN("1", "11 b+0x0/0x20", "waiting_ns: 0\n")
			   SPIN("2", "12 a+0x0/0x20", "waiting_ns: 900\n") SPIN("3", "13 c+0x0/0x20", "waiting_ns: 1000\n"),
		      NULL, false, "3 2,0 1");
}

static void idle_ones_have_no_block_unless_all_have(void **state)
{
	static const char text[] = HEAD SPIN("0", "10 a+0x0/0x20", "") SPIN("1", "10 a+0x0/0x20", "")
		"cpu: 2\nstate: idle\nstack:\n 10 i+0x0/0x4\n\ncpu: 3\nstate: offline\n\ncpu: 4\nstate: silent\n\ncpu: 5\nstate: user\n\n"
		"cpu: 6\nstate: user\n";
	struct cpus chosen = { { 0 } };

	(void)state;
	assert_groups(text, NULL, false, "0,1 5 6");
	assert_groups(text, NULL, true, "0 1 2 5 6");
	cpus_add(&chosen, 1);
	cpus_add(&chosen, 4);
	cpus_add(&chosen, 6);
	assert_groups(text, &chosen, false, "1 6");
	assert_groups("sdei_nmi stacks 1\n", NULL, false, "");
}

static void folded_begins_with_the_outermost(void **state)
{
	(void)state;
	assert_folded(HEAD SPIN("0", "10 spin+0x0/0x20 [m]", ""), "t0;kthread;work;spin [m] 1\n");
}

static void folded_counts_equal_stacks(void **state)
{
	(void)state;
	assert_folded(HEAD "cpu: 0\nstate: idle\ntask: swapper/0\nstack:\n 10 i+0x0/0x4\n\n"
			   "cpu: 1\nstate: user\ntask: a;b\n\n"
			   "cpu: 2\nstate: idle\ntask: swapper/2\nstack:\n 14 i+0x4/0x4\n\n"
			   "cpu: 3\nstate: guest\n\ncpu: 4\nstate: silent\n\ncpu: 5\nstate: offline\n\n"
			   "cpu: 6\nstate: kernel\ntask: x\nstack:\n ab ?\n 0 ?\ncut: 2\n",
		      "[unknown];[guest] 1\na:b;[user] 1\nswapper;i 2\nx;[cut];[unknown];0xab 1\n");
	assert_folded("sdei_nmi stacks 1\n", "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_loops_in_a_function_is_one_stack),
		cmocka_unit_test(other_call_sites_are_another_stack),
		cmocka_unit_test(what_is_cut_stands_alone),
		cmocka_unit_test(who_waits_longest_comes_first),
		cmocka_unit_test(idle_ones_have_no_block_unless_all_have),
		cmocka_unit_test(folded_begins_with_the_outermost),
		cmocka_unit_test(folded_counts_equal_stacks),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
