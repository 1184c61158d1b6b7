// SPDX-License-Identifier: GPL-2.0
/*
 * Tests tool/validate/registers.c: the comparison finds and names each register that has changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tool/validate/registers.h"

static struct registers fill, found;
static struct mismatch mismatch;

static void fresh(unsigned int sve_bytes)
{
	registers_fill(&fill, 7, 0x1234, sve_bytes);
	found = fill;
}

static void assert_found(const char *name, enum turn turn, unsigned int sve_bytes)
{
	memset(&mismatch, 0, sizeof(mismatch));
	assert_false(registers_equal(&fill, &found, turn, sve_bytes, &mismatch));
	assert_string_equal(mismatch.name, name);
	assert_true(mismatch.expected != mismatch.found);
	fresh(sve_bytes);
	assert_true(registers_equal(&fill, &found, turn, sve_bytes, &mismatch));
}

static void a_register_that_differs_is_named(void **state)
{
	(void)state;
	fresh(0);
	found.x[0] ^= 1;
	assert_found("x0", TURN_X9, 0);
	found.x[30] = 0;
	assert_found("x30", TURN_X9, 0);
	found.nzcv ^= 1UL << 31;
	assert_found("NZCV", TURN_X9, 0);
	found.tpidr = 0x1235;
	assert_found("TPIDR_EL0", TURN_X9, 0);
	assert_int_equal(mismatch.expected, 0x1234);
	assert_int_equal(mismatch.found, 0x1235);
	found.fpcr ^= 1 << 24;
	assert_found("FPCR", TURN_X9, 0);
	found.fpsr ^= 1;
	assert_found("FPSR", TURN_X9, 0);
	found.v[31][1] ^= 1;
	assert_found("v31.d[1]", TURN_X9, 0);
}

static void the_counter_is_not_compared(void **state)
{
	(void)state;
	fresh(0);
	found.x[9] ^= 1;
	assert_true(registers_equal(&fill, &found, TURN_X9, 0, &mismatch));
	assert_found("x9", TURN_X20, 0);
	found.x[20] ^= 1;
	assert_true(registers_equal(&fill, &found, TURN_X20, 0, &mismatch));
	assert_found("x20", TURN_X9, 0);
}

static void vectors_are_as_long_as_they_are(void **state)
{
	(void)state;
	for (unsigned int bytes = 16; bytes <= SVE_BYTES_MOST; bytes += 16) {
		char name[16];

		fresh(bytes);
		snprintf(name, sizeof(name), "z31.d[%u]", bytes / 8 - 1);
		found.z[31 * bytes + bytes - 1] ^= 1;
		assert_found(name, TURN_X9, bytes);
		found.p[bytes / 8 * 15] ^= 1;
		assert_found(bytes > 64 ? "p15.d[0]" : "p15", TURN_X9, bytes);
		found.p[bytes / 8 * 16] ^= 1;
		assert_found("FFR", TURN_X9, bytes);
		/* Bytes after the last vector are not compared. */
		if (bytes < SVE_BYTES_MOST) {
			found.z[32 * bytes] ^= 1;
			assert_true(registers_equal(&fill, &found, TURN_X9, bytes, &mismatch));
		}
	}
}

static void no_two_are_alike(void **state)
{
	struct registers next = { 0 };

	(void)state;
	fresh(0);
	for (size_t i = 0; i < 31; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(fill.x[i] != fill.x[k]);
	registers_fill(&next, 8, 0x1234, 0);
	for (size_t i = 0; i < 31; i++)
		assert_true(fill.x[i] != next.x[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_register_that_differs_is_named),
		cmocka_unit_test(the_counter_is_not_compared),
		cmocka_unit_test(vectors_are_as_long_as_they_are),
		cmocka_unit_test(no_two_are_alike),
	};

	return cmocka_run_group_tests_name("registers", tests, NULL, NULL);
}
