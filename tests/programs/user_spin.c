// SPDX-License-Identifier: GPL-2.0
/*
 * Says where it will spin in user mode, and spins there, each register at a value of its own: x0 to x30 hold their numbers.
 * Yielding lets QEMU's one thread go on to the next CPU.
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
