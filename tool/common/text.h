/* SPDX-License-Identifier: GPL-2.0 */
/* Makes foreign text safe to show, reads numbers from text, and formats durations. No I/O. */
#ifndef TOOL_COMMON_TEXT_H
#define TOOL_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of a text. No NUL needs to follow it. */
struct piece {
	const char *at;
	size_t length;
};

enum text_backslash {
	TEXT_DOUBLE_BACKSLASH,	/* makes the escapes reversible */
	TEXT_KEEP_BACKSLASH,	/* the kernel has escaped it already */
};

char *text_safe(struct piece raw, enum text_backslash backslash);
char *text_safe_json(struct piece json);
bool text_line(struct piece *rest, struct piece *line);
bool text_is(struct piece piece, const char *word);
bool text_has(struct piece piece, const char *words);
bool text_starts(struct piece piece, const char *word);
struct piece text_trim(struct piece piece);
bool text_number(struct piece piece, int64_t *number);
bool text_hex(struct piece piece, uint64_t *number);
bool text_seconds(const char *text, double *seconds);
bool text_time(const char *text, int64_t *ns);

#define TEXT_DURATION 24

const char *text_duration(int64_t ns, char buffer[static TEXT_DURATION]);

#endif
