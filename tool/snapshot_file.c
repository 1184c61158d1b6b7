// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "cause.h"
#include "exits.h"
#include "files.h"
#include "interrupt.h"
#include "output.h"
#include "snapshot_file.h"

#define STACKS "/sys/kernel/debug/sdei_nmi/stacks"
#define STACKS_MOST (64U << 20)

/* The caller frees the snapshot only if this returns EXIT_DONE. */
int snapshot_read(struct snapshot *snapshot)
{
	struct contents contents;
	struct flaw flaw;
	bool fine;
	int err;

	/* A signal that does not end the program, such as that of a resize, interrupts the driver as well. */
	do
		err = file_read(STACKS, STACKS_MOST, &contents);
	while (err == -EINTR && !interrupted());
	if (err == -EINTR)
		return complain(EXIT_FAILED, "a signal came before the snapshot was complete; run the tool again.");
	if (err)
		return file_trouble(STACKS, err);
	if (contents.cut) {
		free(contents.text);
		return complain(EXIT_FAILED, STACKS " is longer than a snapshot can be; use the version of the tool that belongs to the driver.");
	}
	fine = snapshot_parse(contents_piece(&contents), snapshot, &flaw);
	free(contents.text);
	if (!fine)
		return complain(EXIT_FAILED, STACKS " can't be understood in line %zu: %s; use the version of the tool that belongs to the driver.",
				flaw.line, flaw.what);
	return EXIT_DONE;
}

static const struct cpu *find(const struct snapshot *snapshot, unsigned int number)
{
	for (size_t i = 0; i < snapshot->count; i++)
		if (snapshot->cpu[i].number == number)
			return &snapshot->cpu[i];
	return NULL;
}

/* Complains about a CPU of --cpus that does not exist or is offline. Without --cpus, chosen is NULL. */
int snapshot_check_cpus(const struct snapshot *snapshot, const struct cpus *chosen)
{
	if (!chosen)
		return EXIT_DONE;
	cpus_for_each(number, chosen) {
		const struct cpu *cpu = find(snapshot, number);

		if (!cpu)
			return complain(EXIT_USAGE, "this machine has no CPU %u; leave it out of --cpus.", number);
		if (cpu->state == CPU_OFFLINE)
			return complain(EXIT_USAGE, "CPU %u is offline; leave it out of --cpus, or bring it online.", number);
	}
	return EXIT_DONE;
}
