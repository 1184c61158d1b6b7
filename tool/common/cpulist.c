// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cpulist.h"
#include "common/memory.h"

unsigned int cpus_count(const struct cpus *cpus)
{
	unsigned int count = 0;

	for (size_t i = 0; i < CPUS_MAX / 64; i++)
		count += (unsigned int)__builtin_popcountll(cpus->bits[i]);
	return count;
}

/* Returns the first CPU of the set that is not below from, or CPUS_MAX. */
unsigned int cpus_next(const struct cpus *cpus, unsigned int from)
{
	for (unsigned int word = from / 64; word < CPUS_MAX / 64; word++) {
		uint64_t bits = cpus->bits[word];

		if (word == from / 64)
			bits &= ~0ULL << (from % 64);
		if (bits)
			return word * 64 + (unsigned int)__builtin_ctzll(bits);
	}
	return CPUS_MAX;
}

static enum cpulist_flaw one_cpu(struct piece piece, unsigned int *cpu)
{
	int64_t number;

	if (!piece.length)
		return CPULIST_GARBAGE;
	for (size_t i = 0; i < piece.length; i++)
		if (piece.at[i] < '0' || piece.at[i] > '9')
			return CPULIST_GARBAGE;
	if (!text_number(piece, &number) || number >= CPUS_MAX)
		return CPULIST_TOO_BIG;
	*cpu = (unsigned int)number;
	return CPULIST_FINE;
}

static enum cpulist_flaw one_range(struct piece range, struct cpus *cpus)
{
	const char *dash = memchr(range.at, '-', range.length);
	struct piece first = range, last = range;
	enum cpulist_flaw flaw;
	unsigned int from, to;

	if (dash) {
		first.length = (size_t)(dash - range.at);
		last.at = dash + 1;
		last.length = range.length - first.length - 1;
	}
	flaw = one_cpu(first, &from);
	if (!flaw)
		flaw = one_cpu(last, &to);
	if (flaw)
		return flaw;
	if (from > to)
		return CPULIST_REVERSED;
	for (unsigned int cpu = from; cpu <= to; cpu++)
		cpus_add(cpus, cpu);
	return CPULIST_FINE;
}

/* Ignores space around the list. If the list has a flaw, the content of the set is undefined. */
enum cpulist_flaw cpulist_parse(struct piece text, struct cpus *cpus)
{
	memset(cpus, 0, sizeof(*cpus));
	text = text_trim(text);
	if (!text.length)
		return CPULIST_EMPTY;
	for (;;) {
		const char *comma = memchr(text.at, ',', text.length);
		struct piece range = text;
		enum cpulist_flaw flaw;

		if (comma)
			range.length = (size_t)(comma - text.at);
		flaw = one_range(range, cpus);
		if (flaw || !comma)
			return flaw;
		text.length -= range.length + 1;
		text.at = comma + 1;
	}
}

const char *cpulist_flaw(enum cpulist_flaw flaw)
{
	switch (flaw) {
	case CPULIST_EMPTY:
		return "it is empty";
	case CPULIST_GARBAGE:
		return "it does not have the form 0-3,8";
	case CPULIST_REVERSED:
		return "it has a range that ends before it begins";
	case CPULIST_TOO_BIG:
		return "it has a CPU number that is too large";
	default:
		return "it is valid";
	}
}

/* Returns the list in the format of Linux, or "" if the set is empty. The caller frees it. */
char *cpulist_format(const struct cpus *cpus)
{
	char *text = memory_array(NULL, CPUS_MAX + 1, sizeof("8191,"));
	char *to = text;

	*to = '\0';
	for (unsigned int from = cpus_next(cpus, 0), next; from < CPUS_MAX; from = cpus_next(cpus, next)) {
		for (next = from + 1; cpus_have(cpus, next); next++)
			;
		to += sprintf(to, "%s%u", to > text ? "," : "", from);
		if (next - from > 1)
			to += sprintf(to, "-%u", next - 1);
	}
	return memory_array(text, (size_t)(to - text) + 1, 1);
}
