// SPDX-License-Identifier: GPL-2.0
/*
 * stackless: spins in user mode with a stack pointer and a frame pointer that point to unmapped memory.
 */
int main(void)
{
	asm volatile(
		"	mov	x29, #0x100\n"
		"	mov	sp, x29\n"
		"1:	b	1b\n");
	return 0;
}
