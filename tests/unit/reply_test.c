// SPDX-License-Identifier: GPL-2.0
/* Tests tool/ping/reply.c: the result of one ping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/ping/reply.h"

static bool parse(const char *text, struct reply *reply)
{
	return reply_parse((struct piece){ text, strlen(text) }, reply);
}

static void an_answer_has_its_times(void **state)
{
	struct reply reply;

	(void)state;
	assert_true(parse("result: answered\nsignal_ns: 900\ndelivery_ns: 2000\nround_ns: 2500\nfloor_ns: 300\nnew: 1\n", &reply));
	assert_int_equal(reply.result, REPLY_ANSWERED);
	assert_int_equal(reply.signal_ns, 900);
	assert_int_equal(reply.delivery_ns, 2000);
	assert_int_equal(reply.round_ns, 2500);
	assert_int_equal(reply.floor_ns, 300);
	assert_null(reply.reason);
	reply_free(&reply);
}

static void who_did_not_answer_has_a_reason(void **state)
{
	static const struct {
		const char *text;
		enum reply_result result;
		const char *reason;
	} replies[] = {
		{ "result: held-off\nreason: deep idle\nfloor_ns: 300\n", REPLY_HELD_OFF, "deep idle" },
		{ "reason: signals_refused_denied\nresult: refused\n", REPLY_REFUSED, "signals_refused_denied" },
		{ "result: silent\n", REPLY_SILENT, NULL },
		{ "result: silent\nreason: a\nreason: \033\n", REPLY_SILENT, "\\x1b" },
	};
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		assert_true(parse(replies[i].text, &reply));
		assert_int_equal(reply.result, replies[i].result);
		if (replies[i].reason)
			assert_string_equal(reply.reason, replies[i].reason);
		else
			assert_null(reply.reason);
		assert_int_equal(reply.round_ns, -1);
		reply_free(&reply);
	}
}

static void what_is_no_reply_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "result\n", "result:\n", "result: Answered\n", "result: answered\n", "result: answered\nround_ns: -1\n",
		"result: answered\nround_ns: 1", "round_ns: 1\n", "reason: x\n", "result: silent\nreason: x\nfloor_ns: 99999999999999999999\n",
		"result: answered\nround_ns: 1e9\n", "result: silent\nno colon\n",
	};
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(parse(texts[i], &reply));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_its_times),
		cmocka_unit_test(who_did_not_answer_has_a_reason),
		cmocka_unit_test(what_is_no_reply_is_refused),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
