// SPDX-License-Identifier: GPL-2.0
/* Fuzzes cpulist_parse(). A parsed list, formatted and parsed again, must give the same CPUs. */
#include <stdlib.h>
#include <string.h>

#include "tool/common/cpulist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpus cpus, again;
	char *text;

	if (cpulist_parse((struct piece){ (const char *)data, size }, &cpus))
		return 0;
	text = cpulist_format(&cpus);
	if (cpulist_parse((struct piece){ text, strlen(text) }, &again) || memcmp(&cpus, &again, sizeof(cpus)))
		abort();
	free(text);
	return 0;
}
