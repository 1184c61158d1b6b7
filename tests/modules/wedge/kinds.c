// SPDX-License-Identifier: GPL-2.0
/*
 * The kinds of wedge. A kind defines where a CPU spins, which exceptions it masks, and which locks
 * it holds.
 *
 * Every kind except "spinlock" spins in wedge_spin(), which ends by itself. A kind releases what it
 * holds in the reverse order.
 *
 * Contexts of the spin: task (irqoff, daif, spinlock, softlockup, console, printk), hard interrupt
 * (hardirq), inside schedule() as it switches to the slot's thread (runqueue), inside printk() of
 * the slot's thread (logbuf).
 *
 * Watchdogs stay active while a CPU is wedged, because their reports are true then. The CPU touches
 * them just before it unmasks interrupts, so that no watchdog reports a wedge that is over.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/console.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include <trace/events/printk.h>
#include <trace/events/sched.h>

#include "wedge.h"

static DEFINE_RAW_SPINLOCK(wedge_lock);
static struct hrtimer wedge_lock_timer;
/* The CPU that swaps this from 1 to 0 unlocks wedge_lock. */
static atomic_t wedge_lock_held;

/**
 * wedge_nap() - sleep for a millisecond
 *
 * The timer is pinned to this CPU. On a nohz_full CPU the timer of an ordinary sleep may be placed
 * on a wedged CPU.
 *
 * Context: task; sleeps.
 */
void wedge_nap(void)
{
	ktime_t nap = ns_to_ktime(NSEC_PER_MSEC);

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout_range(&nap, NSEC_PER_MSEC / 2,
				 HRTIMER_MODE_REL_PINNED);
}

/**
 * wedge_spin() - spin until the wedge is over
 * @slot: the slot of this CPU
 *
 * This function must not call another one: tests take any pc in "range" as proof that the CPU was
 * caught here. It has a frame of its own (see Kbuild), so that a trace shows its caller.
 *
 * Context: any.
 */
noinline __noclone notrace void wedge_spin(struct wedge_slot *slot)
{
	WRITE_ONCE(slot->state, WEDGE_WEDGED);
	while (!wedge_over())
		cpu_relax();
}

static noinline void wedge_irqoff(struct wedge_slot *slot)
{
	unsigned long flags;

	local_irq_save(flags);
	wedge_spin(slot);
	touch_nmi_watchdog();
	local_irq_restore(flags);
}

static noinline void wedge_daif(struct wedge_slot *slot)
{
	unsigned long daif = read_sysreg(daif);

	asm volatile("msr daifset, #0xf" : : : "memory");
	wedge_spin(slot);
	touch_nmi_watchdog();
	barrier();
	write_sysreg(daif, daif);
}

/* A function of its own, because the kernel's slow path may have no frame and hide its caller. */
static noinline void wedge_spinlock_contend(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&wedge_lock, flags);
	touch_nmi_watchdog();
	raw_spin_unlock_irqrestore(&wedge_lock, flags);
}

/* Masks interrupts first, so that the state never reads "wedged" before the CPU is wedged. */
static noinline void wedge_spinlock(struct wedge_slot *slot)
{
	unsigned long flags;

	local_irq_save(flags);
	WRITE_ONCE(slot->state, WEDGE_WEDGED);
	wedge_spinlock_contend();
	local_irq_restore(flags);
}

static noinline void wedge_hardirq(struct irq_work *work)
{
	wedge_spin(container_of(work, struct wedge_slot, work));
	touch_nmi_watchdog();
}

/* irq_work_sync() waits for the handler, so that the thread outlives its use of this module. */
static void wedge_raise_hardirq(struct wedge_slot *slot)
{
	slot->work = IRQ_WORK_INIT_HARD(wedge_hardirq);
	irq_work_queue(&slot->work);
	irq_work_sync(&slot->work);
}

static noinline void wedge_softlockup(struct wedge_slot *slot)
{
	preempt_disable();
	wedge_spin(slot);
	touch_nmi_watchdog();
	preempt_enable();
}

/* While the console lock is held, printk() writes to the log only. */
static noinline void wedge_console(struct wedge_slot *slot)
{
	unsigned long flags;

	console_lock();
	local_irq_save(flags);
	wedge_spin(slot);
	touch_nmi_watchdog();
	local_irq_restore(flags);
	console_unlock();
}

/* dump_stack() waits for this lock on any other CPU. */
static noinline void wedge_printk(struct wedge_slot *slot)
{
	unsigned long flags;

	local_irq_save(flags);
	while (!__printk_cpu_sync_try_get()) {
		if (wedge_over())
			goto out;
		cpu_relax();
	}
	wedge_spin(slot);
	__printk_cpu_sync_put();
out:
	touch_nmi_watchdog();
	local_irq_restore(flags);
}

/*
 * Runs inside schedule(), with the runqueue's lock held. The CPU is caught as it switches to the
 * thread, and only if no other task is runnable. If this CPU looked idle, other CPUs would place
 * woken tasks here; if it looked busy, they would take tasks from here. Either way they would wait
 * for this runqueue's lock, and they may be CPUs that are still to be wedged.
 */
static noinline void wedge_runqueue(void *data, bool preempt,
				    struct task_struct *prev,
				    struct task_struct *next,
				    unsigned int prev_state)
{
	struct wedge_slot *slot = this_cpu_ptr(&wedge_slots);

	if (!READ_ONCE(slot->armed) || next != slot->task ||
	    !single_task_running())
		return;
	WRITE_ONCE(slot->armed, false);
	wedge_spin(slot);
	touch_nmi_watchdog();
}

static void wedge_enter_runqueue(struct wedge_slot *slot)
{
	WRITE_ONCE(slot->armed, true);
	while (READ_ONCE(slot->armed) && !wedge_over())
		wedge_nap();
	WRITE_ONCE(slot->armed, false);
}

/* Runs inside printk(), which has reserved a record in the log and not committed it. */
static noinline void wedge_logbuf(void *data, const char *text, size_t len)
{
	struct wedge_slot *slot = this_cpu_ptr(&wedge_slots);

	if (!READ_ONCE(slot->armed) || current != slot->task)
		return;
	WRITE_ONCE(slot->armed, false);
	wedge_spin(slot);
	touch_nmi_watchdog();
}

static void wedge_enter_logbuf(struct wedge_slot *slot)
{
	WRITE_ONCE(slot->armed, true);
	pr_info("the record that CPU %u left open\n", slot->cpu);
	WRITE_ONCE(slot->armed, false);
}

static struct tracepoint *wedge_tracepoint;

static void wedge_tracepoint_match(struct tracepoint *tracepoint, void *name)
{
	if (!strcmp(tracepoint->name, name))
		wedge_tracepoint = tracepoint;
}

/* Finds the tracepoint by name, because it is not exported to modules. */
static int wedge_probe_add(char *name, void *probe)
{
	int err = -EOPNOTSUPP;

	wedge_tracepoint = NULL;
	for_each_kernel_tracepoint(wedge_tracepoint_match, name);
	if (wedge_tracepoint)
		err = tracepoint_probe_register(wedge_tracepoint, probe, NULL);
	if (err)
		pr_err("this kernel has no tracepoint %s that takes a probe (%d); choose another kind\n",
		       name, err);
	return err;
}

static void wedge_probe_remove(void *probe)
{
	tracepoint_probe_unregister(wedge_tracepoint, probe, NULL);
	tracepoint_synchronize_unregister();
}

static int wedge_runqueue_prepare(void)
{
	check_trace_callback_type_sched_switch(wedge_runqueue);
	return wedge_probe_add("sched_switch", wedge_runqueue);
}

static void wedge_runqueue_clean_up(void)
{
	wedge_probe_remove(wedge_runqueue);
}

static int wedge_logbuf_prepare(void)
{
	check_trace_callback_type_console(wedge_logbuf);
	return wedge_probe_add("console", wedge_logbuf);
}

static void wedge_logbuf_clean_up(void)
{
	wedge_probe_remove(wedge_logbuf);
}

const struct wedge_kind wedge_kinds[WEDGE_KINDS_MAX] = {
	{ .name = "irqoff", .run = wedge_irqoff },
	{ .name = "daif", .run = wedge_daif },
	{ .name = "spinlock", .run = wedge_spinlock, .locks = true },
	{ .name = "hardirq", .run = wedge_raise_hardirq },
	{ .name = "softlockup", .run = wedge_softlockup },
	{ .name = "console", .run = wedge_console, .one = true },
	{ .name = "printk", .run = wedge_printk, .one = true },
	{ .name = "runqueue", .run = wedge_enter_runqueue,
	  .prepare = wedge_runqueue_prepare,
	  .clean_up = wedge_runqueue_clean_up },
	{ .name = "logbuf", .run = wedge_enter_logbuf,
	  .prepare = wedge_logbuf_prepare,
	  .clean_up = wedge_logbuf_clean_up },
};

/**
 * wedge_lock_take() - take the lock that CPUs of the kind "spinlock" wait for
 *
 * Context: preemption off, until wedge_lock_bound() is called.
 */
void wedge_lock_take(void)
{
	arch_spin_lock(&wedge_lock.raw_lock);
	atomic_set(&wedge_lock_held, 1);
}

/**
 * wedge_lock_drop() - release the lock of wedge_lock_take(), if it is held
 *
 * Context: any.
 */
void wedge_lock_drop(void)
{
	if (atomic_xchg(&wedge_lock_held, 0))
		arch_spin_unlock(&wedge_lock.raw_lock);
}

static enum hrtimer_restart wedge_lock_expire(struct hrtimer *timer)
{
	wedge_lock_drop();
	return HRTIMER_NORESTART;
}

/**
 * wedge_lock_bound() - release the lock of wedge_lock_take() after a time
 * @seconds: from now
 *
 * Context: task, on a CPU that will not be wedged: the timer is pinned to it.
 */
void wedge_lock_bound(unsigned int seconds)
{
	hrtimer_start(&wedge_lock_timer, ktime_set(seconds, 0),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * wedge_lock_init() - set up the timer of wedge_lock_bound()
 *
 * Context: task, at load.
 */
#ifdef SDEI_NMI_HRTIMER_SETUP
void wedge_lock_init(void)
{
	hrtimer_setup(&wedge_lock_timer, wedge_lock_expire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
}
#else
void wedge_lock_init(void)
{
	hrtimer_init(&wedge_lock_timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	wedge_lock_timer.function = wedge_lock_expire;
}
#endif

/**
 * wedge_lock_unbound() - stop the timer of wedge_lock_bound()
 *
 * Context: task; waits for a callback that is running.
 */
void wedge_lock_unbound(void)
{
	hrtimer_cancel(&wedge_lock_timer);
}
