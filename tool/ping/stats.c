// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "common/memory.h"
#include "ping/stats.h"

void samples_add(struct samples *samples, int64_t ns)
{
	if (samples->count == samples->room) {
		samples->room = samples->room ? samples->room * 2 : 64;
		samples->ns = memory_array(samples->ns, samples->room, sizeof(*samples->ns));
	}
	samples->ns[samples->count++] = ns;
}

static int by_size(const void *one, const void *two)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)two;

	return a < b ? -1 : a > b;
}

void samples_sort(struct samples *samples)
{
	if (samples->count)
		qsort(samples->ns, samples->count, sizeof(*samples->ns), by_size);
}

/*
 * Returns the smallest sample that at least per_mille of all samples do not exceed, so always a
 * measured value. Returns -1 if there is no sample. The samples must be sorted.
 */
int64_t samples_percentile(const struct samples *samples, unsigned int per_mille)
{
	size_t rank;

	if (!samples->count)
		return -1;
	rank = (samples->count * per_mille + 999) / 1000;
	return samples->ns[rank ? rank - 1 : 0];
}

void samples_free(struct samples *samples)
{
	free(samples->ns);
	*samples = (struct samples){ 0 };
}

/* Returns the upper bound of a bar in nanoseconds, exclusive. The last bar's is INT64_MAX. */
int64_t histogram_bound(size_t bar)
{
	static const int64_t steps[] = { 1, 2, 5 };
	int64_t bound = 100;

	if (bar >= HISTOGRAM_BARS - 1)
		return INT64_MAX;
	for (size_t i = 0; i < bar / 3; i++)
		bound *= 10;
	return bound * steps[bar % 3];
}

void histogram_add(struct histogram *histogram, const struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++) {
		size_t bar = 0;

		while (samples->ns[i] >= histogram_bound(bar) && bar < HISTOGRAM_BARS - 1)
			bar++;
		histogram->below[bar]++;
	}
}
