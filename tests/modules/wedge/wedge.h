/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by main.c, which starts and ends wedges, and kinds.c, in which wedged CPUs spin.
 */
#ifndef WEDGE_H
#define WEDGE_H

#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/types.h>

#include <asm/sysreg.h>

#define WEDGE_KINDS_MAX	9
#define WEDGE_KINDS	"irqoff daif spinlock hardirq softlockup console printk runqueue logbuf"

struct wedge_kind;

enum wedge_state {
	WEDGE_FREE,
	WEDGE_STARTING,
	WEDGE_WEDGED,
	WEDGE_OVER,
};

/**
 * struct wedge_slot - one CPU's wedge
 * @kind: how the CPU is wedged; constant while the thread exists
 * @task: the thread, from its creation until it is joined
 * @work: brings the CPU into a hard interrupt, for the kind "hardirq"
 * @cpu: number of the CPU
 * @armed: the kind's tracepoint is to catch the thread
 * @state: see main.c
 */
struct wedge_slot {
	const struct wedge_kind	*kind;
	struct task_struct	*task;
	struct irq_work		work;
	unsigned int		cpu;
	bool			armed;
	enum wedge_state	state;
};

/**
 * struct wedge_kind - a way to wedge a CPU
 * @name: the kind's name in the parameter "wedge"
 * @run: wedges the CPU; called by the slot's thread on that CPU; returns when the wedge is over
 * @prepare: optional; called before the first thread exists; sleeps. Returns 0, or an errno with
 * nothing changed; one log line says why
 * @clean_up: reverts @prepare; sleeps, and waits for RCU
 * @one: the kind holds something that exists only once, so it wedges one CPU at a time
 * @locks: the CPU waits for the lock of wedge_lock_take()
 */
struct wedge_kind {
	const char	*name;
	void		(*run)(struct wedge_slot *slot);
	int		(*prepare)(void);
	void		(*clean_up)(void);
	bool		one;
	bool		locks;
};

/**
 * struct wedge_limit - when wedges end; spinning CPUs read it
 * @release: end now
 * @deadline: end at this value of the architected counter, in ticks
 */
struct wedge_limit {
	bool	release;
	u64	deadline;
};

extern struct wedge_limit wedge_limit;
DECLARE_PER_CPU(struct wedge_slot, wedge_slots);

static inline u64 wedge_now(void)
{
	return read_sysreg(cntvct_el0);
}

static inline u64 wedge_after(u64 seconds)
{
	return wedge_now() + seconds * read_sysreg(cntfrq_el0);
}

static inline bool wedge_passed(u64 deadline)
{
	return (s64)(wedge_now() - deadline) >= 0;
}

static inline bool wedge_over(void)
{
	return READ_ONCE(wedge_limit.release) ||
	       wedge_passed(READ_ONCE(wedge_limit.deadline));
}

extern const struct wedge_kind wedge_kinds[WEDGE_KINDS_MAX];
void wedge_spin(struct wedge_slot *slot);
void wedge_nap(void);

void wedge_lock_init(void);
void wedge_lock_take(void);
void wedge_lock_drop(void);
void wedge_lock_bound(unsigned int seconds);
void wedge_lock_unbound(void);

#endif
