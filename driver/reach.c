// SPDX-License-Identifier: GPL-2.0
/*
 * Decides whether a CPU may be signalled now. On common firmware a PE that has SDEI masked loses
 * its interrupts for good if event 0 is signalled to it. So the decision has to be right before
 * the signal, and only this file signals.
 *
 * The kernel masks SDEI on a CPU that enters an idle state through CPU_PM, goes offline, or
 * suspends. Such a CPU is not wedged: the ordinary IPI reaches it. Two flags per CPU, "up" and
 * "awake", say whether the CPU may be signalled. Only the CPU itself changes them. It clears a
 * flag before the SDEI core masks and sets it after the core has unmasked; the order of
 * notifiers and hotplug states ensures this. There are two flags because a CPU passes through
 * idle states while it comes up and goes down.
 *
 * A handshake covers a sender that read the flags just before one was cleared. The sender counts
 * itself as in flight and then reads the flags. The target clears the flag and then waits until
 * no sender is in flight and its request word is empty; the delivery empties the word. Only then
 * does the target let the core mask. If this takes longer than a bound, the target does not
 * mask: it gives up this entry into idle, or this offlining. It does not give up a reboot.
 *
 * A gate over all CPUs is shut for suspend, hibernation and unload. CPUs that the kernel stops
 * mask SDEI without notice, so while the kernel stops CPUs the gate passes only requests that
 * stop a CPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/cpu_pm.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/suspend.h>
#include <asm/cputype.h>

#include "deadline.h"
#include "firmware.h"
#include "reach.h"
#include "request.h"
#include "symbols.h"
#include "waits.h"

/* What the gate passes. Each value passes more than the one before it. */
enum gate {
	GATE_SHUT,
	GATE_STOPS,
	GATE_OPEN,
};

struct reach {
	atomic_t in_flight;
	bool up;
	bool awake;
	u64 sent;
	u64 mpidr;
};

static DEFINE_PER_CPU(struct reach, sdei_nmi_reach) = { .awake = true };
static enum gate gate;
static int hotplug_state;	/* 0: not followed */
static bool leaving;

/**
 * sdei_nmi_reach_signal() - signal event 0 to a CPU, if it may be signalled
 * @cpu: target
 * @stops: the request stops the CPU
 *
 * Context: any, with interrupts off, so that a sender is in flight only for microseconds. Takes no
 * lock. Return: 0 if the signal was sent; -EAGAIN if SDEI is masked there, may be masked, or is
 * about to be; or the errno of the refusal.
 */
int notrace sdei_nmi_reach_signal(unsigned int cpu, bool stops)
{
	enum gate needed = stops ? GATE_STOPS : GATE_OPEN;
	struct reach *r = per_cpu_ptr(&sdei_nmi_reach, cpu);
	int err = -EAGAIN;

	atomic_inc(&r->in_flight);
	smp_mb__after_atomic();	/* in flight is seen before we look; pairs with close_this_cpu() */
	if (READ_ONCE(gate) >= needed && smp_load_acquire(&r->up) && smp_load_acquire(&r->awake) &&
	    cpu_online(cpu)) {
		err = sdei_nmi_fw_event_signal(r->mpidr);
		WRITE_ONCE(r->sent, counter_now());
	}
	smp_mb__before_atomic();	/* the signal is sent, and when, before we land */
	atomic_dec(&r->in_flight);
	return err;
}

NOKPROBE_SYMBOL(sdei_nmi_reach_signal);

/**
 * sdei_nmi_reach_of() - whether a CPU may be signalled, apart from the gate
 * @cpu: the CPU
 *
 * Context: any. Return: the state, which may have changed since.
 */
enum sdei_nmi_reach_state sdei_nmi_reach_of(unsigned int cpu)
{
	const struct reach *r = per_cpu_ptr(&sdei_nmi_reach, cpu);

	if (!READ_ONCE(r->up) || !cpu_online(cpu))
		return SDEI_NMI_REACH_DOWN;
	return READ_ONCE(r->awake) ? SDEI_NMI_REACH_UP : SDEI_NMI_REACH_IDLE;
}

/**
 * sdei_nmi_reach_service() - whether any CPU may be signalled
 *
 * Context: any. Return: "serving", or why not.
 */
const char *sdei_nmi_reach_service(void)
{
	enum gate now = READ_ONCE(gate);

	if (READ_ONCE(leaving) || now == GATE_STOPS)
		return "leaving";
	return now == GATE_OPEN ? "serving" : "suspended";
}

static bool sent_long_ago(unsigned int cpu)
{
	return counter_passed(READ_ONCE(per_cpu_ptr(&sdei_nmi_reach, cpu)->sent) +
			      counter_ticks(SDEI_NMI_SIGNAL_SETTLE_US));
}

/*
 * Whether no signal is on its way to a CPU. An empty request word is not enough: an earlier
 * delivery may have taken the request of the last signal, which then arrives with nothing to do.
 */
static bool settled(unsigned int cpu)
{
	return !atomic_read_acquire(&per_cpu_ptr(&sdei_nmi_reach, cpu)->in_flight) &&
	       !request_waiting(per_cpu_ptr(&sdei_nmi_request_word, cpu)) && sent_long_ago(cpu);
}

/* A signal that is this late may never arrive, so entries into idle do not wait for it. */
static bool overdue(unsigned int cpu)
{
	return request_waiting(per_cpu_ptr(&sdei_nmi_request_word, cpu)) && sent_long_ago(cpu);
}

static bool await_settled_until(unsigned int cpu, u64 deadline)
{
	while (!settled(cpu)) {
		if (counter_passed(deadline))
			return false;
		cpu_relax();
	}
	return true;
}

static bool await_settled(unsigned int cpu, unsigned int us)
{
	return await_settled_until(cpu, counter_now() + counter_ticks(us));
}

/* Runs on the CPU itself. False: a signal is still on its way, and the flag is set again. */
static bool close_this_cpu(bool *flag, unsigned int us)
{
	WRITE_ONCE(*flag, false);
	smp_mb();	/* closed is seen before we look; pairs with sdei_nmi_reach_signal() */
	if (await_settled(smp_processor_id(), us))
		return true;
	WRITE_ONCE(*flag, true);
	return false;
}

/**
 * sdei_nmi_reach_cpu_ends() - this CPU is about to mask SDEI for good
 *
 * Waits up to SDEI_NMI_IDLE_SETTLE_US for signals that are on their way.
 *
 * Context: any, with interrupts off; on the CPU itself.
 */
void notrace sdei_nmi_reach_cpu_ends(void)
{
	WRITE_ONCE(this_cpu_ptr(&sdei_nmi_reach)->up, false);
	smp_mb();	/* closed is seen before we look, as in close_this_cpu() */
	await_settled(raw_smp_processor_id(), SDEI_NMI_IDLE_SETTLE_US);
}

static void set_awake(struct irq_work *unused)
{
	/* After the SDEI core has unmasked. */
	smp_store_release(&this_cpu_ptr(&sdei_nmi_reach)->awake, true);
}

static DEFINE_PER_CPU(struct irq_work, sdei_nmi_awake_work) = IRQ_WORK_INIT_HARD(set_awake);

/*
 * The highest priority: called before the SDEI core masks this CPU, which a failure prevents. When
 * somebody after us fails, the core may unmask after us, and pm_last() may not be called: what runs
 * once interrupts are on again comes after both.
 */
static int pm_first(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == CPU_PM_ENTER &&
	    (overdue(smp_processor_id()) ||
	     !close_this_cpu(&this_cpu_ptr(&sdei_nmi_reach)->awake, SDEI_NMI_IDLE_SETTLE_US)))
		return NOTIFY_BAD;
	if (action == CPU_PM_ENTER_FAILED)
		irq_work_queue(this_cpu_ptr(&sdei_nmi_awake_work));
	return NOTIFY_OK;
}

/* The lowest priority: called after the SDEI core has unmasked this CPU. */
static int pm_last(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == CPU_PM_EXIT)
		set_awake(NULL);
	return NOTIFY_OK;
}

static struct notifier_block pm_first_nb = { .notifier_call = pm_first, .priority = INT_MAX };
static struct notifier_block pm_last_nb = { .notifier_call = pm_last, .priority = INT_MIN };

/* States added after the SDEI core's come up after it and go down before it. */
static int cpu_comes_up(unsigned int cpu)
{
	struct reach *r = per_cpu_ptr(&sdei_nmi_reach, cpu);

	if (READ_ONCE(leaving))
		return -ESHUTDOWN;
	r->mpidr = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	smp_store_release(&r->up, true);	/* with the address in place */
	return 0;
}

static int cpu_goes_down(unsigned int cpu)
{
	if (close_this_cpu(&this_cpu_ptr(&sdei_nmi_reach)->up, SDEI_NMI_CLOSE_SETTLE_US))
		return 0;
	if (READ_ONCE(leaving)) {
		/* Into a reboot it goes all the same. */
		WRITE_ONCE(this_cpu_ptr(&sdei_nmi_reach)->up, false);
		smp_mb();	/* closed is seen before we look, as in close_this_cpu() */
		await_settled(cpu, SDEI_NMI_CLOSE_SETTLE_US);
		return 0;
	}
	pr_warn("CPU %u stays online: a signal on its way to it did not arrive in time; try again\n",
		cpu);
	return -EBUSY;
}

/* Afterwards no signal is sent, and none is on its way except to CPUs that the log names. */
static void gate_shut(void)
{
	unsigned int cpu;

	WRITE_ONCE(gate, GATE_SHUT);
	smp_mb();	/* shut is seen before we look; pairs with sdei_nmi_reach_signal() */
	for_each_online_cpu(cpu)
		if (!await_settled(cpu, SDEI_NMI_CLOSE_SETTLE_US))
			pr_warn("a signal to CPU %u did not arrive in time\n", cpu);
}

/**
 * sdei_nmi_reach_only_stops() - from now on, signal a CPU only to stop it
 *
 * CPUs mask SDEI when the kernel stops them, and so does the CPU that stops them, at the end.
 * Signals on their way have to arrive before; this waits for them up to SDEI_NMI_STOP_SETTLE_US. A
 * CPU that panics in an SDEI handler takes no signal until it leaves the handler, so a signal to
 * this CPU stays on its way.
 *
 * Context: any, with interrupts on or off; the kernel is about to stop all other CPUs.
 */
void sdei_nmi_reach_only_stops(void)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_STOP_SETTLE_US);
	unsigned int cpu;

	/* Shut is shut: SDEI may be masked everywhere. */
	if (cmpxchg(&gate, GATE_OPEN, GATE_STOPS) != GATE_OPEN)
		return;
	smp_mb();	/* as in gate_shut() */
	for_each_online_cpu(cpu)
		await_settled_until(cpu, deadline);
}

static int follow_suspend(struct notifier_block *nb, unsigned long action, void *data)
{
	u64 unused;

	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		gate_shut();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		/* After a failed resume the SDEI core may have given up, with every CPU masked. */
		if (SDEI_NMI_KERNEL(sdei_api_event_context)(0, &unused) != -EIO)
			WRITE_ONCE(gate, GATE_OPEN);
		break;
	}
	return NOTIFY_OK;
}

/*
 * The SDEI core masks one CPU after the other in a notifier of its own; ours comes first, and
 * closes them the same way. A wedged CPU would hold up both: stop.c has stopped it before.
 */
static int close_at_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	WRITE_ONCE(leaving, true);
	if (hotplug_state)
		cpuhp_remove_state(hotplug_state);
	else
		gate_shut();	/* in the middle of our own load */
	hotplug_state = 0;
	return NOTIFY_OK;
}

static struct notifier_block suspend_nb = { .notifier_call = follow_suspend };
static struct notifier_block close_at_reboot_nb = {.notifier_call = close_at_reboot,
						   .priority = INT_MAX - 1};

static void unfollow_idle(void)
{
	unsigned int cpu;

	cpu_pm_unregister_notifier(&pm_first_nb);
	cpu_pm_unregister_notifier(&pm_last_nb);
	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&sdei_nmi_awake_work, cpu));
}

/**
 * sdei_nmi_reach_init() - start to follow which CPUs may be signalled, and open the gate
 *
 * Context: task, at load; sleeps. Event 0 is registered and enabled on every CPU.
 * Return: 0, or the errno of the step that failed, after one log line.
 */
int __init sdei_nmi_reach_init(void)
{
	const char *step;
	int err;

	step = "following CPU idle states";
	err = cpu_pm_register_notifier(&pm_last_nb);	/* whoever falls asleep is woken */
	if (err)
		goto fail;
	err = cpu_pm_register_notifier(&pm_first_nb);
	if (err)
		goto fail_pm_first;
	WRITE_ONCE(gate, GATE_OPEN);	/* no CPU is up yet; what shuts it comes after */
	step = "following suspend";
	err = register_pm_notifier(&suspend_nb);
	if (err)
		goto fail_suspend;
	step = "following reboot";
	err = register_reboot_notifier(&close_at_reboot_nb);
	if (err)
		goto fail_reboot;
	step = "following CPU hotplug";
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "arm64/sdei_nmi:online", cpu_comes_up,
				cpu_goes_down);
	if (err < 0)
		goto fail_hotplug;
	hotplug_state = err;
	return 0;

fail_hotplug:
	unregister_reboot_notifier(&close_at_reboot_nb);
fail_reboot:
	unregister_pm_notifier(&suspend_nb);
fail_suspend:
	WRITE_ONCE(gate, GATE_SHUT);
	unfollow_idle();
	goto fail;
fail_pm_first:
	cpu_pm_unregister_notifier(&pm_last_nb);
fail:
	pr_err("%s failed with %d: the driver cannot know which CPUs may be signalled; nothing was changed\n",
	       step, err);
	return err;
}

/**
 * sdei_nmi_reach_exit() - shut the gate, and stop following
 *
 * Context: task; sleeps. Afterwards sdei_nmi_reach_signal() signals no CPU.
 */
void sdei_nmi_reach_exit(void)
{
	unregister_pm_notifier(&suspend_nb);	/* which opens the gate, too */
	gate_shut();
	unregister_reboot_notifier(&close_at_reboot_nb);
	if (hotplug_state)
		cpuhp_remove_state_nocalls(hotplug_state);
	unfollow_idle();
}
