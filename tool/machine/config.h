/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the configuration of the running kernel. */
#ifndef TOOL_MACHINE_CONFIG_H
#define TOOL_MACHINE_CONFIG_H

#include <stdbool.h>

#include "common/answer.h"
#include "common/files.h"

struct config {
	struct contents contents;
	bool known;
};

void config_read(struct config *config, const char *release);
enum answer config_has(const struct config *config, const char *option);
void config_free(struct config *config);

#endif
