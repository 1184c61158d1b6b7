// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/exits.h"
#include "common/files.h"
#include "common/interrupt.h"
#include "common/memory.h"
#include "common/output.h"
#include "machine/cause.h"
#include "snapshot/snapshot_take.h"

#define STACKS "/sys/kernel/debug/sdei_nmi/stacks"
#define STACKS_MOST (64U << 20)
#define NS 1000000000LL

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS + now.tv_nsec;
}

/*
 * The driver waits for other readers before it takes the snapshot, so the wall clock is derived from
 * the driver's time. In a time namespace this gives a time at which nothing was read; then the time
 * at which the reading began has to do.
 */
static int64_t wall_ns(int64_t taken_ns, int64_t before_ns)
{
	int64_t now_ns = clock_ns(CLOCK_REALTIME), ns = now_ns - clock_ns(CLOCK_MONOTONIC) + taken_ns;

	return taken_ns >= 0 && ns >= before_ns && ns <= now_ns ? ns : before_ns;
}

/* RFC 3339 */
static char *time_text(int64_t ns)
{
	time_t seconds = (time_t)(ns / NS);
	char date[64];
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) || !strftime(date, sizeof(date), "%FT%T", &utc))
		return NULL;
	return memory_format("%s.%06dZ", date, (int)(ns % NS / 1000));
}

static int parse(const struct contents *contents, struct snapshot *snapshot)
{
	struct flaw flaw;

	if (contents->cut)
		return complain(EXIT_FAILED, STACKS " is longer than a snapshot can be; use the version of the tool that belongs to the driver.");
	if (!snapshot_parse(contents_piece(contents), snapshot, &flaw))
		return complain(EXIT_FAILED, STACKS " can't be understood in line %zu: %s; use the version of the tool that belongs to the driver.",
				flaw.line, flaw.what);
	return EXIT_DONE;
}

/* The caller frees the snapshot only if this returns EXIT_DONE. A copy of files has no time. */
int snapshot_take(struct snapshot *snapshot)
{
	int64_t before_ns = clock_ns(CLOCK_REALTIME);
	struct contents contents;
	int err, status;

	/* A signal that does not end the program, such as that of a resize, interrupts the driver as well. */
	do
		err = file_read(STACKS, STACKS_MOST, &contents);
	while (err == -EINTR && !interrupted());
	if (err == -EINTR)
		return complain(EXIT_FAILED, "a signal came before the snapshot was complete; run the tool again.");
	if (err)
		return file_trouble(STACKS, err);
	status = parse(&contents, snapshot);
	free(contents.text);
	if (status)
		return status;
	if (!files_rooted())
		snapshot->time = time_text(wall_ns(snapshot->taken_ns, before_ns));
	snapshot->boot_id = file_line("/proc/sys/kernel/random/boot_id");
	snapshot->release = file_line("/proc/sys/kernel/osrelease");
	return EXIT_DONE;
}

/*
 * Complains about a CPU of --cpus that does not exist or is offline. Without --cpus, chosen is NULL.
 * The file is NULL for a snapshot of this machine.
 */
int snapshot_check_cpus(const struct snapshot *snapshot, const struct cpus *chosen, const char *file)
{
	const char *in = file ? file : "this machine";

	if (!chosen)
		return EXIT_DONE;
	cpus_for_each(number, chosen) {
		const struct cpu *cpu = snapshot_find(snapshot, number);

		if (!cpu)
			return complain(EXIT_USAGE, "%s has no CPU %u; leave it out of --cpus.", in, number);
		if (cpu->state == CPU_OFFLINE && file)
			return complain(EXIT_USAGE, "CPU %u is offline in %s; leave it out of --cpus.", number, in);
		if (cpu->state == CPU_OFFLINE)
			return complain(EXIT_USAGE, "CPU %u is offline; leave it out of --cpus, or bring it online.", number);
	}
	return EXIT_DONE;
}
