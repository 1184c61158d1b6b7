// SPDX-License-Identifier: GPL-2.0
/*
 * Decides whether a CPU may be signalled now. On common firmware, a signal to a PE that has SDEI
 * masked costs that PE its interrupts for good. So the decision must be right before each signal,
 * and no other file of the driver signals, except trial.c before the driver is in service.
 *
 * The kernel masks SDEI on a CPU that enters a deep idle state (CPU_PM), goes offline, or suspends.
 * Such a CPU is not wedged: the ordinary IPI reaches it. Each CPU has two flags, "up" and "awake",
 * and may be signalled if both are set. Only the CPU itself changes its flags. It clears a flag
 * before the SDEI core masks, and sets the flag after the core has unmasked; the order of notifiers
 * and of hotplug states ensures this. There are two flags because a CPU also passes through idle
 * states while it comes up and goes down.
 *
 * A handshake covers the sender that reads a flag just before the target clears it:
 *
 * - The sender counts itself as in flight, then reads the flags, then signals.
 * - The target clears its flag. It waits until no sender is in flight, its request word is empty
 *   (the delivery empties it), and the last signal was sent SDEI_NMI_SIGNAL_SETTLE_US ago. Then it
 *   lets the SDEI core mask.
 * - If the wait exceeds its bound, the CPU does not go idle or offline this time. Before a reboot
 *   it goes offline anyway.
 *
 * A CPU is opened only if the firmware says that event 0 is registered and enabled there: the SDEI
 * core goes on after a failed registration, and a signal to a disabled event is lost or worse.
 *
 * A gate covers all CPUs. It is shut for suspend, hibernation (suspend.c) and unload. While the
 * kernel stops its CPUs, the gate lets only stop requests pass, because a stopping CPU masks SDEI
 * without notice.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm_sdei.h>
#include <linux/bits.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/cpu_pm.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <asm/cputype.h>

#include "deadline.h"
#include "firmware.h"
#include "quirks.h"
#include "reach.h"
#include "request.h"
#include "symbols.h"
#include "waits.h"

/* Signals that pass: none, those that stop a CPU, all. sdei_nmi_reach_signal() compares. */
enum gate {
	GATE_SHUT,
	GATE_STOPS,
	GATE_OPEN,
};

/**
 * struct reach - whether one CPU may be signalled
 * @in_flight: senders between their look at the flags and the end of their signal
 * @up: the CPU is online, and event 0 is enabled there
 * @awake: the CPU is not in an idle state in which SDEI is masked
 * @sent: when the last signal was sent, in ticks of the counter
 * @settled: the value of @sent that the CPU has found to be long ago; the CPU itself writes it
 * @mpidr: the CPU's affinity, as the firmware takes it
 */
struct reach {
	atomic_t in_flight;
	bool up;
	bool awake;
	u64 sent;
	u64 settled;
	u64 mpidr;
};

static DEFINE_PER_CPU(struct reach, sdei_nmi_reach) = { .awake = true };
static enum gate gate;
static int hotplug_state;	/* 0: hotplug is not followed */
static bool leaving, suspended;

/**
 * sdei_nmi_reach_signal() - signal event 0 to a CPU, if it may be signalled
 * @cpu: target
 * @stops: true if the signal is to stop the CPU
 *
 * Context: any, with interrupts off, so that the sender is not interrupted while it is in flight.
 * Takes no lock.
 * Return: 0 if the signal was sent; -EAGAIN if the gate is shut for it, or if SDEI is masked on the
 * CPU, or may be, or is about to be; or the errno of the firmware's refusal.
 */
int notrace sdei_nmi_reach_signal(unsigned int cpu, bool stops)
{
	enum gate needed = stops ? GATE_STOPS : GATE_OPEN;
	struct reach *r = per_cpu_ptr(&sdei_nmi_reach, cpu);
	int err = -EAGAIN;

	atomic_inc(&r->in_flight);
	smp_mb__after_atomic();	/* count, then read the flags; pairs with close_this_cpu() */
	if (READ_ONCE(gate) >= needed && smp_load_acquire(&r->up) && smp_load_acquire(&r->awake) &&
	    cpu_online(cpu)) {
		err = sdei_nmi_fw_event_signal(r->mpidr);
		WRITE_ONCE(r->sent, counter_now());
		if (err == -EINVAL && sdei_nmi_quirks_has(SDEI_NMI_QUIRK_MASKED_REFUSED))
			err = -EAGAIN;
	}
	smp_mb__before_atomic();	/* signal and store the time, then uncount */
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
 * sdei_nmi_reach_service() - whether the gate is open
 *
 * Context: any. Return: "serving" if it is open; "leaving" if a reboot or a stop has begun;
 * "suspended" if it is shut for another reason.
 */
const char *sdei_nmi_reach_service(void)
{
	enum gate now = READ_ONCE(gate);

	if (READ_ONCE(leaving) || now == GATE_STOPS)
		return "leaving";
	return now == GATE_OPEN ? "serving" : "suspended";
}

/**
 * sdei_nmi_reach_serving() - whether requests for backtraces are to be served
 *
 * Context: any. Return: true if the gate is open and no reboot has begun.
 */
bool sdei_nmi_reach_serving(void)
{
	return READ_ONCE(gate) == GATE_OPEN && !READ_ONCE(leaving);
}

static bool sent_long_ago(unsigned int cpu)
{
	return counter_elapsed(READ_ONCE(per_cpu_ptr(&sdei_nmi_reach, cpu)->sent),
			       SDEI_NMI_SIGNAL_SETTLE_US);
}

/*
 * True if no signal is on its way to the CPU. An empty request word is not enough: an earlier
 * delivery may have taken the request of the last signal, which then arrives later.
 */
static bool settled(unsigned int cpu)
{
	return !atomic_read_acquire(&per_cpu_ptr(&sdei_nmi_reach, cpu)->in_flight) &&
	       !request_waiting(per_cpu_ptr(&sdei_nmi_request_word, cpu)) && sent_long_ago(cpu);
}

/* True if a delivery is overdue and may never come. This CPU then refuses idle without a wait. */
static bool overdue(void)
{
	return request_waiting(this_cpu_ptr(&sdei_nmi_request_word)) &&
	       sent_long_ago(smp_processor_id());
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
	return settled(cpu) || await_settled_until(cpu, counter_now() + counter_ticks(us));
}

/* On the CPU itself. Returns false, with the flag set, if a signal is on its way after @us. */
static bool close_this_cpu(bool *flag, unsigned int us)
{
	struct reach *r = this_cpu_ptr(&sdei_nmi_reach);

	WRITE_ONCE(*flag, false);
	smp_mb();	/* clear, then read the count; pairs with sdei_nmi_reach_signal() */
	/* Without signals since the last time, the counter is not needed. */
	if (!atomic_read_acquire(&r->in_flight) && READ_ONCE(r->sent) == r->settled &&
	    !request_waiting(this_cpu_ptr(&sdei_nmi_request_word)))
		return true;
	if (await_settled(smp_processor_id(), us)) {
		WRITE_ONCE(r->settled, READ_ONCE(r->sent));	/* no CPU sends now */
		return true;
	}
	WRITE_ONCE(*flag, true);
	return false;
}

/**
 * sdei_nmi_reach_cpu_ends() - close this CPU, before it masks SDEI for good
 *
 * Waits up to SDEI_NMI_IDLE_SETTLE_US for signals on their way.
 *
 * Context: any, with interrupts off; on the CPU itself.
 */
void notrace sdei_nmi_reach_cpu_ends(void)
{
	WRITE_ONCE(this_cpu_ptr(&sdei_nmi_reach)->up, false);
	smp_mb();	/* as in close_this_cpu() */
	await_settled(raw_smp_processor_id(), SDEI_NMI_IDLE_SETTLE_US);
}

static void set_awake(struct irq_work *unused)
{
	/* The SDEI core has unmasked before this store. */
	smp_store_release(&this_cpu_ptr(&sdei_nmi_reach)->awake, true);
}

/*
 * sdei_nmi_reach_init() sets the functions: older kernels do not relocate per-CPU data of modules.
 */
static DEFINE_PER_CPU(struct irq_work, sdei_nmi_awake_work);

/*
 * Has the highest priority, so it runs before the SDEI core masks this CPU; if it fails, the core
 * does not mask. If a later notifier fails, the core may unmask after pm_first() has seen
 * CPU_PM_ENTER_FAILED, and pm_last() may not be called. So an irq_work sets the flag: it runs when
 * interrupts are on again, after all notifiers.
 */
static int pm_first(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == CPU_PM_ENTER &&
	    (overdue() ||
	     !close_this_cpu(&this_cpu_ptr(&sdei_nmi_reach)->awake, SDEI_NMI_IDLE_SETTLE_US)))
		return NOTIFY_BAD;
	if (action == CPU_PM_ENTER_FAILED)
		irq_work_queue(this_cpu_ptr(&sdei_nmi_awake_work));
	return NOTIFY_OK;
}

/* Has the lowest priority, so it runs after the SDEI core has unmasked this CPU. */
static int pm_last(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == CPU_PM_EXIT)
		set_awake(NULL);
	return NOTIFY_OK;
}

static struct notifier_block pm_first_nb = { .notifier_call = pm_first, .priority = INT_MAX };
static struct notifier_block pm_last_nb = { .notifier_call = pm_last, .priority = INT_MIN };

/* Runs on the CPU itself, after the SDEI core has registered and enabled event 0 there. */
static void open_this_cpu(void)
{
	const u64 needed = BIT(SDEI_EVENT_STATUS_REGISTERED) | BIT(SDEI_EVENT_STATUS_ENABLED);
	struct reach *r = this_cpu_ptr(&sdei_nmi_reach);
	u64 status = 0;
	int err = sdei_nmi_fw_event_status(&status);

	if (err || (status & needed) != needed) {
		/* At load the probe fails because of this CPU, and says so. */
		if (!hotplug_state)
			return;
		pr_warn("CPU %u gets interrupts instead of event 0: the firmware says that event 0 is not registered and enabled there (status %#llx, error %d)\n",
			smp_processor_id(), status, err);
		return;
	}
	r->mpidr = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	smp_store_release(&r->up, true);	/* the address is written before */
}

static void open_after_resume(struct irq_work *unused)
{
	open_this_cpu();
}

static DEFINE_PER_CPU(struct irq_work, sdei_nmi_open_work);

/* This hotplug state is added after the SDEI core's, so it comes up after and goes down before. */
static int cpu_comes_up(unsigned int cpu)
{
	if (READ_ONCE(leaving))
		return -ESHUTDOWN;
	sdei_nmi_deadline_check_cpu();
	/* During hibernation the SDEI core has not registered the event yet. */
	if (!READ_ONCE(suspended))
		open_this_cpu();
	return 0;
}

static int cpu_goes_down(unsigned int cpu)
{
	if (close_this_cpu(&this_cpu_ptr(&sdei_nmi_reach)->up, SDEI_NMI_CLOSE_SETTLE_US))
		return 0;
	if (READ_ONCE(leaving)) {
		/* Before a reboot the CPU goes offline anyway. */
		WRITE_ONCE(this_cpu_ptr(&sdei_nmi_reach)->up, false);
		smp_mb();	/* as in close_this_cpu() */
		await_settled(cpu, SDEI_NMI_CLOSE_SETTLE_US);
		return 0;
	}
	pr_warn("CPU %u stays online: a signal on its way to it did not arrive in time; try again\n",
		cpu);
	return -EBUSY;
}

/* Afterwards no signal is sent. None is on its way, except to CPUs that the log names. */
static void gate_shut(void)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_CLOSE_SETTLE_US);
	unsigned int cpu;

	WRITE_ONCE(gate, GATE_SHUT);
	smp_mb();	/* shut, then read the counts; pairs with sdei_nmi_reach_signal() */
	for_each_online_cpu(cpu)
		if (!await_settled_until(cpu, deadline))
			pr_warn("a signal to CPU %u did not arrive in time\n", cpu);
}

/**
 * sdei_nmi_reach_only_stops() - from now on, signal CPUs only to stop them
 *
 * A CPU masks SDEI when the kernel stops it; the CPU that stops the others does so last. Signals on
 * their way must arrive before, so this waits for them, for at most SDEI_NMI_STOP_SETTLE_US. A CPU
 * that panics in an SDEI handler takes no signal before it leaves the handler, so a signal to that
 * CPU is still on its way when this returns.
 *
 * Context: any, with interrupts on or off; the kernel is about to stop all other CPUs.
 */
void sdei_nmi_reach_only_stops(void)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_STOP_SETTLE_US);
	unsigned int cpu;

	/* A gate that is shut stays shut: SDEI may be masked on every CPU. */
	if (cmpxchg(&gate, GATE_OPEN, GATE_STOPS) != GATE_OPEN)
		return;
	smp_mb();	/* as in gate_shut() */
	for_each_online_cpu(cpu)
		await_settled_until(cpu, deadline);
}

/**
 * sdei_nmi_reach_suspend() - signal no CPU until sdei_nmi_reach_resume()
 *
 * Waits for signals on their way, for at most SDEI_NMI_CLOSE_SETTLE_US.
 *
 * Context: task, before the SDEI core masks SDEI on every CPU for a suspend.
 */
void sdei_nmi_reach_suspend(void)
{
	WRITE_ONCE(suspended, true);
	gate_shut();
}

/**
 * sdei_nmi_reach_resume() - signal CPUs again
 *
 * Each CPU opens itself when it takes an interrupt, if event 0 is still enabled there.
 *
 * Context: task, after the SDEI core has unmasked SDEI on every CPU.
 */
void sdei_nmi_reach_resume(void)
{
	unsigned int cpu;
	u64 unused;

	/* If the resume failed, the SDEI core may have left SDEI masked on every CPU. */
	if (SDEI_NMI_KERNEL(sdei_api_event_context)(0, &unused) == -EIO) {
		pr_warn("event 0 is not used any more: the kernel's SDEI core has failed; backtraces are the kernel's own\n");
		return;
	}
	cpus_read_lock();
	for_each_online_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(&sdei_nmi_reach, cpu)->up, false);
	WRITE_ONCE(suspended, false);
	WRITE_ONCE(gate, GATE_OPEN);
	for_each_online_cpu(cpu)
		SDEI_NMI_KERNEL(irq_work_queue_on)(per_cpu_ptr(&sdei_nmi_open_work, cpu), cpu);
	cpus_read_unlock();
}

/*
 * At a reboot the SDEI core's notifier masks SDEI on one CPU after the other. This notifier runs
 * earlier and closes the CPUs in the same way. A wedged CPU would hold up both, so reboot.c has it
 * stopped before.
 */
static int close_at_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	WRITE_ONCE(leaving, true);
	if (hotplug_state)
		cpuhp_remove_state(hotplug_state);
	else
		gate_shut();	/* the driver is still loading */
	hotplug_state = 0;
	return NOTIFY_OK;
}

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
 * Return: 0, or the errno of the step that failed. A failure logs one line.
 */
int __init sdei_nmi_reach_init(void)
{
	const char *step;
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		per_cpu(sdei_nmi_awake_work, cpu) = IRQ_WORK_INIT_HARD(set_awake);
		per_cpu(sdei_nmi_open_work, cpu) = IRQ_WORK_INIT_HARD(open_after_resume);
	}
	step = "following CPU idle states";
	err = cpu_pm_register_notifier(&pm_last_nb);	/* before pm_first_nb, which clears flags */
	if (err)
		goto fail;
	err = cpu_pm_register_notifier(&pm_first_nb);
	if (err)
		goto fail_pm_first;
	WRITE_ONCE(gate, GATE_OPEN);	/* no CPU is up yet; the notifier below shuts it */
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
 * sdei_nmi_reach_exit() - shut the gate, and stop following the CPUs
 *
 * Context: task; sleeps. Suspend is not followed any more. Afterwards sdei_nmi_reach_signal()
 * signals no CPU.
 */
void sdei_nmi_reach_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&sdei_nmi_open_work, cpu));
	gate_shut();
	unregister_reboot_notifier(&close_at_reboot_nb);
	if (hotplug_state)
		cpuhp_remove_state_nocalls(hotplug_state);
	unfollow_idle();
}
