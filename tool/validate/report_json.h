/* SPDX-License-Identifier: GPL-2.0 */
/* Writes a validation as JSON; tool/schema/validate.json is the schema. */
#ifndef TOOL_VALIDATE_REPORT_JSON_H
#define TOOL_VALIDATE_REPORT_JSON_H

#include <stdio.h>

#include "validate/validation.h"

void report_json(FILE *to, const struct validation *validation);

#endif
