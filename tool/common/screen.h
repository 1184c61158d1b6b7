/* SPDX-License-Identifier: GPL-2.0 */
/* A display that is redrawn on the terminal: text cut to its size, and the key that quits. */
#ifndef TOOL_COMMON_SCREEN_H
#define TOOL_COMMON_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/text.h"

bool screen_begin(void);
bool screen_has_keys(void);
void screen_show(char *text, size_t length);
bool screen_wait(double seconds);
void screen_clear(void);
void screen_end(void);
void screen_fit(FILE *to, struct piece text, size_t rows, size_t columns);

#endif
