// SPDX-License-Identifier: GPL-2.0
/* Tests lab/klog.c: which test a bad line in either log counts against. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lab/klog.h"

static void read_line(struct klog *klog, enum klog_source source, const char *text)
{
	char *line = text_format("%s", text);

	klog_line(klog, source, line);
	free(line);
}

static void kmsg(struct klog *klog, const char *line)
{
	read_line(klog, KLOG_KMSG, line);
}

static void console(struct klog *klog, const char *line)
{
	read_line(klog, KLOG_CONSOLE, line);
}

static void one_line_in_both_logs_counts_once(void **state)
{
	struct klog klog;

	(void)state;
	klog_init(&klog);
	kmsg(&klog, "[    1.000000] BUG: a\\x09b \\x5c");
	kmsg(&klog, "[    2.000000] BUG: two\\x0aWARNING: lines");
	console(&klog, "[    1.000000] BUG: a\tb \\");
	console(&klog, "[    2.000000] BUG: two");
	console(&klog, "[    2.000000][  T123] WARNING: li");
	kmsg(&klog, "[    3.000000] WARNING: cut in km");
	console(&klog, "[    3.000000] WARNING: cut in kmsg");
	klog_judge(&klog);
	assert_int_equal(klog.outside.count, 4);
	assert_string_equal(klog.outside.line[0],
			    "[    1.000000] BUG: a\tb \\ (the kernel detected a bug)");
	assert_string_equal(klog.outside.line[2],
			    "[    2.000000] WARNING: lines (a kernel warning)");
	assert_string_equal(klog.outside.line[3],
			    "[    3.000000] WARNING: cut in kmsg (a kernel warning)");
	klog_exit(&klog);
}

static void lines_of_another_time_are_others(void **state)
{
	struct klog klog;

	(void)state;
	klog_init(&klog);
	kmsg(&klog, "[    1.000000] BUG: a");
	console(&klog, "[    1.000001] BUG: a");
	klog_judge(&klog);
	assert_int_equal(klog.outside.count, 2);
	klog_exit(&klog);
}

static void the_logs_are_merged_by_time(void **state)
{
	struct klog klog;

	(void)state;
	klog_init(&klog);
	kmsg(&klog, "[    1.000000] sdei-test: begin one");
	kmsg(&klog, "[    3.000000] sdei-test: end one");
	kmsg(&klog, "[    4.000000] sdei-test: begin two");
	console(&klog, "[    2.000000] WARNING: in one");
	console(&klog, "[    3.500000] WARNING: between");
	console(&klog, "[    5.000000] fine");
	console(&klog, "PANIC at PC : 0x00000000e0a1234");
	klog_judge(&klog);
	assert_true(klog.seen);
	assert_int_equal(klog.tests, 2);
	assert_string_equal(klog.test[0].name, "one");
	assert_true(klog.test[0].ended);
	assert_int_equal(klog.test[0].bad.count, 1);
	assert_int_equal(klog.outside.count, 1);
	assert_false(klog.test[1].ended);
	assert_int_equal(klog.test[1].bad.count, 1);
	assert_string_equal(klog.fatal, "firmware panicked: PANIC at PC : 0x00000000e0a1234");
	klog_exit(&klog);
}

static void a_test_may_expect_lines_until_its_end(void **state)
{
	struct klog klog;

	(void)state;
	klog_init(&klog);
	kmsg(&klog, "[    0.100000] sdei-test: expect BUG: nobody's");
	kmsg(&klog, "[    0.200000] BUG: nobody's");
	kmsg(&klog, "[    1.000000] sdei-test: begin one");
	kmsg(&klog, "[    1.100000] WARNING: too early");
	kmsg(&klog, "[    1.200000] sdei-test: expect WARNING: too");
	console(&klog, "[    1.300000] sdei-test: expect [    1.300001] sdei-test: begin ");
	kmsg(&klog, "[    1.400000] WARNING: too much");
	kmsg(&klog, "[    1.500000] BUG: another");
	kmsg(&klog, "[    2.000000] sdei-test: begin two");
	kmsg(&klog, "[    2.100000] WARNING: too late");
	klog_judge(&klog);
	assert_int_equal(klog.outside.count, 1);
	assert_int_equal(klog.test[0].bad.count, 2);
	assert_int_equal(klog.test[1].bad.count, 1);
	assert_null(klog.fatal);
	klog_exit(&klog);
}

static void an_announced_panic_is_taken_once(void **state)
{
	struct klog klog;

	(void)state;
	klog_init(&klog);
	kmsg(&klog, "[    1.000000] sdei-test: begin one");
	kmsg(&klog, "[    1.100000] sdei-test: dies so");
	console(&klog, "[    1.100000] sdei-test: dies so");
	console(&klog, "[    1.200000] Kernel panic - not syncing: so");
	console(&klog, "[    1.300000] Kernel panic - not syncing: so");
	console(&klog, "[    1.400000] Rebooting in 1 seconds..");
	klog_judge(&klog);
	assert_int_equal(klog.tests, 1);
	assert_true(klog.test[0].died);
	assert_int_equal(klog.test[0].bad.count, 1);
	assert_non_null(klog.fatal);
	assert_false(klog.test[0].over);
	klog_exit(&klog);
}

static void a_panic_before_the_announcement_is_none_of_it(void **state)
{
	struct klog klog;

	(void)state;
	klog_init(&klog);
	console(&klog, "[    1.000000] sdei-test: begin one");
	console(&klog, "[    1.100000] Kernel panic - not syncing: so");
	console(&klog, "[    1.200000] sdei-test: dies so");
	console(&klog, "[    1.300000] Rebooting in 1 seconds..");
	klog_judge(&klog);
	assert_false(klog.test[0].died);
	assert_int_equal(klog.test[0].bad.count, 1);
	klog_exit(&klog);
}

static void lines_written_into_each_other_are_taken_apart(void **state)
{
	struct klog klog;

	(void)state;
	klog_init(&klog);
	kmsg(&klog, "[    1.000000] sdei-test: begin one");
	console(&klog, "INFO:    PSCI[    1.000000] sdei-test: begin oneNOTICE:  x");
	console(&klog, "ASSERT: a.c:1[    2.000000] quiet[    3.000000] hard LOCKUP");
	klog_judge(&klog);
	assert_int_equal(klog.tests, 1);
	assert_string_equal(klog.test[0].name, "one");
	assert_int_equal(klog.test[0].bad.count, 2);
	klog_exit(&klog);
}

static void what_a_healthy_boot_says_is_not_bad(void **state)
{
	static const char *const lines[] = {
		"[    0.000000] rcu: Hierarchical RCU implementation.",
		"[    0.000000] Kernel command line: console=ttyAMA0 panic=-1 oops=panic softlockup_panic=1",
		"[    0.594099] sdei: SDEIv1.0 (0x0) detected in firmware.",
		"[    2.641020] sdei_nmi: loading out-of-tree module taints kernel.",
		"[    3.000000] NMI backtrace for cpu 2",
		"[    3.000100] Call trace:",
		"INFO:    BL31: Initialising Exception Handling Framework",
		"ERROR:   QEMU System Reset: with GPIO.",
		"[99999999999.000000] ", "[  1.00000] ", "[", "[]", "[ .000000]", "[1.000000", "",
	};
	struct klog klog;

	(void)state;
	klog_init(&klog);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		kmsg(&klog, lines[i]);
		console(&klog, lines[i]);
	}
	klog_judge(&klog);
	assert_int_equal(klog.outside.count, 0);
	assert_int_equal(klog.tests, 0);
	klog_exit(&klog);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_in_both_logs_counts_once),
		cmocka_unit_test(lines_of_another_time_are_others),
		cmocka_unit_test(the_logs_are_merged_by_time),
		cmocka_unit_test(a_test_may_expect_lines_until_its_end),
		cmocka_unit_test(an_announced_panic_is_taken_once),
		cmocka_unit_test(a_panic_before_the_announcement_is_none_of_it),
		cmocka_unit_test(lines_written_into_each_other_are_taken_apart),
		cmocka_unit_test(what_a_healthy_boot_says_is_not_bad),
	};

	return cmocka_run_group_tests_name("klog", tests, NULL, NULL);
}
