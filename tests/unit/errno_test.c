// SPDX-License-Identifier: GPL-2.0
/* driver/sdei_errno.h: what each value of x0 means, as firmware in the field returns it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "driver/sdei_errno.h"

#define UNKNOWN "a code unknown to the specification"

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

struct row {
	u64 x0;
	int err;
	const char *name;
};

static void check(const struct row *row, size_t count)
{
	for (; count; count--, row++) {
		int err = sdei_errno(row->x0);

		if (err != row->err)
			print_error("x0 = %#llx\n", row->x0);
		assert_int_equal(err, row->err);
		if (err)
			assert_string_equal(sdei_error_name(err), row->name);
	}
}

static void success_is_all_64_bits_zero(void **state)
{
	static const struct row rows[] = {
		{ 0, 0, NULL },
		{ 0x100000000, -EIO, UNKNOWN },
		{ 0xffffffff00000000, -EIO, UNKNOWN },
		{ 0x8000000000000000, -EIO, UNKNOWN },
	};

	(void)state;
	CHECK(rows);
}

static void codes_of_the_specification(void **state)
{
	static const struct row rows[] = {
		{ 0xffffffffffffffff, -EOPNOTSUPP, "NOT_SUPPORTED" },
		{ 0xfffffffffffffffe, -EINVAL, "INVALID_PARAMETERS" },
		{ 0xfffffffffffffffd, -EPERM, "DENIED" },
		{ 0xfffffffffffffffb, -EINPROGRESS, "PENDING" },
		{ 0xfffffffffffffff6, -ENOMEM, "OUT_OF_RESOURCE" },
	};

	(void)state;
	CHECK(rows);
}

static void codes_that_come_zero_extended(void **state)
{
	static const struct row rows[] = {
		{ 0xffffffff, -EOPNOTSUPP, "NOT_SUPPORTED" },
		{ 0xfffffffe, -EINVAL, "INVALID_PARAMETERS" },
		{ 0xfffffffd, -EPERM, "DENIED" },
		{ 0xfffffffb, -EINPROGRESS, "PENDING" },
		{ 0xfffffff6, -ENOMEM, "OUT_OF_RESOURCE" },
	};

	(void)state;
	CHECK(rows);
}

static void the_upper_half_does_not_hide_a_code(void **state)
{
	static const struct row rows[] = {
		{ 0x1ffffffff, -EOPNOTSUPP, "NOT_SUPPORTED" },
		{ 0x12345678fffffffe, -EINVAL, "INVALID_PARAMETERS" },
	};

	(void)state;
	CHECK(rows);
}

static void gaps_of_the_specification(void **state)
{
	static const struct row rows[] = {
		{ -4, -EIO, UNKNOWN },
		{ -6, -EIO, UNKNOWN },
		{ -7, -EIO, UNKNOWN },
		{ -8, -EIO, UNKNOWN },
		{ -9, -EIO, UNKNOWN },
		{ -11, -EIO, UNKNOWN },
		{ 0xfffffffc, -EIO, UNKNOWN },
		{ 0xfffffff5, -EIO, UNKNOWN },
		{ 0x80000000, -EIO, UNKNOWN },
		{ 0xffffffff80000000, -EIO, UNKNOWN },
	};

	(void)state;
	CHECK(rows);
}

static void positive_values(void **state)
{
	static const struct row rows[] = {
		{ 1, -EIO, UNKNOWN },
		{ 2, -EIO, UNKNOWN },
		{ 10, -EIO, UNKNOWN },
		{ 0x7fffffff, -EIO, UNKNOWN },
		{ 0x100000001, -EIO, UNKNOWN },
		{ 0x7fffffff7fffffff, -EIO, UNKNOWN },
	};

	(void)state;
	CHECK(rows);
}

static void an_errno_of_another_source_has_a_name_too(void **state)
{
	(void)state;
	assert_string_equal(sdei_error_name(-EIO), UNKNOWN);
	assert_string_equal(sdei_error_name(-ENODEV), UNKNOWN);
	assert_string_equal(sdei_error_name(0), UNKNOWN);
	assert_string_equal(sdei_error_name(EINVAL), UNKNOWN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_is_all_64_bits_zero),
		cmocka_unit_test(codes_of_the_specification),
		cmocka_unit_test(codes_that_come_zero_extended),
		cmocka_unit_test(the_upper_half_does_not_hide_a_code),
		cmocka_unit_test(gaps_of_the_specification),
		cmocka_unit_test(positive_values),
		cmocka_unit_test(an_errno_of_another_source_has_a_name_too),
	};

	return cmocka_run_group_tests_name("errno", tests, NULL, NULL);
}
