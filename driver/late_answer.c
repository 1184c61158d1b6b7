// SPDX-License-Identifier: GPL-2.0
/*
 * Prints answers that come after their request was given up: the firmware was busy elsewhere, or
 * the CPU takes interrupts again. Each is printed with its delay, because it shows what the CPU
 * does now, not what it did when it was asked.
 *
 * The target cannot print, and may still be wedged. So while an answer is missing, a timer looks
 * every SDEI_NMI_LATE_LOOK_MS. A look prints one answer at most, so it does not hold up its CPU for
 * longer. If no answer is missing, nothing runs.
 *
 * A request can come from any context, also with the lock of a timer base held. So an irq_work
 * starts the timer. Each CPU has a timer: starting one that last ran on a wedged CPU could wait for
 * that CPU. The CPU of the latest request is the watcher, and the timers of the others end.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/time64.h>

#include "capture.h"
#include "compat.h"
#include "deadline.h"
#include "late_answer.h"
#include "print.h"
#include "stats.h"
#include "waits.h"

static struct sdei_nmi_record __percpu *records;
/**
 * struct late_watch - what one CPU needs to watch for late answers
 * @timer: looks for them
 * @start: starts the timer
 */
struct late_watch {
	struct hrtimer timer;
	struct irq_work start;
};

static DEFINE_PER_CPU(struct late_watch, sdei_nmi_late_watch);
static unsigned int watcher, looks_left;
static bool stopped;

static void start_late_timer(struct irq_work *start)
{
	struct late_watch *watch = container_of(start, struct late_watch, start);

	if (!READ_ONCE(stopped))
		hrtimer_start(&watch->timer, ms_to_ktime(SDEI_NMI_LATE_LOOK_MS),
			      HRTIMER_MODE_REL_PINNED_HARD);
}

static void log_late_answer(unsigned int cpu)
{
	struct sdei_nmi_record *b = per_cpu_ptr(records, cpu);
	s64 delay = b->taken_at - b->asked_at;
	unsigned int lock_us = SDEI_NMI_PRINT_LOCK_US;

	sdei_nmi_stats_inc(SDEI_NMI_STAT_LATE_ANSWERS);
	b->worker = false;	/* its task was not held */
	/* The delay is negative if a stray delivery came before asked_at was set. */
	pr_warn("CPU %u answers late, %llu ms after it was asked:\n", cpu,
		delay > 0 ? counter_ms(delay) : 0);
	sdei_nmi_print_backtrace(cpu, b, &lock_us);
	capture_done(&b->state);
}

static enum hrtimer_restart look_for_late_answers(struct hrtimer *timer)
{
	struct late_watch *watch = container_of(timer, struct late_watch, timer);
	unsigned int looks = READ_ONCE(looks_left), cpu;
	bool more = false, printed = false;

	if (READ_ONCE(watcher) != smp_processor_id()) {
		if (cpu_online(READ_ONCE(watcher)))
			return HRTIMER_NORESTART;
		/* The watcher went offline, and its timer came here. */
		WRITE_ONCE(watcher, smp_processor_id());
	}
	for_each_possible_cpu(cpu) {
		atomic_t *state = &per_cpu_ptr(records, cpu)->state;

		if (!printed && capture_tell(state)) {
			touch_nmi_watchdog();
			log_late_answer(cpu);
			printed = true;
		} else if (!looks || !cpu_online(cpu)) {
			capture_forget(state);
		}
		more |= capture_late(state);
	}
	if (looks)
		WRITE_ONCE(looks_left, looks - 1);
	/* Do not return HRTIMER_RESTART: a request may start the timer at the same time. */
	if (more)
		irq_work_queue(&watch->start);
	return HRTIMER_NORESTART;
}

/**
 * sdei_nmi_late_answer_watch() - an answer is missing: print it when it comes
 *
 * Context: any but SDEI, preemption off. Takes no lock.
 */
void sdei_nmi_late_answer_watch(void)
{
	/* A number of looks, not a moment: after hibernation the counter starts anew. */
	WRITE_ONCE(looks_left, SDEI_NMI_LATE_WATCH_S * MSEC_PER_SEC / SDEI_NMI_LATE_LOOK_MS);
	WRITE_ONCE(watcher, smp_processor_id());
	irq_work_queue(&this_cpu_ptr(&sdei_nmi_late_watch)->start);
}

/**
 * sdei_nmi_late_answer_init() - set the records to watch
 * @watched: the records in which answers may come late
 *
 * Context: task, at load.
 */
void __init sdei_nmi_late_answer_init(struct sdei_nmi_record __percpu *watched)
{
	unsigned int cpu;

	records = watched;
	for_each_possible_cpu(cpu) {
		struct late_watch *watch = per_cpu_ptr(&sdei_nmi_late_watch, cpu);

		watch->start = IRQ_WORK_INIT_HARD(start_late_timer);
		hrtimer_setup(&watch->timer, look_for_late_answers, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
}

/**
 * sdei_nmi_late_answer_exit() - stop watching
 *
 * Context: task; sleeps. No request is running, and none can start.
 */
void sdei_nmi_late_answer_exit(void)
{
	unsigned int cpu;

	WRITE_ONCE(stopped, true);
	for_each_possible_cpu(cpu) {
		struct late_watch *watch = per_cpu_ptr(&sdei_nmi_late_watch, cpu);

		/* Each may start the other once more. */
		irq_work_sync(&watch->start);
		hrtimer_cancel(&watch->timer);
		irq_work_sync(&watch->start);
		hrtimer_cancel(&watch->timer);
	}
}
