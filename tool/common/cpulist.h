/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of CPUs, and CPU lists in the format of Linux: 0-3,8. No I/O. */
#ifndef TOOL_COMMON_CPULIST_H
#define TOOL_COMMON_CPULIST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/text.h"

#define CPUS_MAX 8192U	/* twice the largest NR_CPUS of an arm64 kernel */

struct cpus {
	uint64_t bits[CPUS_MAX / 64];
};

enum cpulist_flaw {
	CPULIST_FINE,
	CPULIST_EMPTY,
	CPULIST_GARBAGE,
	CPULIST_REVERSED,
	CPULIST_TOO_BIG,
};

static inline bool cpus_have(const struct cpus *cpus, unsigned int cpu)
{
	return cpu < CPUS_MAX && cpus->bits[cpu / 64] >> (cpu % 64) & 1;
}

static inline void cpus_add(struct cpus *cpus, unsigned int cpu)
{
	cpus->bits[cpu / 64] |= 1ULL << (cpu % 64);
}

unsigned int cpus_count(const struct cpus *cpus);
unsigned int cpus_next(const struct cpus *cpus, unsigned int from);
enum cpulist_flaw cpulist_parse(struct piece text, struct cpus *cpus);
const char *cpulist_flaw(enum cpulist_flaw flaw);
char *cpulist_format(const struct cpus *cpus);

#define cpus_for_each(cpu, cpus) \
	for (unsigned int cpu = cpus_next(cpus, 0); cpu < CPUS_MAX; cpu = cpus_next(cpus, cpu + 1))

#endif
