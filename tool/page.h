/* SPDX-License-Identifier: GPL-2.0 */
/* A validation as one page for people. What is in it has passed text_safe(); each form escapes what it would read as markup. */
#ifndef TOOL_PAGE_H
#define TOOL_PAGE_H

#include <stdio.h>

#include "validation.h"

void page_markdown(FILE *to, const struct validation *validation);
void page_html(FILE *to, const struct validation *validation);

#endif
