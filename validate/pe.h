/* SPDX-License-Identifier: GPL-2.0 */
/* The PEs under test: who handles event 0 there, what arrived, and whether they live. */
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
#define PROMPT_MS	100	/* an event, even where an emulator runs one PE at a time */
#define LATE_MS		500	/* one that comes with a later call, if it comes */
#define QUIET_MS	20	/* whatever is on its way has arrived, or is lost */
#define ALIVE_MS	1000	/* an interrupt, or a thread's turn */
#define STATE_MS	2000	/* no PE is held longer in any state */

/* Who handles event 0 on a PE. */
enum setup {
	SETUP_NONE,	/* nobody: unregistered */
	SETUP_KERNEL,	/* the kernel's entry, and behind it pe.c: wherever a PE may be */
	SETUP_OWN,	/* entry.S: only for a PE in a loop of ours */
};

/* How far a thing has got that was begun on a PE. */
enum job { JOB_NONE, JOB_QUEUED, JOB_RUNNING, JOB_ABANDONED };

enum arrival { ARRIVED, ARRIVED_LATE, NOT_ARRIVED };

/* What a delivery may have met. */
enum met { MET_PROGRAM, MET_IDLE, METS };

/* What the handler behind the kernel's entry is to do, besides writing down that it was there. */
enum action {
	ACTION_NONE,
	ACTION_HOLD,	/* stay until @let_go */
	ACTION_SIGNAL,	/* signal this PE, once */
};

/**
 * struct arrivals - what the handler behind the kernel's entry has seen
 * @count: deliveries
 * @at: the last one, by the counter
 * @fresh: the next one is to write down in which state what it interrupts is
 * @pstate: in which state that was
 * @number: the number that was current then (pe_number)
 * @depth: handlers of this PE that are running
 * @deepest: the most of them at a time
 * @met: deliveries into what is looked for
 */
struct arrivals {
	u64 count;
	u64 at;
	bool fresh;
	u64 pstate;
	u64 number;
	unsigned int depth;
	unsigned int deepest;
	u64 met[METS];
};

/**
 * struct pe - one PE under test
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
struct pe {
	unsigned int cpu;
	u64 mpidr;
	enum setup setup;
	struct sdei_registered_event registered;
	struct seen seen;
	struct arrivals arrivals;
	enum action action;
	bool let_go;
	bool ready;
	bool stop;
	const char *lost;
	bool busy;
	struct kthread_worker *worker;
	struct kthread_work work;
	atomic_t job;
	struct completion done;
	void (*fn)(struct pe *pe, void *arg);
	void *arg;
	call_single_data_t ipi;
	call_single_data_t other_ipi;
	bool took_ipi;
	struct hrtimer timer;
	bool took_timer;
};

extern u64 pe_number;
extern unsigned int pe_home;

int pe_init(void);
void pe_exit(void);
const struct cpumask *pe_all(void);
struct pe *pe_of(unsigned int cpu);
struct pe *pe_victim(void);

struct pe *pe_next(const struct pe *pe);
struct pe *pe_next_other(const struct pe *pe);

bool pe_start(struct pe *pe, void (*fn)(struct pe *pe, void *arg), void *arg);
bool pe_finish(struct pe *pe);
bool pe_run(struct pe *pe, void (*fn)(struct pe *pe, void *arg), void *arg);
bool pe_begin(struct pe *pe, void (*state)(struct pe *pe, void *arg), void *arg);
bool pe_enter(struct pe *pe, void (*state)(struct pe *pe, void *arg), void *arg);
bool pe_leave(struct pe *pe);
bool pe_stays(struct pe *pe, u64 deadline);

s64 pe_register_here(struct pe *pe, enum setup setup);
void pe_forget(struct pe *pe);
s64 pe_set_up(struct pe *pe, enum setup setup);

int pe_worker_start(struct pe *pe);
void pe_worker_stop(struct pe *pe);

u64 pe_count(const struct pe *pe);
enum arrival pe_await(const struct pe *pe, u64 before);
void pe_pause(unsigned int us);
void pe_quiet(void);

enum alive { ALIVE, NO_IPI, NO_TIMER, NO_THREAD, PRIORITY_STAYS };
void pe_alive_init(struct pe *pe);
enum alive pe_alive(struct pe *pe);
bool pe_busy(struct pe *pe);
const char *pe_alive_says(enum alive alive);
struct pe *pe_lost(void);
bool pe_has_gic_registers(void);

#endif
