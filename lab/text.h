/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LAB_TEXT_H
#define LAB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A growing list of strings, which the list frees. All zero is an empty list. */
struct text_list {
	char **line;
	size_t count, room;
};

void *text_grow(void *array, size_t count, size_t *room, size_t size);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void text_add(struct text_list *list, char *line);
void text_move(struct text_list *to, struct text_list *from);
void text_free(struct text_list *list);

size_t text_clean(char *line, size_t length);
int text_read(const char *path, void (*take)(void *to, char *line, bool whole), void *to);

#endif
