// SPDX-License-Identifier: GPL-2.0
/* counter: prints the value of the architected counter. */
#include <inttypes.h>
#include <stdio.h>

int main(void)
{
	uint64_t now;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r" (now) : : "memory");
	printf("%" PRIu64 "\n", now);
	return 0;
}
