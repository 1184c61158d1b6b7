// SPDX-License-Identifier: GPL-2.0
/*
 * What costs a PE, or the machine, where the firmware gets it wrong, and is to be asked for. The
 * last PE that is left is the one that it is tried on. What is known to cost the machine comes
 * last.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/of.h>
#include <linux/workqueue.h>
#include <asm/daifflags.h>
#include <uapi/linux/psci.h>

#include "check.h"
#include "counter.h"

#define CYCLES		5
#define HOTPLUG_MS	15000	/* the kernel itself waits 5 s for a CPU to come up */
#define SUSPENDS	10

/* CPU_SUSPEND, DEN0022: which states keep the PE's context, in either format. */
#define POWER_DOWN		BIT(16)
#define POWER_DOWN_EXTENDED	BIT(30)
#define FEATURE_EXTENDED	BIT(1)

/**
 * struct switching - a CPU that is being switched off or on
 * @work: by whom
 * @cpu: which
 * @on: on
 * @err: what came of it
 * @done: it is through
 *
 * Static: where the CPU hangs on its way it is never through.
 */
static struct switching {
	struct work_struct work;
	unsigned int cpu;
	bool on;
	int err;
	struct completion done;
} switching;

static void switch_cpu(struct work_struct *work)
{
	switching.err = switching.on ? add_cpu(switching.cpu) : remove_cpu(switching.cpu);
	complete(&switching.done);
}

static int switch_to(struct pe *pe, bool on)
{
	/* The kernel's hotplug waits for what a CPU that is lost will not do. */
	if (pe_lost())
		return -EBUSY;
	switching.cpu = pe->cpu;
	switching.on = on;
	init_completion(&switching.done);
	INIT_WORK(&switching.work, switch_cpu);
	pe_hotplug_open();
	queue_work(system_unbound_wq, &switching.work);
	if (!wait_for_completion_timeout(&switching.done, msecs_to_jiffies(HOTPLUG_MS))) {
		pe_hotplug_hangs();
		pe->lost = "hangs on its way on or off";
		return -ETIMEDOUT;
	}
	pe_hotplug_shut();
	return switching.err;
}

/* The PE's CPU goes offline, and comes back with nothing registered. */
static int off(struct pe *pe)
{
	int err;

	pe_worker_stop(pe);
	err = switch_to(pe, false);
	if (!err)
		pe_forget(pe);
	return err;
}

static int on(struct pe *pe)
{
	int err = switch_to(pe, true);

	if (!err)
		err = pe_worker_start(pe);
	if (err && !pe->lost)
		pe->lost = "does not come up any more";
	return err;
}

/* It came back: does it take events, and interrupts. */
static bool back(struct report *r, struct pe *pe, unsigned int cycle)
{
	enum alive alive;
	s64 code;

	alive = pe_alive(pe);
	if (alive) {
		failed(r, "after CPU_ON number %u CPU %u %s", cycle, pe->cpu, pe_alive_says(alive));
		return false;
	}
	code = pe_set_up(pe, SETUP_KERNEL);
	if (code) {
		failed(r,
		       "after CPU_ON number %u event 0 could not be registered and enabled on CPU %u: %s",
		       cycle, pe->cpu, call_says(code));
		return false;
	}
	return arrives(r, pe, "just up");
}

static enum result cycles(struct report *r, const void *with)
{
	struct pe *pe = pe_victim();
	unsigned int i;
	int err;

	if (!pe)
		return skipped(r, "there is one CPU only");
	for (i = 1; i <= CYCLES; i++) {
		if (!arrives(r, pe, "about to go offline"))
			return FAIL;
		if (pe_set_up(pe, SETUP_NONE) < 0)
			return failed(r, "event 0 could not be unregistered on CPU %u", pe->cpu);
		err = off(pe);
		if (err) {
			pe_worker_start(pe);
			return skipped(r, "CPU %u can't be switched off (%d)", pe->cpu, err);
		}
		err = on(pe);
		if (err)
			return failed(r, "CPU %u did not come up (%d)", pe->cpu, err);
		if (!back(r, pe, i))
			return FAIL;
	}
	return passed(r, "%u times on CPU %u", CYCLES, pe->cpu);
}

/* While another CPU comes and goes. */
static void signal_on(struct pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(STATE_MS * USEC_PER_MSEC);
	struct pe *to = arg;

	while (pe_stays(pe, deadline))
		call_signal(to->mpidr);
}

static enum result beside(struct report *r, const void *with)
{
	struct pe *pe, *home = pe_of(pe_home), *victim = pe_victim(), *sender = NULL;
	u64 before = pe_count(home);
	unsigned int i;
	int err = 0;

	for (pe = pe_next_other(NULL); pe; pe = pe_next_other(pe))
		if (pe != victim)
			sender = pe;
	if (!sender)
		return skipped(r, "there are fewer than three CPUs");
	if (pe_set_up(victim, SETUP_NONE) < 0)
		return failed(r, "event 0 could not be unregistered on CPU %u", victim->cpu);
	for (i = 0; i < CYCLES && !err; i++) {
		sender->stop = false;
		pe_start(sender, signal_on, home);
		err = off(victim);
		if (!err)
			err = on(victim);
		else
			pe_worker_start(victim);
		if (!pe_leave(sender))
			return failed(r, "CPU %u did not come back from its signals", sender->cpu);
	}
	if (err)
		return failed(r,
			      "CPU %u could not be switched off and on while CPU %u signalled CPU %u (%d)",
			      victim->cpu, sender->cpu, pe_home, err);
	if (!back(r, victim, i))
		return FAIL;
	return passed(r, "CPU %u came and went %u times while CPU %u got %llu events", victim->cpu,
		      i, pe_home, pe_count(home) - before);
}

/* A state of CPU_SUSPEND that keeps the context, by the device tree's idle states. */
static bool standby(u32 *parameter)
{
	u64 features = call1(PSCI_1_0_FN_PSCI_FEATURES, PSCI_0_2_FN64_CPU_SUSPEND);
	u32 down = features & FEATURE_EXTENDED ? POWER_DOWN_EXTENDED : POWER_DOWN;
	struct device_node *node;

	for_each_compatible_node(node, NULL, "arm,idle-state") {
		if (!of_property_read_u32(node, "arm,psci-suspend-param", parameter) &&
		    !(*parameter & down)) {
			of_node_put(node);
			return true;
		}
	}
	return false;
}

static void suspended_here(struct pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(STATE_MS * USEC_PER_MSEC);
	u32 parameter = *(u32 *)arg;
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	/* What is due wakes it, should nothing else. */
	hrtimer_start(&pe->timer, ms_to_ktime(2 * PROMPT_MS), HRTIMER_MODE_REL_PINNED_HARD);
	WRITE_ONCE(pe->ready, true);
	while (pe_stays(pe, deadline))
		call(PSCI_0_2_FN64_CPU_SUSPEND, parameter, 0, 0, 0, 0);
	local_daif_restore(flags);
	preempt_enable();
}

static enum result suspended(struct report *r, const void *with)
{
	struct pe *pe = pe_victim();
	enum result result = PASS;
	unsigned int i;
	u32 parameter;

	if (!pe)
		return skipped(r, "there is one CPU only");
	if (!standby(&parameter))
		return skipped(r,
			       "the device tree describes no idle state of PSCI that keeps the CPU's context"
			       );
	for (i = 0; i < SUSPENDS && result == PASS; i++) {
		if (!pe_enter(pe, suspended_here, &parameter))
			return failed(r, "CPU %u did not come to sleep", pe->cpu);
		pe_pause(1000);
		if (!arrives(r, pe, "in CPU_SUSPEND"))
			result = FAIL;
		if (!pe_leave(pe))
			return failed(r, "CPU %u did not come back from CPU_SUSPEND", pe->cpu);
	}
	if (result == PASS)
		passed(r, "%u times on CPU %u, by parameter 0x%x", SUSPENDS, pe->cpu, parameter);
	return result;
}

static void mask_here(struct pe *pe, void *arg)
{
	call0(SDEI_1_0_FN_SDEI_PE_MASK);
}

static void unmask_here(struct pe *pe, void *arg)
{
	call0(SDEI_1_0_FN_SDEI_PE_UNMASK);
}

/* Signals the PE while it is not ready, gets it ready again, and tells what came of the signal. */
static enum result not_ready(struct report *r, const char *what, bool may_be_lost,
			     void (*unready)(struct pe *pe, void *arg),
			     void (*ready)(struct pe *pe, void *arg))
{
	struct pe *pe = pe_victim();
	enum alive alive;
	u64 before, x0;
	bool came;

	if (!pe)
		return skipped(r, "there is one CPU only");
	if (!pe_run(pe, unready, NULL))
		return failed(r, "CPU %u did not come to be %s", pe->cpu, what);
	before = pe_count(pe);
	x0 = call_signal(pe->mpidr);
	pe_quiet();
	if (pe_count(pe) != before) {
		pe_run(pe, ready, NULL);
		return failed(r, "the event came to CPU %u while it was %s", pe->cpu, what);
	}
	if (!pe_run(pe, ready, NULL))
		return failed(r,
			      "SDEI_EVENT_SIGNAL to CPU %u, %s, returned %s, and CPU %u did not come back",
			      pe->cpu, what, call_says(x0), pe->cpu);
	came = !x0 && pe_await(pe, before) != NOT_ARRIVED;
	alive = pe_alive(pe);
	if (alive)
		return failed(r, "SDEI_EVENT_SIGNAL to CPU %u, %s, returned %s, and now it %s",
			      pe->cpu, what, call_says(x0), pe_alive_says(alive));
	if (!x0 && !came && !may_be_lost)
		return failed(r,
			      "SDEI_EVENT_SIGNAL to CPU %u, %s, returned success, and the event never came",
			      pe->cpu, what);
	return passed(r, "SDEI_EVENT_SIGNAL returned %s, and the event %s", call_says(x0),
		      came ? "came when it was ready again" : "did not come");
}

static enum result masked_target(struct report *r, const void *with)
{
	return not_ready(r, "masked", false, mask_here, unmask_here);
}

static void unregister_here(struct pe *pe, void *arg)
{
	call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, EVENT_SIGNALED);
}

static void register_here(struct pe *pe, void *arg)
{
	pe_register_here(pe, SETUP_KERNEL);
	call1(SDEI_1_0_FN_SDEI_EVENT_ENABLE, EVENT_SIGNALED);
}

static enum result unregistered_target(struct report *r, const void *with)
{
	return not_ready(r, "without event 0", true, unregister_here, register_here);
}

static void disable_here(struct pe *pe, void *arg)
{
	call1(SDEI_1_0_FN_SDEI_EVENT_DISABLE, EVENT_SIGNALED);
}

static void enable_here(struct pe *pe, void *arg)
{
	call1(SDEI_1_0_FN_SDEI_EVENT_ENABLE, EVENT_SIGNALED);
}

static enum result disabled_target(struct report *r, const void *with)
{
	return not_ready(r, "with event 0 disabled", false, disable_here, enable_here);
}

static enum result offline_target(struct report *r, const void *with)
{
	struct pe *pe = pe_victim();
	u64 x0;
	int err;

	if (!pe)
		return skipped(r, "there is one CPU only");
	if (pe_set_up(pe, SETUP_NONE) < 0)
		return failed(r, "event 0 could not be unregistered on CPU %u", pe->cpu);
	err = off(pe);
	if (err) {
		pe_worker_start(pe);
		return skipped(r, "CPU %u can't be switched off (%d)", pe->cpu, err);
	}
	msleep(QUIET_MS);
	x0 = call_signal(pe->mpidr);
	msleep(QUIET_MS);
	err = on(pe);
	if (err)
		return failed(r, "after a signal, which returned %s, CPU %u did not come up (%d)",
			      call_says(x0), pe->cpu, err);
	if (!back(r, pe, 1))
		return FAIL;
	return passed(r, "SDEI_EVENT_SIGNAL returned %s, and CPU %u came up as ever", call_says(x0),
		      pe->cpu);
}

#define RARE "the driver signals no such CPU, but for what is left of races in a crash; a kernel that does may lose it"

const struct check destructive_checks[] = {
	{
		.name = "targets.unregistered",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "an error, or success and nothing else happens; the PE is as before",
		.means = "the driver signals no such CPU",
		.run = unregistered_target, .setup = SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "hotplug.off_and_on",
		.section = "DEN0054, private events; DEN0022 CPU_OFF, CPU_ON",
		.expected =
			"an event arrives right before CPU_OFF and right after CPU_ON, time and again",
		.means = "CPUs that were offline once are not reached any more",
		.run = cycles, .setup = SETUP_KERNEL, .seconds = 30, .relied = true,
		.destructive = true, .needs = "delivery.interrupts_on",
	}, {
		.name = "hotplug.beside",
		.section = "DEN0054 SDEI_EVENT_SIGNAL; DEN0022 CPU_OFF, CPU_ON",
		.expected = "CPUs come and go while others signal each other",
		.means = "a report during hotplug hangs or loses CPUs",
		.run = beside, .setup = SETUP_KERNEL, .seconds = 30, .relied = true,
		.destructive = true, .needs = "hotplug.off_and_on",
	}, {
		.name = "targets.suspended",
		.section = "DEN0054, delivery; DEN0022 CPU_SUSPEND",
		.expected =
			"it wakes a PE from CPU_SUSPEND that keeps its context and is not masked, and arrives",
		.means =
			"nothing on Linux, which masks a PE before it suspends it: such CPUs get an interrupt",
		.run = suspended, .setup = SETUP_KERNEL, .seconds = 20, .destructive = true,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.offline",
		.section = "DEN0054 SDEI_EVENT_SIGNAL; DEN0022 CPU_OFF, CPU_ON",
		.expected =
			"an error, or success and nothing else happens; the PE comes up as ever",
		.means = RARE,
		.run = offline_target, .setup = SETUP_KERNEL, .seconds = 40, .destructive = true,
		.needs = "hotplug.off_and_on",
	}, {
		.name = "targets.masked",
		.section = "DEN0054 SDEI_EVENT_SIGNAL, SDEI_PE_MASK",
		.expected =
			"an error, or the event stays pending and comes when the PE is unmasked; the PE is as before",
		.means = RARE,
		.run = masked_target, .setup = SETUP_KERNEL, .seconds = 10, .destructive = true,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.disabled",
		.section = "DEN0054 SDEI_EVENT_SIGNAL, SDEI_EVENT_DISABLE",
		.expected =
			"an error, or the event stays pending and comes when it is enabled; the PE is as before",
		.means =
			"the driver never disables, and signals none before all are enabled; a kernel that does may hang",
		.run = disabled_target, .setup = SETUP_KERNEL, .seconds = 10, .destructive = true,
		.needs = "delivery.interrupts_on",
	},
	{},
};
