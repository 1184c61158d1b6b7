/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the wedge's two halves share: main.c starts and ends wedges, kinds.c is
 * where the wedged CPUs are.
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
 * @kind: which; steady while the thread exists
 * @task: its thread, from creation until joined
 * @work: how the thread of a kind gets into a hard interrupt
 * @cpu: the CPU
 * @armed: the thread is on its way to where the kind's tracepoint catches it
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
 * @name: as it is asked for
 * @run: by the slot's thread, on its CPU; returns when the wedge is over
 * @prepare: what has to stand before the first thread exists; sleeps. 0, or an
 * errno after a line of log that says why, with nothing done
 * @clean_up: undoes that; sleeps, and waits for RCU
 * @one: what it holds exists once, so it takes one CPU
 * @locks: waits for the lock of wedge_lock_take()
 */
struct wedge_kind {
	const char	*name;
	void		(*run)(struct wedge_slot *slot);
	int		(*prepare)(void);
	void		(*clean_up)(void);
	bool		one;
	bool		locks;
};

/* Read by spinning CPUs. */
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
