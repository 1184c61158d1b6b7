// SPDX-License-Identifier: GPL-2.0
/*
 * Watchers. A watcher is a CPU that looks at other CPUs from its timer interrupt. It finds CPUs
 * that have not taken their timer interrupt: the kernel keeps the expiry for which each CPU's
 * clock event device is programmed, so a look reads memory and costs the CPU looked at nothing. A
 * CPU that is late beyond a limit is a suspect and gets event 0. The suspect's own answer, which
 * has its registers, its stack and how long its timer has been waiting, proves the suspicion.
 * stretch.c keeps what is proved, and lockup.c reports lockups.
 *
 * Each watcher looks at the CPUs of its group. A watcher that itself has stopped to look is
 * adopted: the watcher before it looks at its group as well. A watcher is in the group of the
 * watcher before it.
 *
 * One answer proves nothing about a stretch: the CPU may be just about to take its interrupt. Two
 * answers at two looks do, if the code had interrupts masked both times and the CPU has not served
 * its timer meanwhile.
 *
 * While a CPU runs its expired timers, no expiry is programmed. A look that finds this notes the
 * time. The CPU is late since then, unless it has taken another interrupt. A CPU that has no timer
 * to run can look the same after a broadcast of the tick. Its answer, with interrupts on, refutes
 * the suspicion; without an answer it is not reported.
 *
 * "busy" of a suspect is a lock that is only tried. Its holder owns the suspect and the requester's
 * side of its record. Looks run in hard interrupts. They take no other lock except those of
 * stretch.c, and wait for no CPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/clockchips.h>
#include <linux/delay.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kernel_stat.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>

#include "capture.h"
#include "compat.h"
#include "deadline.h"
#include "event.h"
#include "lockup.h"
#include "print.h"
#include "reach.h"
#include "stats.h"
#include "stretch.h"
#include "symbols.h"
#include "waits.h"
#include "watch.h"

#define NOBODY		-1
#define GROUP_MOST	64	/* CPUs of a group */
#define NEVER		U64_MAX

/**
 * struct suspect - what the watchers know of one CPU that is late
 * @busy: bit 0: a watcher works on it
 * @event: the expiry that the CPU has not served, CLOCK_MONOTONIC in ns; 0: the CPU is no suspect
 * @asked: when event 0 was sent for it, CLOCK_MONOTONIC in ns; 0: no answer is outstanding
 * @ask_error: what sdei_nmi_event_ask() returned
 * @masked: when its last answer came, if that was from code that had interrupts masked,
 * CLOCK_MONOTONIC in ns; else 0
 * @reported: a hard lockup was reported
 * @stretch: what stretch.c knows of it
 * @record: its answer
 */
struct suspect {
	unsigned long busy;
	u64 event;
	u64 asked;
	int ask_error;
	u64 masked;
	bool reported;
	struct sdei_nmi_stretch_handle stretch;
	struct sdei_nmi_record record;
};

static struct suspect __percpu *suspects;

/**
 * struct watched - what a look reads of a CPU
 * @device: the kernel's pointer to the clock event device of the CPU
 * @event: as in struct suspect, so that a look does not read that
 * @in_timer: when it was first seen to run its expired timers, CLOCK_MONOTONIC in ns; 0: it does
 * not
 * @cpu: the CPU
 * @watcher: the CPU in whose group it is
 * @interrupts: how many interrupts it had taken at @in_timer
 * @no_timer: it runs no timer: since @in_timer it has answered with interrupts on
 * @asked_by_ipi: when the IPI was sent that it has not taken yet, CLOCK_MONOTONIC in ns; 0: none
 */
struct watched {
	struct clock_event_device **device;
	u64 event;
	u64 in_timer;
	unsigned int cpu;
	unsigned int watcher;
	unsigned long interrupts;
	bool no_timer;
	u64 asked_by_ipi;
};

static DEFINE_PER_CPU(struct watched, sdei_nmi_watched);
static DEFINE_PER_CPU(call_single_data_t, sdei_nmi_watch_ipi);

/**
 * struct watcher - a CPU that looks
 * @timer: runs the looks
 * @start: starts @timer on this CPU
 * @on: the CPU is a watcher
 * @first: index of its group in watch_list
 * @count: number of CPUs in its group
 * @next: the watcher after it
 * @adopter: the watcher that looks at the group of this one meanwhile; or NOBODY
 * @looked: when it last looked, CLOCK_MONOTONIC in ns
 * @second: the second of CLOCK_MONOTONIC in which it sent its last signal
 * @signals: signals of that second
 */
struct watcher {
	struct hrtimer timer;
	struct irq_work start;
	bool on;
	unsigned int first;
	unsigned int count;
	unsigned int next;
	int adopter;
	u64 looked;
	u64 second;
	unsigned int signals;
};

static DEFINE_PER_CPU(struct watcher, sdei_nmi_watcher);

/*
 * The CPUs, group by group, so that a look need not search for them. While the plan changes, a look
 * may find a CPU twice or not at all.
 */
static struct watched **watch_list;

/*
 * Guards the plan: the watchers, their groups, the interval, and plan_follower. Inside the CPU
 * hotplug lock.
 */
static DEFINE_MUTEX(plan_lock);
static bool planned;
static void (*plan_follower)(unsigned int leaves);
static int watch_hotplug_state;
static u64 look_ns;		/* interval of the looks; 0: nobody looks */
static u64 stretch_ns;		/* the parameter "watch"; 0: off */

static bool watch_ipi;
module_param(watch_ipi, bool, 0644);
MODULE_PARM_DESC(watch_ipi, "Send IPIs to busy CPUs that have no timer running (nohz_full), to see whether they take interrupts (default: 0)");

static u64 watch_now(void)
{
	return ktime_get_mono_fast_ns();	/* never waits for another CPU */
}

static void notrace serve_watch_request(struct pt_regs *regs)
{
	sdei_nmi_capture_answer(&this_cpu_ptr(suspects)->record, regs, true,
				SDEI_NMI_CAPTURE_TIMER);
}

NOKPROBE_SYMBOL(serve_watch_request);

/* A moment of the counter, which is in the past, on CLOCK_MONOTONIC. */
static u64 moment_ns(u64 ticks)
{
	u64 now = watch_now();

	return now - counter_ns(counter_now() - ticks);
}

/* The idle loop waits with interrupts masked; an interrupt ends the wait all the same. */
static bool has_interrupts_off(const struct sdei_nmi_record *b)
{
	if (b->guest || sdei_nmi_print_idles(b))
		return false;
	if (b->regs.pstate & PSR_I_BIT)
		return true;
	return system_uses_irq_prio_masking() && SDEI_NMI_PMR(&b->regs) != GIC_PRIO_IRQON;
}

static bool stretch_wanted(const struct suspect *s, u64 now)
{
	u64 limit = READ_ONCE(stretch_ns);

	return limit && !s->stretch.caught && now - s->event >= limit;
}

/* One CPU in a flood of short stretches must not keep the watcher in the firmware. */
static bool may_signal(struct watcher *me, u64 now)
{
	u64 second = now / NSEC_PER_SEC;

	if (me->second != second) {
		me->second = second;
		me->signals = 0;
	}
	return me->signals++ < SDEI_NMI_WATCH_SIGNALS_PER_S;
}

static void ask_suspect(unsigned int cpu, struct suspect *s, u64 now)
{
	s->asked = now;
	/* The CPU still fills its record. */
	if (!capture_ask(&s->record.state)) {
		s->ask_error = -EALREADY;
		return;
	}
	s->record.asked_at = counter_now();
	s->ask_error = sdei_nmi_event_ask(cpu, SDEI_NMI_REQUEST_WATCH);
	if (s->ask_error)
		capture_cancel(&s->record.state);
}

/*
 * Withdraws the question, and drops an answer that has come. A CPU that fills its record goes on
 * with that; capture_ask() accepts the late answer.
 */
static void drop_question(unsigned int cpu, struct suspect *s)
{
	sdei_nmi_event_drop(cpu, SDEI_NMI_REQUEST_WATCH);
	if (!capture_cancel(&s->record.state) && !capture_leave(&s->record.state) &&
	    capture_taken(&s->record.state))
		capture_done(&s->record.state);
	s->asked = 0;
}

/* Uses an answer for the record of stretches. */
static void judge_answer(unsigned int cpu, struct suspect *s)
{
	u64 limit = READ_ONCE(stretch_ns), seen = moment_ns(s->record.taken_at);

	if (!limit || s->stretch.caught || seen < s->event + limit)
		return;
	if (!has_interrupts_off(&s->record)) {
		s->masked = 0;
		return;
	}
	if (!s->masked)
		s->masked = seen;
	/* Two watchers may ask at the same time. */
	if ((s64)(seen - s->masked) >= (s64)(READ_ONCE(look_ns) / 2))
		sdei_nmi_stretch_catch(&s->stretch, cpu, &s->record, s->event, seen);
}

/* Whether the expiry of the suspect is one that no timer has, but that in_timer_since() found. */
static bool is_inferred(unsigned int cpu, const struct suspect *s)
{
	return s->event == per_cpu(sdei_nmi_watched, cpu).in_timer;
}

/*
 * The CPU has not served s->event, as far as the watcher knows. Returns true if a lockup was
 * reported.
 */
static bool take_answer(unsigned int cpu, struct suspect *s, u64 now)
{
	bool reports = false;

	judge_answer(cpu, s);
	if (is_inferred(cpu, s) && !has_interrupts_off(&s->record)) {
		per_cpu(sdei_nmi_watched, cpu).no_timer = true;
	} else if (!s->reported && sdei_nmi_lockup_due(cpu, s->event, now)) {
		reports = true;
		s->reported = true;
		s->record.worker = false;	/* its task is not held */
		sdei_nmi_lockup_report(cpu, &s->record, NULL);
	}
	capture_done(&s->record.state);
	s->asked = 0;
	return reports;
}

/* Whether an answer came while the CPU's timer was waiting since s->event. */
static bool answered_before_end(const struct suspect *s)
{
	u64 seen = moment_ns(s->record.taken_at);

	return counter_ns(s->record.waiting) + SDEI_NMI_WATCH_SLACK_US * NSEC_PER_USEC >=
	       seen - s->event;
}

/* The CPU takes its timer interrupt again. It may have begun that after the look began. */
static void suspect_ends(unsigned int cpu, struct suspect *s)
{
	u64 now = watch_now();

	if (s->asked && capture_taken(&s->record.state) && answered_before_end(s))
		judge_answer(cpu, s);
	if (s->asked)
		drop_question(cpu, s);
	if (s->stretch.caught)
		sdei_nmi_stretch_end(&s->stretch, now);
	if (s->reported)
		pr_warn("CPU %u goes on after %llu s\n", cpu, (now - s->event) / NSEC_PER_SEC);
	s->reported = false;
	s->masked = 0;
	s->event = 0;
	WRITE_ONCE(per_cpu(sdei_nmi_watched, cpu).event, 0);
}

static void suspect_begins(unsigned int cpu, struct suspect *s, u64 event)
{
	s->event = event;
	WRITE_ONCE(per_cpu(sdei_nmi_watched, cpu).event, event);
}

/*
 * A lockup of a CPU that cannot be asked is reported without a stack. Returns true if one was
 * reported.
 */
static bool give_up_answer(unsigned int cpu, struct suspect *s, u64 now)
{
	char why[SDEI_NMI_WHY_SIZE];
	bool reports = false;

	if (!s->reported && !is_inferred(cpu, s) && sdei_nmi_lockup_due(cpu, s->event, now)) {
		reports = true;
		s->reported = true;
		sdei_nmi_event_why(s->ask_error, SDEI_NMI_WATCH_ANSWER_MS, why, sizeof(why));
		sdei_nmi_lockup_report(cpu, NULL, why);
	}
	drop_question(cpu, s);
	return reports;
}

static bool refuted(unsigned int cpu, const struct suspect *s)
{
	return is_inferred(cpu, s) && per_cpu(sdei_nmi_watched, cpu).no_timer;
}

/* Returns true if a lockup was reported, which takes long. */
static bool pursue(struct watcher *me, unsigned int cpu, u64 event, u64 now)
{
	struct suspect *s = per_cpu_ptr(suspects, cpu);
	bool reports = false;

	if (test_and_set_bit_lock(0, &s->busy))
		return false;
	if (s->event && s->event != event)
		suspect_ends(cpu, s);
	if (!s->event)
		suspect_begins(cpu, s, event);
	if (s->asked) {
		if (!s->ask_error && capture_taken(&s->record.state))
			reports = take_answer(cpu, s, now);
		else if (s->ask_error ||
			 (s64)(now - s->asked) >= SDEI_NMI_WATCH_ANSWER_MS * NSEC_PER_MSEC)
			reports = give_up_answer(cpu, s, now);
	}
	if (!s->asked && !refuted(cpu, s) &&
	    (stretch_wanted(s, now) || (!s->reported && sdei_nmi_lockup_due(cpu, event, now)))) {
		if (may_signal(me, now))
			ask_suspect(cpu, s, now);
		else
			sdei_nmi_stats_inc(SDEI_NMI_STAT_IRQS_OFF_DROPPED);
	}
	clear_bit_unlock(0, &s->busy);
	return reports;
}

static void acquit(unsigned int cpu)
{
	struct suspect *s = per_cpu_ptr(suspects, cpu);

	if (test_and_set_bit_lock(0, &s->busy))
		return;
	if (s->event)
		suspect_ends(cpu, s);
	clear_bit_unlock(0, &s->busy);
}

/**
 * sdei_nmi_watch_late_since() - since when a CPU has not served its timer
 * @cpu: the CPU
 *
 * Context: any. Return: CLOCK_MONOTONIC in ns; 0 if it is no suspect.
 */
u64 sdei_nmi_watch_late_since(unsigned int cpu)
{
	return READ_ONCE(per_cpu(sdei_nmi_watched, cpu).event);
}

/**
 * sdei_nmi_watch_is_watcher() - whether a CPU looks at others
 * @cpu: the CPU
 *
 * Context: any. Return: true if so.
 */
bool sdei_nmi_watch_is_watcher(unsigned int cpu)
{
	return READ_ONCE(per_cpu(sdei_nmi_watcher, cpu).on);
}

/**
 * sdei_nmi_watch_next() - the watcher after a watcher
 * @watcher: its CPU
 *
 * Context: any. Return: the CPU of the next one, which is in the group of @watcher. While the plan
 * changes it may be another.
 */
unsigned int sdei_nmi_watch_next(unsigned int watcher)
{
	return READ_ONCE(per_cpu(sdei_nmi_watcher, watcher).next);
}

/**
 * sdei_nmi_watch_group() - the CPUs that a watcher looks at
 * @watcher: its CPU
 * @end: gets the number behind the last one
 *
 * Context: any. Return: the number of the first one, for sdei_nmi_watch_listed(). While the plan
 * changes a CPU may be in two groups or none.
 */
unsigned int sdei_nmi_watch_group(unsigned int watcher, unsigned int *end)
{
	const struct watcher *group = per_cpu_ptr(&sdei_nmi_watcher, watcher);
	unsigned int first = READ_ONCE(group->first);

	*end = min(first + READ_ONCE(group->count), nr_cpu_ids);
	return first;
}

/**
 * sdei_nmi_watch_listed() - a CPU of a group
 * @index: as sdei_nmi_watch_group() counts
 *
 * Context: any. Return: the CPU, which may be offline.
 */
unsigned int sdei_nmi_watch_listed(unsigned int index)
{
	return READ_ONCE(watch_list[index])->cpu;
}

/**
 * sdei_nmi_watch_watcher_of() - the watcher in whose group a CPU is
 * @cpu: the CPU, online
 *
 * Context: any. Return: the watcher's CPU.
 */
unsigned int sdei_nmi_watch_watcher_of(unsigned int cpu)
{
	return READ_ONCE(per_cpu(sdei_nmi_watched, cpu).watcher);
}

static void take_watch_ipi(void *info)
{
	/* The kernel has released the IPI's data. late_for_ipi() may use them again after this. */
	smp_store_release(&this_cpu_ptr(&sdei_nmi_watched)->asked_by_ipi, 0);
}

/*
 * A nohz_full CPU that runs one task may have no timer programmed, so nothing can be late there. If
 * the administrator allows it, such a CPU gets an IPI, which it takes unless interrupts are off. An
 * idle CPU is left asleep.
 */
static u64 late_for_ipi(unsigned int cpu, struct watched *w, u64 now)
{
	u64 asked = READ_ONCE(w->asked_by_ipi);

	if (asked)
		return asked;
	if (SDEI_NMI_KERNEL(idle_cpu)(cpu) || housekeeping_cpu(cpu, HK_TYPE_TICK))
		return 0;
	/* Two watchers may be here at the same time. */
	if (!cmpxchg(&w->asked_by_ipi, 0, now) &&
	    smp_call_function_single_async(cpu, per_cpu_ptr(&sdei_nmi_watch_ipi, cpu)))
		WRITE_ONCE(w->asked_by_ipi, 0);
	return 0;
}

/* A CPU that runs its expired timers has no expiry programmed. Returns 0 if it runs none. */
static u64 in_timer_since(unsigned int cpu, struct watched *w, u64 now)
{
	unsigned long interrupts = kstat_cpu_irqs_sum(cpu);

	if (!w->in_timer || w->interrupts != interrupts) {
		w->in_timer = now;
		w->interrupts = interrupts;
		w->no_timer = false;
	}
	return w->no_timer ? 0 : w->in_timer;
}

/* The CPU may be late, or was so at the last look. */
static noinline bool look_closely(struct watcher *me, struct watched *w, u64 event, u64 now,
				  s64 limit)
{
	unsigned int cpu = w->cpu;

	if (event == KTIME_MAX)
		event = in_timer_since(cpu, w, now);
	else
		w->in_timer = 0;
	if (READ_ONCE(watch_ipi) && (!event || (s64)(event - now) > limit))
		event = late_for_ipi(cpu, w, now);
	/* A suspect stays one if the limit rises. */
	if (event && ((s64)(now - event) >= limit || event == READ_ONCE(w->event)))
		return pursue(me, cpu, event, now);
	if (READ_ONCE(w->event))
		acquit(cpu);
	return false;
}

/*
 * Costs few instructions for a CPU that is not late. A suspended or shut-down device keeps its last
 * expiry, which means nothing. Returns true if a lockup was reported.
 */
static __always_inline bool look_at(struct watcher *me, struct watched *w, u64 now, s64 limit,
				    bool ipi)
{
	struct clock_event_device *device = READ_ONCE(*w->device);
	u64 event = 0;

	if (device && clockevent_state_oneshot(device))
		event = READ_ONCE(device->next_event);
	/* KTIME_MAX is far in the future. */
	if (likely((!event || (s64)(now - event) < limit) && event != KTIME_MAX &&
		   !(READ_ONCE(w->event) | w->in_timer) && !ipi))
		return false;
	return look_closely(me, w, event, now, limit);
}

/* Returns true if a lockup was reported. */
static bool look_at_group(struct watcher *me, const struct watcher *group, u64 now, s64 limit)
{
	unsigned int first = READ_ONCE(group->first), i = first;
	unsigned int end = first + READ_ONCE(group->count);
	bool ipi = READ_ONCE(watch_ipi), reported = false;

	end = min(end, nr_cpu_ids);
	/* A report takes long. The next look follows soon, and sees the other CPUs. */
	for (; i < end && !reported; i++)
		reported = look_at(me, READ_ONCE(watch_list[i]), now, limit, ipi);
	sdei_nmi_stats_add(SDEI_NMI_STAT_LOOKS, i - first);
	return reported;
}

/* Adopts the watchers behind this one that have stopped to look, up to the first that looks. */
static void adopt_silent(struct watcher *me, unsigned int this_cpu, u64 now)
{
	u64 silent = SDEI_NMI_WATCH_SILENT_LOOKS * READ_ONCE(look_ns);
	unsigned int cpu = me->next, steps;
	struct watcher *other;

	/* A plan that is being made may have a circle without this CPU. */
	for (steps = 0; cpu != this_cpu && steps < nr_cpu_ids; steps++) {
		other = per_cpu_ptr(&sdei_nmi_watcher, cpu);
		if ((s64)(now - READ_ONCE(other->looked)) < (s64)silent) {
			if (READ_ONCE(other->adopter) == this_cpu)
				WRITE_ONCE(other->adopter, NOBODY);
			return;
		}
		WRITE_ONCE(other->adopter, this_cpu);
		cpu = READ_ONCE(other->next);
	}
}

/* Returns true if a lockup was reported. */
static bool look(struct watcher *me)
{
	unsigned int this_cpu = smp_processor_id(), cpu = READ_ONCE(me->next), steps;
	u64 now = watch_now(), limit = READ_ONCE(stretch_ns) ?: NEVER, start = counter_now();
	const struct watcher *other;
	bool reported;

	WRITE_ONCE(me->looked, now);
	/* While CPUs are suspended or stopped, or the machine reboots, they are late on purpose. */
	if (!sdei_nmi_reach_serving())
		return false;
	limit = min3(limit, sdei_nmi_lockup_limit_ns(), (u64)S64_MAX);
	adopt_silent(me, this_cpu, now);
	reported = look_at_group(me, me, now, limit);
	/* The watchers behind this one that it has adopted. */
	for (steps = 0; !reported && cpu != this_cpu && steps < nr_cpu_ids; steps++) {
		other = per_cpu_ptr(&sdei_nmi_watcher, cpu);
		if (READ_ONCE(other->adopter) != this_cpu)
			break;
		reported = look_at_group(me, other, now, limit);
		cpu = READ_ONCE(other->next);
	}
	sdei_nmi_stats_add(SDEI_NMI_STAT_LOOKS_NS, counter_ns(counter_now() - start));
	return reported;
}

static void withdraw_question(unsigned int cpu)
{
	struct suspect *s = per_cpu_ptr(suspects, cpu);

	if (test_and_set_bit_lock(0, &s->busy))
		return;
	if (s->asked)
		drop_question(cpu, s);
	clear_bit_unlock(0, &s->busy);
}

/*
 * This watcher looks no more. If the signal of a question was lost, the question would keep its CPU
 * from deep idle states.
 */
static void withdraw_questions(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		withdraw_question(cpu);
}

static enum hrtimer_restart look_timer(struct hrtimer *timer)
{
	struct watcher *me = container_of(timer, struct watcher, timer);
	u64 interval = READ_ONCE(look_ns);

	if (!interval)
		withdraw_questions();
	if (!interval || !READ_ONCE(me->on))
		return HRTIMER_NORESTART;
	if (look(me))
		interval = min(interval, SDEI_NMI_WATCH_REPORTED_MS * (u64)NSEC_PER_MSEC);
	hrtimer_forward_now(timer, ns_to_ktime(interval));
	return HRTIMER_RESTART;
}

static void start_look_timer(struct irq_work *start)
{
	struct watcher *me = container_of(start, struct watcher, start);
	u64 interval = READ_ONCE(look_ns);

	if (interval && READ_ONCE(me->on))
		hrtimer_start(&me->timer, ns_to_ktime(interval), HRTIMER_MODE_REL_PINNED_HARD);
}

/* The kernel's own work is kept off isolated and nohz_full CPUs, and so are the watchers. */
static bool may_watch(unsigned int cpu, unsigned int leaves)
{
	return cpu != leaves && cpu_online(cpu) && housekeeping_cpu(cpu, HK_TYPE_TIMER) &&
	       housekeeping_cpu(cpu, HK_TYPE_DOMAIN);
}

/* The first CPU at or behind @cpu, around the end, that may watch and does not do so yet. */
static unsigned int find_watcher(unsigned int cpu, unsigned int leaves)
{
	unsigned int tries, candidate = cpu;

	for (tries = 0; tries <= num_online_cpus(); tries++) {
		if (may_watch(candidate, leaves) && !per_cpu(sdei_nmi_watcher, candidate).on)
			return candidate;
		candidate = cpumask_next(candidate, cpu_online_mask);
		if (candidate >= nr_cpu_ids)
			candidate = cpumask_first(cpu_online_mask);
	}
	return nr_cpu_ids;
}

static void list_groups(void)
{
	unsigned int watcher, cpu, n = 0;
	struct watched *w;

	for_each_online_cpu(watcher) {
		struct watcher *group = per_cpu_ptr(&sdei_nmi_watcher, watcher);

		if (!group->on)
			continue;
		WRITE_ONCE(group->count, 0);
		WRITE_ONCE(group->first, n);
		for_each_possible_cpu(cpu) {
			w = per_cpu_ptr(&sdei_nmi_watched, cpu);
			if (w->watcher == watcher && cpu != watcher)
				WRITE_ONCE(watch_list[n++], w);
		}
		WRITE_ONCE(group->count, n - group->first);
	}
}

/*
 * Makes groups of at most GROUP_MOST CPUs in each NUMA node. There are two watchers if two CPUs may
 * watch, because a watcher cannot look at itself. The CPU @leaves is on its way offline.
 *
 * The groups have all possible CPUs. A CPU that comes online can have interrupts off before the
 * plan follows, and one that leaves can have them off after that. An offline CPU has no device.
 */
static void make_groups(unsigned int leaves)
{
	unsigned int cpu, group = nr_cpu_ids, size, watchers = 0;
	unsigned int first = nr_cpu_ids, last = nr_cpu_ids, found;
	int node;

	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu(sdei_nmi_watcher, cpu).on, false);
	for (node = 0; node < nr_node_ids; node++) {
		size = GROUP_MOST;	/* the first online CPU starts a group */
		for_each_possible_cpu(cpu) {
			if (max(cpu_to_node(cpu), 0) != node)
				continue;
			/* Offline CPUs join a group that there is. */
			if (size == GROUP_MOST && cpu_online(cpu)) {
				size = 0;
				found = find_watcher(cpu, leaves);
				if (found < nr_cpu_ids) {
					group = found;
					WRITE_ONCE(per_cpu(sdei_nmi_watcher, group).on, true);
					watchers++;
				}
			}
			if (group < nr_cpu_ids)
				WRITE_ONCE(per_cpu(sdei_nmi_watched, cpu).watcher, group);
			if (cpu_online(cpu))
				size++;
		}
	}
	if (group >= nr_cpu_ids)
		return;
	/* Those before the first online CPU. */
	for_each_possible_cpu(cpu)
		if (!per_cpu(sdei_nmi_watcher, per_cpu(sdei_nmi_watched, cpu).watcher).on)
			WRITE_ONCE(per_cpu(sdei_nmi_watched, cpu).watcher, group);
	found = watchers == 1 ? find_watcher(group, leaves) : nr_cpu_ids;
	if (found < nr_cpu_ids)
		WRITE_ONCE(per_cpu(sdei_nmi_watcher, found).on, true);
	for_each_online_cpu(cpu) {
		if (!per_cpu(sdei_nmi_watcher, cpu).on)
			continue;
		if (first >= nr_cpu_ids)
			first = cpu;
		else
			WRITE_ONCE(per_cpu(sdei_nmi_watcher, last).next, cpu);
		if (last < nr_cpu_ids)
			WRITE_ONCE(per_cpu(sdei_nmi_watched, cpu).watcher, last);
		last = cpu;
	}
	WRITE_ONCE(per_cpu(sdei_nmi_watcher, last).next, first);
	WRITE_ONCE(per_cpu(sdei_nmi_watched, first).watcher, last);
	list_groups();
}

/* A stretch has to cover two looks after the limit. A lockup is reported within a second. */
static u64 interval_needed(void)
{
	u64 stretch = READ_ONCE(stretch_ns), interval = 0;

	if (sdei_nmi_lockup_watched())
		interval = SDEI_NMI_WATCH_LOCKUP_LOOK_MS * NSEC_PER_MSEC;
	if (stretch) {
		stretch = max(stretch / SDEI_NMI_WATCH_LOOKS,
			      SDEI_NMI_WATCH_LOOK_LEAST_US * (u64)NSEC_PER_USEC);
		interval = min_not_zero(interval, stretch);
	}
	return interval;
}

/* Holds the hotplug lock and plan_lock. */
static void make_plan(unsigned int leaves)
{
	unsigned int cpu;
	u64 now = watch_now();

	lockdep_assert_held(&plan_lock);
	if (!planned)
		return;
	WRITE_ONCE(look_ns, interval_needed());
	rcu_read_lock();	/* newer kernels free the masks of housekeeping CPUs after RCU */
	make_groups(leaves);
	rcu_read_unlock();
	if (plan_follower)
		plan_follower(leaves);
	if (!look_ns)
		return;
	for_each_online_cpu(cpu) {
		struct watcher *me = per_cpu_ptr(&sdei_nmi_watcher, cpu);

		if (!me->on)
			continue;
		WRITE_ONCE(me->adopter, NOBODY);
		WRITE_ONCE(me->looked, now);
		SDEI_NMI_KERNEL(irq_work_queue_on)(&me->start, cpu);
	}
}

/**
 * sdei_nmi_watch_follow() - have a function called after each new plan
 * @follower: the function; NULL ends it. Its argument is the CPU that is on its way offline, or
 * nr_cpu_ids. It is called in a task, inside the CPU hotplug lock and plan_lock
 *
 * Context: task; sleeps. Takes plan_lock.
 */
void sdei_nmi_watch_follow(void (*follower)(unsigned int leaves))
{
	mutex_lock(&plan_lock);
	plan_follower = follower;
	mutex_unlock(&plan_lock);
}

/**
 * sdei_nmi_watch_replan() - follow a change of a parameter
 *
 * Context: task; sleeps. Takes the CPU hotplug lock and plan_lock.
 */
void sdei_nmi_watch_replan(void)
{
	if (!READ_ONCE(planned))
		return;
	cpus_read_lock();
	mutex_lock(&plan_lock);
	make_plan(nr_cpu_ids);
	mutex_unlock(&plan_lock);
	cpus_read_unlock();
}

static int watch_cpu_comes(unsigned int cpu)
{
	mutex_lock(&plan_lock);
	make_plan(nr_cpu_ids);
	mutex_unlock(&plan_lock);
	return 0;
}

/* A timer of a CPU that goes offline would move to another CPU. */
static int watch_cpu_goes(unsigned int cpu)
{
	mutex_lock(&plan_lock);
	make_plan(cpu);
	hrtimer_cancel(&per_cpu_ptr(&sdei_nmi_watcher, cpu)->timer);
	mutex_unlock(&plan_lock);
	/* A look of before the new plan, which runs in a hard interrupt, may hold the suspect. */
	synchronize_rcu();
	acquit(cpu);
	return 0;
}

static const struct {
	const char *name;
	u64 ns;
} units[] = { { "us", NSEC_PER_USEC }, { "ms", NSEC_PER_MSEC }, { "s", NSEC_PER_SEC } };

/* "off", or a number and a unit. Returns 0 for a time that is too short, too long or none. */
static u64 parse_time(const char *value)
{
	char text[16], *unit;
	unsigned long number;
	unsigned int i;
	u64 ns = 0;

	if (strscpy(text, value, sizeof(text)) < 0)
		return 0;
	unit = strim(text);
	unit += strspn(unit, "0123456789");
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(unit, units[i].name))
			ns = units[i].ns;
	*unit = 0;
	if (!ns || kstrtoul(strim(text), 10, &number) || number > NSEC_PER_SEC)
		return 0;
	ns *= number;
	return ns >= SDEI_NMI_WATCH_LEAST_US * NSEC_PER_USEC &&
	       ns <= SDEI_NMI_WATCH_MOST_S * NSEC_PER_SEC ? ns : 0;
}

static int start_record(void)
{
	int err = sdei_nmi_stretch_start();

	if (err)
		pr_err("allocating memory for the parameter watch failed; nothing was changed\n");
	return err;
}

static int watch_set(const char *value, const struct kernel_param *param)
{
	u64 ns = sysfs_streq(value, "off") ? 0 : parse_time(value);
	int err;

	if (!ns && !sysfs_streq(value, "off")) {
		pr_err("watch has to be off or a time from 500us to 10s, such as 5ms, not '%.*s'; nothing was changed\n",
		       (int)strcspn(value, "\n"), value);
		return -EINVAL;
	}
	/* Built in, this runs before memory can be allocated; sdei_nmi_watch_init() does that. */
	mutex_lock(&plan_lock);
	err = planned && ns && !stretch_ns ? start_record() : 0;
	if (!err)
		WRITE_ONCE(stretch_ns, ns);
	mutex_unlock(&plan_lock);
	if (err)
		return err;
	sdei_nmi_watch_replan();
	return 0;
}

/**
 * sdei_nmi_watch_stretch_ns() - the parameter "watch"
 *
 * Context: any. Return: nanoseconds; 0 if it is off.
 */
u64 sdei_nmi_watch_stretch_ns(void)
{
	return READ_ONCE(stretch_ns);
}

static int watch_get(char *buffer, const struct kernel_param *param)
{
	u64 ns = READ_ONCE(stretch_ns);
	unsigned int i = ARRAY_SIZE(units) - 1;

	if (!ns)
		return sysfs_emit(buffer, "off\n");
	while (i && ns % units[i].ns)
		i--;
	return sysfs_emit(buffer, "%llu%s\n", ns / units[i].ns, units[i].name);
}

static const struct kernel_param_ops watch_ops = { .set = watch_set, .get = watch_get };

module_param_cb(watch, &watch_ops, NULL, 0644);
MODULE_PARM_DESC(watch, "Record where CPUs have interrupts off for longer than this time, from 500us to 10s, such as 5ms; or off (default: off)");

static void stop_looking(void)
{
	unsigned int cpu;

	mutex_lock(&plan_lock);
	planned = false;
	WRITE_ONCE(look_ns, 0);
	mutex_unlock(&plan_lock);
	for_each_possible_cpu(cpu) {
		struct watcher *me = per_cpu_ptr(&sdei_nmi_watcher, cpu);

		irq_work_sync(&me->start);
		hrtimer_cancel(&me->timer);
	}
	withdraw_questions();
}

static bool __init allocate_list(void)
{
	unsigned int i;

	watch_list = kcalloc(nr_cpu_ids, sizeof(*watch_list), GFP_KERNEL);
	/* A look that meets a new plan may read any entry. */
	for (i = 0; watch_list && i < nr_cpu_ids; i++)
		watch_list[i] = per_cpu_ptr(&sdei_nmi_watched, cpumask_first(cpu_possible_mask));
	return watch_list;
}

/**
 * sdei_nmi_watch_init() - start the watchers
 *
 * Context: task, at load; sleeps. Event 0 can be signalled.
 * Return: 0, or the errno of the step that failed. A failure logs one line.
 */
int __init sdei_nmi_watch_init(void)
{
	unsigned int cpu;
	int err;

	if (!allocate_list()) {
		pr_err("allocating the list of watched CPUs failed; nothing was changed\n");
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu) {
		struct watcher *me = per_cpu_ptr(&sdei_nmi_watcher, cpu);
		struct watched *w = per_cpu_ptr(&sdei_nmi_watched, cpu);

		w->cpu = cpu;
		/* Only the first member of the kernel's struct tick_device is used. */
		w->device = (struct clock_event_device **)SDEI_NMI_KERNEL(tick_get_device)(cpu);
		INIT_CSD(&per_cpu(sdei_nmi_watch_ipi, cpu), take_watch_ipi, NULL);
		me->start = IRQ_WORK_INIT_HARD(start_look_timer);
		hrtimer_setup(&me->timer, look_timer, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
	sdei_nmi_lockup_init();
	mutex_lock(&plan_lock);
	err = stretch_ns ? start_record() : 0;
	planned = !err;
	mutex_unlock(&plan_lock);
	if (err)
		goto fail;
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "arm64/sdei_nmi:watch", watch_cpu_comes,
				watch_cpu_goes);
	if (err < 0) {
		pr_err("following CPU hotplug for the watchers failed with %d; nothing was changed\n",
		       err);
		stop_looking();
		goto fail;
	}
	watch_hotplug_state = err;
	return 0;

fail:
	sdei_nmi_lockup_exit();
	kfree(watch_list);
	return err;
}

/**
 * sdei_nmi_watch_serve() - allocate the records of the watchers and serve their requests
 *
 * Context: task, at load, before event 0 is registered; sleeps. Return: 0, or -ENOMEM after one log
 * line.
 */
int __init sdei_nmi_watch_serve(void)
{
	suspects = alloc_percpu(struct suspect);
	if (!suspects) {
		pr_err("allocating a record of the watchers for each CPU failed; nothing was changed\n");
		return -ENOMEM;
	}
	sdei_nmi_stretch_init();
	sdei_nmi_event_serve(SDEI_NMI_REQUEST_WATCH, serve_watch_request);
	return 0;
}

/**
 * sdei_nmi_watch_exit() - stop the watchers
 *
 * A CPU that takes no interrupts holds this up, as it holds up the other steps of an unload.
 *
 * Context: task; sleeps. Event 0 can still be signalled.
 */
void sdei_nmi_watch_exit(void)
{
	unsigned int cpu, ms;

	cpuhp_remove_state_nocalls(watch_hotplug_state);
	stop_looking();
	for_each_possible_cpu(cpu)
		for (ms = 1; READ_ONCE(per_cpu(sdei_nmi_watched, cpu).asked_by_ipi); ms++) {
			usleep_range(1000, 2000);
			if (ms % SDEI_NMI_UNLOAD_LOG_MS == 0)
				pr_warn("unloading waits for CPU %u, which does not take an IPI\n",
					cpu);
		}
	synchronize_rcu();	/* a CPU may still be in take_watch_ipi() */
	sdei_nmi_lockup_exit();
	kfree(watch_list);
}

/**
 * sdei_nmi_watch_free() - free the records of the watchers
 *
 * Context: task; sleeps. Event 0 is unregistered.
 */
void sdei_nmi_watch_free(void)
{
	free_percpu(suspects);
	sdei_nmi_stretch_free();
}
