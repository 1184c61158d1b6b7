/* SPDX-License-Identifier: GPL-2.0 */
/* Prints tables by libsmartcols, and has the options that change a table. */
#ifndef TOOL_COMMON_TABLE_H
#define TOOL_COMMON_TABLE_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/output.h"

#define TABLE_COLUMNS_MOST 8

struct table_column {
	const char *name;	/* also the heading */
	bool number;		/* aligned to the right */
	bool cut;		/* may be cut if the terminal is too narrow for the table */
};

/* The columns of a subcommand's table, and what the options say about them. */
struct table_form {
	const struct table_column *column;
	size_t columns;
	const char *option;	/* the last option that was given, or NULL */
	bool no_headings, descending;
	size_t shown[TABLE_COLUMNS_MOST], shown_count;	/* 0: all columns */
	const struct table_column *sort;		/* NULL: the rows keep their order */
};

/*
 * --columns and --noheadings, and the same with --sort, for arguments_with(). The input is a
 * struct table_form * that has its columns.
 */
extern const struct argp table_argp, table_sort_argp;

/* The rows of a table. table_row() adds one, and the functions below it fill it. */
struct table;

struct table *table_new(const struct table_form *form);
void table_row(struct table *table);
void table_text(struct table *table, size_t column, const char *text);
void table_number(struct table *table, size_t column, int64_t number, const char *text);
void table_colour(struct table *table, size_t column, enum colour wanted);
void table_print(struct table *table, FILE *to);

#endif
