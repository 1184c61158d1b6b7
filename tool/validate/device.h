/* SPDX-License-Identifier: GPL-2.0 */
/* Talks to the module sdei_nmi_validate, and lets the user interrupt that. */
#ifndef TOOL_VALIDATE_DEVICE_H
#define TOOL_VALIDATE_DEVICE_H

#include <stdbool.h>

#include "common/files.h"

int device_open(int *fd);
int device_ask(int fd, const char *command, unsigned int seconds, struct contents *reply);
void device_catch_signals(bool second_ends);
bool device_interrupted(void);

#endif
