/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the kernel command line. No I/O. */
#ifndef TOOL_MACHINE_CMDLINE_H
#define TOOL_MACHINE_CMDLINE_H

#include <stdbool.h>

#include "common/text.h"

bool cmdline_next(struct piece *rest, struct piece *parameter);
bool cmdline_truth(struct piece cmdline, const char *name);
char *cmdline_public(struct piece cmdline);

#endif
