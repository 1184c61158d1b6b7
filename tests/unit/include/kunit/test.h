/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of KUnit that driver/selftest/kunit.c uses, on top of cmocka: a suite becomes a group
 * and a case a test. As in KUnit, a case continues after a failed expectation, so that it reports
 * every wrong row.
 */
#ifndef UNIT_KUNIT_TEST_H
#define UNIT_KUNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/types.h>

struct kunit {
	bool failed;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char name[256];
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(function) { .run_case = function, .name = #function }

static inline void __attribute__((format(printf, 4, 5)))
kunit_failed(struct kunit *test, int line, const char *expected, const char *format, ...)
{
	char message[256] = "";
	va_list args;

	if (format) {
		va_start(args, format);
		vsnprintf(message, sizeof(message), format, args);
		va_end(args);
	}
	print_message("# line %d: expected %s%s%s\n", line, expected, format ? "; " : "", message);
	test->failed = true;
}

#define KUNIT_EXPECT_TRUE(test, condition)						\
	do {										\
		if (!(condition))							\
			kunit_failed(test, __LINE__, #condition, NULL);			\
	} while (0)

#define KUNIT_EXPECT_FALSE(test, condition) KUNIT_EXPECT_TRUE(test, !(condition))

#define UNIT_COMPARE(test, left, op, right, ...)					\
	do {										\
		const long long left_ = (left), right_ = (right);			\
											\
		if (left_ op right_)							\
			break;								\
		kunit_failed(test, __LINE__, #left " " #op " " #right, __VA_ARGS__);	\
		print_message("#\tleft %lld, right %lld\n", left_, right_);		\
	} while (0)

#define KUNIT_EXPECT_EQ(test, left, right) UNIT_COMPARE(test, left, ==, right, NULL)
#define KUNIT_EXPECT_EQ_MSG(test, left, right, ...) UNIT_COMPARE(test, left, ==, right, __VA_ARGS__)
#define KUNIT_EXPECT_NE(test, left, right) UNIT_COMPARE(test, left, !=, right, NULL)

#define KUNIT_EXPECT_PTR_EQ_MSG(test, left, right, ...)					\
	do {										\
		if ((left) != (right))							\
			kunit_failed(test, __LINE__, #left " == " #right, __VA_ARGS__);	\
	} while (0)

#define KUNIT_EXPECT_STREQ_MSG(test, left, right, ...)					\
	do {										\
		const char *const left_ = (left), *const right_ = (right);		\
											\
		if (left_ && right_ && !strcmp(left_, right_))				\
			break;								\
		kunit_failed(test, __LINE__, #left " == " #right, __VA_ARGS__);		\
		print_message("#\tleft \"%s\", right \"%s\"\n", left_, right_);		\
	} while (0)

#define KUNIT_EXPECT_STREQ(test, left, right) KUNIT_EXPECT_STREQ_MSG(test, left, right, NULL)

#define KUNIT_ASSERT_NOT_NULL_MSG(test, pointer, ...)					\
	do {										\
		if (pointer)								\
			break;								\
		kunit_failed(test, __LINE__, #pointer, __VA_ARGS__);			\
		fail();									\
	} while (0)

static inline void unit_run_case(void **state)
{
	const struct kunit_case *c = *state;
	struct kunit test = { .failed = false };

	c->run_case(&test);
	if (test.failed)
		fail();
}

static inline int unit_run_suite(const struct kunit_suite *suite)
{
	size_t count = 0, i;

	while (suite->test_cases[count].run_case)
		count++;

	struct CMUnitTest tests[count];

	for (i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
			.name = suite->test_cases[i].name,
			.test_func = unit_run_case,
			.initial_state = &suite->test_cases[i],
		};
	return cmocka_run_group_tests_name(suite->name, tests, NULL, NULL);
}

#define kunit_test_suites(...)								\
	int main(void)									\
	{										\
		static const struct kunit_suite *const suites[] = { __VA_ARGS__ };	\
		bool failed = false;							\
		size_t i;								\
											\
		for (i = 0; i < ARRAY_SIZE(suites); i++)				\
			failed |= unit_run_suite(suites[i]) != 0;			\
		return failed;								\
	}

#define MODULE_AUTHOR(text)
#define MODULE_DESCRIPTION(text)
#define MODULE_LICENSE(text)

#endif
