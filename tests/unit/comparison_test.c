// SPDX-License-Identifier: GPL-2.0
/* Tests tool/snapshot/comparison.c: what happened to each CPU between two snapshots, and that only proof makes a CPU stuck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/common/memory.h"
#include "tool/snapshot/comparison.h"

#define AT(taken) "sdei_nmi stacks 1\ntaken_ns: " taken "\naddresses: shown\n\n"
#define OLD AT("1000000000")
#define NOW AT("11000000000")	/* 10 s later */
#define CPU(more, at) "cpu: 1\nstate: kernel\ntask: t\npid: 7\n" more "stack:\n " at "\n 20 work+0x8/0x40\n 30 kthread+0xc/0x40\n\n"
#define WAIT(ns) "waiting_ns: " ns "\n"
#define HERE "10 spin+0x0/0x20"
#define NEAR "14 spin+0x4/0x20"
#define AWAY "18 walk+0x4/0x20"

struct given {
	const char *old, *now;
	const char *boot, *boot_now;		/* NULL: not known */
	const char *release, *release_now;
};

static void parse(const char *text, const char *boot, const char *release, struct snapshot *snapshot)
{
	struct flaw flaw;

	assert_true(snapshot_parse((struct piece){ text, strlen(text) }, snapshot, &flaw));
	snapshot->boot_id = boot ? memory_format("%s", boot) : NULL;
	snapshot->release = release ? memory_format("%s", release) : NULL;
}

/* Each CPU in words: "1 same stuck", with "no" or "yes" for its interrupts. */
static void assert_compared(const struct given *g, const char *wanted)
{
	static const char *const answers[] = { [NO] = " no", [YES] = " yes", [UNKNOWN] = "" };
	struct snapshot old, now;
	struct comparison c;
	char text[256] = "";

	parse(g->old, g->boot, g->release, &old);
	parse(g->now, g->boot_now, g->release_now, &now);
	comparison_make(&old, &now, &c);
	for (size_t i = 0; i < c.count; i++)
		sprintf(text + strlen(text), "%s%u %s%s%s%s", i ? ", " : "", c.cpu[i].number, change_name(c.cpu[i].change),
			c.cpu[i].same_stack ? " stack" : "", answers[c.cpu[i].interrupted], c.cpu[i].stuck ? " stuck" : "");
	assert_string_equal(text, wanted);
	comparison_free(&c);
	snapshot_free(&old);
	snapshot_free(&now);
}

#define assert_pair(old, now, wanted) assert_compared(&(struct given){ (old), (now), "b", "b", "r", "r" }, wanted)

static void a_cpu_whose_timer_waits_all_the_time_is_stuck(void **state)
{
	(void)state;
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("15000000000"), HERE), "1 same stack no stuck");
	/* A loop is at any instruction of its function. */
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("15000000000"), NEAR), "1 same stack no stuck");
	/* The counter and the clock differ a little. */
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("14990000000"), HERE), "1 same stack no stuck");
	/* It waits longer than the time in between, though nothing is known of it in the older snapshot. */
	assert_pair(OLD CPU("", HERE), NOW CPU(WAIT("15000000000"), HERE), "1 same stack no stuck");
}

static void a_cpu_that_takes_interrupts_is_not_stuck(void **state)
{
	(void)state;
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU("", HERE), "1 same stack yes");
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("9000000"), HERE), "1 same stack yes");
	/* It waits as long as before, so it took an interrupt and began to wait anew. */
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("6000000000"), HERE), "1 same stack yes");
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("14980000000"), HERE), "1 same stack yes");
}

static void without_proof_nothing_is_known(void **state)
{
	(void)state;
	assert_pair(OLD CPU("", HERE), NOW CPU("", HERE), "1 same stack");
	assert_pair(OLD CPU("", HERE), NOW CPU(WAIT("9000000000"), HERE), "1 same stack");
	/* No time has passed. */
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), OLD CPU(WAIT("5000000000"), HERE), "1 same stack");
	/* A snapshot without its time. */
	assert_pair("sdei_nmi stacks 1\n\n" CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("15000000000"), HERE), "1 same stack");
}

/* The time in between is that between the answers of the CPU. */
static void answers_that_come_late_are_allowed_for(void **state)
{
	(void)state;
	assert_pair(OLD CPU(WAIT("5000000000") "answered_ns: 900000000\n", HERE), NOW CPU(WAIT("14100000000") "answered_ns: 1000\n", HERE),
		    "1 same stack no stuck");
	assert_pair(OLD CPU(WAIT("5000000000") "answered_ns: 1000\n", HERE), NOW CPU(WAIT("15000000000") "answered_ns: 900000000\n", HERE),
		    "1 same stack yes");
	assert_pair(OLD CPU(WAIT("1") "answered_ns: 0\n", HERE), NOW CPU(WAIT("2") "answered_ns: 9223372036854775807\n", HERE), "1 same stack");
	assert_pair(OLD CPU(WAIT("1") "answered_ns: 9223372036854775807\n", HERE), NOW CPU(WAIT("2") "answered_ns: 0\n", HERE), "1 same stack");
}

static void a_cpu_that_moved_is_not_stuck(void **state)
{
	(void)state;
	assert_pair(OLD CPU(WAIT("5000000000"), HERE), NOW CPU(WAIT("15000000000"), AWAY), "1 moved no");
	/* Another call site, another task, another depth. */
	assert_pair(OLD "cpu: 1\nstate: kernel\nstack:\n 10 a+0x0/0x8\n 20 b+0x0/0x8\n",
		    NOW "cpu: 1\nstate: kernel\nstack:\n 10 a+0x0/0x8\n 24 b+0x4/0x8\n", "1 moved");
	assert_pair(OLD "cpu: 1\nstate: kernel\npid: 7\nstack:\n 10 a+0x0/0x8\n", NOW "cpu: 1\nstate: kernel\npid: 8\nstack:\n 10 a+0x0/0x8\n", "1 moved");
	assert_pair(OLD "cpu: 1\nstate: kernel\nstack:\n 10 a+0x0/0x8\n", NOW "cpu: 1\nstate: kernel\nstack:\n 10 a+0x0/0x8\n 20 b+0x0/0x8\n", "1 moved");
	assert_pair(OLD "cpu: 1\nstate: kernel\nstack:\n 10 a+0x0/0x8\n", NOW "cpu: 1\nstate: kernel\nstack:\n", "1 moved");
	assert_pair(OLD "cpu: 1\nstate: user\npc: 400000\n", NOW "cpu: 1\nstate: user\npc: 400004\n", "1 moved");
	assert_pair(OLD "cpu: 1\nstate: user\npc: 400000\n", NOW "cpu: 1\nstate: user\npc: 400000\n", "1 same");
}

static void a_stack_that_was_cut_is_the_same_if_all_that_is_known_is(void **state)
{
	(void)state;
	assert_pair(OLD CPU("cut: 3\n", HERE), NOW CPU("cut: 3\n", HERE), "1 same stack");
	assert_pair(OLD CPU("cut: 3\n", HERE), NOW CPU("", HERE), "1 moved");
}

static void other_states_are_never_stuck(void **state)
{
	(void)state;
	assert_pair(OLD "cpu: 1\nstate: idle\npid: 0\n" WAIT("5000000000") "stack:\n 10 i+0x0/0x4\n",
		    NOW "cpu: 1\nstate: idle\npid: 0\n" WAIT("15000000000") "stack:\n 10 i+0x0/0x4\n", "1 same no");
	assert_pair(OLD "cpu: 1\nstate: self\nstack:\n 10 i+0x0/0x4\n", NOW "cpu: 1\nstate: self\nstack:\n 10 i+0x0/0x4\n", "1 same");
	assert_pair(OLD "cpu: 1\nstate: silent\nreason: a\n", NOW "cpu: 1\nstate: silent\nreason: b\n", "1 same");
	assert_pair(OLD "cpu: 1\nstate: offline\n", NOW "cpu: 1\nstate: offline\n", "1 same");
}

static void cpus_come_and_go_and_change(void **state)
{
	(void)state;
	assert_pair(OLD "cpu: 0\nstate: idle\n\ncpu: 2\nstate: idle\n\ncpu: 8191\nstate: user\n",
		    NOW "cpu: 1\nstate: user\n\ncpu: 2\nstate: kernel\n\ncpu: 8191\nstate: user\n",
		    "0 vanished, 1 appeared, 2 state, 8191 same");
	assert_pair("sdei_nmi stacks 1\n", "sdei_nmi stacks 1\n", "");
}

static void another_boot_has_other_addresses_and_another_clock(void **state)
{
	static const char old[] = OLD "cpu: 1\nstate: kernel\n" WAIT("5000000000") "stack:\n 10 a+0x0/0x8\n 20 b+0x0/0x8\n";
	static const char now[] = NOW "cpu: 1\nstate: kernel\n" WAIT("15000000000") "stack:\n 110 a+0x0/0x8\n 120 b+0x0/0x8\n";
	static const char offset[] = NOW "cpu: 1\nstate: kernel\n" WAIT("15000000000") "stack:\n 110 a+0x0/0x8\n 124 b+0x4/0x8\n";

	(void)state;
	assert_compared(&(struct given){ old, now, "b", "b", "r", "r" }, "1 moved no");
	assert_compared(&(struct given){ old, now, "b", "c", "r", "r" }, "1 same stack");
	assert_compared(&(struct given){ old, offset, "b", "c", "r", "r" }, "1 moved");
	/* Another kernel has other offsets. */
	assert_compared(&(struct given){ old, offset, "b", "c", "r", "s" }, "1 same stack");
	assert_compared(&(struct given){ old, offset, NULL, NULL, "r", "s" }, "1 same stack");
	/* Not known: the same boot, unless its clock went back. */
	assert_compared(&(struct given){ old, now, NULL, "c", NULL, "r" }, "1 moved no");
	assert_compared(&(struct given){ now, old, NULL, "c", NULL, "r" }, "1 same stack");
}

static void hidden_addresses_are_compared_by_name(void **state)
{
	static const char shown[] = OLD "cpu: 1\nstate: kernel\nstack:\n 10 a+0x0/0x8\n 20 b+0x0/0x8\n";
	static const char hidden[] = "sdei_nmi stacks 1\naddresses: hidden\n\ncpu: 1\nstate: kernel\nstack:\n 0 a+0x0/0x8\n 0 b+0x0/0x8\n";
	static const char unnamed[] = "sdei_nmi stacks 1\naddresses: hidden\n\ncpu: 1\nstate: kernel\nstack:\n 0 a+0x0/0x8\n 0 ?\n";

	(void)state;
	assert_pair(shown, hidden, "1 same stack");
	assert_pair(hidden, hidden, "1 same stack");
	assert_pair(unnamed, unnamed, "1 moved");
}

static void the_order_is_known_within_a_boot(void **state)
{
	struct snapshot old, now;
	struct comparison c;

	(void)state;
	parse(OLD, "b", "r", &old);
	parse(NOW, "b", "r", &now);
	comparison_make(&old, &now, &c);
	assert_int_equal(c.in_order, YES);
	assert_true(c.elapsed_ns == 10000000000);
	comparison_free(&c);
	comparison_make(&now, &old, &c);
	assert_int_equal(c.in_order, NO);
	assert_true(c.elapsed_ns == -1);
	comparison_free(&c);
	snapshot_free(&now);
	parse(NOW, "c", "r", &now);
	comparison_make(&now, &old, &c);
	assert_int_equal(c.in_order, UNKNOWN);
	assert_int_equal(c.same_boot, NO);
	comparison_free(&c);
	snapshot_free(&now);
	snapshot_free(&old);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cpu_whose_timer_waits_all_the_time_is_stuck),
		cmocka_unit_test(a_cpu_that_takes_interrupts_is_not_stuck),
		cmocka_unit_test(without_proof_nothing_is_known),
		cmocka_unit_test(answers_that_come_late_are_allowed_for),
		cmocka_unit_test(a_cpu_that_moved_is_not_stuck),
		cmocka_unit_test(a_stack_that_was_cut_is_the_same_if_all_that_is_known_is),
		cmocka_unit_test(other_states_are_never_stuck),
		cmocka_unit_test(cpus_come_and_go_and_change),
		cmocka_unit_test(another_boot_has_other_addresses_and_another_clock),
		cmocka_unit_test(hidden_addresses_are_compared_by_name),
		cmocka_unit_test(the_order_is_known_within_a_boot),
	};

	return cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
}
