/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the driver's files in /sys/kernel/sdei_nmi (docs/abi/sysfs-kernel-sdei_nmi). */
#ifndef TOOL_MACHINE_SERVICE_H
#define TOOL_MACHINE_SERVICE_H

#include <json.h>
#include <stdint.h>
#include <stdio.h>

#include "common/cpulist.h"

#define COUNTERS 43

/* One row per counter. Metrics, JSON keys and the text output all come from this table. */
struct counter {
	const char *file;
	const char *metric, *label;
	const char *help;
};

extern const struct counter counters[COUNTERS];

struct service {
	bool there;
	char *state;			/* this and the other texts are NULL if unreadable */
	char *version, *vendor, *conduit, *priority, *quirks;
	char *kernel_detector, *lockup_detector;
	struct cpus reachable, idle, down;
	bool has_cpus;
	int64_t counter[COUNTERS];	/* -1: unknown */
};

void service_read(struct service *service);
struct json_object *service_json_counters(const struct service *service);
struct json_object *service_json_cpus(const struct service *service);
void service_print_counters(FILE *to, const struct service *service);
bool cpus_read(const char *path, struct cpus *cpus);

#endif
