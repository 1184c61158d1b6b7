// SPDX-License-Identifier: GPL-2.0
/* Tests tool/common/cpulist.c: CPU lists from users and from the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/common/cpulist.h"

static enum cpulist_flaw parse(const char *text, struct cpus *cpus)
{
	return cpulist_parse((struct piece){ text, strlen(text) }, cpus);
}

static void lists_come_back_as_linux_writes_them(void **state)
{
	static const struct {
		const char *in, *out;
		unsigned int count;
	} lists[] = {
		{ "0", "0", 1 }, { "0-3,8", "0-3,8", 5 }, { "8,0-3\n", "0-3,8", 5 }, { "1,2,3", "1-3", 3 }, { " 5 ", "5", 1 },
		{ "0-8191", "0-8191", 8192 }, { "3-3", "3", 1 }, { "0-5,2-7,7", "0-7", 8 }, { "63,64,128", "63-64,128", 3 },
		{ "000000000000001", "1", 1 },
	};
	struct cpus cpus;

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char *text;

		assert_int_equal(parse(lists[i].in, &cpus), CPULIST_FINE);
		assert_int_equal(cpus_count(&cpus), lists[i].count);
		text = cpulist_format(&cpus);
		assert_string_equal(text, lists[i].out);
		free(text);
	}
}

static void the_longest_list_can_be_written(void **state)
{
	struct cpus cpus = { { 0 } }, again;
	char *text;

	(void)state;
	for (unsigned int cpu = 1; cpu < CPUS_MAX; cpu += 2)
		cpus_add(&cpus, cpu);
	text = cpulist_format(&cpus);
	assert_int_equal(parse(text, &again), CPULIST_FINE);
	assert_memory_equal(&cpus, &again, sizeof(cpus));
	free(text);
}

static void what_is_no_list_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *in;
		enum cpulist_flaw flaw;
	} lists[] = {
		{ "", CPULIST_EMPTY }, { " \n", CPULIST_EMPTY }, { ",", CPULIST_GARBAGE }, { "1,", CPULIST_GARBAGE },
		{ ",1", CPULIST_GARBAGE }, { "1,,2", CPULIST_GARBAGE }, { "-", CPULIST_GARBAGE }, { "-1", CPULIST_GARBAGE },
		{ "1-", CPULIST_GARBAGE }, { "1-2-3", CPULIST_GARBAGE }, { "all", CPULIST_GARBAGE }, { "0x1", CPULIST_GARBAGE },
		{ "1 2", CPULIST_GARBAGE }, { "+1", CPULIST_GARBAGE }, { "0-6:2/3", CPULIST_GARBAGE }, { "3-1", CPULIST_REVERSED },
		{ "8192", CPULIST_TOO_BIG }, { "0-4294967295999", CPULIST_TOO_BIG },
		{ "99999999999999999999999999999999", CPULIST_TOO_BIG }, { "18446744073709551616-18446744073709551617", CPULIST_TOO_BIG },
	};
	struct cpus cpus;

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_int_equal(parse(lists[i].in, &cpus), lists[i].flaw);
}

static void next_ends_at_the_end(void **state)
{
	struct cpus cpus = { { 0 } };

	(void)state;
	assert_int_equal(cpus_next(&cpus, 0), CPUS_MAX);
	cpus_add(&cpus, 64);
	cpus_add(&cpus, CPUS_MAX - 1);
	assert_int_equal(cpus_next(&cpus, 0), 64);
	assert_int_equal(cpus_next(&cpus, 64), 64);
	assert_int_equal(cpus_next(&cpus, 65), CPUS_MAX - 1);
	assert_int_equal(cpus_next(&cpus, CPUS_MAX), CPUS_MAX);
	assert_false(cpus_have(&cpus, CPUS_MAX));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_come_back_as_linux_writes_them),
		cmocka_unit_test(the_longest_list_can_be_written),
		cmocka_unit_test(what_is_no_list_is_refused_with_its_reason),
		cmocka_unit_test(next_ends_at_the_end),
	};

	return cmocka_run_group_tests_name("cpulist", tests, NULL, NULL);
}
