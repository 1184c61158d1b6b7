/* SPDX-License-Identifier: GPL-2.0 */
/* Samples of a time, in nanoseconds, and what is said of them. No I/O. */
#ifndef TOOL_STATS_H
#define TOOL_STATS_H

#include <stddef.h>
#include <stdint.h>

struct samples {
	int64_t *ns;
	size_t count, room;
};

#define HISTOGRAM_BARS 24

/* Bars at 1, 2, 5, 10 ... from 100 ns: below[i] samples are below bound[i] and not below the one before; the last has no end. */
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
