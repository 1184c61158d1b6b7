// SPDX-License-Identifier: GPL-2.0
/* Tests tool/ping/stats.c: each percentile is a measured value, and the bars count each sample once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/ping/stats.h"

static void of_nothing_nothing_is_said(void **state)
{
	struct samples samples = { 0 };

	(void)state;
	samples_sort(&samples);
	assert_int_equal(samples_percentile(&samples, 500), -1);
	samples_free(&samples);
}

static void one_sample_is_all(void **state)
{
	struct samples samples = { 0 };

	(void)state;
	samples_add(&samples, 7);
	samples_sort(&samples);
	for (unsigned int p = 0; p <= 1000; p += 10)
		assert_int_equal(samples_percentile(&samples, p), 7);
	samples_free(&samples);
}

static void percentiles_are_by_nearest_rank(void **state)
{
	struct samples samples = { 0 };

	(void)state;
	for (int64_t ns = 200; ns; ns--)
		samples_add(&samples, ns);
	samples_sort(&samples);
	assert_int_equal(samples_percentile(&samples, 0), 1);
	assert_int_equal(samples_percentile(&samples, 500), 100);
	assert_int_equal(samples_percentile(&samples, 990), 198);
	assert_int_equal(samples_percentile(&samples, 1000), 200);
	samples_free(&samples);

	samples_add(&samples, 10);
	samples_add(&samples, INT64_MAX);
	samples_add(&samples, 20);
	samples_sort(&samples);
	assert_int_equal(samples_percentile(&samples, 500), 20);
	assert_true(samples_percentile(&samples, 990) == INT64_MAX);
	samples_free(&samples);
}

static void bars_are_at_1_2_5(void **state)
{
	(void)state;
	assert_int_equal(histogram_bound(0), 100);
	assert_int_equal(histogram_bound(1), 200);
	assert_int_equal(histogram_bound(2), 500);
	assert_int_equal(histogram_bound(3), 1000);
	assert_true(histogram_bound(HISTOGRAM_BARS - 2) == 2000000000);
	assert_true(histogram_bound(HISTOGRAM_BARS - 1) == INT64_MAX);
	for (size_t i = 1; i < HISTOGRAM_BARS; i++)
		assert_true(histogram_bound(i) > histogram_bound(i - 1));
}

static void each_sample_is_in_one_bar(void **state)
{
	struct histogram histogram = { { 0 } };
	struct samples samples = { 0 };
	size_t sum = 0;

	(void)state;
	samples_add(&samples, 0);
	samples_add(&samples, 99);
	samples_add(&samples, 100);
	samples_add(&samples, 1999);
	samples_add(&samples, 2000000000);
	samples_add(&samples, INT64_MAX);
	histogram_add(&histogram, &samples);
	assert_int_equal(histogram.below[0], 2);
	assert_int_equal(histogram.below[1], 1);
	assert_int_equal(histogram.below[4], 1);
	assert_int_equal(histogram.below[HISTOGRAM_BARS - 1], 2);
	for (size_t i = 0; i < HISTOGRAM_BARS; i++)
		sum += histogram.below[i];
	assert_int_equal(sum, samples.count);
	samples_free(&samples);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_nothing_nothing_is_said),
		cmocka_unit_test(one_sample_is_all),
		cmocka_unit_test(percentiles_are_by_nearest_rank),
		cmocka_unit_test(bars_are_at_1_2_5),
		cmocka_unit_test(each_sample_is_in_one_bar),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
