// SPDX-License-Identifier: GPL-2.0
/*
 * user_spin: prints the address at which it will spin in user mode, then spins there. Each of x0 to x30 holds its own number.
 * The yield lets single-threaded QEMU switch to the next CPU.
 */
#include <stdio.h>

extern const char spin[];

int main(void)
{
	printf("%016lx\n", (unsigned long)spin);
	fflush(stdout);
	asm volatile(
		".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
		"	mov	x\\n, #\\n\n"
		".endr\n"
		".global spin\n"
		"spin:	yield\n"
		"	b	spin\n");
	return 0;
}
