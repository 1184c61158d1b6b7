/* SPDX-License-Identifier: GPL-2.0 */
/* Reports of a validation in Markdown, with the form of GitHub's tables. */
#ifndef TOOL_VALIDATE_REPORT_MARKDOWN_H
#define TOOL_VALIDATE_REPORT_MARKDOWN_H

#include <stdio.h>

#include "validate/validation.h"

void report_markdown(FILE *to, const struct validation *validation);

#endif
