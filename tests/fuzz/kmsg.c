// SPDX-License-Identifier: GPL-2.0
/* The kernel log, and what is shown of it: valid UTF-8 without controls. */
#include <stdlib.h>
#include <string.h>

#include "tool/kmsg.h"

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
		/* What is safe stays as it is. */
		again = text_safe((struct piece){ text, strlen(text) }, TEXT_KEEP_BACKSLASH);
		if (strcmp(text, again))
			abort();
		free(again);
		free(text);
	}
	return 0;
}
