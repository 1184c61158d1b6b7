// SPDX-License-Identifier: GPL-2.0
/* Tests tool/machine/kmsg.c: records of the kernel log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/machine/kmsg.h"

static struct piece piece(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static void records_are_told_from_what_belongs_to_them(void **state)
{
	struct piece rest = piece("6,0,594099,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n"
				  " SUBSYSTEM=acpi\n DEVICE=+acpi:1\n"
				  "28,1,5140900,-,caller=T1;a;b, c\n"
				  "3,2,6000000,c;\n");
	struct kmsg record;

	(void)state;
	assert_true(kmsg_next(&rest, &record));
	assert_int_equal(record.level, 6);
	assert_int_equal(record.sequence, 0);
	assert_int_equal(record.time_us, 594099);
	assert_true(text_is(record.text, "sdei: SDEIv1.0 (0x0) detected in firmware."));
	assert_true(kmsg_next(&rest, &record));
	assert_int_equal(record.level, 4);
	assert_true(text_is(record.text, "a;b, c"));
	assert_true(kmsg_next(&rest, &record));
	assert_int_equal(record.text.length, 0);
	assert_false(kmsg_next(&rest, &record));
}

static void what_is_no_record_is_passed_over(void **state)
{
	struct piece rest = piece("\n;\n6;x\n6,1;x\n6,1,2;x\n6,1,-2,-;x\n,,,;x\n6,1,99999999999999999999,-;x\nfree text\n6,1,2,-;yes");
	struct kmsg record;

	(void)state;
	assert_true(kmsg_next(&rest, &record));
	assert_true(text_is(record.text, "yes"));
	assert_false(kmsg_next(&rest, &record));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_told_from_what_belongs_to_them),
		cmocka_unit_test(what_is_no_record_is_passed_over),
	};

	return cmocka_run_group_tests_name("kmsg", tests, NULL, NULL);
}
