/* SPDX-License-Identifier: GPL-2.0 */
/* A validation as JSON: tool/schema/validate.json. */
#ifndef TOOL_DOCUMENT_H
#define TOOL_DOCUMENT_H

#include <stdio.h>

#include "validation.h"

void document_print(FILE *to, const struct validation *validation);

#endif
