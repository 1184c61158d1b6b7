// SPDX-License-Identifier: GPL-2.0
/*
 * The programs are child processes, each bound to a different CPU. This process stays on the first
 * CPU until the programs end. A program makes no system calls between rounds and takes no signals,
 * so only interrupts and events interrupt it. A child writes only its own slot. All waits are
 * bounded, because a program on a lost CPU never ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "validate/registers.h"
#include "validate/spinner.h"

#define ITERATIONS	20000
#define BEGIN_MS	10000	/* limit for each program's first round; limit() scales it */
#define ROUND_MS	5000	/* limit for each program's last round; limit() scales it */
#define STOP_MS		2000	/* limit until all programs have ended; limit() scales it */
#define LIMIT_PROGRAMS	16	/* each such number of programs adds the limit once more */
#define FILES		64	/* more than this tool ever has open */

struct slot {
	_Alignas(128) _Atomic uint64_t rounds;	/* no two slots share a cache line */
	_Atomic int error;			/* errno, if the program could not start */
	_Atomic bool wrong;
	struct mismatch mismatch;		/* the first one, written before wrong is set */
};

struct shared {
	_Atomic bool stop;
	struct slot slot[];
};

struct child {
	unsigned int cpu;
	pid_t pid;		/* 0: reaped */
	int status;
	uint64_t rounds;	/* rounds done when the wait began */
	int64_t used_ms;	/* CPU time used when the wait began */
};

struct spinners {
	struct shared *shared;
	size_t size;
	struct child *child;
	size_t count;
	cpu_set_t *before;	/* earlier affinity of this process */
	size_t mask_size;
};

static int pin(unsigned int cpu)
{
	cpu_set_t *mask = CPU_ALLOC(CPUS_MAX);
	size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
	int err = ENOMEM;

	if (!mask)
		return err;
	CPU_ZERO_S(size, mask);
	CPU_SET_S(cpu, size, mask);
	err = sched_setaffinity(0, size, mask) ? errno : 0;
	CPU_FREE(mask);
	return err;
}

static _Noreturn void spin(struct shared *shared, struct slot *slot, unsigned int cpu, pid_t parent)
{
	const unsigned int sve_bytes = registers_sve_bytes();
	const uint64_t tpidr = registers_tpidr();
	struct registers fill = { 0 }, found = { 0 };
	struct mismatch mismatch;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* The parent handles the terminal's signals. Only the parent keeps the device open. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	for (int fd = 3; fd < FILES; fd++)
		close(fd);
	slot->error = pin(cpu);
	if (slot->error)
		_exit(1);
	for (uint64_t round = 0; !shared->stop; round++) {
		enum turn turn = round % TURNS;

		registers_fill(&fill, (uint64_t)cpu << 48 ^ round, tpidr, sve_bytes);
		registers_turn(&fill, &found, ITERATIONS, turn, sve_bytes);
		if (!registers_equal(&fill, &found, turn, sve_bytes, &mismatch) && !slot->wrong) {
			slot->mismatch = mismatch;
			slot->wrong = true;
		}
		slot->rounds++;
	}
	_exit(0);
}

/* In an emulator, many CPUs may share one of the host's. */
static int64_t limit(const struct spinners *s, int64_t ms)
{
	return ms + ms * (int64_t)s->count / LIMIT_PROGRAMS;
}

static void nap(void)
{
	const struct timespec time = { .tv_nsec = 2 * 1000 * 1000 };

	nanosleep(&time, NULL);
}

/* Reaps ended children. Returns whether a child is left. */
static bool reap(struct spinners *s)
{
	bool left = false;

	for (size_t i = 0; i < s->count; i++) {
		struct child *child = &s->child[i];

		if (child->pid && waitpid(child->pid, &child->status, WNOHANG) == child->pid)
			child->pid = 0;
		left |= child->pid;
	}
	return left;
}

/* Returns the CPU time that the process has used. */
static int64_t used_ms(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/*
 * Waits until each program has completed a round that began after the call, or has ended, but no
 * longer than most_ms.
 */
static void wait_round(struct spinners *s, int64_t most_ms)
{
	int64_t begun = now_ms();
	bool all;

	for (size_t i = 0; i < s->count; i++) {
		s->child[i].rounds = s->shared->slot[i].rounds;
		s->child[i].used_ms = s->child[i].pid ? used_ms(s->child[i].pid) : 0;
	}
	do {
		nap();
		reap(s);
		all = true;
		/* The round in progress at the call does not count, so wait for two. */
		for (size_t i = 0; i < s->count; i++)
			if (s->child[i].pid && s->shared->slot[i].rounds < s->child[i].rounds + 2)
				all = false;
	} while (!all && now_ms() - begun < most_ms);
}

static void end(struct spinners *s)
{
	int64_t begun = now_ms(), most = limit(s, STOP_MS);

	s->shared->stop = true;
	while (reap(s) && now_ms() - begun < most)
		nap();
	for (size_t i = 0; i < s->count; i++)
		if (s->child[i].pid)
			kill(s->child[i].pid, SIGKILL);
	begun = now_ms();
	while (reap(s) && now_ms() - begun < most)
		nap();
	if (s->before)
		sched_setaffinity(0, s->mask_size, s->before);
}

static void spinners_free(struct spinners *s)
{
	munmap(s->shared, s->size);
	if (s->before)
		CPU_FREE(s->before);
	free(s->child);
	free(s);
}

/* Returns why a program did not start, or NULL if all started. */
static char *not_begun(const struct spinners *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct slot *slot = &s->shared->slot[i];

		if (slot->error)
			return memory_format("a program could not be bound to CPU %u: %s", s->child[i].cpu, strerror(slot->error));
		if (!slot->rounds)
			return memory_format("the program on CPU %u did not start", s->child[i].cpu);
	}
	return NULL;
}

static char *fork_all(struct spinners *s, const struct cpus *cpus)
{
	pid_t parent = getpid();
	unsigned int first = cpus_next(cpus, 0);
	int err;

	s->mask_size = CPU_ALLOC_SIZE(CPUS_MAX);
	s->before = CPU_ALLOC(CPUS_MAX);
	if (s->before && sched_getaffinity(0, s->mask_size, s->before)) {
		CPU_FREE(s->before);
		s->before = NULL;
	}
	err = pin(first);
	if (err)
		return memory_format("this process could not be bound to CPU %u: %s", first, strerror(err));
	fflush(NULL);
	for (unsigned int cpu = cpus_next(cpus, first + 1); cpu < CPUS_MAX; cpu = cpus_next(cpus, cpu + 1)) {
		pid_t pid = fork();

		if (pid < 0)
			return memory_format("the program for CPU %u could not be started: %s", cpu, strerror(errno));
		if (!pid)
			spin(s->shared, &s->shared->slot[s->count], cpu, parent);
		s->child[s->count++] = (struct child){ .cpu = cpu, .pid = pid };
	}
	return NULL;
}

/*
 * Starts a program on each CPU of the set except the first, and moves this process to the first
 * CPU. If a program did not start, ends all, sets why and returns NULL.
 */
struct spinners *spinners_start(const struct cpus *cpus, char **why)
{
	unsigned int count = cpus_count(cpus);
	struct spinners *s;

	*why = NULL;
	if (!registers_here()) {
		*why = memory_format("the programs exist on arm64 only");
		return NULL;
	}
	if (count < 2) {
		*why = memory_format("only one CPU is tested, and the programs need a second one");
		return NULL;
	}
	s = memory_get(sizeof(*s));
	s->size = sizeof(struct shared) + (count - 1) * sizeof(struct slot);
	s->child = memory_get((count - 1) * sizeof(*s->child));
	s->shared = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->shared == MAP_FAILED) {
		*why = memory_format("memory for the programs could not be allocated: %s", strerror(errno));
		free(s->child);
		free(s);
		return NULL;
	}
	*why = fork_all(s, cpus);
	if (!*why) {
		wait_round(s, limit(s, BEGIN_MS));
		*why = not_begun(s);
	}
	if (!*why)
		return s;
	end(s);
	spinners_free(s);
	return NULL;
}

static bool stuck(const struct spinners *s, size_t i)
{
	return s->child[i].pid && s->shared->slot[i].rounds < s->child[i].rounds + 2;
}

/* Returns whether the program had enough CPU time to complete several rounds. */
static bool had_its_turn(const struct spinners *s, const struct child *child)
{
	return used_ms(child->pid) - child->used_ms >= limit(s, ROUND_MS) / 2;
}

static bool killed(const struct child *child)
{
	return !child->pid && WIFSIGNALED(child->status) && WTERMSIG(child->status) == SIGKILL;
}

static char *wrong(const struct spinners *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct slot *slot = &s->shared->slot[i];
		const struct child *child = &s->child[i];

		if (slot->wrong)
			return memory_format("%s of the program on CPU %u was 0x%llx after an event and 0x%llx before", slot->mismatch.name,
					     child->cpu, (unsigned long long)slot->mismatch.found,
					     (unsigned long long)slot->mismatch.expected);
		if (killed(child))
			continue;
		if (!child->pid && WIFSIGNALED(child->status))
			return memory_format("the program on CPU %u was ended by signal %d (%s)", child->cpu, WTERMSIG(child->status),
					     strsignal(WTERMSIG(child->status)));
		if (!child->pid)
			return memory_format("the program on CPU %u ended by itself", child->cpu);
		if (stuck(s, i) && had_its_turn(s, child))
			return memory_format("the program on CPU %u no longer finished its rounds", child->cpu);
	}
	return NULL;
}

/*
 * Events do not explain these findings: no event sends SIGKILL, and an event can't keep a program
 * from running on a CPU that takes interrupts.
 */
static char *unclear(const struct spinners *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (killed(&s->child[i]))
			return memory_format("another process killed the program on CPU %u", s->child[i].cpu);
		if (stuck(s, i))
			return memory_format("the program on CPU %u did not get enough CPU time", s->child[i].cpu);
	}
	return NULL;
}

/*
 * Called after the last event. Each program first completes one more round, so that a change in the
 * middle of a round is found.
 */
void spinners_stop(struct spinners *spinners, struct spun *spun)
{
	unsigned int sve_bytes = registers_sve_bytes();
	uint64_t rounds = 0;

	wait_round(spinners, limit(spinners, ROUND_MS));
	spun->wrong = wrong(spinners);
	spun->unclear = spun->wrong ? NULL : unclear(spinners);
	for (size_t i = 0; i < spinners->count; i++)
		rounds += spinners->shared->slot[i].rounds;
	spun->note = memory_format("%zu program%s held x0 to x30, NZCV, TPIDR_EL0, FPCR, FPSR and %s for %llu rounds", spinners->count,
				   spinners->count > 1 ? "s" : "", sve_bytes ? "z0 to z31, p0 to p15, FFR" : "v0 to v31",
				   (unsigned long long)rounds);
	end(spinners);
	spinners_free(spinners);
}
