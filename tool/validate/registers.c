// SPDX-License-Identifier: GPL-2.0
/*
 * Each register has a different pattern, and the patterns change every round. So a mismatch also
 * reveals a value of another register or of an earlier round.
 */
#include <stdio.h>
#include <string.h>

#include "validate/registers.h"

static uint64_t pattern(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static void fill_bytes(uint8_t *to, size_t size, uint64_t *state)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)pattern(state);
}

void registers_fill(struct registers *fill, uint64_t seed, uint64_t tpidr, unsigned int sve_bytes)
{
	uint64_t state = seed;

	for (size_t i = 0; i < 31; i++)
		fill->x[i] = pattern(&state);
	fill->nzcv = pattern(&state) & 0xf0000000;
	fill->tpidr = tpidr;
	/*
	 * FPCR: rounding mode, flush to zero, default NaN. FPSR: cumulative exceptions. The loop's
	 * instructions do not depend on these bits.
	 */
	fill->fpcr = pattern(&state) & 0x03c00000;
	fill->fpsr = pattern(&state) & 0x0800009f;
	for (size_t i = 0; i < 32; i++)
		for (size_t k = 0; k < 2; k++)
			fill->v[i][k] = pattern(&state);
	if (!sve_bytes)
		return;
	fill_bytes(fill->z, 32 * sve_bytes, &state);
	fill_bytes(fill->p, 16 * sve_bytes / 8, &state);
	/* FFR may hold only ones up to some bit, and zeros from there on. */
	for (size_t i = 0; i < sve_bytes / 8; i++)
		fill->p[16 * sve_bytes / 8 + i] = i < sve_bytes / 16 ? 0xff : 0;
}

static bool differs(struct mismatch *mismatch, uint64_t expected, uint64_t found, const char *kind, unsigned int number, int part)
{
	if (expected == found)
		return false;
	if (part < 0)
		snprintf(mismatch->name, sizeof(mismatch->name), "%s%u", kind, number);
	else
		snprintf(mismatch->name, sizeof(mismatch->name), "%s%u.d[%d]", kind, number, part);
	mismatch->expected = expected;
	mismatch->found = found;
	return true;
}

static bool differs_named(struct mismatch *mismatch, uint64_t expected, uint64_t found, const char *name)
{
	if (!differs(mismatch, expected, found, "", 0, -1))
		return false;
	snprintf(mismatch->name, sizeof(mismatch->name), "%s", name);
	return true;
}

/* Compares registers of the given size, stored without gaps, in parts of up to 8 bytes. */
static bool scalable_differ(struct mismatch *mismatch, const uint8_t *fill, const uint8_t *found, size_t bytes, unsigned int count,
			    const char *kind)
{
	for (unsigned int number = 0; number < count; number++) {
		for (size_t at = 0; at < bytes; at += 8) {
			uint64_t expected = 0, got = 0;
			size_t size = bytes - at < 8 ? bytes - at : 8;

			memcpy(&expected, fill + number * bytes + at, size);
			memcpy(&got, found + number * bytes + at, size);
			if (differs(mismatch, expected, got, kind, number, bytes > 8 ? (int)(at / 8) : -1))
				return true;
		}
	}
	return false;
}

/* Returns false and describes the first mismatch if a register differs. */
bool registers_equal(const struct registers *fill, const struct registers *found, enum turn turn, unsigned int sve_bytes,
		     struct mismatch *mismatch)
{
	unsigned int counter = turn == TURN_X9 ? 9 : 20;

	for (unsigned int i = 0; i < 31; i++)
		if (i != counter && differs(mismatch, fill->x[i], found->x[i], "x", i, -1))
			return false;
	if (differs_named(mismatch, fill->nzcv, found->nzcv, "NZCV") ||
	    differs_named(mismatch, fill->tpidr, found->tpidr, "TPIDR_EL0") ||
	    differs_named(mismatch, fill->fpcr, found->fpcr, "FPCR") || differs_named(mismatch, fill->fpsr, found->fpsr, "FPSR"))
		return false;
	if (sve_bytes) {
		const size_t bytes = sve_bytes / 8;

		if (scalable_differ(mismatch, fill->z, found->z, sve_bytes, 32, "z") ||
		    scalable_differ(mismatch, fill->p, found->p, bytes, 16, "p"))
			return false;
		if (!scalable_differ(mismatch, fill->p + 16 * bytes, found->p + 16 * bytes, bytes, 1, ""))
			return true;
		strcpy(mismatch->name, "FFR");
		return false;
	}
	for (unsigned int i = 0; i < 32; i++)
		for (int part = 0; part < 2; part++)
			if (differs(mismatch, fill->v[i][part], found->v[i][part], "v", i, part))
				return false;
	return true;
}
