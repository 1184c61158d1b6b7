// SPDX-License-Identifier: GPL-2.0
/*
 * Reads lines of text from untrusted files, which may contain any byte, have lines of any length, and
 * end in the middle of a line.
 *
 * The result is a C string without control characters other than tab, and without trailing blanks.
 * If memory runs out, the program ends with status 2.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "text.h"

static void *must(void *memory)
{
	if (!memory) {
		fputs("verdict: out of memory while reading the run's files\n", stderr);
		exit(2);
	}
	return memory;
}

/**
 * text_grow() - make room for one more element of an array
 * @array: the array, NULL when @room is 0
 * @count: elements in use
 * @room: elements that fit; updated
 * @size: bytes of one element
 *
 * Return: the array, which may have moved; new elements are uninitialised.
 */
void *text_grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 16;
	return must(*room > (size_t)-1 / size ? NULL : realloc(array, *room * size));
}

/**
 * text_format() - printf into an allocated string
 * @format: as for printf
 *
 * Return: the string, for the caller to free.
 */
char *text_format(const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = must(length < 0 ? NULL : malloc((size_t)length + 1));
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

/**
 * text_add() - append to a list
 * @list: the list
 * @line: an allocated string, which the list frees
 */
void text_add(struct text_list *list, char *line)
{
	list->line = text_grow(list->line, list->count, &list->room, sizeof(*list->line));
	list->line[list->count++] = line;
}

/**
 * text_move() - append all of one list to another
 * @to: the list to append to
 * @from: the list to take the lines from; empty afterwards
 */
void text_move(struct text_list *to, struct text_list *from)
{
	for (size_t i = 0; i < from->count; i++)
		text_add(to, from->line[i]);
	from->count = 0;
}

/**
 * text_free() - free a list's lines and leave it empty
 * @list: the list
 */
void text_free(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->line[i]);
	free(list->line);
	*list = (struct text_list){ 0 };
}

/**
 * text_clean() - turn raw bytes into a printable string, in place
 * @line: @length bytes, with room for one more
 * @length: number of bytes, which may include NUL
 *
 * Replaces NUL by '?', and removes ANSI control sequences (ESC [ ... letter), control characters
 * other than tab, and trailing blanks.
 *
 * Return: the length of the string.
 */
size_t text_clean(char *line, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = line[i];

		if (c == 033 && i + 1 < length && line[i + 1] == '[') {
			for (i += 2; i < length && line[i] >= 0x20 && line[i] < 0x40; i++)
				;
			continue;
		}
		if (!c)
			c = '?';
		if ((c >= ' ' && c != 0177) || c == '\t')
			line[used++] = c;
	}
	while (used && (line[used - 1] == ' ' || line[used - 1] == '\t'))
		used--;
	line[used] = '\0';
	return used;
}

/**
 * text_read() - call a function for each line of a file, after text_clean()
 * @path: the file
 * @take: called with @to, the line, and whether the line ended in a newline; it may change the line,
 *	but not keep it
 * @to: for @take
 *
 * Return: 0, or a negative errno; -ENOENT if there is no such file.
 */
int text_read(const char *path, void (*take)(void *to, char *line, bool whole), void *to)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int err = 0;

	if (!file)
		return -errno;
	errno = 0;
	while ((length = getline(&line, &room, file)) >= 0) {
		bool whole = line[length - 1] == '\n';

		text_clean(line, (size_t)length);
		take(to, line, whole);
		errno = 0;
	}
	if (!feof(file))
		err = errno ? -errno : -EIO;
	free(line);
	fclose(file);
	return err;
}
