/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fills the registers of a program at EL0 with patterns, holds the patterns while the program
 * spins, and compares the registers. No I/O, no system calls.
 */
#ifndef TOOL_VALIDATE_REGISTERS_H
#define TOOL_VALIDATE_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#define SVE_BYTES_MOST 256	/* longest vector of the architecture */

/*
 * The assembly in registers_arm64.c has the offsets of these members. SVE registers are stored
 * without gaps, at the current vector length.
 */
struct registers {
	uint64_t x[31];
	uint64_t nzcv, tpidr, fpcr, fpsr;
	_Alignas(16) uint64_t v[32][2];
	_Alignas(16) uint8_t p[17 * SVE_BYTES_MOST / 8];	/* p0 to p15, FFR */
	_Alignas(16) uint8_t z[32 * SVE_BYTES_MOST];		/* v0 to v31 are the low 128 bits */
};

struct mismatch {
	char name[32];	/* for example z3.d[1], the second 64 bits of z3 */
	uint64_t expected, found;
};

/*
 * The register that counts a turn's iterations and is therefore not compared. Turns alternate
 * between two registers, so that each of them is compared in every other turn.
 */
enum turn { TURN_X9, TURN_X20, TURNS };

void registers_fill(struct registers *fill, uint64_t seed, uint64_t tpidr, unsigned int sve_bytes);
bool registers_equal(const struct registers *fill, const struct registers *found, enum turn turn, unsigned int sve_bytes,
		     struct mismatch *mismatch);

/* These work on arm64 only. On other machines registers_here() returns false. */
bool registers_here(void);
unsigned int registers_sve_bytes(void);
uint64_t registers_tpidr(void);
void registers_turn(const struct registers *fill, struct registers *found, uint64_t iterations, enum turn turn, bool sve);

#endif
