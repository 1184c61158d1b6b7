// SPDX-License-Identifier: GPL-2.0
/*
 * Names of tasks, symbols and boards can contain any bytes. Invariant: such text is shown only
 * after text_safe(), or as JSON after text_safe_json(). The result is valid UTF-8, moves no cursor,
 * and can't reorder other text.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

/* Returns the length of the valid UTF-8 sequence at the beginning, or 0. */
static size_t utf8_sequence(const unsigned char *at, size_t left, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length;

	if (at[0] < 0x80) {
		*code = at[0];
		return 1;
	}
	if (at[0] >= 0xf0 && at[0] <= 0xf4)
		length = 4;
	else if (at[0] >= 0xe0 && at[0] < 0xf0)
		length = 3;
	else if (at[0] >= 0xc2 && at[0] < 0xe0)
		length = 2;
	else
		return 0;
	if (length > left)
		return 0;
	*code = at[0] & (0xff >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

/* Controls, line separators, and characters that change the direction of text are not harmless. */
static bool harmless(uint32_t code)
{
	return !(code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
		 (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff);
}

/* Writes each byte of a harmful character as \xNN. */
char *text_safe(struct piece raw, enum text_backslash backslash)
{
	const unsigned char *at = (const unsigned char *)raw.at;
	size_t left = raw.length;
	char *text, *to;

	text = memory_array(NULL, raw.length + 1, 4);
	to = text;
	while (left) {
		uint32_t code = 0;
		size_t length = utf8_sequence(at, left, &code);

		if (length && harmless(code)) {
			if (code == '\\' && backslash == TEXT_DOUBLE_BACKSLASH)
				*to++ = '\\';
			memcpy(to, at, length);
			to += length;
		} else {
			if (!length)
				length = 1;
			for (size_t i = 0; i < length; i++)
				to += sprintf(to, "\\x%02x", at[i]);
		}
		at += length;
		left -= length;
	}
	*to = '\0';
	return text;
}

/*
 * Makes JSON text safe to show and keeps its meaning: a harmful character becomes its escape \uNNNN.
 * Line breaks stay, because in JSON text they stand between values only.
 */
char *text_safe_json(struct piece json)
{
	const unsigned char *at = (const unsigned char *)json.at;
	size_t left = json.length;
	char *text = memory_array(NULL, json.length + 1, sizeof("\\uffff") - 1), *to = text;

	while (left) {
		uint32_t code = 0;
		size_t length = utf8_sequence(at, left, &code);

		if (length && (code < 0x20 || harmless(code))) {
			memcpy(to, at, length);
			to += length;
		} else {
			/* Harmful characters have four digits at most. Others are no UTF-8. */
			to += sprintf(to, "\\u%04x", length ? code & 0xffff : 0xfffd);
			length += !length;
		}
		at += length;
		left -= length;
	}
	*to = '\0';
	return text;
}

/* Takes the first line off the rest. The line does not include its newline. */
bool text_line(struct piece *rest, struct piece *line)
{
	const char *newline;

	if (!rest->length)
		return false;
	newline = memchr(rest->at, '\n', rest->length);
	line->at = rest->at;
	line->length = newline ? (size_t)(newline - rest->at) : rest->length;
	rest->at += line->length + !!newline;
	rest->length -= line->length + !!newline;
	return true;
}

bool text_is(struct piece piece, const char *word)
{
	return piece.length == strlen(word) && !memcmp(piece.at, word, piece.length);
}

bool text_starts(struct piece piece, const char *word)
{
	return piece.length >= strlen(word) && !memcmp(piece.at, word, strlen(word));
}

bool text_has(struct piece piece, const char *words)
{
	return memmem(piece.at, piece.length, words, strlen(words));
}

struct piece text_trim(struct piece piece)
{
	while (piece.length && isspace((unsigned char)piece.at[0])) {
		piece.at++;
		piece.length--;
	}
	while (piece.length && isspace((unsigned char)piece.at[piece.length - 1]))
		piece.length--;
	return piece;
}

/* Accepts decimal digits only, up to INT64_MAX. */
bool text_number(struct piece piece, int64_t *number)
{
	int64_t value = 0;

	if (!piece.length)
		return false;
	for (size_t i = 0; i < piece.length; i++) {
		if (!isdigit((unsigned char)piece.at[i]) || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, piece.at[i] - '0', &value))
			return false;
	}
	*number = value;
	return true;
}

/* Accepts up to 64 bits, with or without 0x. */
bool text_hex(struct piece piece, uint64_t *number)
{
	uint64_t value = 0;

	if (text_starts(piece, "0x")) {
		piece.at += 2;
		piece.length -= 2;
	}
	if (!piece.length || piece.length > 16)
		return false;
	for (size_t i = 0; i < piece.length; i++) {
		int c = (unsigned char)piece.at[i];

		if (!isxdigit(c))
			return false;
		value = value << 4 | (unsigned int)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	*number = value;
	return true;
}

/* Takes up to nine digits off the text. */
static double take_digits(const char **text, size_t *count, double *scale)
{
	double value = 0;

	*scale = 1;
	for (*count = 0; *count < 9 && isdigit((unsigned char)**text); (*text)++, (*count)++) {
		value = value * 10 + (**text - '0');
		*scale *= 10;
	}
	return value;
}

/* Takes a decimal number such as 2, 0.5 or .5 off the text, with up to nine digits on either side of the point. */
static bool take_decimal(const char **text, double *value)
{
	size_t whole, part = 0;
	double scale;

	*value = take_digits(text, &whole, &scale);
	if (**text == '.') {
		(*text)++;
		*value += take_digits(text, &part, &scale) / scale;
		if (!part)
			return false;
	}
	return whole || part;
}

/* Accepts a decimal number with one of the units s and ms. A number without a unit is in seconds. */
bool text_seconds(const char *text, double *seconds)
{
	double value;

	if (!take_decimal(&text, &value))
		return false;
	if (!strcmp(text, "ms"))
		value /= 1000;
	else if (*text && strcmp(text, "s"))
		return false;
	*seconds = value;
	return true;
}

/* Accepts a decimal number with one of the units us, ms, s, m and h. A number without a unit is in seconds. */
bool text_time(const char *text, int64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "", 1e9 }, { "m", 60e9 }, { "h", 3600e9 } };
	double value;

	if (!take_decimal(&text, &value))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text, units[i].name))
			continue;
		if (value * units[i].ns >= 9e18)
			return false;
		*ns = (int64_t)(value * units[i].ns + 0.5);
		return true;
	}
	return false;
}

/* Writes three digits and a unit. */
const char *text_duration(int64_t ns, char buffer[static TEXT_DURATION])
{
	static const struct {
		double ns;
		const char *name;
	} units[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double value = (double)ns / units[i].ns;

		if (value < 0.9995)
			continue;
		snprintf(buffer, TEXT_DURATION, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[i].name);
		return buffer;
	}
	snprintf(buffer, TEXT_DURATION, "%d ns", (int)ns);
	return buffer;
}
