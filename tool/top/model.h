/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What "sdei-nmi top" shows: the rows of a snapshot in their order, the filter, the selection, and
 * which part of it is on the screen. No I/O.
 */
#ifndef TOOL_TOP_MODEL_H
#define TOOL_TOP_MODEL_H

#include "top/filter.h"
#include "top/row.h"

enum top_sort { TOP_BY_TIME, TOP_BY_CPU, TOP_BY_TASK, TOP_BY_FUNCTION, TOP_SORTS };

struct top_counts {
	unsigned int online, idle, off, silent, offline;
};

struct top_model {
	const struct cpus *chosen;	/* NULL: all CPUs */
	struct snapshot snapshot;
	struct top_rows all;
	struct top_row **row;		/* the rows that match the filter, sorted */
	size_t count;
	struct top_counts counts;	/* of all chosen CPUs, whatever the filter is */
	struct top_filter filter;
	enum top_sort sort;
	bool reversed;
	bool expands;			/* new rows are expanded */
	bool pinned;			/* a key has moved the selection, so it stays on its row */
	size_t selected, line;		/* the selected row; 0 or which of the lines below it */
	size_t first;			/* the line at the top of the screen */
};

struct top_line {
	const struct top_row *row;
	const char *detail;		/* NULL: the line is the row itself */
	bool selected;
};

void top_model_begin(struct top_model *model, const struct cpus *chosen);
void top_model_end(struct top_model *model);
void top_model_take(struct top_model *model, struct snapshot *snapshot);

void top_model_sort(struct top_model *model);
void top_model_reverse(struct top_model *model);
char *top_model_filter(struct top_model *model, const char *text);
const char *top_sort_name(enum top_sort sort);

void top_model_move(struct top_model *model, long lines);
void top_model_home(struct top_model *model);
void top_model_last(struct top_model *model);
void top_model_expand(struct top_model *model);
void top_model_expand_all(struct top_model *model);

void top_model_scroll(struct top_model *model, size_t height);
size_t top_model_lines(const struct top_model *model);
bool top_model_line(const struct top_model *model, size_t number, struct top_line *line);

#endif
