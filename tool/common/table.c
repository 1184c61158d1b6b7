// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: text_safe() has made all text safe. libsmartcols replaces only characters that the
 * locale lacks. It must do so: without its encoding, it loops forever on a character that the locale
 * can't decode. A backslash stays as it is, because text_safe() has written it.
 *
 * libsmartcols cuts columns only if the standard output is a terminal.
 */
#include <libsmartcols.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/memory.h"
#include "common/options.h"
#include "common/table.h"

enum { OPTION_COLUMNS = 0x300, OPTION_SORT, OPTION_NO_HEADINGS };

#define COLUMNS \
	{ "columns", OPTION_COLUMNS, "LIST", 0, "Print these columns of the table in this order; LIST has their headings, separated by commas", 0 }
#define NO_HEADINGS \
	{ "noheadings", OPTION_NO_HEADINGS, NULL, 0, "Print the table without its headings", 0 }

static const struct argp_option options[] = {
	COLUMNS,
	NO_HEADINGS,
	{ 0 }
};

static const struct argp_option sort_options[] = {
	COLUMNS,
	NO_HEADINGS,
	{ "sort", OPTION_SORT, "COLUMN", 0, "Sort the rows by this column; -COLUMN puts the largest first", 0 },
	{ 0 }
};

static size_t find(struct argp_state *state, const struct table_form *form, struct piece name)
{
	char *names = NULL;

	for (size_t i = 0; i < form->columns; i++)
		if (strlen(form->column[i].name) == name.length && !strncasecmp(form->column[i].name, name.at, name.length))
			return i;
	for (size_t i = 0; i < form->columns; i++) {
		char *more = memory_format("%s%s%s", names ? names : "", names ? ", " : "", form->column[i].name);

		free(names);
		names = more;
	}
	argp_error(state, "the table has no column '%s'; its columns are %s.", text_safe(name, TEXT_DOUBLE_BACKSLASH), names);
	return 0;
}

static void take_columns(struct argp_state *state, struct table_form *form, const char *list)
{
	form->shown_count = 0;
	for (;;) {
		size_t length = strcspn(list, ","), column = find(state, form, (struct piece){ list, length });

		for (size_t i = 0; i < form->shown_count; i++)
			if (form->shown[i] == column)
				argp_error(state, "--columns has the column '%s' twice; name it once.", form->column[column].name);
		form->shown[form->shown_count++] = column;
		if (!list[length])
			return;
		list += length + 1;
	}
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct table_form *form = state->input;

	switch (key) {
	case OPTION_COLUMNS:
		form->option = "--columns";
		take_columns(state, form, argument);
		return 0;
	case OPTION_SORT:
		form->option = "--sort";
		form->descending = *argument == '-';
		argument += form->descending;
		form->sort = &form->column[find(state, form, (struct piece){ argument, strlen(argument) })];
		return 0;
	case OPTION_NO_HEADINGS:
		form->option = "--noheadings";
		form->no_headings = true;
		return 0;
	case ARGP_KEY_END:
		if (form->option && want_json)
			argp_error(state, "%s changes a table, so it can't be combined with --json.", form->option);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp table_argp = { .options = options, .parser = parse };
const struct argp table_sort_argp = { .options = sort_options, .parser = parse };

struct table {
	const struct table_form *form;
	struct libscols_table *scols;
	struct libscols_line *row;
	struct libscols_column *key;	/* hidden, and last: the text by which rows are sorted, or NULL */
};

static size_t shown_count(const struct table_form *form)
{
	return form->shown_count ? form->shown_count : form->columns;
}

static size_t shown_column(const struct table_form *form, size_t i)
{
	return form->shown_count ? form->shown[i] : i;
}

/* Everything that libsmartcols does here fails only without memory. */
static void *made(void *object)
{
	if (!object)
		memory_short();
	return object;
}

static void done(int err)
{
	if (err)
		memory_short();
}

static int descending(struct libscols_cell *one, struct libscols_cell *two, void *unused)
{
	return -scols_cmpstr_cells(one, two, unused);
}

struct table *table_new(const struct table_form *form)
{
	struct table *table = memory_get(sizeof(*table));

	/* libsmartcols needs it to measure text. */
	setlocale(LC_CTYPE, "");
	table->form = form;
	table->scols = made(scols_new_table());
	done(scols_table_set_column_separator(table->scols, "  "));
	done(scols_table_enable_noheadings(table->scols, form->no_headings));
	done(scols_table_enable_colors(table->scols, *colour(BOLD) != '\0'));
	for (size_t i = 0; i < shown_count(form); i++) {
		const struct table_column *column = &form->column[shown_column(form, i)];
		int flags = (column->number ? SCOLS_FL_RIGHT : 0) | (column->cut ? SCOLS_FL_TRUNC : 0);
		struct libscols_column *added = made(scols_table_new_column(table->scols, column->name, 0, flags));

		done(scols_column_set_safechars(added, "\\"));
		done(scols_cell_set_color(scols_column_get_header(added), *colour(BOLD) ? colour(BOLD) : NULL));
	}
	if (form->sort) {
		table->key = made(scols_table_new_column(table->scols, "", 0, SCOLS_FL_HIDDEN));
		done(scols_column_set_cmpfunc(table->key, form->descending ? descending : scols_cmpstr_cells, NULL));
	}
	return table;
}

void table_row(struct table *table)
{
	table->row = made(scols_table_new_line(table->scols, NULL));
}

/* Returns the position of the column in the table that is printed, or -1 if it is left out. */
static ssize_t position(const struct table *table, size_t column)
{
	for (size_t i = 0; i < shown_count(table->form); i++)
		if (shown_column(table->form, i) == column)
			return (ssize_t)i;
	return -1;
}

static void set(struct table *table, size_t column, const char *text, const char *key)
{
	ssize_t at = position(table, column);

	if (at >= 0)
		done(scols_line_set_data(table->row, (size_t)at, text));
	if (table->form->sort == &table->form->column[column])
		done(scols_line_set_column_data(table->row, table->key, key));
}

void table_text(struct table *table, size_t column, const char *text)
{
	set(table, column, text, text);
}

/* Prints the text, and sorts by the number. A negative number is a missing one. */
void table_number(struct table *table, size_t column, int64_t number, const char *text)
{
	char key[24] = "";

	/* As texts, numbers of one length have the order of their values. */
	if (number >= 0)
		snprintf(key, sizeof(key), "%020lld", (long long)number);
	set(table, column, text, key);
}

/* Colours the field of the current row. */
void table_colour(struct table *table, size_t column, enum colour wanted)
{
	ssize_t at = position(table, column);

	if (at >= 0 && *colour(wanted))
		done(scols_cell_set_color(scols_line_get_cell(table->row, (size_t)at), colour(wanted)));
}

/* Prints the table and frees it. */
void table_print(struct table *table, FILE *to)
{
	if (table->key)
		done(scols_sort_table(table->scols, table->key));
	done(scols_table_set_stream(table->scols, to));
	done(scols_print_table(table->scols));
	scols_unref_table(table->scols);
	free(table);
}
