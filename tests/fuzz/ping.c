// SPDX-License-Identifier: GPL-2.0
/* Fuzzes reply_parse(), which reads the result of one ping. */
#include <stdlib.h>

#include "tool/ping/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reply reply;

	if (reply_parse((struct piece){ (const char *)data, size }, &reply)) {
		if (reply.result == REPLY_ANSWERED && reply.round_ns < 0)
			abort();
		reply_free(&reply);
	}
	return 0;
}
