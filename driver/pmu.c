// SPDX-License-Identifier: GPL-2.0
/*
 * The PMU "sdei_nmi" samples CPUs by time, also where they have interrupts off. The watchers of
 * watch.c are its senders: a timer on each of them signals event 0 to those CPUs of its group that
 * have an event whose sample is due. The CPU's handler passes the interrupted registers to perf.
 *
 * An event belongs to a CPU, never to a task. perf calls pmu_add(), pmu_start(), pmu_stop() and
 * pmu_del() on that CPU with interrupts off, so only the handler can come in between. The handler
 * sees an event from pmu_start() to pmu_stop().
 *
 * The handler may take no exception (event.c). perf would cause one when it copies the stack of a
 * user program, follows its frames or signals it, and a BPF program may. pmu_event_init() refuses
 * events that copy the stack or send signals. The call chain of a user program is its pc alone. An
 * event with a BPF program gives no samples. A program that is attached between the check for it
 * and perf's own runs once.
 *
 * pmu_lock guards the list of events and send_ns. perf may call pmu_event_init() with a lock held
 * that is inside the CPU hotplug lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>

#include "capture.h"
#include "compat.h"
#include "event.h"
#include "pmu.h"
#include "reach.h"
#include "request.h"
#include "stats.h"
#include "symbols.h"
#include "waits.h"
#include "watch.h"

#define SLOTS		8	/* events that can be on a CPU at a time; perf rotates more */
#define SEND_SHARE	4	/* a sender gets at most this fraction of its CPU */

/**
 * struct pmu_user - what the driver keeps of an event
 * @list: in pmu_events
 * @period: the shortest period that the event may have, in ns
 * @user_chain: the event wants the call chains of user programs
 * @fresh: it has had no sample yet
 * @due: when its next sample is due, CLOCK_MONOTONIC in ns
 * @tick: when perf's count of its samples was last set to 0, CLOCK_MONOTONIC in ns
 *
 * Only the event's CPU accesses @fresh, @due and @tick.
 */
struct pmu_user {
	struct list_head list;
	u64 period;
	bool user_chain;
	bool fresh;
	u64 due;
	u64 tick;
};

/**
 * struct sampler - the events of a CPU
 * @events: the events; NULL: a free slot. Only the CPU itself accesses them
 * @due: when the next sample of any event is due, CLOCK_MONOTONIC in ns; U64_MAX: no event runs
 * @asked: when a sender last signalled the CPU, CLOCK_MONOTONIC in ns; only senders access it
 */
struct sampler {
	struct perf_event *events[SLOTS];
	u64 due;
	u64 asked;
};

static DEFINE_PER_CPU(struct sampler, sdei_nmi_sampler) = { .due = U64_MAX };

/**
 * struct sender - the timer of a watcher that sends the signals
 * @timer: sends them
 * @start: starts @timer on this CPU
 * @delay: how long after the last signals @timer expires at the latest, in ns
 * @sent: when it last sent signals, CLOCK_MONOTONIC in ns
 */
struct sender {
	struct hrtimer timer;
	struct irq_work start;
	u64 delay;
	u64 sent;
};

static DEFINE_PER_CPU(struct sender, sdei_nmi_sender);

static DEFINE_SPINLOCK(pmu_lock);
static LIST_HEAD(pmu_events);
static u64 send_ns;		/* interval of the senders; 0: there are no events */
static bool pmu_registered;	/* only load and unload access it */

static u64 pmu_now(void)
{
	return ktime_get_mono_fast_ns();	/* never waits for another CPU */
}

static __always_inline struct pmu_user *user_of(const struct perf_event *event)
{
	return event->pmu_private;
}

static __always_inline bool runs(const struct perf_event *event)
{
	return event && !(READ_ONCE(event->hw.state) & PERF_HES_STOPPED);
}

/*
 * A sample is taken up to half an interval early. Otherwise the jitter of the senders would decide
 * whether a sample that is due at the same time as the signal has to wait for the next one.
 */
static __always_inline bool is_due(u64 due, u64 now)
{
	return due != U64_MAX && (s64)(now + READ_ONCE(send_ns) / 2 - due) >= 0;
}

static void note_earliest(struct sampler *me)
{
	u64 due = U64_MAX;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		const struct perf_event *event = READ_ONCE(me->events[i]);

		if (runs(event))
			due = min(due, user_of(event)->due);
	}
	WRITE_ONCE(me->due, due);
}

NOKPROBE_SYMBOL(note_earliest);

/* An event counts the time in which it runs. */
static void update_count(struct perf_event *event)
{
	u64 now = pmu_now();

	local64_add(now - local64_xchg(&event->hw.prev_count, now), &event->count);
}

NOKPROBE_SYMBOL(update_count);

/* How many samples of the event are due; more than one if some were missed. */
static u64 samples_due(const struct perf_event *event, u64 now)
{
	u64 due = user_of(event)->due;

	if ((s64)(now - due) < 0)
		return 0;
	return div64_u64(now - due, event->hw.sample_period) + 1;
}

NOKPROBE_SYMBOL(samples_due);

static void stop_event(struct perf_event *event)
{
	u64 now = pmu_now(), due;

	if (event->hw.state & PERF_HES_STOPPED)
		return;
	update_count(event);
	WRITE_ONCE(event->hw.state, PERF_HES_STOPPED | PERF_HES_UPTODATE);
	due = samples_due(event, now);
	sdei_nmi_stats_add(SDEI_NMI_STAT_SAMPLES_MISSED, due);
	/* perf may take the event off the CPU more often than once in a period. */
	local64_set(&event->hw.period_left,
		    user_of(event)->due + due * event->hw.sample_period - now);
	note_earliest(this_cpu_ptr(&sdei_nmi_sampler));
}

NOKPROBE_SYMBOL(stop_event);

static __always_inline bool has_bpf_program(const struct perf_event *event)
{
#ifdef CONFIG_BPF_SYSCALL
	return READ_ONCE(event->prog);
#else
	return false;
#endif
}

/*
 * While KVM has a virtual CPU loaded, perf takes each sample for the guest's, at the pc that the
 * guest had last. sdei_nmi_capture_is_guest() says where the CPU really was.
 */
static bool perf_sees_guest(void)
{
	return SDEI_NMI_HAS(kvm_get_running_vcpu) && SDEI_NMI_KERNEL(kvm_get_running_vcpu)();
}

NOKPROBE_SYMBOL(perf_sees_guest);

/* What runs in a guest is the guest's business. */
static bool is_excluded(const struct perf_event *event, const struct pt_regs *regs)
{
	if (event->attr.exclude_host || sdei_nmi_capture_is_guest(regs))
		return true;
	if (user_mode(regs))
		return event->attr.exclude_user;
	return event->attr.exclude_kernel || (event->attr.exclude_idle && is_idle_task(current));
}

NOKPROBE_SYMBOL(is_excluded);

/* perf itself would follow the program's frames in user memory, and a page fault can result. */
static void set_user_chain(struct perf_sample_data *data, u64 *chain, unsigned long pc)
{
	chain[0] = 2;
	chain[1] = PERF_CONTEXT_USER;
	chain[2] = pc;
	data->callchain = (struct perf_callchain_entry *)chain;
	data->sample_flags |= PERF_SAMPLE_CALLCHAIN;
	SDEI_NMI_SAMPLE_GROWS(data, 3 * sizeof(u64));
}

NOKPROBE_SYMBOL(set_user_chain);

/*
 * perf stops an event for the rest of a tick that has more samples in one tick than
 * kernel.perf_event_max_sample_rate allows. A CPU with interrupts off takes no tick, so the
 * clock says when the next one begins.
 */
static void count_tick(struct perf_event *event, u64 now)
{
	struct pmu_user *user = user_of(event);

	if ((s64)(now - user->tick) < TICK_NSEC)
		return;
	user->tick = now;
	event->hw.interrupts = 0;
}

NOKPROBE_SYMBOL(count_tick);

static void give_sample(struct perf_event *event, struct pt_regs *regs, u64 now)
{
	struct pmu_user *user = user_of(event);
	u64 chain[3], due = max(samples_due(event, now), 1ULL);	/* it may be early */
	struct perf_sample_data data;

	sdei_nmi_stats_add(SDEI_NMI_STAT_SAMPLES_MISSED, due - 1);
	/* From the first sample on, the event follows the sender's beat. */
	user->due = user->fresh ? now + event->hw.sample_period :
				  user->due + due * event->hw.sample_period;
	user->fresh = false;
	if (is_excluded(event, regs))
		return;
	if (has_bpf_program(event) || perf_sees_guest()) {
		sdei_nmi_stats_inc(SDEI_NMI_STAT_SAMPLES_REFUSED);
		return;
	}
	sdei_nmi_stats_inc(SDEI_NMI_STAT_SAMPLES);
	update_count(event);
	count_tick(event, now);
	perf_sample_data_init(&data, 0, event->hw.sample_period);
	if (user->user_chain && user_mode(regs))
		set_user_chain(&data, chain, instruction_pointer(regs));
	/* Newer kernels (7.3) stop the event themselves. */
	if (SDEI_NMI_KERNEL(perf_event_overflow)(event, &data, regs))
		stop_event(event);
	if (!runs(event))
		sdei_nmi_stats_inc(SDEI_NMI_STAT_SAMPLES_THROTTLED);
}

NOKPROBE_SYMBOL(give_sample);

static void notrace serve_sample_request(struct pt_regs *regs)
{
	struct sampler *me = this_cpu_ptr(&sdei_nmi_sampler);
	u64 now = pmu_now();
	struct pt_regs shown;
	unsigned int i;

	if (sdei_nmi_capture_shown(&shown, regs))
		regs = &shown;
	for (i = 0; i < SLOTS; i++) {
		struct perf_event *event = READ_ONCE(me->events[i]);

		if (runs(event) && is_due(user_of(event)->due, now))
			give_sample(event, regs, now);
	}
	note_earliest(me);
}

NOKPROBE_SYMBOL(serve_sample_request);

static void sample_cpu(unsigned int cpu, u64 now)
{
	struct sampler *s = per_cpu_ptr(&sdei_nmi_sampler, cpu);

	if (!is_due(READ_ONCE(s->due), now))
		return;
	/* A signal that has not arrived after that long is lost. */
	if (sdei_nmi_event_waits(cpu, SDEI_NMI_REQUEST_SAMPLE) &&
	    (s64)(now - s->asked) < SDEI_NMI_WATCH_ANSWER_MS * NSEC_PER_MSEC) {
		sdei_nmi_stats_inc(SDEI_NMI_STAT_SAMPLES_COALESCED);
		return;
	}
	s->asked = now;
	if (sdei_nmi_event_ask(cpu, SDEI_NMI_REQUEST_SAMPLE))
		sdei_nmi_stats_inc(SDEI_NMI_STAT_SAMPLES_SKIPPED);
	smp_mb();	/* post, then read the time; pairs with pmu_del() */
	if (READ_ONCE(s->due) == U64_MAX)
		sdei_nmi_event_drop(cpu, SDEI_NMI_REQUEST_SAMPLE);
}

static void sample_group(unsigned int watcher, u64 now)
{
	unsigned int i, end;

	for (i = sdei_nmi_watch_group(watcher, &end); i < end; i++)
		sample_cpu(sdei_nmi_watch_listed(i), now);
}

/*
 * Samples the group of this sender, and the groups of the senders behind it that have stopped to
 * send, up to the first that sends. A sender may itself have interrupts off.
 */
static void send(unsigned int this_cpu, u64 now, u64 interval)
{
	unsigned int cpu = sdei_nmi_watch_next(this_cpu), steps;

	sample_group(this_cpu, now);
	for (steps = 0; cpu != this_cpu && steps < nr_cpu_ids; steps++) {
		const struct sender *sender = per_cpu_ptr(&sdei_nmi_sender, cpu);
		u64 patience = max(interval, READ_ONCE(sender->delay));

		if ((s64)(now - READ_ONCE(sender->sent)) <
		    (s64)(SDEI_NMI_WATCH_SILENT_LOOKS * patience))
			return;
		sample_group(cpu, now);
		cpu = sdei_nmi_watch_next(cpu);
	}
}

static enum hrtimer_restart send_timer(struct hrtimer *timer)
{
	struct sender *me = container_of(timer, struct sender, timer);
	u64 interval = READ_ONCE(send_ns), now = pmu_now(), delay;
	unsigned int this_cpu = smp_processor_id();

	if (!interval || !sdei_nmi_watch_is_watcher(this_cpu))
		return HRTIMER_NORESTART;
	WRITE_ONCE(me->sent, now);
	if (sdei_nmi_reach_serving())
		send(this_cpu, now, interval);
	/* However short the period is and however many the CPUs are, this one has to go on. */
	delay = max(interval, SEND_SHARE * (pmu_now() - now));
	WRITE_ONCE(me->delay, delay);
	hrtimer_forward(timer, ns_to_ktime(now + delay - interval), ns_to_ktime(interval));
	return HRTIMER_RESTART;
}

static void start_send_timer(struct irq_work *start)
{
	struct sender *me = container_of(start, struct sender, start);
	unsigned int this_cpu = smp_processor_id();
	u64 interval = READ_ONCE(send_ns);
	/* At different times, so that a sender is not always sampled while it sends. */
	u64 delay = interval + interval / 7 * (this_cpu % 7);

	if (!interval || !sdei_nmi_watch_is_watcher(this_cpu) ||
	    (hrtimer_is_queued(&me->timer) && me->delay <= delay))
		return;
	WRITE_ONCE(me->delay, delay);
	hrtimer_start(&me->timer, ns_to_ktime(delay), HRTIMER_MODE_REL_PINNED_HARD);
}

/* The senders send with the shortest period, but at least once a second. */
static void set_interval(void)
{
	u64 interval = list_empty(&pmu_events) ? 0 : NSEC_PER_SEC;
	struct pmu_user *user;

	lockdep_assert_held(&pmu_lock);
	list_for_each_entry(user, &pmu_events, list)
		interval = min(interval, user->period);
	WRITE_ONCE(send_ns, interval);
}

/* Follows a new plan of the watchers. The CPU @leaves is on its way offline. */
static void plan_senders(unsigned int leaves)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct sender *sender = per_cpu_ptr(&sdei_nmi_sender, cpu);

		if (READ_ONCE(send_ns) && sdei_nmi_watch_is_watcher(cpu))
			SDEI_NMI_KERNEL(irq_work_queue_on)(&sender->start, cpu);
	}
	/* The timer would move to another CPU. */
	if (leaves < nr_cpu_ids)
		hrtimer_cancel(&per_cpu(sdei_nmi_sender, leaves).timer);
}

/* The senders end by themselves when there are no events, and read the interval each time. */
static void pmu_destroy(struct perf_event *event)
{
	struct pmu_user *user = user_of(event);

	spin_lock(&pmu_lock);
	list_del(&user->list);
	set_interval();
	spin_unlock(&pmu_lock);
	kfree(user);
}

/*
 * The period in ns, or 0 if it is too short. As for cpu-clock, a frequency becomes a period that
 * does not change. One that is too high becomes the highest.
 */
static u64 period_of(const struct perf_event_attr *attr)
{
	const u64 least = SDEI_NMI_PMU_PERIOD_LEAST_US * NSEC_PER_USEC;

	if (attr->freq && attr->sample_freq)
		return max(div64_u64(NSEC_PER_SEC, attr->sample_freq), least);
	return attr->sample_period >= least ? attr->sample_period : 0;
}

/* Whether the event needs an exception in the handler, or something that the PMU lacks. */
static bool is_unsupported(struct perf_event *event)
{
	const struct perf_event_attr *attr = &event->attr;

	return event->cpu < 0 || event->attach_state & PERF_ATTACH_TASK ||
	       !is_sampling_event(event) || has_branch_stack(event) || attr->sigtrap ||
	       attr->sample_type & PERF_SAMPLE_STACK_USER;
}

/* perf puts the events of a group on the CPU together, and holds the leader's context here. */
static bool is_too_much(struct perf_event *event)
{
	struct perf_event *leader = event->group_leader, *sibling;
	unsigned int count = 1;

	if (leader == event)
		return false;
	count += leader->pmu == event->pmu;
	for_each_sibling_event(sibling, leader)
		count += sibling->pmu == event->pmu;
	return count > SLOTS;
}

static int pmu_event_init(struct perf_event *event)
{
	struct perf_event_attr *attr = &event->attr;
	struct pmu_user *user;

	if (attr->type != event->pmu->type)
		return -ENOENT;
	if (is_unsupported(event))
		return -EOPNOTSUPP;
	if (attr->config || attr->config1 || attr->config2 || !period_of(attr) ||
	    is_too_much(event))
		return -EINVAL;
	if (!cpu_possible(event->cpu))
		return -ENODEV;
	/* A CPU cannot sample itself. */
	if (sdei_nmi_watch_watcher_of(event->cpu) == event->cpu)
		return -EOPNOTSUPP;
	user = kzalloc_obj(*user);
	if (!user)
		return -ENOMEM;
	user->period = period_of(attr);
	user->user_chain = attr->sample_type & PERF_SAMPLE_CALLCHAIN &&
			   !attr->exclude_callchain_user;
	attr->freq = 0;
	attr->sample_period = user->period;
	attr->exclude_callchain_user = 1;
	event->hw.sample_period = user->period;
	event->hw.last_period = user->period;
	local64_set(&event->hw.period_left, 0);
	event->pmu_private = user;
	event->destroy = pmu_destroy;
	spin_lock(&pmu_lock);
	list_add(&user->list, &pmu_events);
	set_interval();
	spin_unlock(&pmu_lock);
	/* perf may hold a lock that is inside the hotplug lock. This keeps CPUs online, too. */
	preempt_disable();
	plan_senders(nr_cpu_ids);
	preempt_enable();
	return 0;
}

static void pmu_start(struct perf_event *event, int flags)
{
	u64 now = pmu_now(), left = local64_read(&event->hw.period_left);
	struct pmu_user *user = user_of(event);

	if (runs(event))
		return;
	local64_set(&event->hw.prev_count, now);
	user->due = now + (left ?: event->hw.sample_period);
	user->fresh = !left;
	barrier();	/* the handler on this CPU sees both */
	WRITE_ONCE(event->hw.state, 0);
	note_earliest(this_cpu_ptr(&sdei_nmi_sampler));
}

static void pmu_stop(struct perf_event *event, int flags)
{
	stop_event(event);
}

static int pmu_add(struct perf_event *event, int flags)
{
	struct sampler *me = this_cpu_ptr(&sdei_nmi_sampler);
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (!me->events[i])
			break;
	if (i == SLOTS)
		return -EAGAIN;
	event->hw.idx = i;
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	barrier();	/* the handler on this CPU sees that the event does not run */
	WRITE_ONCE(me->events[i], event);
	if (flags & PERF_EF_START)
		pmu_start(event, 0);
	perf_event_update_userpage(event);
	return 0;
}

/*
 * If the signal of a request was lost, and no event is left, no sender asks again. The request
 * would keep the CPU from idle states and online.
 */
static void pmu_del(struct perf_event *event, int flags)
{
	struct sampler *me = this_cpu_ptr(&sdei_nmi_sampler);

	stop_event(event);
	WRITE_ONCE(me->events[event->hw.idx], NULL);
	if (me->due == U64_MAX) {
		smp_mb();	/* store the time, then withdraw; pairs with sample_cpu() */
		sdei_nmi_event_drop(smp_processor_id(), SDEI_NMI_REQUEST_SAMPLE);
	}
	perf_event_update_userpage(event);
}

static void pmu_read(struct perf_event *event)
{
	if (runs(event))
		update_count(event);
}

/* The senders send as often as the period needed that the event had at first. */
static int pmu_check_period(struct perf_event *event, u64 value)
{
	return value < user_of(event)->period ? -EINVAL : 0;
}

PMU_FORMAT_ATTR(event, "config:0-7");

static struct attribute *format_attributes[] = { &format_attr_event.attr, NULL };

static const struct attribute_group format_group = {
	.name = "format",
	.attrs = format_attributes,
};

PMU_EVENT_ATTR_STRING(sample, event_sample, "event=0x0");

static struct attribute *event_attributes[] = { &event_sample.attr.attr, NULL };

static const struct attribute_group event_group = {
	.name = "events",
	.attrs = event_attributes,
};

static ssize_t min_period_show(struct device *device, struct device_attribute *attribute,
			       char *buffer)
{
	return sysfs_emit(buffer, "%lu\n", SDEI_NMI_PMU_PERIOD_LEAST_US * NSEC_PER_USEC);
}

static DEVICE_ATTR_RO(min_period);

static struct attribute *caps_attributes[] = { &dev_attr_min_period.attr, NULL };

static const struct attribute_group caps_group = {
	.name = "caps",
	.attrs = caps_attributes,
};

static const struct attribute_group *pmu_groups[] = { &format_group, &event_group, &caps_group,
						      NULL };

static struct pmu sdei_nmi_pmu = {
	.module = THIS_MODULE,
	.task_ctx_nr = perf_invalid_context,
	.attr_groups = pmu_groups,
	.event_init = pmu_event_init,
	.add = pmu_add,
	.del = pmu_del,
	.start = pmu_start,
	.stop = pmu_stop,
	.read = pmu_read,
	.check_period = pmu_check_period,
};

/**
 * sdei_nmi_pmu_serve() - serve the requests of the senders
 *
 * Context: task, at load, before event 0 is registered.
 */
void __init sdei_nmi_pmu_serve(void)
{
	sdei_nmi_event_serve(SDEI_NMI_REQUEST_SAMPLE, serve_sample_request);
}

/**
 * sdei_nmi_pmu_init() - register the PMU
 *
 * Events can be opened from now on, so no later step of a load may fail. If this step fails, it
 * logs one line, and the driver has no PMU. There is none either if the kernel's symbol table lacks
 * perf_event_overflow().
 *
 * Context: task, at load; sleeps. The watchers have a plan.
 */
void __init sdei_nmi_pmu_init(void)
{
	unsigned int cpu;
	int err;

	if (!SDEI_NMI_HAS(perf_event_overflow))
		return;
	for_each_possible_cpu(cpu) {
		struct sender *me = per_cpu_ptr(&sdei_nmi_sender, cpu);

		me->start = IRQ_WORK_INIT_HARD(start_send_timer);
		hrtimer_setup(&me->timer, send_timer, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
	err = perf_pmu_register(&sdei_nmi_pmu, "sdei_nmi", -1);
	if (err) {
		pr_warn("registering the PMU with perf failed with %d; the driver works without it\n",
			err);
		return;
	}
	pmu_registered = true;
	sdei_nmi_watch_follow(plan_senders);
}

/**
 * sdei_nmi_pmu_exit() - unregister the PMU
 *
 * There are no events, because each event holds the module.
 *
 * Context: task; sleeps. Event 0 can still be signalled.
 */
void sdei_nmi_pmu_exit(void)
{
	unsigned int cpu;

	if (!pmu_registered)
		return;
	perf_pmu_unregister(&sdei_nmi_pmu);
	sdei_nmi_watch_follow(NULL);
	for_each_possible_cpu(cpu) {
		irq_work_sync(&per_cpu(sdei_nmi_sender, cpu).start);
		hrtimer_cancel(&per_cpu(sdei_nmi_sender, cpu).timer);
	}
}
