// SPDX-License-Identifier: GPL-2.0
/*
 * pmu_events TYPE: opens events of the PMU with this type number in ways that perf has no option for. Prints a line for each one: its
 * name, and "ok" or the error.
 *
 * pmu_events TYPE WHAT: runs an event on CPU 2 for a second. Prints how many samples came, and the event's count of its time in ms.
 * WHAT is plain, bpf, longer_period, shorter_period, five, exclude_user or guest. With guest the program itself does not run meanwhile,
 * and it counts only samples that perf takes for a guest's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CPU		2
#define PERIOD_NS	1000000
#define PAGES		8

static uint32_t type;

static struct perf_event_attr sampling(void)
{
	return (struct perf_event_attr){
		.type = type, .size = sizeof(struct perf_event_attr), .sample_period = PERIOD_NS, .sample_type = PERF_SAMPLE_IP,
		.disabled = 1, .wakeup_events = 1,
	};
}

static int open_event(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	return syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static void say(const char *name, int result)
{
	printf("%s %s\n", name, result < 0 ? strerrorname_np(errno) : "ok");
	if (result >= 0)
		close(result);
}

static int bpf_program(void)
{
	const struct bpf_insn returns_0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_PERF_EVENT, .insns = (uintptr_t)returns_0, .insn_cnt = 2, .license = (uintptr_t)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* Spins on the CPU for a second, so that it is not idle. */
static void spin(void)
{
	struct timespec start, now;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(CPU, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000000000LL + now.tv_nsec - start.tv_nsec < 1000000000LL);
}

static bool is_guest(const struct perf_event_header *header)
{
	unsigned int mode = header->misc & PERF_RECORD_MISC_CPUMODE_MASK;

	return mode == PERF_RECORD_MISC_GUEST_KERNEL || mode == PERF_RECORD_MISC_GUEST_USER;
}

static int run(const char *what)
{
	size_t size = (size_t)(PAGES + 1) * sysconf(_SC_PAGESIZE);
	struct perf_event_attr attr = sampling();
	struct perf_event_mmap_page *page;
	uint64_t period = 0, time_ns;
	unsigned int samples = 0;
	int event, limit = 0;
	bool guest = !strcmp(what, "guest");

	if (!strcmp(what, "longer_period"))
		period = 10 * PERIOD_NS;
	else if (!strcmp(what, "shorter_period"))
		period = PERIOD_NS / 2;
	else if (!strcmp(what, "five"))
		limit = 5;
	attr.exclude_user = !strcmp(what, "exclude_user");
	event = open_event(&attr, -1, CPU);
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
	if (page == MAP_FAILED || (!strcmp(what, "bpf") && ioctl(event, PERF_EVENT_IOC_SET_BPF, bpf_program())) ||
	    (period && ioctl(event, PERF_EVENT_IOC_PERIOD, &period)) ||
	    (limit ? ioctl(event, PERF_EVENT_IOC_REFRESH, limit) : ioctl(event, PERF_EVENT_IOC_ENABLE, 0))) {
		puts(strerrorname_np(errno));
		return 1;
	}
	if (guest)
		sleep(3);
	else
		spin();
	ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
	if (read(event, &time_ns, sizeof(time_ns)) != sizeof(time_ns)) {
		puts(strerrorname_np(errno));
		return 1;
	}
	for (uint64_t at = 0; at < page->data_head;) {
		const struct perf_event_header *header = (void *)((char *)page + page->data_offset + at % page->data_size);

		samples += header->type == PERF_RECORD_SAMPLE && (!guest || is_guest(header));
		at += header->size;
	}
	printf("%u %" PRIu64 "\n", samples, time_ns / 1000000);
	return 0;
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr;

	type = strtoul(argc > 1 ? argv[1] : "", NULL, 10);
	if (!type) {
		fputs("usage: pmu_events TYPE [WHAT]\n", stderr);
		return 2;
	}
	if (argc > 2)
		return run(argv[2]);
	attr = sampling();
	say("plain", open_event(&attr, -1, CPU));
	say("task", open_event(&attr, 0, -1));
	say("task_on_cpu", open_event(&attr, 0, CPU));
	attr.sample_period = 0;
	say("counting", open_event(&attr, -1, CPU));
	attr = sampling();
	attr.sample_period = 99999;
	say("short_period", open_event(&attr, -1, CPU));
	attr = sampling();
	attr.config = 1;
	say("config", open_event(&attr, -1, CPU));
	attr = sampling();
	attr.sample_type |= PERF_SAMPLE_STACK_USER;
	attr.sample_stack_user = 1024;
	say("stack_user", open_event(&attr, -1, CPU));
	attr = sampling();
	attr.sample_type |= PERF_SAMPLE_REGS_USER;
	attr.sample_regs_user = 1;
	say("regs_user", open_event(&attr, -1, CPU));
	attr = sampling();
	attr.sample_type |= PERF_SAMPLE_BRANCH_STACK;
	attr.branch_sample_type = PERF_SAMPLE_BRANCH_ANY;
	say("branch_stack", open_event(&attr, -1, CPU));
	attr = sampling();
	attr.sample_type |= PERF_SAMPLE_REGS_INTR;
	attr.sample_regs_intr = 1;
	say("regs_intr", open_event(&attr, -1, CPU));
	return 0;
}
