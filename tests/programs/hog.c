// SPDX-License-Identifier: GPL-2.0
/* hog CPU: spins on CPU with the highest real-time priority until it is killed. Prints "hog" before it spins. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	const struct sched_param highest = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(argc > 1 ? atoi(argv[1]) : 0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) || sched_setscheduler(0, SCHED_FIFO, &highest)) {
		perror("hog");
		return 1;
	}
	puts("hog");
	fflush(stdout);
	/* The yield lets single-threaded QEMU switch to the next CPU. */
	for (;;)
		__asm__ volatile("yield");
}
