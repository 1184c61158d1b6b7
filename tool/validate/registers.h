/* SPDX-License-Identifier: GPL-2.0 */
/* The registers of a program at EL0: filled with patterns, held while the program spins, compared. No I/O, no system calls. */
#ifndef TOOL_REGISTERS_H
#define TOOL_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#define SVE_BYTES_MOST 256	/* of a vector */

/* registers_arm64.c knows where each of these is. Of the SVE registers each takes as much as the vector length asks for. */
struct registers {
	uint64_t x[31];
	uint64_t nzcv, tpidr, fpcr, fpsr;
	_Alignas(16) uint64_t v[32][2];
	_Alignas(16) uint8_t p[17 * SVE_BYTES_MOST / 8];	/* p0 to p15, FFR */
	_Alignas(16) uint8_t z[32 * SVE_BYTES_MOST];		/* v0 to v31 are their low ends */
};

struct mismatch {
	char name[32];	/* z3.d[1]: its second 64 bits */
	uint64_t expected, found;
};

/* The one register that a turn counts in, which is why it is not compared: turns take them by turns. */
enum turn { TURN_X9, TURN_X20, TURNS };

void registers_fill(struct registers *fill, uint64_t seed, uint64_t tpidr, unsigned int sve_bytes);
bool registers_equal(const struct registers *fill, const struct registers *found, enum turn turn, unsigned int sve_bytes,
		     struct mismatch *mismatch);

/* On arm64 only; elsewhere registers_here() says no. */
bool registers_here(void);
unsigned int registers_sve_bytes(void);
uint64_t registers_tpidr(void);
void registers_turn(const struct registers *fill, struct registers *found, uint64_t iterations, enum turn turn, bool sve);

#endif
