// SPDX-License-Identifier: GPL-2.0
/*
 * Prints answers that come after their request was given up: the firmware was busy elsewhere, or
 * the CPU takes interrupts again. Each is printed with its delay, because it shows what the CPU
 * does now, not what it did when it was asked.
 *
 * The target cannot print, and may still be wedged. So while an answer is missing, a timer looks
 * every SDEI_NMI_LATE_LOOK_MS. If no answer is missing, nothing runs.
 *
 * A request can come from any context, also with the timer's lock held. So only an irq_work of
 * the CPU starts the timer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/printk.h>
#include <linux/time64.h>

#include "capture.h"
#include "compat.h"
#include "deadline.h"
#include "late_answer.h"
#include "print.h"
#include "stats.h"
#include "waits.h"

static struct sdei_nmi_record __percpu *records;
static struct hrtimer timer;
static u64 watch_until;
static bool stopped;

static void start_late_timer(struct irq_work *unused)
{
	if (!READ_ONCE(stopped))
		hrtimer_start(&timer, ms_to_ktime(SDEI_NMI_LATE_LOOK_MS),
			      HRTIMER_MODE_REL_PINNED_HARD);
}

static struct irq_work start_work = IRQ_WORK_INIT_HARD(start_late_timer);

static void log_late_answer(unsigned int cpu)
{
	struct sdei_nmi_record *b = per_cpu_ptr(records, cpu);
	s64 delay = b->taken_at - b->asked_at;

	sdei_nmi_stats_inc(SDEI_NMI_STAT_LATE_ANSWERS);
	b->worker = false;	/* its task was not held */
	/* The delay is negative if a stray delivery came before asked_at was set. */
	pr_warn("CPU %u answers late, %llu ms after it was asked:\n", cpu,
		delay > 0 ? counter_ms(delay) : 0);
	sdei_nmi_print_backtrace(cpu, b);
	capture_done(&b->state);
}

static enum hrtimer_restart look_for_late_answers(struct hrtimer *unused)
{
	bool over = counter_passed(READ_ONCE(watch_until)), more = false;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		atomic_t *state = &per_cpu_ptr(records, cpu)->state;

		if (capture_tell(state))
			log_late_answer(cpu);
		else if (over || !cpu_online(cpu))
			capture_forget(state);
		more |= capture_late(state);
	}
	/* Do not return HRTIMER_RESTART: a request may start the timer at the same time. */
	if (more)
		irq_work_queue(&start_work);
	return HRTIMER_NORESTART;
}

/**
 * sdei_nmi_late_answer_watch() - an answer is missing: print it when it comes
 *
 * Context: any but SDEI. Takes no lock.
 */
void sdei_nmi_late_answer_watch(void)
{
	WRITE_ONCE(watch_until,
		   counter_now() + counter_ticks(SDEI_NMI_LATE_WATCH_S * USEC_PER_SEC));
	irq_work_queue(&start_work);
}

/**
 * sdei_nmi_late_answer_init() - set the records to watch
 * @watched: the records in which answers may come late
 *
 * Context: task, at load.
 */
void __init sdei_nmi_late_answer_init(struct sdei_nmi_record __percpu *watched)
{
	records = watched;
	hrtimer_setup(&timer, look_for_late_answers, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * sdei_nmi_late_answer_exit() - stop watching
 *
 * Context: task; sleeps. No request is running, and none can start.
 */
void sdei_nmi_late_answer_exit(void)
{
	WRITE_ONCE(stopped, true);
	/* Each may start the other once more. */
	irq_work_sync(&start_work);
	hrtimer_cancel(&timer);
	irq_work_sync(&start_work);
	hrtimer_cancel(&timer);
}
