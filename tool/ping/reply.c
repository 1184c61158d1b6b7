// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "ping/reply.h"

static bool set_result(struct piece value, enum reply_result *result)
{
	static const char *const words[] = {
		[REPLY_ANSWERED] = "answered", [REPLY_HELD_OFF] = "held-off",
		[REPLY_REFUSED] = "refused", [REPLY_SILENT] = "silent",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(value, words[i])) {
			*result = (enum reply_result)i;
			return true;
		}
	return false;
}

/*
 * Returns false if a known key has an invalid value, if the result is missing, or if an answer
 * lacks its time. The caller then has nothing to free.
 */
bool reply_parse(struct piece text, struct reply *reply)
{
	struct piece rest = text, line;
	bool known = false;

	*reply = (struct reply){ .signal_ns = -1, .delivery_ns = -1, .round_ns = -1, .floor_ns = -1 };
	if (!text.length || text.at[text.length - 1] != '\n')
		return false;
	while (text_line(&rest, &line)) {
		const char *colon = memchr(line.at, ':', line.length);
		struct piece key = line, value;
		bool fine = true;

		if (!colon)
			goto fail;
		key.length = (size_t)(colon - line.at);
		value = text_trim((struct piece){ colon + 1, line.length - key.length - 1 });
		if (text_is(key, "result")) {
			fine = set_result(value, &reply->result);
			known = true;
		} else if (text_is(key, "reason")) {
			free(reply->reason);
			reply->reason = text_safe(value, TEXT_DOUBLE_BACKSLASH);
		} else if (text_is(key, "signal_ns")) {
			fine = text_number(value, &reply->signal_ns);
		} else if (text_is(key, "delivery_ns")) {
			fine = text_number(value, &reply->delivery_ns);
		} else if (text_is(key, "round_ns")) {
			fine = text_number(value, &reply->round_ns);
		} else if (text_is(key, "floor_ns")) {
			fine = text_number(value, &reply->floor_ns);
		}
		if (!fine)
			goto fail;
	}
	if (known && (reply->result != REPLY_ANSWERED || reply->round_ns >= 0))
		return true;
fail:
	reply_free(reply);
	return false;
}

void reply_free(struct reply *reply)
{
	free(reply->reason);
	reply->reason = NULL;
}
