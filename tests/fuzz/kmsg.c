// SPDX-License-Identifier: GPL-2.0
/* Fuzzes kmsg_next() and text_safe(). The shown text must have no control characters. */
#include <stdlib.h>
#include <string.h>

#include "tool/machine/kmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct piece rest = { (const char *)data, size };
	struct kmsg record;

	while (kmsg_next(&rest, &record)) {
		char *text = text_safe(record.text, TEXT_KEEP_BACKSLASH), *again;

		for (const char *c = text; *c; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f)
				abort();
		/* Safe text must not change when it is made safe again. */
		again = text_safe((struct piece){ text, strlen(text) }, TEXT_KEEP_BACKSLASH);
		if (strcmp(text, again))
			abort();
		free(again);
		free(text);
	}
	return 0;
}
