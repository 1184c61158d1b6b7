// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "common/exits.h"
#include "common/memory.h"

void memory_short(void)
{
	fputs("sdei-nmi: there is not enough memory; free some and try again.\n", stderr);
	exit(EXIT_FAILED);
}

static void *checked(void *memory)
{
	if (!memory)
		memory_short();
	return memory;
}

/* Returns zeroed memory. */
void *memory_get(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

/* Resizes an array. New elements are not zeroed. */
void *memory_array(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count ? count : 1, size));
}

char *memory_vformat(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	return checked(text);
}

char *memory_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = memory_vformat(format, args);
	va_end(args);
	return text;
}
