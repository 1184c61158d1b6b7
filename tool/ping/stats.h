/* SPDX-License-Identifier: GPL-2.0 */
/* Samples of a time in nanoseconds, their percentiles and their histogram. No I/O. */
#ifndef TOOL_PING_STATS_H
#define TOOL_PING_STATS_H

#include <stddef.h>
#include <stdint.h>

struct samples {
	int64_t *ns;
	size_t count, room;
};

#define HISTOGRAM_BARS 24

/*
 * Bars end at 100, 200, 500, 1000 ns and so on. below[i] counts the samples below
 * histogram_bound(i) that no earlier bar counts. The last bar has no upper bound.
 */
struct histogram {
	size_t below[HISTOGRAM_BARS];
};

void samples_add(struct samples *samples, int64_t ns);
void samples_sort(struct samples *samples);
int64_t samples_percentile(const struct samples *samples, unsigned int per_mille);
void samples_free(struct samples *samples);
int64_t histogram_bound(size_t bar);
void histogram_add(struct histogram *histogram, const struct samples *samples);

#endif
