/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of all CPUs at one moment, and the parser of /sys/kernel/debug/sdei_nmi/stacks
 * (docs/abi/debugfs-sdei_nmi). text_safe() has made all text safe. Missing values are NULL or -1.
 * No I/O.
 */
#ifndef TOOL_SNAPSHOT_SNAPSHOT_H
#define TOOL_SNAPSHOT_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/cpulist.h"
#include "snapshot/driver_file.h"

#define CPU_EMPTY ((struct cpu){ .waiting_ns = -1, .answered_ns = -1, .held_ns = -1, .uid = -1, .trace = TRACE_EMPTY })
#define SNAPSHOT_FORM "sdei_nmi stacks 1"
#define CPU_LONG_WAIT_NS 1000000000LL	/* a wait from this length on is shown in red */

enum cpu_state {
	CPU_KERNEL,
	CPU_IDLE,
	CPU_USER,
	CPU_GUEST,
	CPU_SELF,
	CPU_SILENT,
	CPU_OFFLINE,
	CPU_OTHER,	/* a state that only a later driver has */
};

struct cpu {
	unsigned int number;
	enum cpu_state state;
	char *state_word, *reason, *by, *interrupts;
	int64_t waiting_ns, answered_ns, held_ns, uid;
	struct trace trace;
};

struct snapshot {
	char *time, *boot_id, *release;	/* not in the driver's file */
	int64_t taken_ns;
	char *addresses;
	bool has_online;
	struct cpus online;
	struct cpu *cpu;
	size_t count;
};

bool snapshot_parse(struct piece text, struct snapshot *snapshot, struct flaw *flaw);
bool snapshot_hides_addresses(const struct snapshot *snapshot);
const struct cpu *snapshot_find(const struct snapshot *snapshot, unsigned int number);
enum cpu_state cpu_state_of(struct piece word);
void cpu_free(struct cpu *cpu);
void snapshot_free(struct snapshot *snapshot);

#endif
