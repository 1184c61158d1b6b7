// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the parts that need no firmware and no second CPU. tests/unit/ also runs this file
 * on the host, and adds the tests that need threads.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "../capture_state.h"
#include "../elapsed.h"
#include "../request.h"
#include "../sdei_errno.h"
#include "capture_steps.h"

/* Values of x0 that firmware in the field returns. */
#define UNKNOWN "a code unknown to the specification"

struct errno_row {
	u64 x0;
	int err;
	const char *name;
};

static void errno_check(struct kunit *test, const struct errno_row *row, size_t count)
{
	for (; count; count--, row++) {
		int err = sdei_errno(row->x0);

		KUNIT_EXPECT_EQ_MSG(test, err, row->err, "x0 = %#llx", row->x0);
		if (row->name)
			KUNIT_EXPECT_STREQ_MSG(test, sdei_error_name(err), row->name,
					       "x0 = %#llx", row->x0);
	}
}

static void success_is_all_64_bits_zero(struct kunit *test)
{
	static const struct errno_row rows[] = {
		{ 0, 0, NULL },
		{ 0x100000000, -EIO, UNKNOWN },
		{ 0xffffffff00000000, -EIO, UNKNOWN },
		{ 0x8000000000000000, -EIO, UNKNOWN },
	};

	errno_check(test, rows, ARRAY_SIZE(rows));
}

static void codes_of_the_specification(struct kunit *test)
{
	static const struct errno_row rows[] = {
		{ 0xffffffffffffffff, -EOPNOTSUPP, "NOT_SUPPORTED" },
		{ 0xfffffffffffffffe, -EINVAL, "INVALID_PARAMETERS" },
		{ 0xfffffffffffffffd, -EPERM, "DENIED" },
		{ 0xfffffffffffffffb, -EINPROGRESS, "PENDING" },
		{ 0xfffffffffffffff6, -ENOMEM, "OUT_OF_RESOURCE" },
	};

	errno_check(test, rows, ARRAY_SIZE(rows));
}

static void codes_that_come_zero_extended(struct kunit *test)
{
	static const struct errno_row rows[] = {
		{ 0xffffffff, -EOPNOTSUPP, "NOT_SUPPORTED" },
		{ 0xfffffffe, -EINVAL, "INVALID_PARAMETERS" },
		{ 0xfffffffd, -EPERM, "DENIED" },
		{ 0xfffffffb, -EINPROGRESS, "PENDING" },
		{ 0xfffffff6, -ENOMEM, "OUT_OF_RESOURCE" },
	};

	errno_check(test, rows, ARRAY_SIZE(rows));
}

static void the_upper_half_does_not_hide_a_code(struct kunit *test)
{
	static const struct errno_row rows[] = {
		{ 0x1ffffffff, -EOPNOTSUPP, "NOT_SUPPORTED" },
		{ 0x12345678fffffffe, -EINVAL, "INVALID_PARAMETERS" },
	};

	errno_check(test, rows, ARRAY_SIZE(rows));
}

static void gaps_of_the_specification(struct kunit *test)
{
	static const struct errno_row rows[] = {
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

	errno_check(test, rows, ARRAY_SIZE(rows));
}

static void positive_values(struct kunit *test)
{
	static const struct errno_row rows[] = {
		{ 1, -EIO, UNKNOWN },
		{ 2, -EIO, UNKNOWN },
		{ 10, -EIO, UNKNOWN },
		{ 0x7fffffff, -EIO, UNKNOWN },
		{ 0x100000001, -EIO, UNKNOWN },
		{ 0x7fffffff7fffffff, -EIO, UNKNOWN },
	};

	errno_check(test, rows, ARRAY_SIZE(rows));
}

static void an_errno_of_another_source_has_a_name_too(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, sdei_error_name(-EIO), UNKNOWN);
	KUNIT_EXPECT_STREQ(test, sdei_error_name(-ENODEV), UNKNOWN);
	KUNIT_EXPECT_STREQ(test, sdei_error_name(0), UNKNOWN);
	KUNIT_EXPECT_STREQ(test, sdei_error_name(EINVAL), UNKNOWN);
}

static struct kunit_case errno_cases[] = {
	KUNIT_CASE(success_is_all_64_bits_zero),
	KUNIT_CASE(codes_of_the_specification),
	KUNIT_CASE(codes_that_come_zero_extended),
	KUNIT_CASE(the_upper_half_does_not_hide_a_code),
	KUNIT_CASE(gaps_of_the_specification),
	KUNIT_CASE(positive_values),
	KUNIT_CASE(an_errno_of_another_source_has_a_name_too),
	{}
};

static struct kunit_suite errno_suite = {
	.name = "sdei_nmi_errno",
	.test_cases = errno_cases,
};

/* The request word of one CPU. */
static void post_take(struct kunit *test)
{
	atomic_t word = ATOMIC_INIT(0);

	KUNIT_EXPECT_FALSE(test, request_waiting(&word));
	request_post(&word, SDEI_NMI_REQUEST_PROBE);
	KUNIT_EXPECT_TRUE(test, request_waiting(&word));
	KUNIT_EXPECT_EQ(test, request_take(&word), SDEI_NMI_REQUEST_PROBE);
	KUNIT_EXPECT_FALSE(test, request_waiting(&word));
	KUNIT_EXPECT_EQ(test, request_take(&word), 0);
}

static void requests_are_distinct_bits(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, SDEI_NMI_REQUEST_BACKTRACE & SDEI_NMI_REQUEST_PROBE, 0);
	KUNIT_EXPECT_EQ(test, SDEI_NMI_REQUEST_BACKTRACE & SDEI_NMI_REQUEST_SNAPSHOT, 0);
	KUNIT_EXPECT_EQ(test, SDEI_NMI_REQUEST_PROBE & SDEI_NMI_REQUEST_SNAPSHOT, 0);
	KUNIT_EXPECT_NE(test, SDEI_NMI_REQUEST_BACKTRACE, 0);
	KUNIT_EXPECT_NE(test, SDEI_NMI_REQUEST_PROBE, 0);
	KUNIT_EXPECT_NE(test, SDEI_NMI_REQUEST_SNAPSHOT, 0);
}

static void take_has_every_bit_once(struct kunit *test)
{
	atomic_t word = ATOMIC_INIT(0);

	request_post(&word, SDEI_NMI_REQUEST_BACKTRACE);
	request_post(&word, SDEI_NMI_REQUEST_PROBE);
	request_post(&word, SDEI_NMI_REQUEST_BACKTRACE);
	KUNIT_EXPECT_EQ(test, request_take(&word),
			SDEI_NMI_REQUEST_BACKTRACE | SDEI_NMI_REQUEST_PROBE);
	KUNIT_EXPECT_EQ(test, request_take(&word), 0);
}

static void drop_takes_back_one_request_only(struct kunit *test)
{
	atomic_t word = ATOMIC_INIT(0);

	KUNIT_EXPECT_FALSE(test, request_drop(&word, SDEI_NMI_REQUEST_PROBE));
	request_post(&word, SDEI_NMI_REQUEST_BACKTRACE);
	KUNIT_EXPECT_FALSE(test, request_drop(&word, SDEI_NMI_REQUEST_PROBE));
	KUNIT_EXPECT_TRUE(test, request_waiting(&word));
	request_post(&word, SDEI_NMI_REQUEST_PROBE);
	KUNIT_EXPECT_TRUE(test, request_drop(&word, SDEI_NMI_REQUEST_PROBE));
	KUNIT_EXPECT_FALSE(test, request_drop(&word, SDEI_NMI_REQUEST_PROBE));
	KUNIT_EXPECT_EQ(test, request_take(&word), SDEI_NMI_REQUEST_BACKTRACE);
}

static void drop_after_take_is_too_late(struct kunit *test)
{
	atomic_t word = ATOMIC_INIT(0);

	request_post(&word, SDEI_NMI_REQUEST_BACKTRACE);
	KUNIT_EXPECT_EQ(test, request_take(&word), SDEI_NMI_REQUEST_BACKTRACE);
	KUNIT_EXPECT_FALSE(test, request_drop(&word, SDEI_NMI_REQUEST_BACKTRACE));
	KUNIT_EXPECT_FALSE(test, request_waiting(&word));
}

#define SECOND	62500000ULL
#define SETTLE	6250ULL

static void time_passes(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, elapsed_enough(SECOND, SECOND, SETTLE, SECOND));
	KUNIT_EXPECT_FALSE(test, elapsed_enough(SECOND + SETTLE - 1, SECOND, SETTLE, SECOND));
	KUNIT_EXPECT_TRUE(test, elapsed_enough(SECOND + SETTLE, SECOND, SETTLE, SECOND));
	KUNIT_EXPECT_TRUE(test, elapsed_enough(1ULL << 56, 0, SETTLE, SECOND));
}

static void another_cpu_read_the_counter_later(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, elapsed_enough(SECOND, SECOND + 1, SETTLE, SECOND));
	KUNIT_EXPECT_FALSE(test, elapsed_enough(SECOND, 2 * SECOND, SETTLE, SECOND));
}

/* After hibernation the counter is lower than before, for as long as the machine had been up. */
static void the_counter_starts_anew(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, elapsed_enough(SECOND, 2 * SECOND + 1, SETTLE, SECOND));
	KUNIT_EXPECT_TRUE(test, elapsed_enough(0, 1ULL << 56, SETTLE, SECOND));
}

static struct kunit_case elapsed_cases[] = {
	KUNIT_CASE(time_passes),
	KUNIT_CASE(another_cpu_read_the_counter_later),
	KUNIT_CASE(the_counter_starts_anew),
	{}
};

static struct kunit_case request_cases[] = {
	KUNIT_CASE(post_take),
	KUNIT_CASE(requests_are_distinct_bits),
	KUNIT_CASE(take_has_every_bit_once),
	KUNIT_CASE(drop_takes_back_one_request_only),
	KUNIT_CASE(drop_after_take_is_too_late),
	{}
};

static struct kunit_suite request_suite = {
	.name = "sdei_nmi_request",
	.test_cases = request_cases,
};

/* First every step from every state, refused steps included. Then whole requests, step by step. */
static void every_step_from_every_state(struct kunit *test)
{
	const struct capture_step *step;
	int from;

	for (step = capture_steps; step < capture_steps + ARRAY_SIZE(capture_steps); step++)
		for (from = 0; from < CAPTURE_STATES; from++) {
			bool granted = step->from[from].granted;
			int to = granted ? step->from[from].to : from;
			atomic_t record = ATOMIC_INIT(from);

			if (step->owner && !granted)
				continue;
			KUNIT_EXPECT_EQ_MSG(test, step->take(&record), granted, "%s from %s",
					    step->name, capture_names[from]);
			KUNIT_EXPECT_EQ_MSG(test, atomic_read(&record), to, "%s from %s",
					    step->name, capture_names[from]);
		}
}

static void a_new_record_is_free(struct kunit *test)
{
	atomic_t record;

	memset(&record, 0, sizeof(record));
	KUNIT_EXPECT_EQ(test, atomic_read(&record), SDEI_NMI_CAPTURE_FREE);
}

static void answered(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_FREE);

	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_taken(&record));
	capture_end(&record);
	KUNIT_EXPECT_TRUE(test, capture_taken(&record));
	KUNIT_EXPECT_FALSE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
	capture_done(&record);
	KUNIT_EXPECT_EQ(test, atomic_read(&record), SDEI_NMI_CAPTURE_FREE);
}

static void nobody_comes(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_FREE);

	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_cancel(&record));
	KUNIT_EXPECT_FALSE(test, capture_late(&record));
	KUNIT_EXPECT_FALSE(test, capture_begin(&record));
	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_cancel(&record));
}

static void answered_after_giving_up(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_FREE);

	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_give_up(&record));
	KUNIT_EXPECT_TRUE(test, capture_late(&record));
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
	KUNIT_EXPECT_FALSE(test, capture_forget(&record));
	capture_end(&record);
	KUNIT_EXPECT_FALSE(test, capture_taken(&record));
	KUNIT_EXPECT_TRUE(test, capture_late(&record));
	KUNIT_EXPECT_FALSE(test, capture_forget(&record));
	KUNIT_EXPECT_TRUE(test, capture_tell(&record));
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
	KUNIT_EXPECT_FALSE(test, capture_late(&record));
	capture_done(&record);
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
}

/* A requester gave up in the middle of a capture. The next requester has to wait for its end. */
static void busy_with_an_earlier_request(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_FREE);

	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_give_up(&record));
	KUNIT_EXPECT_TRUE(test, capture_leave(&record));
	KUNIT_EXPECT_TRUE(test, capture_late(&record));
	KUNIT_EXPECT_FALSE(test, capture_ask(&record));
	KUNIT_EXPECT_FALSE(test, capture_forget(&record));
	capture_end(&record);
	KUNIT_EXPECT_FALSE(test, capture_taken(&record));
	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_FALSE(test, capture_taken(&record));
}

static void left_too_late(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_FREE);

	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
	capture_end(&record);
	KUNIT_EXPECT_FALSE(test, capture_give_up(&record));
	KUNIT_EXPECT_FALSE(test, capture_leave(&record));
	KUNIT_EXPECT_TRUE(test, capture_taken(&record));
	KUNIT_EXPECT_FALSE(test, capture_late(&record));
}

/* The answer to the earlier request serves the new one. */
static void asked_anew_before_a_late_answer(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_FREE);

	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_give_up(&record));
	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_FALSE(test, capture_late(&record));
	KUNIT_EXPECT_FALSE(test, capture_forget(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
	capture_end(&record);
	KUNIT_EXPECT_TRUE(test, capture_taken(&record));
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
}

static void asked_anew_after_a_late_answer(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_FREE);

	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_TRUE(test, capture_give_up(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
	capture_end(&record);
	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
	KUNIT_EXPECT_FALSE(test, capture_taken(&record));
	KUNIT_EXPECT_TRUE(test, capture_begin(&record));
}

static void busy_telling(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_LATE);

	KUNIT_EXPECT_TRUE(test, capture_tell(&record));
	KUNIT_EXPECT_FALSE(test, capture_ask(&record));
	KUNIT_EXPECT_FALSE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_forget(&record));
	capture_done(&record);
	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
}

static void forgotten(struct kunit *test)
{
	atomic_t record = ATOMIC_INIT(SDEI_NMI_CAPTURE_OVERDUE);

	KUNIT_EXPECT_TRUE(test, capture_forget(&record));
	KUNIT_EXPECT_FALSE(test, capture_late(&record));
	KUNIT_EXPECT_FALSE(test, capture_begin(&record));
	KUNIT_EXPECT_FALSE(test, capture_tell(&record));
	KUNIT_EXPECT_TRUE(test, capture_ask(&record));
}

static struct kunit_case capture_cases[] = {
	KUNIT_CASE(every_step_from_every_state),
	KUNIT_CASE(a_new_record_is_free),
	KUNIT_CASE(answered),
	KUNIT_CASE(nobody_comes),
	KUNIT_CASE(answered_after_giving_up),
	KUNIT_CASE(busy_with_an_earlier_request),
	KUNIT_CASE(left_too_late),
	KUNIT_CASE(asked_anew_before_a_late_answer),
	KUNIT_CASE(asked_anew_after_a_late_answer),
	KUNIT_CASE(busy_telling),
	KUNIT_CASE(forgotten),
	{}
};

static struct kunit_suite capture_suite = {
	.name = "sdei_nmi_capture",
	.test_cases = capture_cases,
};

static struct kunit_suite elapsed_suite = {
	.name = "sdei_nmi_elapsed",
	.test_cases = elapsed_cases,
};

kunit_test_suites(&errno_suite, &request_suite, &capture_suite, &elapsed_suite);

MODULE_DESCRIPTION("KUnit tests of the SDEI-based cross-CPU NMI service");
MODULE_AUTHOR("The sdei-nmi project");
MODULE_LICENSE("GPL");
