/* SPDX-License-Identifier: GPL-2.0 */
/* A row of "sdei-nmi top": CPUs that are at the same place, and the texts about them. No I/O. */
#ifndef TOOL_TOP_ROW_H
#define TOOL_TOP_ROW_H

#include "snapshot/group.h"

enum top_grade {
	TOP_PLAIN,
	TOP_QUIET,	/* idle or offline */
	TOP_OFF,	/* a CPU has interrupts off */
	TOP_ALARM,	/* a CPU did not answer, or has taken no interrupt for long */
};

struct top_row {
	const struct cpu **cpu;		/* the CPU that has been waiting longest comes first */
	size_t count;
	struct cpus set;
	unsigned int lowest;
	char *list;			/* the CPUs as a list */
	char *task, *function;		/* of the first CPU; NULL if not known */
	const char *interrupts;		/* "mixed" if the CPUs differ; NULL if not known */
	enum top_grade grade;
	bool expanded;
	char **detail;			/* the lines below an expanded row; top_row_details() makes them */
	size_t details;
};

struct top_rows {
	struct top_row *row;
	size_t count;
};

void top_rows_make(const struct snapshot *snapshot, const struct cpus *chosen, struct top_rows *rows);
void top_rows_free(struct top_rows *rows);

enum cpu_state top_row_state(const struct top_row *row);
int64_t top_row_waiting(const struct top_row *row);
void top_row_details(struct top_row *row);
bool top_row_same_place(const struct top_row *a, const struct top_row *b);

#endif
