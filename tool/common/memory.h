/* SPDX-License-Identifier: GPL-2.0 */
/* Allocation that never fails: without memory, the tool prints a message and ends. */
#ifndef TOOL_COMMON_MEMORY_H
#define TOOL_COMMON_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

void memory_short(void) __attribute__((noreturn));
void *memory_get(size_t size);
void *memory_array(void *old, size_t count, size_t size);
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *memory_vformat(const char *format, va_list args);

#endif
