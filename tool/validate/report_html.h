/* SPDX-License-Identifier: GPL-2.0 */
/* A validation as one page for people. What is in it has passed text_safe(); each form escapes what it would read as markup. */
#ifndef TOOL_REPORT_HTML_H
#define TOOL_REPORT_HTML_H

#include <stdio.h>

#include "validation.h"

void report_markdown(FILE *to, const struct validation *validation);
void report_html(FILE *to, const struct validation *validation);

#endif
