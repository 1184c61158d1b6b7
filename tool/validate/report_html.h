/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes a validation as one page in Markdown or HTML. text_safe() has made all text safe, and each
 * form escapes its own markup.
 */
#ifndef TOOL_REPORT_HTML_H
#define TOOL_REPORT_HTML_H

#include <stdio.h>

#include "validation.h"

void report_markdown(FILE *to, const struct validation *validation);
void report_html(FILE *to, const struct validation *validation);

#endif
