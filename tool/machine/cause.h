/* SPDX-License-Identifier: GPL-2.0 */
/* Says why the driver, or one of its files, can't be used, and what to do. */
#ifndef TOOL_MACHINE_CAUSE_H
#define TOOL_MACHINE_CAUSE_H

#include "machine/host.h"

void cause_find(struct host *host);
char *cause_install_remedy(const struct host *host);
char *cause_load_remedy(const struct host *host);
char *cause_core_remedy(const struct host *host);
char *cause_signing_remedy(void);
const char *cause_without_el2(const struct host *host);
const char *step_name(enum step step);
const char *host_event0(const struct host *host, bool serving);
int unavailable(void);
int file_trouble(const char *path, int err);

#endif
