/* SPDX-License-Identifier: GPL-2.0 */
/* Parses the text of /sys/kernel/debug/sdei_nmi/ping/CPU. Missing values are NULL or -1. No I/O. */
#ifndef TOOL_PING_REPLY_H
#define TOOL_PING_REPLY_H

#include <stdint.h>

#include "common/text.h"

enum reply_result {
	REPLY_ANSWERED,
	REPLY_HELD_OFF,
	REPLY_REFUSED,
	REPLY_SILENT,
};

struct reply {
	enum reply_result result;
	char *reason;
	int64_t signal_ns, delivery_ns, round_ns, floor_ns;
};

bool reply_parse(struct piece text, struct reply *reply);
void reply_free(struct reply *reply);

#endif
