/* SPDX-License-Identifier: GPL-2.0 */
/* Writes a validation as an HTML page that refers to no other file. text_safe() has made all text safe. */
#ifndef TOOL_VALIDATE_REPORT_HTML_H
#define TOOL_VALIDATE_REPORT_HTML_H

#include <stdio.h>

#include "validate/validation.h"

void report_html(FILE *to, const struct validation *validation);

#endif
