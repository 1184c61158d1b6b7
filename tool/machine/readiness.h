/* SPDX-License-Identifier: GPL-2.0 */
/* Whether this machine can use the driver, point by point, before anything is loaded. */
#ifndef TOOL_MACHINE_READINESS_H
#define TOOL_MACHINE_READINESS_H

#include <json.h>
#include <stdbool.h>
#include <stdio.h>

#include "machine/host.h"
#include "machine/service.h"

#define POINTS_MOST 16

/* A point that warns does not keep the driver from running. */
enum level { LEVEL_OK, LEVEL_WARN, LEVEL_FAIL };

struct point {
	const char *name;
	enum level level;
	char *text;
	char *remedy;	/* NULL if nothing has to be done */
};

struct readiness {
	struct point point[POINTS_MOST];
	size_t count;
	bool usable;	/* no point fails */
	char *verdict;	/* a sentence without its full stop */
};

void readiness_read(struct readiness *readiness, const struct host *host, const struct service *service);
void readiness_print(FILE *to, const struct readiness *readiness);
void readiness_json(struct json_object *object, const struct readiness *readiness);

#endif
