// SPDX-License-Identifier: GPL-2.0
/* Fuzzes series_next(): what it reads is printed, read again and printed again, and both are equal. Compares snapshots, too. */
#include <stdlib.h>
#include <string.h>

#include "tool/common/memory.h"
#include "tool/snapshot/comparison.h"
#include "tool/snapshot/folded.h"
#include "tool/snapshot/series.h"
#include "tool/snapshot/snapshot_output.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The pieces are small, so that most values are in two of them. */
static ssize_t read_piece(void *from, char *buffer, size_t room)
{
	struct piece *rest = from;
	size_t count = rest->length < 13 ? rest->length : 13;

	if (count > room)
		abort();
	if (count)
		memcpy(buffer, rest->at, count);
	rest->at += count;
	rest->length -= count;
	return (ssize_t)count;
}

static char *print(const struct snapshot *snapshot)
{
	struct json_object *object = snapshot_json(snapshot, NULL, false);
	char *text = memory_format("%s", json_object_to_json_string(object));

	json_object_put(object);
	return text;
}

static void read_again(const struct snapshot *snapshot)
{
	char *text = print(snapshot), *again, *flaw;
	struct piece rest = { text, strlen(text) };
	struct comparison comparison;
	struct snapshot same;
	struct series series;

	series_begin(&series, read_piece, &rest);
	if (!series_next(&series, &same, &flaw))
		abort();
	again = print(&same);
	if (strcmp(text, again))
		abort();
	comparison_make(snapshot, &same, &comparison);
	for (size_t i = 0; i < comparison.count; i++)
		if (comparison.cpu[i].stuck)
			abort();
	comparison_free(&comparison);
	snapshot_free(&same);
	series_end(&series);
	free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct piece rest = { (const char *)data, size };
	struct snapshot snapshot, before = { .taken_ns = -1 };
	struct comparison comparison;
	struct series series;
	char *flaw;

	series_begin(&series, read_piece, &rest);
	while (series_next(&series, &snapshot, &flaw)) {
		read_again(&snapshot);
		comparison_make(&before, &snapshot, &comparison);
		comparison_free(&comparison);
		free(folded_snapshot(&snapshot, NULL));
		snapshot_free(&before);
		before = snapshot;
	}
	snapshot_free(&before);
	free(flaw);
	series_end(&series);
	return 0;
}
