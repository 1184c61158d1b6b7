// SPDX-License-Identifier: GPL-2.0
/*
 * Tests tool/common/text.c: foreign text becomes safe to show, and only valid numbers are read as numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/common/text.h"

static struct piece piece(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static void assert_safe(const char *raw, const char *safe)
{
	char *text = text_safe(piece(raw), TEXT_DOUBLE_BACKSLASH);

	assert_string_equal(text, safe);
	free(text);
}

static void harmless_text_stays(void **state)
{
	(void)state;
	assert_safe("", "");
	assert_safe("kworker/2:1-events", "kworker/2:1-events");
	assert_safe("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
}

static void controls_are_spelled_out(void **state)
{
	(void)state;
	assert_safe("a\033[2Jb\n\r\t\x7f", "a\\x1b[2Jb\\x0a\\x0d\\x09\\x7f");
	/* A C1 control: CSI as one character. */
	assert_safe("\xc2\x9b" "2J", "\\xc2\\x9b2J");
	/* U+202E, which reverses the direction of text. */
	assert_safe("\xe2\x80\xae", "\\xe2\\x80\\xae");
}

static void json_keeps_its_meaning(void **state)
{
	const char *json = "{\n\t\"\xc2\x9b\": \"\x7f\xe2\x80\xae\xc3\xbc\xff\\n\xf0\x9f\x98\x80\"\n}";
	char *text = text_safe_json(piece(json));

	(void)state;
	assert_string_equal(text, "{\n\t\"\\u009b\": \"\\u007f\\u202e\xc3\xbc\\ufffd\\n\xf0\x9f\x98\x80\"\n}");
	free(text);
}

static void a_backslash_can_be_told_from_an_escape(void **state)
{
	char *text;

	(void)state;
	assert_safe("\\x1b", "\\\\x1b");
	text = text_safe(piece("\\x1b"), TEXT_KEEP_BACKSLASH);
	assert_string_equal(text, "\\x1b");
	free(text);
}

static void what_is_no_utf8_is_spelled_out(void **state)
{
	char *text;

	(void)state;
	assert_safe("\xff\xfe", "\\xff\\xfe");
	assert_safe("\x80", "\\x80");
	assert_safe("a\xc3", "a\\xc3");
	assert_safe("\xe2\x82", "\\xe2\\x82");
	/* Overlong encodings, a surrogate, and a code point past U+10FFFF. */
	assert_safe("\xc0\xaf", "\\xc0\\xaf");
	assert_safe("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	assert_safe("\xed\xa0\x80", "\\xed\\xa0\\x80");
	assert_safe("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	text = text_safe((struct piece){ "a\0b", 3 }, TEXT_DOUBLE_BACKSLASH);
	assert_string_equal(text, "a\\x00b");
	free(text);
}

static void numbers_are_digits_and_fit(void **state)
{
	int64_t n = -1;

	(void)state;
	assert_true(text_number(piece("0"), &n));
	assert_int_equal(n, 0);
	assert_true(text_number(piece("9223372036854775807"), &n));
	assert_true(n == INT64_MAX);
	assert_false(text_number(piece("9223372036854775808"), &n));
	assert_false(text_number(piece("99999999999999999999999"), &n));
	assert_false(text_number(piece(""), &n));
	assert_false(text_number(piece("-1"), &n));
	assert_false(text_number(piece("+1"), &n));
	assert_false(text_number(piece(" 1"), &n));
	assert_false(text_number(piece("1 "), &n));
	assert_false(text_number(piece("0x1"), &n));
	/* The parser reads no digits after the end of the piece. */
	assert_true(text_number((struct piece){ "123", 2 }, &n));
	assert_int_equal(n, 12);
}

static void hexadecimal_is_64_bits_at_most(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(text_hex(piece("ffff80007ab3a600"), &n));
	assert_true(n == 0xffff80007ab3a600);
	assert_true(text_hex(piece("0x814003C9"), &n));
	assert_true(n == 0x814003c9);
	assert_false(text_hex(piece("1ffff80007ab3a600"), &n));
	assert_false(text_hex(piece("0x"), &n));
	assert_false(text_hex(piece(""), &n));
	assert_false(text_hex(piece("12g"), &n));
}

static void assert_seconds(const char *text, double wanted)
{
	double s = -1;

	assert_true(text_seconds(text, &s));
	assert_true(s >= wanted - 1e-9 && s <= wanted + 1e-9);
}

static void seconds_may_have_a_unit(void **state)
{
	double s;

	(void)state;
	assert_seconds(".5", 0.5);
	assert_seconds("1s", 1);
	assert_seconds("10ms", 0.01);
	assert_seconds(".5ms", 0.0005);
	assert_seconds("99999999.5", 99999999.5);
	assert_false(text_seconds("ms", &s));
	assert_false(text_seconds("s", &s));
	assert_false(text_seconds("1 s", &s));
	assert_false(text_seconds("1us", &s));
	assert_false(text_seconds("1m", &s));
	assert_false(text_seconds("1sms", &s));
	assert_false(text_seconds("1.s", &s));
	assert_false(text_seconds(".s", &s));
}

static void seconds_are_plain_decimals(void **state)
{
	double s = -1;

	(void)state;
	assert_true(text_seconds("2", &s) && s == 2);
	assert_true(text_seconds("0", &s) && s == 0);
	assert_true(text_seconds("0.25", &s) && s > 0.2499 && s < 0.2501);
	assert_false(text_seconds("", &s));
	assert_false(text_seconds(".", &s));
	assert_false(text_seconds("1.", &s));
	assert_false(text_seconds("nan", &s));
	assert_false(text_seconds("1e3", &s));
	assert_false(text_seconds("0x1", &s));
	assert_false(text_seconds("-1", &s));
	assert_false(text_seconds("1 ", &s));
	assert_false(text_seconds("1.5.5", &s));
	assert_false(text_seconds("99999999999999999999", &s));
}

static void assert_time(const char *text, int64_t wanted)
{
	int64_t ns = -1;

	assert_true(text_time(text, &ns));
	assert_true(ns == wanted);
}

static void times_have_more_units(void **state)
{
	int64_t ns;

	(void)state;
	assert_time("500us", 500000);
	assert_time("1.5ms", 1500000);
	assert_time(".1s", 100000000);
	assert_time("90", 90000000000);
	assert_time("5m", 300000000000);
	assert_time("8760h", 31536000000000000);
	assert_false(text_time("us", &ns));
	assert_false(text_time("1 ms", &ns));
	assert_false(text_time("1d", &ns));
	assert_false(text_time("-1s", &ns));
	assert_false(text_time("", &ns));
	assert_false(text_time("999999999h", &ns));
}

static void durations_have_three_digits(void **state)
{
	char buffer[TEXT_DURATION];

	(void)state;
	assert_string_equal(text_duration(0, buffer), "0 ns");
	assert_string_equal(text_duration(999, buffer), "999 ns");
	assert_string_equal(text_duration(1000, buffer), "1.00 us");
	assert_string_equal(text_duration(12345, buffer), "12.3 us");
	assert_string_equal(text_duration(999999, buffer), "1.00 ms");
	assert_string_equal(text_duration(123456789, buffer), "123 ms");
	assert_string_equal(text_duration(12400000000, buffer), "12.4 s");
	text_duration(INT64_MAX, buffer);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless_text_stays),
		cmocka_unit_test(controls_are_spelled_out),
		cmocka_unit_test(json_keeps_its_meaning),
		cmocka_unit_test(a_backslash_can_be_told_from_an_escape),
		cmocka_unit_test(what_is_no_utf8_is_spelled_out),
		cmocka_unit_test(numbers_are_digits_and_fit),
		cmocka_unit_test(hexadecimal_is_64_bits_at_most),
		cmocka_unit_test(seconds_may_have_a_unit),
		cmocka_unit_test(seconds_are_plain_decimals),
		cmocka_unit_test(times_have_more_units),
		cmocka_unit_test(durations_have_three_digits),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
