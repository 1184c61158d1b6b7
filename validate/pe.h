/* SPDX-License-Identifier: GPL-2.0 */
/* The PEs under test. */
#ifndef SDEI_NMI_VALIDATE_PE_H
#define SDEI_NMI_VALIDATE_PE_H

#include <linux/arm_sdei.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/smp.h>
#include <linux/types.h>

#include "entry.h"

/* How long is waited for what takes microseconds, in milliseconds. */
#define SDEIV_PROMPT_MS	100	/* an event, even where an emulator runs one PE at a time */
#define SDEIV_LATE_MS		500	/* one that comes with a later call, if it comes */
#define SDEIV_QUIET_MS	20	/* whatever is on its way has arrived, or is lost */
#define SDEIV_HEALTH_MS	1000	/* an interrupt, or a thread's turn */
#define SDEIV_STATE_MS	2000	/* no PE is held longer in any state */

/* Who handles event 0 on a PE. */
enum sdeiv_setup {
	SDEIV_SETUP_NONE,	/* nobody: unregistered */
	SDEIV_SETUP_KERNEL,	/* the kernel's entry, and behind it pe.c: wherever a PE may be */
	SDEIV_SETUP_OWN,	/* entry.S: only for a PE in a loop of ours */
};

/* How far a thing has got that was begun on a PE. */
enum sdeiv_job { SDEIV_JOB_NONE, SDEIV_JOB_QUEUED, SDEIV_JOB_RUNNING, SDEIV_JOB_ABANDONED };

/* What a delivery may have met. */
enum sdeiv_interrupted { SDEIV_IN_PROGRAM, SDEIV_IN_IDLE, SDEIV_INTERRUPTED_KINDS };

/* What the handler behind the kernel's entry is to do, besides writing down that it was there. */
enum sdeiv_action {
	SDEIV_ACTION_NONE,
	SDEIV_ACTION_HOLD,	/* stay until @let_go */
	SDEIV_ACTION_SIGNAL,	/* signal this PE, once */
};

/**
 * struct sdeiv_arrivals - what the handler behind the kernel's entry has seen
 * @count: deliveries
 * @at: the last one, by the counter
 * @fresh: the next one is to write down in which state what it interrupts is
 * @pstate: in which state that was
 * @number: the number that was current then (sdeiv_signal_number)
 * @depth: handlers of this PE that are running
 * @deepest: the most of them at a time
 * @interrupted: deliveries into what is looked for
 */
struct sdeiv_arrivals {
	u64 count;
	u64 at;
	bool fresh;
	u64 pstate;
	u64 number;
	unsigned int depth;
	unsigned int deepest;
	u64 interrupted[SDEIV_INTERRUPTED_KINDS];
};

/**
 * struct sdeiv_pe - one PE under test
 * @cpu: Linux's number of it
 * @mpidr: its affinity
 * @setup: who handles event 0 there
 * @registered: what the kernel's entry is given
 * @seen: what our own entry is given
 * @arrivals: what came by the kernel's entry
 * @action: what the handler is to do
 * @let_go: a handler that was to stay may go
 * @ready: it has come into the state that it was to be in
 * @stop: it is to leave it
 * @lost: it takes no interrupts any more; since which check, for the report
 * @busy: it does, and lets our thread have no turn
 * @worker: who does what is to be done there
 * @work: that
 * @job: how far it has got
 * @done: it was done
 * @fn: what it was
 * @arg: with what
 * @ipi: by which is found out whether it takes interrupts
 * @other_ipi: for whoever needs another one meanwhile; it has been taken when @ipi has
 * @took_ipi: it does
 * @timer: the same of its timer
 * @took_timer: it did
 */
struct sdeiv_pe {
	unsigned int cpu;
	u64 mpidr;
	enum sdeiv_setup setup;
	struct sdei_registered_event registered;
	struct sdeiv_seen seen;
	struct sdeiv_arrivals arrivals;
	enum sdeiv_action action;
	bool let_go;
	bool ready;
	bool stop;
	const char *lost;
	bool busy;
	struct kthread_worker *worker;
	struct kthread_work work;
	atomic_t job;
	struct completion done;
	void (*fn)(struct sdeiv_pe *pe, void *arg);
	void *arg;
	call_single_data_t ipi;
	call_single_data_t other_ipi;
	bool took_ipi;
	struct hrtimer timer;
	bool took_timer;
};

/* From where signals are sent, where it does not matter. */
extern unsigned int sdeiv_home;

int sdeiv_pe_list_init(void);
void sdeiv_pe_list_exit(void);
void sdeiv_pe_add(struct sdeiv_pe *pe);

const struct cpumask *sdeiv_pe_all(void);
struct sdeiv_pe *sdeiv_pe_of(unsigned int cpu);
struct sdeiv_pe *sdeiv_pe_next(const struct sdeiv_pe *pe);
struct sdeiv_pe *sdeiv_pe_next_other(const struct sdeiv_pe *pe);
struct sdeiv_pe *sdeiv_pe_victim(void);
struct sdeiv_pe *sdeiv_pe_lost(void);

#endif
