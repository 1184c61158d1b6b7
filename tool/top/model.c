// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the selection is on a line that exists, unless no row is shown. A group of a new
 * snapshot is the same as an old one if it is at the same place, or if it has the CPU that waited
 * longest in the old one and shares its row with no idle, offline or silent CPU.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "top/model.h"

#define IDLE_WAIT_NS 1000000	/* an idle CPU whose timer has been waiting for less is about to take the interrupt */

void top_model_begin(struct top_model *model, const struct cpus *chosen)
{
	*model = (struct top_model){ .chosen = chosen, .snapshot.taken_ns = -1 };
}

void top_model_end(struct top_model *model)
{
	top_rows_free(&model->all);
	snapshot_free(&model->snapshot);
	top_filter_free(&model->filter);
	free(model->row);
}

/* Silent CPUs come before all that wait; idle and offline ones come last. */
static int64_t time_key(const struct top_row *row)
{
	switch (top_row_state(row)) {
	case CPU_SILENT:
		return INT64_MAX;
	case CPU_OFFLINE:
		return -4;
	case CPU_IDLE:
		return top_row_waiting(row) < IDLE_WAIT_NS ? -3 : top_row_waiting(row);
	case CPU_SELF:
		return -2;
	default:
		return top_row_waiting(row);
	}
}

static int by_number(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Rows without the text come last. */
static int by_text(const char *a, const char *b)
{
	if (!a || !b)
		return !a - !b;
	return strcmp(a, b);
}

/* Rows that are equal by the key are in the order of their CPUs, so that they do not change places. */
static int compare(const void *one, const void *two, void *argument)
{
	const struct top_row *a = *(struct top_row *const *)one, *b = *(struct top_row *const *)two;
	const struct top_model *model = argument;
	int order = 0;

	switch (model->sort) {
	case TOP_BY_TIME:
		order = by_number(time_key(b), time_key(a));
		break;
	case TOP_BY_TASK:
		order = by_text(a->task, b->task);
		break;
	case TOP_BY_FUNCTION:
		order = by_text(a->function, b->function);
		break;
	default:
		break;
	}
	if (!order)
		order = by_number(a->lowest, b->lowest);
	return model->reversed ? -order : order;
}

static struct top_row *selected_row(const struct top_model *model)
{
	return model->count ? model->row[model->selected] : NULL;
}

static size_t lines_of(const struct top_row *row)
{
	return 1 + (row->expanded ? row->details : 0);
}

/* Puts a pinned selection onto the row if it is shown, and otherwise leaves it at its place on the list. */
static void select_row(struct top_model *model, const struct top_row *row)
{
	size_t at = model->selected;

	for (size_t i = 0; model->pinned && row && i < model->count; i++)
		if (model->row[i] == row)
			at = i;
	model->selected = at < model->count ? at : model->count ? model->count - 1 : 0;
	if (!model->count || model->row[model->selected] != row)
		model->line = 0;
	else if (model->line >= lines_of(row))
		model->line = lines_of(row) - 1;
}

/* Makes the list anew after a change of the rows, the order or the filter. */
static void list_rows(struct top_model *model, const struct top_row *selected)
{
	model->row = memory_array(model->row, model->all.count, sizeof(*model->row));
	model->count = 0;
	for (size_t i = 0; i < model->all.count; i++)
		if (top_filter_matches(&model->filter, &model->all.row[i]))
			model->row[model->count++] = &model->all.row[i];
	qsort_r(model->row, model->count, sizeof(*model->row), compare, model);
	select_row(model, selected);
}

static bool stands_alone(const struct top_row *row)
{
	enum cpu_state state = top_row_state(row);

	return state != CPU_IDLE && state != CPU_OFFLINE && state != CPU_SILENT;
}

/* Returns the row that is the same group as an old one, or NULL. */
static struct top_row *find_again(const struct top_rows *rows, const struct top_row *old)
{
	for (size_t i = 0; i < rows->count; i++)
		if (top_row_same_place(&rows->row[i], old))
			return &rows->row[i];
	for (size_t i = 0; i < rows->count; i++)
		if (cpus_have(&rows->row[i].set, old->cpu[0]->number) && stands_alone(&rows->row[i]) && stands_alone(old))
			return &rows->row[i];
	return NULL;
}

static void set_expanded(struct top_row *row, bool expanded)
{
	row->expanded = expanded;
	if (expanded)
		top_row_details(row);
}

/* Only rows that the user has expanded or collapsed one by one have to be found again. */
static void keep_expanded(struct top_model *model, const struct top_rows *old)
{
	for (size_t i = 0; i < model->all.count; i++)
		set_expanded(&model->all.row[i], model->expands);
	for (size_t i = 0; i < old->count; i++)
		if (old->row[i].expanded != model->expands) {
			struct top_row *row = find_again(&model->all, &old->row[i]);

			if (row)
				set_expanded(row, old->row[i].expanded);
		}
}

static void count_cpus(struct top_model *model)
{
	struct top_counts *counts = &model->counts;

	*counts = (struct top_counts){ 0 };
	for (size_t i = 0; i < model->snapshot.count; i++) {
		const struct cpu *cpu = &model->snapshot.cpu[i];

		if (model->chosen && !cpus_have(model->chosen, cpu->number))
			continue;
		counts->online += cpu->state != CPU_OFFLINE;
		counts->offline += cpu->state == CPU_OFFLINE;
		counts->idle += cpu->state == CPU_IDLE;
		counts->silent += cpu->state == CPU_SILENT;
		counts->off += cpu->interrupts && strcmp(cpu->interrupts, "on");
	}
}

/* Takes over the snapshot. */
void top_model_take(struct top_model *model, struct snapshot *snapshot)
{
	const struct top_row *selected = selected_row(model);
	struct snapshot old_snapshot = model->snapshot;
	struct top_rows old = model->all;

	model->snapshot = *snapshot;
	*snapshot = (struct snapshot){ .taken_ns = -1 };
	count_cpus(model);
	top_rows_make(&model->snapshot, model->chosen, &model->all);
	keep_expanded(model, &old);
	list_rows(model, selected ? find_again(&model->all, selected) : NULL);
	top_rows_free(&old);
	snapshot_free(&old_snapshot);
}

/* Goes on to the next order. */
void top_model_sort(struct top_model *model)
{
	model->sort = (model->sort + 1) % TOP_SORTS;
	list_rows(model, selected_row(model));
}

void top_model_reverse(struct top_model *model)
{
	model->reversed = !model->reversed;
	list_rows(model, selected_row(model));
}

/* Returns NULL, or a sentence that says what is wrong; the filter stays as it is then. The caller frees the sentence. */
char *top_model_filter(struct top_model *model, const char *text)
{
	const struct top_row *selected = selected_row(model);
	struct top_filter filter;
	char *flaw = top_filter_parse(text, &filter);

	if (flaw)
		return flaw;
	top_filter_free(&model->filter);
	model->filter = filter;
	list_rows(model, selected);
	return NULL;
}

const char *top_sort_name(enum top_sort sort)
{
	static const char *const names[] = {
		[TOP_BY_TIME] = "waiting", [TOP_BY_CPU] = "CPU", [TOP_BY_TASK] = "task", [TOP_BY_FUNCTION] = "function",
	};

	return names[sort];
}

static size_t selected_line(const struct top_model *model)
{
	size_t number = model->line;

	for (size_t i = 0; i < model->selected && i < model->count; i++)
		number += lines_of(model->row[i]);
	return number;
}

static void select_line(struct top_model *model, size_t number)
{
	model->selected = 0;
	while (model->selected + 1 < model->count && number >= lines_of(model->row[model->selected]))
		number -= lines_of(model->row[model->selected++]);
	model->line = number;
}

/* Moves the selection down by so many lines, or up if the number is negative. */
void top_model_move(struct top_model *model, long lines)
{
	long number = (long)selected_line(model), last = (long)top_model_lines(model) - 1;

	if (last < 0)
		return;
	model->pinned = true;
	number = lines < -number ? 0 : lines > last - number ? last : number + lines;
	select_line(model, (size_t)number);
}

/* Selects the first row, whichever row that is from now on. */
void top_model_home(struct top_model *model)
{
	model->pinned = false;
	model->selected = model->line = 0;
}

void top_model_last(struct top_model *model)
{
	top_model_move(model, LONG_MAX);
}

/* Expands or collapses the selected row. */
void top_model_expand(struct top_model *model)
{
	struct top_row *row = selected_row(model);

	if (!row)
		return;
	model->pinned = true;
	model->line = 0;
	set_expanded(row, !row->expanded);
}

/* Expands all rows, or collapses all if no row is collapsed. */
void top_model_expand_all(struct top_model *model)
{
	bool expand = false;

	for (size_t i = 0; i < model->count; i++)
		expand = expand || !model->row[i]->expanded;
	model->expands = expand;
	model->line = 0;
	for (size_t i = 0; i < model->all.count; i++)
		set_expanded(&model->all.row[i], expand);
}

size_t top_model_lines(const struct top_model *model)
{
	size_t lines = 0;

	for (size_t i = 0; i < model->count; i++)
		lines += lines_of(model->row[i]);
	return lines;
}

/*
 * Scrolls until the selection is among the lines on the screen, and with it as many of the lines
 * below its row as fit. The end of the list is not scrolled up further than to the last line.
 */
void top_model_scroll(struct top_model *model, size_t height)
{
	size_t lines = top_model_lines(model), at = selected_line(model), end = at + 1;

	if (!height || lines <= height) {
		model->first = 0;
		return;
	}
	if (model->line == 0)
		end = at + lines_of(model->row[model->selected]);
	if (end > model->first + height)
		model->first = end - height;
	if (at < model->first)
		model->first = at;
	if (model->first > lines - height)
		model->first = lines - height;
}

/* Returns false if there is no line with that number, which counts from 0. */
bool top_model_line(const struct top_model *model, size_t number, struct top_line *line)
{
	bool selected = number == selected_line(model);

	for (size_t i = 0; i < model->count; number -= lines_of(model->row[i++]))
		if (number < lines_of(model->row[i])) {
			*line = (struct top_line){ model->row[i], number ? model->row[i]->detail[number - 1] : NULL, selected };
			return true;
		}
	return false;
}
