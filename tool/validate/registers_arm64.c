// SPDX-License-Identifier: GPL-2.0
/*
 * A turn loads all registers except SP, holds them for the given number of iterations of a short
 * loop, and stores them. One register counts the iterations. The turn keeps all other state on its
 * stack. It is written in assembly, because no compiler gives up x18, x29 and x30 and leaves the
 * flags alone.
 *
 * TPIDR_EL0 belongs to the C library, so a turn does not load it with a pattern. The turn restores
 * TPIDR_EL0 after storing it, so that a program whose TPIDR_EL0 changed can still report that.
 */
#include "validate/registers.h"

#ifdef __aarch64__

#include <stddef.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#ifndef HWCAP_SVE
#define HWCAP_SVE (1 << 22)
#endif
#ifndef PR_SVE_GET_VL
#define PR_SVE_GET_VL 51
#endif
#define VL_MASK 0xffff

_Static_assert(offsetof(struct registers, nzcv) == 248, "NZCV");
_Static_assert(offsetof(struct registers, tpidr) == 256, "TPIDR");
_Static_assert(offsetof(struct registers, fpcr) == 264, "FPCR");
_Static_assert(offsetof(struct registers, fpsr) == 272, "FPSR");
_Static_assert(offsetof(struct registers, v) == 288, "V");
_Static_assert(offsetof(struct registers, p) == 800, "P");
_Static_assert(offsetof(struct registers, z) == 1344, "Z");

typedef void turn_function(const struct registers *fill, struct registers *found, uint64_t iterations);

turn_function registers_turn_x9, registers_turn_x20, registers_turn_sve_x9, registers_turn_sve_x20;

/*
 * Offsets on the stack: x19 to x30 from 0, d8 to d15 from 96, found 160, iterations 168, TPIDR_EL0
 * 176, FPCR 184, FPSR 192.
 */
asm(
	"	.text\n"
	"	.macro	turn_each op, kind, base, offset, step, from, to\n"
	"	\\op	\\kind\\from, [\\base, #\\offset]\n"
	"	.if	\\to - \\from\n"
	"	turn_each \\op, \\kind, \\base, (\\offset + \\step), \\step, %(\\from + 1), \\to\n"
	"	.endif\n"
	"	.endm\n"
	"	.macro	turn_vectors op, kind, base, from, to\n"
	"	\\op	\\kind\\from, [\\base, #\\from, mul vl]\n"
	"	.if	\\to - \\from\n"
	"	turn_vectors \\op, \\kind, \\base, %(\\from + 1), \\to\n"
	"	.endif\n"
	"	.endm\n"
	"	.altmacro\n"

	"	.macro	turn name, count, other, sve\n"
	"	.globl	\\name\n"
	"	.hidden	\\name\n"
	"	.type	\\name, %function\n"
	"	.balign	64\n"
	"\\name:\n"
	"	bti	c\n"
	"	sub	sp, sp, #208\n"
	"	turn_each str, x, sp, 0, 8, 19, 30\n"
	"	turn_each str, d, sp, 96, 8, 8, 15\n"
	"	mrs	x3, fpcr\n"
	"	mrs	x4, fpsr\n"
	"	ldr	x5, [x0, #256]\n"
	"	stp	x1, x2, [sp, #160]\n"
	"	stp	x5, x3, [sp, #176]\n"
	"	str	x4, [sp, #192]\n"
	"	ldr	x3, [x0, #264]\n"
	"	ldr	x4, [x0, #272]\n"
	"	msr	fpcr, x3\n"
	"	msr	fpsr, x4\n"
	"	.if	\\sve\n"
	"	add	x3, x0, #800\n"
	"	ldr	p0, [x3, #16, mul vl]\n"
	"	wrffr	p0.b\n"
	"	turn_vectors ldr, p, x3, 0, 15\n"
	"	add	x3, x0, #1344\n"
	"	turn_vectors ldr, z, x3, 0, 31\n"
	"	.else\n"
	"	turn_each ldr, q, x0, 288, 16, 0, 31\n"
	"	.endif\n"
	"	ldr	x3, [x0, #248]\n"
	"	msr	nzcv, x3\n"
	"	turn_each ldr, x, x0, 8, 8, 1, 30\n"
	"	ldr	x0, [x0]\n"
	"	ldr	\\count, [sp, #168]\n"
	/* An emulator that runs one CPU at a time switches to another CPU at a yield. */
	"1:	yield\n"
	"	sub	\\count, \\count, #1\n"
	"	cbnz	\\count, 1b\n"
	"	ldr	\\count, [sp, #160]\n"
	/* The counter's place receives a pointer. registers_equal() does not compare it. */
	"	turn_each str, x, \\count, 0, 8, 0, 30\n"
	"	mrs	\\other, nzcv\n"
	"	str	\\other, [\\count, #248]\n"
	"	mrs	\\other, tpidr_el0\n"
	"	str	\\other, [\\count, #256]\n"
	"	mrs	\\other, fpcr\n"
	"	str	\\other, [\\count, #264]\n"
	"	mrs	\\other, fpsr\n"
	"	str	\\other, [\\count, #272]\n"
	"	.if	\\sve\n"
	"	add	\\other, \\count, #800\n"
	"	turn_vectors str, p, \\other, 0, 15\n"
	"	rdffr	p0.b\n"
	"	str	p0, [\\other, #16, mul vl]\n"
	"	add	\\other, \\count, #1344\n"
	"	turn_vectors str, z, \\other, 0, 31\n"
	"	.else\n"
	"	turn_each str, q, \\count, 288, 16, 0, 31\n"
	"	.endif\n"
	"	ldp	x5, x3, [sp, #176]\n"
	"	ldr	x4, [sp, #192]\n"
	"	msr	tpidr_el0, x5\n"
	"	msr	fpcr, x3\n"
	"	msr	fpsr, x4\n"
	"	turn_each ldr, x, sp, 0, 8, 19, 30\n"
	"	turn_each ldr, d, sp, 96, 8, 8, 15\n"
	"	add	sp, sp, #208\n"
	"	ret\n"
	"	.size	\\name, . - \\name\n"
	"	.endm\n"

	"	turn	registers_turn_x9, x9, x0, 0\n"
	"	turn	registers_turn_x20, x20, x0, 0\n"
	"	.arch_extension sve\n"
	"	turn	registers_turn_sve_x9, x9, x0, 1\n"
	"	turn	registers_turn_sve_x20, x20, x0, 1\n"
	"	.arch_extension nosve\n"
	"	.noaltmacro\n"
);

bool registers_here(void)
{
	return true;
}

/* Returns the length of a vector in bytes, or 0 without SVE. */
unsigned int registers_sve_bytes(void)
{
	int length = getauxval(AT_HWCAP) & HWCAP_SVE ? prctl(PR_SVE_GET_VL, 0, 0, 0, 0) : -1;

	length = length < 0 ? 0 : length & VL_MASK;
	return length <= SVE_BYTES_MOST ? (unsigned int)length : 0;
}

uint64_t registers_tpidr(void)
{
	uint64_t tpidr;

	asm volatile("mrs %0, tpidr_el0" : "=r" (tpidr));
	return tpidr;
}

void registers_turn(const struct registers *fill, struct registers *found, uint64_t iterations, enum turn turn, bool sve)
{
	static turn_function *const functions[2][TURNS] = {
		{ [TURN_X9] = registers_turn_x9, [TURN_X20] = registers_turn_x20 },
		{ [TURN_X9] = registers_turn_sve_x9, [TURN_X20] = registers_turn_sve_x20 },
	};

	functions[sve][turn](fill, found, iterations);
}

#else

bool registers_here(void)
{
	return false;
}

unsigned int registers_sve_bytes(void)
{
	return 0;
}

uint64_t registers_tpidr(void)
{
	return 0;
}

void registers_turn(const struct registers *fill, struct registers *found, uint64_t iterations, enum turn turn, bool sve)
{
	(void)fill;
	(void)found;
	(void)iterations;
	(void)turn;
	(void)sve;
}

#endif
