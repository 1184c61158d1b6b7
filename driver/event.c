// SPDX-License-Identifier: GPL-2.0
/*
 * Event 0. The kernel's SDEI core registers and enables the event on every CPU, also through
 * hotplug. This file posts requests, signals them through reach.c, and calls the part of the driver
 * that serves a request when the request is delivered.
 *
 * The handler runs in SDEI context with all interrupts masked. The interrupted code may hold any
 * lock. So the handler and its callees take no lock and no exception (no WARN, no kprobe, no page
 * fault), and print nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm_sdei.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/barrier.h>

#include "deadline.h"
#include "event.h"
#include "reach.h"
#include "sdei_errno.h"
#include "stats.h"
#include "symbols.h"
#include "waits.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

#define EVENT_SIGNALED		0	/* the only event that software can signal (DEN0054) */

static sdei_nmi_event_service_fn serve_backtrace __ro_after_init;
static sdei_nmi_event_service_fn serve_snapshot __ro_after_init;
static sdei_nmi_event_service_fn serve_stop __ro_after_init;
static sdei_nmi_event_service_fn serve_watch __ro_after_init;
static sdei_nmi_event_service_fn serve_sample __ro_after_init;

/* The CPU's longest time in the handler, in ticks. Only the CPU itself writes it. */
static DEFINE_PER_CPU(u64, sdei_nmi_longest_held);

/* When the CPU took its last probe, in ticks of the counter; 0 if it has not taken one. */
static DEFINE_PER_CPU(u64, sdei_nmi_probed_at);

/*
 * The owner that the log names if event 0 is in use. A module is built with the configuration of
 * its kernel.
 */
#if defined(MODULE) && IS_ENABLED(CONFIG_ARM_SDEI_NMI)
#define EVENT_OWNER	"this kernel's own ARM_SDEI_NMI, which does this already,"
#else
#define EVENT_OWNER	"another part of this kernel"
#endif

static int notrace event_handler(u32 event, struct pt_regs *regs, void *arg)
{
	u64 entered = counter_now(), held;
	unsigned int requests = request_take(this_cpu_ptr(&sdei_nmi_request_word));

	sdei_nmi_stats_inc(SDEI_NMI_STAT_DELIVERIES);
	if (!requests)
		sdei_nmi_stats_inc(SDEI_NMI_STAT_DELIVERIES_STRAY);
	if (requests & SDEI_NMI_REQUEST_STOP)
		serve_stop(regs);	/* returns only if the CPU is spared */
	if (requests & SDEI_NMI_REQUEST_PROBE)
		WRITE_ONCE(*this_cpu_ptr(&sdei_nmi_probed_at), entered);
	/*
	 * Called for every delivery, because it may be the late one of a request that was given up.
	 * If the CPU owes no backtrace, this does nothing.
	 */
	serve_backtrace(regs);
	if (requests & SDEI_NMI_REQUEST_SNAPSHOT)
		serve_snapshot(regs);
	if (requests & SDEI_NMI_REQUEST_WATCH)
		serve_watch(regs);
	if (requests & SDEI_NMI_REQUEST_SAMPLE)
		serve_sample(regs);
	held = counter_now() - entered;
	if (held > __this_cpu_read(sdei_nmi_longest_held))
		__this_cpu_write(sdei_nmi_longest_held, held);
	return 0;
}

NOKPROBE_SYMBOL(event_handler);

/**
 * sdei_nmi_event_serve() - set the function that serves a request
 * @request: any except SDEI_NMI_REQUEST_PROBE
 * @serve: called in SDEI context with the interrupted registers; the handler's rules apply
 *
 * All requests except SDEI_NMI_REQUEST_PROBE must have a function before sdei_nmi_event_init().
 *
 * Context: task, at load.
 */
void __init sdei_nmi_event_serve(enum sdei_nmi_request request, sdei_nmi_event_service_fn serve)
{
	if (request == SDEI_NMI_REQUEST_BACKTRACE)
		serve_backtrace = serve;
	else if (request == SDEI_NMI_REQUEST_SNAPSHOT)
		serve_snapshot = serve;
	else if (request == SDEI_NMI_REQUEST_WATCH)
		serve_watch = serve;
	else if (request == SDEI_NMI_REQUEST_SAMPLE)
		serve_sample = serve;
	else
		serve_stop = serve;
}

/* The statistics of refusals have the order of sdei_nmi_errors[]. */
static_assert(SDEI_NMI_STAT_REFUSED_NOT_SUPPORTED + SDEI_NMI_ERROR_UNKNOWN ==
	      SDEI_NMI_STAT_REFUSED_UNKNOWN);

/**
 * sdei_nmi_event_ask() - send a CPU a request by event 0
 * @cpu: target; it may have interrupts masked, and may be the caller's CPU
 * @request: the request
 *
 * Context: any. Takes no lock.
 * Return: 0 if the signal was sent; -EAGAIN if the CPU may not be signalled now (reach.c); or the
 * errno of the firmware's refusal. After an error the request is not in the CPU's word any more.
 */
int sdei_nmi_event_ask(unsigned int cpu, enum sdei_nmi_request request)
{
	atomic_t *word = per_cpu_ptr(&sdei_nmi_request_word, cpu);
	unsigned long flags;
	int err;

	/*
	 * A target on its way into idle waits until its word is empty. With interrupts off, this
	 * CPU signals or drops the request without delay.
	 */
	local_irq_save(flags);
	request_post(word, request);
	/*
	 * The firmware call is no store, so a barrier that only orders stores is not enough. dsb
	 * completes when the word is visible.
	 */
	dsb(ishst);
	err = sdei_nmi_reach_signal(cpu, request == SDEI_NMI_REQUEST_STOP);
	if (err)
		request_drop(word, request);
	if (!err)
		sdei_nmi_stats_inc(SDEI_NMI_STAT_SIGNALS_SENT);
	else if (err == -EAGAIN)
		sdei_nmi_stats_inc(SDEI_NMI_STAT_SIGNALS_HELD_OFF);
	else
		sdei_nmi_stats_inc(SDEI_NMI_STAT_REFUSED_NOT_SUPPORTED + sdei_error_index(err));
	local_irq_restore(flags);
	trace_signal(cpu, request, err, err == -EAGAIN ? 0 : sdei_error_code(err));
	return err;
}

/**
 * sdei_nmi_event_why() - describe why a request by event 0 got no answer
 * @err: return value of sdei_nmi_event_ask(); or -EALREADY if the CPU still fills its record
 * @ms: how long the requester waited for the answer, in milliseconds
 * @why: buffer for the text
 * @size: size of @why, in characters
 *
 * Context: any. Return: length of the text, in characters.
 */
int sdei_nmi_event_why(int err, unsigned int ms, char *why, size_t size)
{
	if (!err)
		return scnprintf(why, size, "event 0 was sent and not answered in %u ms", ms);
	if (err == -EAGAIN)
		return scnprintf(why, size,
				 "event 0 was not sent because SDEI is, or may be, masked there, or event 0 is disabled there");
	if (err == -EALREADY)
		return scnprintf(why, size, "it is still answering an earlier request");
	return scnprintf(why, size, "event 0 was refused by the firmware (%s)",
			 sdei_error_name(err));
}

/**
 * sdei_nmi_event_drop() - withdraw a request
 * @cpu: target
 * @request: the request
 *
 * Context: any. Return: true if the CPU had not taken the request, and so will not serve it.
 */
bool sdei_nmi_event_drop(unsigned int cpu, enum sdei_nmi_request request)
{
	return request_drop(per_cpu_ptr(&sdei_nmi_request_word, cpu), request);
}

/*
 * The event is not disabled before it is unregistered: TF-A hangs on a signal to an event that is
 * registered but disabled.
 *
 * A CPU that is half up has not registered the event yet. The SDEI core would take that for a
 * failure and keep the event. So CPU hotplug is disabled meanwhile, and attempts get -EBUSY: for
 * milliseconds, or for as long as a wedged CPU holds up the unload. cpus_read_lock() cannot be
 * used, because the core takes it inside a lock of its own.
 */
static void event_unregister(void)
{
	int tries, err;

	for (tries = 0; tries < SDEI_NMI_UNREGISTER_TRIES; tries++) {
		cpu_hotplug_disable();
		err = SDEI_NMI_KERNEL(sdei_event_unregister)(EVENT_SIGNALED);
		cpu_hotplug_enable();
		if (err != -EINPROGRESS)
			break;
		usleep_range(SDEI_NMI_UNREGISTER_MIN_US, SDEI_NMI_UNREGISTER_MAX_US);
	}
	if (err)
		pr_err("unregistering event 0 failed with %d: the firmware may keep event 0 until the next reboot, and the driver cannot be loaded again before that\n",
		       err);
}

/**
 * sdei_nmi_event_init() - register and enable event 0 on every CPU
 *
 * Context: task, at load; sleeps, and waits for every online CPU to take an IPI.
 * Return: 0; -EBUSY if event 0 has another owner; or the errno of the kernel's SDEI core. A failure
 * logs one line.
 */
int __init sdei_nmi_event_init(void)
{
	int err;

	err = SDEI_NMI_KERNEL(sdei_event_register)(EVENT_SIGNALED, event_handler, NULL);
	if (err == -EBUSY) {
		/*
		 * Not a failure of a machine that loads the driver at boot: systemd accepts ENODEV.
		 */
		if (IS_ENABLED(CONFIG_ARM_SDEI_NMI))
			err = -ENODEV;
		pr_err("registering event 0 failed: %s owns it; nothing was changed\n",
		       EVENT_OWNER);
		return err;
	}
	if (err) {
		pr_err("registering event 0 failed: the firmware refused it (%d); nothing was changed\n",
		       err);
		return err;
	}
	err = SDEI_NMI_KERNEL(sdei_event_enable)(EVENT_SIGNALED);
	if (err) {
		pr_err("enabling event 0 failed: the firmware refused it (%d); nothing was changed\n",
		       err);
		event_unregister();
	}
	return err;
}

/**
 * sdei_nmi_event_exit() - unregister event 0
 *
 * Context: task; sleeps. The gate is shut (reach.c), so no signal is sent any more.
 */
void sdei_nmi_event_exit(void)
{
	event_unregister();
}

/**
 * sdei_nmi_event_waits() - whether a CPU has yet to take a request
 * @cpu: target
 * @request: the request
 *
 * Context: any. Return: true if so.
 */
bool sdei_nmi_event_waits(unsigned int cpu, enum sdei_nmi_request request)
{
	return atomic_read(per_cpu_ptr(&sdei_nmi_request_word, cpu)) & request;
}

static int __init probe_itself(void *unused)
{
	return sdei_nmi_event_ask(raw_smp_processor_id(), SDEI_NMI_REQUEST_PROBE);
}

/**
 * sdei_nmi_event_probe() - check that event 0 reaches every online CPU
 *
 * If the firmware accepted signals and delivered none, each report would be slower than without the
 * driver. CPUs are probed one at a time, so that a signal that reaches the wrong CPU is noticed.
 *
 * A CPU in deep idle may not be signalled. This function wakes the CPU, which then signals itself.
 *
 * Context: task, at load; sleeps. Takes the CPU hotplug lock for reading. Spins for at most
 * SDEI_NMI_PROBE_MS for each CPU; ends at the first one that does not answer.
 * Return: 0; -EIO if the firmware refused a signal or did not deliver it. A failure logs one line.
 */
int __init sdei_nmi_event_probe(void)
{
	unsigned int cpu;
	u64 deadline;
	int err = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		err = sdei_nmi_event_ask(cpu, SDEI_NMI_REQUEST_PROBE);
		if (err == -EAGAIN)
			err = smp_call_on_cpu(cpu, probe_itself, NULL, false);
		deadline = counter_now() + counter_ticks(SDEI_NMI_PROBE_MS * USEC_PER_MSEC);
		if (err == -EAGAIN) {
			pr_err("probing event 0 failed: the firmware says that event 0 is not registered and enabled on CPU %u; nothing was changed\n",
			       cpu);
			err = -EIO;
		} else if (err) {
			pr_err("probing event 0 failed: the firmware refused a signal to CPU %u (%d); nothing was changed\n",
			       cpu, err);
			err = -EIO;
		}
		while (!err && request_waiting(per_cpu_ptr(&sdei_nmi_request_word, cpu))) {
			cpu_relax();
			if (!counter_passed(deadline) ||
			    !sdei_nmi_event_drop(cpu, SDEI_NMI_REQUEST_PROBE))
				continue;
			pr_err("probing event 0 failed: the firmware accepted a signal to CPU %u but did not deliver it in %u ms; nothing was changed\n",
			       cpu, SDEI_NMI_PROBE_MS);
			err = -EIO;
		}
		sdei_nmi_event_drop(cpu, SDEI_NMI_REQUEST_PROBE);
		if (err)
			break;
	}
	cpus_read_unlock();
	return err;
}

/*
 * When the CPU took the probe, in ticks; 0 if it has not. While the request is in the word, the
 * time is that of an earlier probe.
 */
static u64 probe_answered(unsigned int cpu)
{
	if (sdei_nmi_event_waits(cpu, SDEI_NMI_REQUEST_PROBE))
		return 0;
	return READ_ONCE(per_cpu(sdei_nmi_probed_at, cpu));
}

/**
 * sdei_nmi_event_ping() - send a CPU event 0 and measure the round trip
 * @cpu: target
 * @ping: gets the times; valid only after success
 *
 * Context: task. Spins for SDEI_NMI_PING_SPIN_US with preemption off, then sleeps until
 * SDEI_NMI_PROBE_MS have passed. One caller at a time.
 * Return: 0; -ETIMEDOUT if the event was not delivered in time; else as sdei_nmi_event_ask().
 */
int sdei_nmi_event_ping(unsigned int cpu, struct sdei_nmi_event_ping *ping)
{
	u64 start, signalled, deadline, at = 0, seen = 0, unused;
	unsigned int i;
	int err;

	WRITE_ONCE(per_cpu(sdei_nmi_probed_at, cpu), 0);
	preempt_disable();
	ping->floor_ns = U64_MAX;
	for (i = 0; i < 3; i++) {
		start = counter_now();
		SDEI_NMI_KERNEL(sdei_api_event_context)
		(0, &unused); /* the firmware denies this outside a handler */
		ping->floor_ns = min(ping->floor_ns, counter_ns(counter_now() - start));
	}
	start = counter_now();
	err = sdei_nmi_event_ask(cpu, SDEI_NMI_REQUEST_PROBE);
	signalled = counter_now();
	while (!err && !at && !counter_passed(signalled + counter_ticks(SDEI_NMI_PING_SPIN_US))) {
		at = probe_answered(cpu);
		seen = counter_now();
	}
	preempt_enable();
	deadline = start + counter_ticks(SDEI_NMI_PROBE_MS * USEC_PER_MSEC);
	while (!err && !at && !counter_passed(deadline)) {
		usleep_range(500, 1000);
		at = probe_answered(cpu);
		seen = counter_now();
	}
	/*
	 * This task may have slept past the delivery. If the request cannot be dropped, the target
	 * has taken it and is about to store the time.
	 */
	if (!err && !at && !sdei_nmi_event_drop(cpu, SDEI_NMI_REQUEST_PROBE)) {
		deadline = counter_now() + counter_ticks(SDEI_NMI_PING_SPIN_US);
		while (!at && !counter_passed(deadline))
			at = probe_answered(cpu);
		seen = counter_now();
	}
	if (!err && !at)
		err = -ETIMEDOUT;
	if (err) {
		trace_done(cpu, SDEI_NMI_REQUEST_PROBE, err, counter_ns(counter_now() - start), 0);
		return err;
	}
	at = max(at, start);	/* an earlier delivery may have taken the request */
	ping->signal_ns = counter_ns(signalled - start);
	ping->delivery_ns = counter_ns(at - start);
	ping->round_ns = counter_ns(seen - start);
	trace_deliver(cpu, SDEI_NMI_REQUEST_PROBE, true, ping->delivery_ns);
	trace_done(cpu, SDEI_NMI_REQUEST_PROBE, 0, ping->round_ns, 0);
	return 0;
}

/**
 * sdei_nmi_event_longest_held_ns() - longest time that any CPU has spent in the handler
 *
 * Context: any. Return: nanoseconds.
 */
u64 sdei_nmi_event_longest_held_ns(void)
{
	unsigned int cpu;
	u64 longest = 0;

	for_each_possible_cpu(cpu)
		longest = max(longest, READ_ONCE(per_cpu(sdei_nmi_longest_held, cpu)));
	return counter_ns(longest);
}
