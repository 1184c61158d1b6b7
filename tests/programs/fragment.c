// SPDX-License-Identifier: GPL-2.0
/*
 * fragment MIB: leaves the kernel with free memory in single pages, as on a machine that has been up for long. It touches MIB of
 * memory, frees every second page of it in a random order, prints "fragmented", and keeps the rest until it is killed.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)atol(argc > 1 ? argv[1] : "64") << 20, count = size / page / 2;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t *order = malloc(count * sizeof(*order));

	if (memory == MAP_FAILED || !order || madvise(memory, size, MADV_NOHUGEPAGE)) {
		perror("fragment");
		return 1;
	}
	for (size_t i = 0; i < size; i += page)
		memory[i] = 1;
	for (size_t i = 0; i < count; i++) {
		size_t other = (size_t)rand() % (i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	for (size_t i = 0; i < count; i++) {
		if (madvise(memory + order[i] * 2 * page, page, MADV_DONTNEED)) {
			perror("fragment");
			return 1;
		}
	}
	puts("fragmented");
	fflush(stdout);
	for (;;)
		pause();
}
