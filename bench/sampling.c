// SPDX-License-Identifier: GPL-2.0
/*
 * sampling TYPE CONFIG CPU [off]: samples the CPU every millisecond, with call chains, until stdin ends. Prints "open" when the event
 * is open, and at the end the number of samples. With "off" the event is open, and does not run.
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PERIOD	1000000	/* ns, or cycles: the lab's CPUs have 1 GHz */
#define PAGES	256

int main(int argc, char **argv)
{
	size_t size = (size_t)(PAGES + 1) * sysconf(_SC_PAGESIZE);
	struct perf_event_attr attr = {
		.size = sizeof(attr), .sample_period = PERIOD, .disabled = argc == 5,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN,
	};
	struct perf_event_mmap_page *page;
	unsigned int samples = 0;
	char end;
	int event;

	if (argc < 4)
		return 2;
	attr.type = strtoul(argv[1], NULL, 10);
	attr.config = strtoul(argv[2], NULL, 10);
	event = syscall(SYS_perf_event_open, &attr, -1, atoi(argv[3]), -1, 0);
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
	if (event < 0 || page == MAP_FAILED) {
		perror("sampling");
		return 1;
	}
	puts("open");
	fflush(stdout);
	while (read(STDIN_FILENO, &end, 1) > 0)
		;
	for (uint64_t at = 0; at < page->data_head;) {
		const struct perf_event_header *header = (void *)((char *)page + page->data_offset + at);

		samples += header->type == PERF_RECORD_SAMPLE;
		at += header->size;
	}
	printf("%u\n", samples);
	return 0;
}
