// SPDX-License-Identifier: GPL-2.0
/* Fuzzes snapshot_parse(), and the groups and folded stacks that the tool makes from a snapshot. */
#include <stdlib.h>
#include <string.h>

#include "tool/snapshot/folded.h"
#include "tool/snapshot/group.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot snapshot;
	struct groups groups;
	struct flaw flaw;

	if (!snapshot_parse((struct piece){ (const char *)data, size }, &snapshot, &flaw))
		return 0;
	for (int all = 0; all < 2; all++) {
		size_t members = 0;

		groups_make(&snapshot, NULL, all, &groups);
		for (size_t i = 0; i < groups.count; i++)
			members += groups.group[i].count;
		if (members > snapshot.count)
			abort();
		groups_free(&groups);
	}
	free(folded_snapshot(&snapshot, NULL));
	snapshot_free(&snapshot);
	return 0;
}
