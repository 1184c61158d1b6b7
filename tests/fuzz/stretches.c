// SPDX-License-Identifier: GPL-2.0
/* Fuzzes stretches_parse(), and the merge and the folded stacks of what it reads. */
#include <stdlib.h>

#include "tool/snapshot/folded.h"
#include "tool/watch/stretches.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first half of the lines is another reading, as far as it is one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stretches all = STRETCHES_EMPTY, more;
	struct folded folded = { 0 };
	size_t half = size / 2;
	struct flaw flaw;

	while (half && data[half - 1] != '\n')
		half--;
	for (int i = 0; i < 3; i++) {
		if (!stretches_parse((struct piece){ (const char *)data, i % 2 ? half : size }, &more, &flaw))
			continue;
		stretches_merge(&all, &more);
		for (size_t k = 1; k < all.count; k++)
			if (all.stretch[k - 1].number >= all.stretch[k].number)
				abort();
	}
	for (size_t i = 0; i < all.count; i++)
		folded_add(&folded, &all.stretch[i].trace, "unknown", stretch_ns(&all.stretch[i]) % 1000);
	free(folded_text(&folded, 1));
	stretches_forget(&all, all.count / 2);
	stretches_free(&all);
	return 0;
}
