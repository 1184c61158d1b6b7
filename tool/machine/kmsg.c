// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "machine/kmsg.h"

static bool parse_record(struct piece line, struct kmsg *record)
{
	const char *semicolon = memchr(line.at, ';', line.length);
	struct piece head = line;
	int64_t field[3];

	if (!semicolon)
		return false;
	head.length = (size_t)(semicolon - line.at);
	record->text.at = semicolon + 1;
	record->text.length = line.length - head.length - 1;
	for (size_t i = 0; i < 3; i++) {
		const char *comma = memchr(head.at, ',', head.length);
		struct piece number = head;

		/* A comma follows each of the three, because the flags are a fourth field. */
		if (!comma)
			return false;
		number.length = (size_t)(comma - head.at);
		if (!text_number(number, &field[i]))
			return false;
		head.length -= number.length + 1;
		head.at = comma + 1;
	}
	record->level = (unsigned int)(field[0] & 7);
	record->sequence = field[1];
	record->time_us = field[2];
	return true;
}

/* Takes the next record. Skips other lines, such as the lines that describe a record's device. */
bool kmsg_next(struct piece *rest, struct kmsg *record)
{
	struct piece line;

	while (text_line(rest, &line))
		if (parse_record(line, record))
			return true;
	return false;
}
