/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a validation as a flat list in KTAP version 1, line by line while the checks run. */
#ifndef TOOL_VALIDATE_KTAP_H
#define TOOL_VALIDATE_KTAP_H

#include <stdio.h>

#include "validate/validation.h"

void ktap_begin(FILE *to, const struct validation *validation);
void ktap_running(FILE *to, const struct check *check);
void ktap_check(FILE *to, unsigned int number, const struct check *check);
void ktap_end(FILE *to, const struct validation *validation);

#endif
