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

/*
 * Time limits in milliseconds. The operations themselves take microseconds. Limits on which the
 * number of PEs has an influence are passed to sdeiv_pe_limit(), except those of waits that count
 * only the time in which the waiting PE runs (wait.h).
 */
#define SDEIV_PROMPT_MS	100	/* an event arrives, even in an emulator */
#define SDEIV_LATE_MS		500	/* an event that needs another call arrives */
#define SDEIV_QUIET_MS	20	/* a pending event has arrived, or is lost */
#define SDEIV_HEALTH_MS	1000	/* an interrupt is taken, or a thread runs */
#define SDEIV_STATE_MS	2000	/* longest stay of a PE in a state */

/* The handler of event 0 on a PE. */
enum sdeiv_setup {
	SDEIV_SETUP_NONE,	/* none: event 0 is unregistered */
	SDEIV_SETUP_KERNEL,	/* the kernel's entry code and sdeiv_arrived() */
	SDEIV_SETUP_OWN,	/* entry.S: only while the PE runs the suite's loop */
};

/* State of the work item of a PE. */
enum sdeiv_job { SDEIV_JOB_NONE, SDEIV_JOB_QUEUED, SDEIV_JOB_RUNNING, SDEIV_JOB_ABANDONED };

/* The context that an event interrupted. */
enum sdeiv_interrupted { SDEIV_IN_PROGRAM, SDEIV_IN_IDLE, SDEIV_INTERRUPTED_KINDS };

/* Action of sdeiv_arrived() after it has recorded the event. */
enum sdeiv_action {
	SDEIV_ACTION_NONE,
	SDEIV_ACTION_HOLD,	/* stay until @let_go */
	SDEIV_ACTION_SIGNAL,	/* signal this PE, once */
};

/**
 * struct sdeiv_arrivals - events that sdeiv_arrived() has recorded
 * @count: number of deliveries
 * @at: time of the last delivery, in counter ticks
 * @fresh: the next delivery records @pstate and clears @fresh
 * @pstate: the interrupted PSTATE
 * @number: sdeiv_signal_number at the last delivery
 * @depth: number of handlers now running on this PE
 * @deepest: largest @depth so far
 * @interrupted: deliveries by interrupted context
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
 * @cpu: Linux CPU number
 * @mpidr: affinity
 * @setup: the handler of event 0
 * @registered: argument of the kernel's entry code
 * @seen: argument of sdeiv_entry()
 * @arrivals: events that sdeiv_arrived() has recorded
 * @action: action of sdeiv_arrived() after it has recorded an event
 * @let_go: ends SDEIV_ACTION_HOLD
 * @ready: the PE has reached the requested state
 * @sleeps: the state is one that only an interrupt ends
 * @stop: asks the PE to leave that state
 * @lost: reason why the suite no longer uses the PE, for the report; NULL if the PE is usable
 * @busy: the PE takes interrupts but does not run the suite's thread
 * @worker: thread bound to the PE
 * @work: work item for @worker
 * @job: state of @work, an enum sdeiv_job
 * @done: completed when @fn has returned
 * @fn: function that @work calls
 * @arg: argument of @fn
 * @ipi: tests whether the PE takes IPIs
 * @other_ipi: a second IPI, for other users; the PE takes it before a later @ipi
 * @took_ipi: the PE has taken @ipi
 * @wake: an IPI that ends the sleep, see sdeiv_state_leave()
 * @timer: tests whether the PE takes timer interrupts
 * @took_timer: @timer has fired
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
	bool sleeps;
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
	call_single_data_t wake;
	bool took_ipi;
	struct hrtimer timer;
	bool took_timer;
};

/* The CPU that sends signals if a check needs no particular sender. */
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
unsigned int sdeiv_pe_limit(unsigned int ms);

#endif
