/* SPDX-License-Identifier: GPL-2.0 */
/*
 * user_spin32: a complete 32-bit executable, written by hand because the lab has no 32-bit compiler. It sets each of r0 to r14
 * to its own number, then spins at 0x10090. The yield lets single-threaded QEMU switch to the next CPU.
 */
0:
	.byte	0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
	.short	2, 40			/* an executable, for ARM */
	.word	1
	.word	0x10054			/* entry, behind the headers */
	.word	52, 0, 0x05000000	/* program header at; no sections; EABI 5 */
	.short	52, 32, 1, 40, 0, 0

	.word	1, 0, 0x10000, 0x10000	/* all of this file at 0x10000 */
	.word	1f - 0b, 1f - 0b, 5, 0x1000

	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	.word	0xe3a00000 | \n << 12 | \n	/* mov rN, #N */
	.endr
	.word	0xe320f001		/* yield */
	.word	0xeafffffd		/* b to the yield */
1:
