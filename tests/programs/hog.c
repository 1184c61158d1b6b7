// SPDX-License-Identifier: GPL-2.0
/* hog CPU: takes that CPU by the highest real-time priority, and keeps it until it is killed. */
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
	/* An emulator that runs one CPU at a time goes on to the next at a yield. */
	for (;;)
		__asm__ volatile("yield");
}
