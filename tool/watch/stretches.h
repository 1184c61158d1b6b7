/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parses /sys/kernel/debug/sdei_nmi/irqs_off (docs/abi/debugfs-sdei_nmi), and merges what was read
 * from it at different times. text_safe() has made all text safe. Missing values are NULL or -1.
 * No I/O.
 */
#ifndef TOOL_WATCH_STRETCHES_H
#define TOOL_WATCH_STRETCHES_H

#include "snapshot/driver_file.h"

#define STRETCHES_FORM "sdei_nmi irqs_off 1"

/* The sums of all stretches of one function. */
struct site {
	char *name;	/* NULL: all functions that the driver has no room for */
	int64_t count, total_ns, worst_ns, cpu, pid;
	char *task;
};

/* A stretch of time in which a CPU had interrupts off. */
struct stretch {
	int64_t number, cpu, since_ns, seen_ns, total_ns;
	char *site;
	struct trace trace;
};

struct stretches {
	int64_t watch_ns, started_ns, now_ns, dropped;
	char *addresses;
	struct site *site;		/* the largest sum comes first */
	size_t sites, sites_room;
	struct stretch *stretch;	/* in the order of their numbers */
	size_t count, room;
	int64_t oldest, newest;		/* numbers in the last text; 0: it has no stretches */
	int64_t missed;			/* stretches that left the driver's ring before they were read */
};

#define STRETCHES_EMPTY ((struct stretches){ .watch_ns = -1, .started_ns = -1, .now_ns = -1, .dropped = -1 })

bool stretches_parse(struct piece text, struct stretches *stretches, struct flaw *flaw);
void stretches_merge(struct stretches *all, struct stretches *more);
void stretches_forget(struct stretches *stretches, size_t count);
void stretches_free(struct stretches *stretches);

int64_t stretch_ns(const struct stretch *stretch);
bool stretch_lasts(const struct stretches *stretches, const struct stretch *stretch);

#endif
