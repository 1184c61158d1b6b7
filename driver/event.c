// SPDX-License-Identifier: GPL-2.0
/*
 * Owns event 0. The kernel's SDEI core registers and enables event 0 on every CPU, also across
 * hotplug. This file sets requests, signals them through reach.c, and passes each request that
 * arrives to the part of the driver that serves it.
 *
 * The handler runs in SDEI context. It can interrupt any code, with every interrupt masked and
 * any lock held. The handler and all functions that it calls take no exception (no WARN, no
 * kprobe, no page fault), take no lock, and print nothing.
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

#define EVENT_SIGNALED		0	/* the software-signalled event (DEN0054) */

static sdei_nmi_event_service_fn serve_backtrace __ro_after_init;
static sdei_nmi_event_service_fn serve_snapshot __ro_after_init;
static sdei_nmi_event_service_fn serve_stop __ro_after_init;

/* The longest time in the handler on each CPU, in ticks. */
static DEFINE_PER_CPU(u64, sdei_nmi_longest_held);

/* The counter when the CPU took a probe request; 0: it has not yet. */
static DEFINE_PER_CPU(u64, sdei_nmi_probed_at);

/* The owner of event 0 if it is not this driver. A module is built with its kernel's options. */
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
		serve_stop(regs);	/* it hardly ever returns */
	if (requests & SDEI_NMI_REQUEST_PROBE)
		WRITE_ONCE(*this_cpu_ptr(&sdei_nmi_probed_at), entered);
	/*
	 * Whatever it comes for, or for nothing: it may be the late one of a request that was given
	 * up. Where none is owed this does nothing.
	 */
	serve_backtrace(regs);
	if (requests & SDEI_NMI_REQUEST_SNAPSHOT)
		serve_snapshot(regs);
	held = counter_now() - entered;
	if (held > __this_cpu_read(sdei_nmi_longest_held))
		__this_cpu_write(sdei_nmi_longest_held, held);
	return 0;
}

NOKPROBE_SYMBOL(event_handler);

/**
 * sdei_nmi_event_serve() - set the function that serves a request
 * @request: any request except SDEI_NMI_REQUEST_PROBE; each one needs a function
 * @serve: called in SDEI context with the interrupted registers; the handler's rules apply
 *
 * Context: task, at load, before sdei_nmi_event_init().
 */
void __init sdei_nmi_event_serve(enum sdei_nmi_request request, sdei_nmi_event_service_fn serve)
{
	if (request == SDEI_NMI_REQUEST_BACKTRACE)
		serve_backtrace = serve;
	else if (request == SDEI_NMI_REQUEST_SNAPSHOT)
		serve_snapshot = serve;
	else
		serve_stop = serve;
}

/* The statistics of refusals have the order of the table of error codes. */
static_assert(SDEI_NMI_STAT_REFUSED_NOT_SUPPORTED + SDEI_NMI_ERROR_UNKNOWN ==
	      SDEI_NMI_STAT_REFUSED_UNKNOWN);

/**
 * sdei_nmi_event_ask() - send a request to a CPU by event 0
 * @cpu: target, which may be wedged with interrupts masked
 * @request: the request
 *
 * Context: any. Takes no lock.
 * Return: 0 if the signal was sent; -EAGAIN if the CPU may not be signalled now (reach.c), or the
 * errno of the firmware's refusal. After an error the request is not set in the CPU's word.
 */
int sdei_nmi_event_ask(unsigned int cpu, enum sdei_nmi_request request)
{
	atomic_t *word = per_cpu_ptr(&sdei_nmi_request_word, cpu);
	unsigned long flags;
	int err;

	/* The target may wait for what is posted: it is signalled, or taken back, at once. */
	local_irq_save(flags);
	request_post(word, request);
	/*
	 * The SMC is no store: only a barrier that completes makes the word visible before the
	 * signal is.
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
 * sdei_nmi_event_why() - describe the result of a request in words
 * @err: what sdei_nmi_event_ask() returned
 * @ms: how long the requester waited for the answer, in milliseconds
 * @why: buffer for the words
 * @size: size of @why, in characters
 *
 * Context: any. Return: the number of characters written.
 */
int sdei_nmi_event_why(int err, unsigned int ms, char *why, size_t size)
{
	if (!err)
		return scnprintf(why, size, "event 0 was sent and not answered in %u ms", ms);
	if (err == -EAGAIN)
		return scnprintf(why, size,
				 "event 0 was not sent because SDEI is, or may be, masked there");
	return scnprintf(why, size, "event 0 was refused by the firmware (%s)",
			 sdei_error_name(err));
}

/**
 * sdei_nmi_event_drop() - take a request back
 * @cpu: target
 * @request: what was asked
 *
 * Context: any. Return: true if the CPU had not taken it, and now will not.
 */
bool sdei_nmi_event_drop(unsigned int cpu, enum sdei_nmi_request request)
{
	return request_drop(per_cpu_ptr(&sdei_nmi_request_word, cpu), request);
}

/*
 * The event is unregistered without being disabled first: common firmware hangs on a signal to a
 * disabled event.
 *
 * A CPU that is coming up may not have registered the event yet. The core would take that for a
 * failure and keep the event. So CPU hotplug is disabled meanwhile: attempts get -EBUSY, for
 * milliseconds, or as long as a wedged CPU holds up the unload. cpus_read_lock() cannot be used,
 * because the core takes it inside its own lock.
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
 * Return: 0; -EBUSY if other software owns event 0; or the errno of the kernel's SDEI core. An
 * error logs one line.
 */
int __init sdei_nmi_event_init(void)
{
	int err;

	err = SDEI_NMI_KERNEL(sdei_event_register)(EVENT_SIGNALED, event_handler, NULL);
	if (err == -EBUSY) {
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
 * Context: task; sleeps. sdei_nmi_reach_exit() has shut the gate, so no signal is sent any more.
 */
void sdei_nmi_event_exit(void)
{
	event_unregister();
}

static int __init probe_itself(void *unused)
{
	return sdei_nmi_event_ask(raw_smp_processor_id(), SDEI_NMI_REQUEST_PROBE);
}

/**
 * sdei_nmi_event_probe() - check that event 0 arrives on every online CPU
 *
 * If the firmware accepts signals but delivers none, each report would be slower than without the
 * driver. The CPUs are signalled one after the other, so that no CPU answers for another one.
 *
 * A CPU in deep idle may not be signalled. It is woken and signals itself.
 *
 * Context: task, at load; sleeps; takes the CPU hotplug lock for reading, and spins for at most
 * SDEI_NMI_PROBE_MS.
 * Return: 0; -EIO if the firmware refused a signal or did not deliver it. An error logs one line.
 */
int __init sdei_nmi_event_probe(void)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_PROBE_MS * USEC_PER_MSEC);
	unsigned int cpu;
	int err = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		err = sdei_nmi_event_ask(cpu, SDEI_NMI_REQUEST_PROBE);
		if (err == -EAGAIN)
			err = smp_call_on_cpu(cpu, probe_itself, NULL, false);
		if (err) {
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

/* When it was, or 0: a bit that is not taken is not answered by what an earlier one left. */
static u64 probe_answered(unsigned int cpu)
{
	if (atomic_read(per_cpu_ptr(&sdei_nmi_request_word, cpu)) & SDEI_NMI_REQUEST_PROBE)
		return 0;
	return READ_ONCE(per_cpu(sdei_nmi_probed_at, cpu));
}

/**
 * sdei_nmi_event_ping() - send event 0 to a CPU, wait for the delivery, and measure it
 * @cpu: target
 * @ping: receives the times
 *
 * Context: task; sleeps if the target does not answer at once, for at most SDEI_NMI_PROBE_MS. One
 * caller at a time.
 * Return: 0; -ETIMEDOUT if the event did not arrive; otherwise as sdei_nmi_event_ask().
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
		(0, &unused); /* refused outside of a handler */
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
	/* We may have slept for longer than it took; and what can't be dropped has been taken. */
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
	at = max(at, start);	/* a delivery that was under way may have taken it along */
	ping->signal_ns = counter_ns(signalled - start);
	ping->delivery_ns = counter_ns(at - start);
	ping->round_ns = counter_ns(seen - start);
	trace_deliver(cpu, SDEI_NMI_REQUEST_PROBE, true, ping->delivery_ns);
	trace_done(cpu, SDEI_NMI_REQUEST_PROBE, 0, ping->round_ns, 0);
	return 0;
}

/**
 * sdei_nmi_event_longest_held_ns() - the longest time that a CPU spent in the handler
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
