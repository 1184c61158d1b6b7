// SPDX-License-Identifier: GPL-2.0
/*
 * pmu_events TYPE: opens events of the PMU with this type number in ways that perf has no option for. Prints a line for each one: its
 * name, and "ok" or the error.
 *
 * pmu_events TYPE WHAT: runs an event on CPU 2 for a second. Prints how many samples came, and the event's count of its time in ms.
 * WHAT is plain, bpf, longer_period, shorter_period, five, exclude_user, often (5000 samples a second), beside or guest. With the last
 * two the program itself does not run meanwhile. With guest it counts only samples that perf takes for a guest's, for 3 seconds. These
 * WHATs differ:
 *
 *   group N            runs a group of N events. Prints the line for each of them, or N and the error if the Nth cannot be opened.
 *   groups SECONDS     opens and closes groups of 8 events for this time. Prints how many it has opened.
 *   rotated N          runs N events that are no group, each with a sample each 4 ms. Prints the sums of samples and times.
 *   switched           switches an event on for 3 ms, off for 3 ms, and so on, until it has run for a second.
 *   cgroup FOLDER      opens an event of a cgroup. Prints "ok" or the error.
 *   everywhere SECONDS runs an event with call chains on each online CPU for this time. Prints the numbers of events, of samples that
 *                      came and of samples that were lost because the program did not run, and the sum of the times in ms.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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
#define PAGES		32
#define MANY		64

static uint32_t type;

static struct perf_event_attr sampling(void)
{
	return (struct perf_event_attr){
		.type = type, .size = sizeof(struct perf_event_attr), .sample_period = PERIOD_NS, .sample_type = PERF_SAMPLE_IP,
		.read_format = PERF_FORMAT_LOST, .disabled = 1, .wakeup_events = 1,
	};
}

static int open_event(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	return syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* An event, and what came of it so far. */
struct counted {
	int fd;
	struct perf_event_mmap_page *page;
	uint64_t samples, lost, time_ns;
};

static bool guest_only;

static bool is_wanted(const struct perf_event_header *header)
{
	unsigned int mode = header->misc & PERF_RECORD_MISC_CPUMODE_MASK;

	return header->type == PERF_RECORD_SAMPLE &&
	       (!guest_only || mode == PERF_RECORD_MISC_GUEST_KERNEL || mode == PERF_RECORD_MISC_GUEST_USER);
}

static bool map(struct counted *event)
{
	event->page = mmap(NULL, (size_t)(PAGES + 1) * sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, event->fd, 0);
	return event->page != MAP_FAILED;
}

static void drain(struct counted *event)
{
	struct perf_event_mmap_page *page = event->page;
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE), at = page->data_tail;

	while (at < head) {
		/* A record may wrap, but its header never does. */
		const struct perf_event_header *header = (void *)((char *)page + page->data_offset + at % page->data_size);

		event->samples += is_wanted(header);
		at += header->size;
	}
	__atomic_store_n(&page->data_tail, at, __ATOMIC_RELEASE);
}

/* The event must not run any more. */
static bool finish(struct counted *event)
{
	struct { uint64_t time_ns, lost; } values;

	drain(event);
	if (read(event->fd, &values, sizeof(values)) != sizeof(values))
		return false;
	event->time_ns = values.time_ns;
	event->lost = values.lost;
	return true;
}

static int say_errno(void)
{
	puts(strerrorname_np(errno));
	return 1;
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

static void stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* So that the CPU is not idle. */
static void spin(uint64_t ns)
{
	uint64_t end = now_ns() + ns;

	while (now_ns() < end)
		;
}

static int run(const char *what)
{
	struct perf_event_attr attr = sampling();
	struct counted event = { 0 };
	uint64_t period = 0;
	int limit = 0;

	if (!strcmp(what, "longer_period"))
		period = 10 * PERIOD_NS;
	else if (!strcmp(what, "shorter_period"))
		period = PERIOD_NS / 2;
	else if (!strcmp(what, "five"))
		limit = 5;
	else if (!strcmp(what, "often"))
		attr.sample_period = PERIOD_NS / 5;
	attr.exclude_user = !strcmp(what, "exclude_user");
	guest_only = !strcmp(what, "guest");
	event.fd = open_event(&attr, -1, CPU);
	if (!map(&event) || (!strcmp(what, "bpf") && ioctl(event.fd, PERF_EVENT_IOC_SET_BPF, bpf_program())) ||
	    (period && ioctl(event.fd, PERF_EVENT_IOC_PERIOD, &period)) ||
	    (limit ? ioctl(event.fd, PERF_EVENT_IOC_REFRESH, limit) : ioctl(event.fd, PERF_EVENT_IOC_ENABLE, 0)))
		return say_errno();
	stay_on(guest_only || !strcmp(what, "beside") ? 0 : CPU);
	if (guest_only)
		sleep(3);
	else if (!strcmp(what, "beside"))
		sleep(1);
	else
		spin(1000000000);
	ioctl(event.fd, PERF_EVENT_IOC_DISABLE, 0);
	if (!finish(&event))
		return say_errno();
	printf("%" PRIu64 " %" PRIu64 "\n", event.samples, event.time_ns / 1000000);
	return 0;
}

/* Opens a group. Returns how many of its events it could open. */
static int open_group(struct counted *events, int count)
{
	struct perf_event_attr attr = sampling();
	int i;

	for (i = 0; i < count; i++) {
		attr.disabled = !i;
		events[i].fd = syscall(SYS_perf_event_open, &attr, -1, CPU, i ? events[0].fd : -1, PERF_FLAG_FD_CLOEXEC);
		if (events[i].fd < 0)
			break;
	}
	return i;
}

static int run_group(int count)
{
	struct counted events[MANY] = { 0 };
	int i, opened = open_group(events, count);

	if (opened < count) {
		printf("%d ", opened + 1);
		return say_errno();
	}
	for (i = 0; i < count; i++)
		if (!map(&events[i]))
			return say_errno();
	if (ioctl(events[0].fd, PERF_EVENT_IOC_ENABLE, 0))
		return say_errno();
	stay_on(CPU);
	spin(1000000000);
	ioctl(events[0].fd, PERF_EVENT_IOC_DISABLE, 0);
	for (i = 0; i < count; i++) {
		if (!finish(&events[i]))
			return say_errno();
		printf("%" PRIu64 " %" PRIu64 "\n", events[i].samples, events[i].time_ns / 1000000);
	}
	return 0;
}

static int open_groups(int seconds)
{
	uint64_t end = now_ns() + seconds * 1000000000ULL;
	struct counted events[MANY];
	int opened, whole = 0;

	while (now_ns() < end) {
		opened = open_group(events, 8);
		/* The CPU may be offline. */
		if (opened < 8 && errno != ENODEV)
			return say_errno();
		whole += opened == 8;
		while (opened--)
			close(events[opened].fd);
	}
	printf("%d\n", whole);
	return 0;
}

static int run_rotated(int count)
{
	struct perf_event_attr attr = sampling();
	struct counted events[MANY] = { 0 };
	uint64_t samples = 0, time_ns = 0;
	int i;

	attr.sample_period = 4 * PERIOD_NS;
	for (i = 0; i < count; i++) {
		events[i].fd = open_event(&attr, -1, CPU);
		if (!map(&events[i]) || ioctl(events[i].fd, PERF_EVENT_IOC_ENABLE, 0))
			return say_errno();
	}
	stay_on(CPU);
	spin(3000000000);
	for (i = 0; i < count; i++)
		ioctl(events[i].fd, PERF_EVENT_IOC_DISABLE, 0);
	for (i = 0; i < count; i++) {
		if (!finish(&events[i]))
			return say_errno();
		samples += events[i].samples;
		time_ns += events[i].time_ns;
	}
	printf("%" PRIu64 " %" PRIu64 "\n", samples, time_ns / 1000000);
	return 0;
}

static int run_switched(void)
{
	struct perf_event_attr attr = sampling();
	struct counted event = { 0 };
	int i;

	attr.sample_period = 4 * PERIOD_NS;
	event.fd = open_event(&attr, -1, CPU);
	if (!map(&event))
		return say_errno();
	stay_on(CPU);
	for (i = 0; i < 333; i++) {
		ioctl(event.fd, PERF_EVENT_IOC_ENABLE, 0);
		spin(3000000);
		ioctl(event.fd, PERF_EVENT_IOC_DISABLE, 0);
		spin(3000000);
	}
	if (!finish(&event))
		return say_errno();
	printf("%" PRIu64 " %" PRIu64 "\n", event.samples, event.time_ns / 1000000);
	return 0;
}

static int open_cgroup(const char *folder)
{
	struct perf_event_attr attr = sampling();
	int cgroup = open(folder, O_RDONLY | O_DIRECTORY);

	if (cgroup < 0 || syscall(SYS_perf_event_open, &attr, cgroup, CPU, -1, PERF_FLAG_PID_CGROUP) < 0)
		return say_errno();
	puts("ok");
	return 0;
}

static int run_everywhere(int seconds)
{
	uint64_t end = now_ns() + seconds * 1000000000ULL, samples = 0, lost = 0, time_ns = 0;
	struct perf_event_attr attr = sampling();
	struct counted events[MANY] = { 0 };
	int i, cpu, count = 0;

	attr.sample_type |= PERF_SAMPLE_CALLCHAIN;
	for (cpu = 0; cpu < MANY; cpu++) {
		events[count].fd = open_event(&attr, -1, cpu);
		if (events[count].fd < 0) {
			/* The CPU is offline, or there is none. */
			if (errno != ENODEV && errno != EINVAL)
				return say_errno();
			continue;
		}
		if (!map(&events[count]) || ioctl(events[count].fd, PERF_EVENT_IOC_ENABLE, 0))
			return say_errno();
		count++;
	}
	while (now_ns() < end) {
		usleep(20000);
		for (i = 0; i < count; i++)
			drain(&events[i]);
	}
	for (i = 0; i < count; i++) {
		ioctl(events[i].fd, PERF_EVENT_IOC_DISABLE, 0);
		if (!finish(&events[i]))
			return say_errno();
		samples += events[i].samples;
		lost += events[i].lost;
		time_ns += events[i].time_ns;
	}
	printf("%d %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", count, samples, lost, time_ns / 1000000);
	return 0;
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr;
	int number;

	type = strtoul(argc > 1 ? argv[1] : "", NULL, 10);
	if (!type) {
		fputs("usage: pmu_events TYPE [WHAT [ARGUMENT]]\n", stderr);
		return 2;
	}
	if (argc > 3 && !strcmp(argv[2], "cgroup"))
		return open_cgroup(argv[3]);
	number = argc > 3 ? atoi(argv[3]) : 0;
	if (number < 0 || number > 100000)
		return 2;
	if (argc > 3 && !strcmp(argv[2], "group"))
		return run_group(number < MANY ? number : MANY);
	if (argc > 3 && !strcmp(argv[2], "groups"))
		return open_groups(number);
	if (argc > 3 && !strcmp(argv[2], "rotated"))
		return run_rotated(number < MANY ? number : MANY);
	if (argc > 3 && !strcmp(argv[2], "everywhere"))
		return run_everywhere(number);
	if (argc > 2 && !strcmp(argv[2], "switched"))
		return run_switched();
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
