/* SPDX-License-Identifier: GPL-2.0 */
/* The filter of "sdei-nmi top": words, a time such as >10ms, and CPUs such as cpu:0-3. No I/O. */
#ifndef TOOL_TOP_FILTER_H
#define TOOL_TOP_FILTER_H

#include "top/row.h"

struct top_term;

struct top_filter {
	char *text;		/* as typed; NULL: no filter */
	struct top_term *term;	/* a row has to match all of them */
	size_t count;
};

char *top_filter_parse(const char *text, struct top_filter *filter);
bool top_filter_matches(const struct top_filter *filter, const struct top_row *row);
void top_filter_free(struct top_filter *filter);

#endif
