/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_STRETCH_H
#define SDEI_NMI_STRETCH_H

#include <linux/sched.h>
#include <linux/types.h>

#include "capture.h"

#define SDEI_NMI_STRETCH_SITES	128
#define SDEI_NMI_STRETCH_NAME	128	/* characters of "FUNCTION [MODULE]" */

/**
 * struct sdei_nmi_stretch_handle - a stretch that has not ended
 * @caught: there is one; the other members are valid
 * @number: of its entry in the ring; 0 if it has none
 * @site: index of its site
 * @cpu: where it is
 * @pc: where event 0 found it
 * @pid: id of the task that ran
 * @comm: name of that task
 * @since: the latest moment at which it may have begun, CLOCK_MONOTONIC in ns
 * @seen: when event 0 found it, CLOCK_MONOTONIC in ns
 */
struct sdei_nmi_stretch_handle {
	bool caught;
	u64 number;
	unsigned int site;
	unsigned int cpu;
	unsigned long pc;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	u64 since;
	u64 seen;
};

/**
 * struct sdei_nmi_stretch - a time in which a CPU had interrupts off
 * @number: counts from 1; 0: the entry is empty
 * @cpu: the CPU
 * @site: name of the function that had them off, "?" if it has none
 * @unnamed: bit N: the address N of the record's stack was in code of a module that has gone
 * @since: the latest moment at which it may have begun, CLOCK_MONOTONIC in ns
 * @seen: when event 0 found it, CLOCK_MONOTONIC in ns
 * @total: until a watcher saw its end, in ns; 0 if it has not ended
 * @record: the CPU's answer
 */
struct sdei_nmi_stretch {
	u64 number;
	unsigned int cpu;
	char site[SDEI_NMI_STRETCH_NAME];
	u64 unnamed;
	u64 since;
	u64 seen;
	u64 total;
	struct sdei_nmi_record record;
};

/**
 * struct sdei_nmi_stretch_site - the sums of a function that has interrupts off
 * @function: its start; 0 for all functions that the table has no room for
 * @name: its name, as the module may have gone when somebody reads it; "?" if it has none
 * @count: stretches
 * @total: their time, in ns
 * @worst: the longest, in ns
 * @cpu: the CPU of the last one
 * @pid: id of the task of the last one
 * @comm: name of that task
 * @second: the second of CLOCK_MONOTONIC in which the last entry of the ring was written
 * @entries: entries of that second
 */
struct sdei_nmi_stretch_site {
	unsigned long function;
	char name[SDEI_NMI_STRETCH_NAME];
	u64 count;
	u64 total;
	u64 worst;
	unsigned int cpu;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	u64 second;
	unsigned int entries;
};

void sdei_nmi_stretch_init(void);
int sdei_nmi_stretch_start(void);
void sdei_nmi_stretch_free(void);
void sdei_nmi_stretch_catch(struct sdei_nmi_stretch_handle *handle, unsigned int cpu,
			    const struct sdei_nmi_record *record, u64 since, u64 seen);
void sdei_nmi_stretch_end(struct sdei_nmi_stretch_handle *handle, u64 now);
u64 sdei_nmi_stretch_started_ns(void);
bool sdei_nmi_stretch_site_get(unsigned int index, struct sdei_nmi_stretch_site *site);
u64 sdei_nmi_stretch_oldest(void);
u64 sdei_nmi_stretch_get(u64 number, struct sdei_nmi_stretch *stretch);

#endif
