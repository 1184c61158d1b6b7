// SPDX-License-Identifier: GPL-2.0
/*
 * Signals to PEs that are not there, or not ready. What may cost a PE, or the machine, where the
 * firmware gets it wrong, is to be asked for; what is known to cost the machine comes last.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/of.h>
#include <asm/daifflags.h>
#include <uapi/linux/psci.h>

#include "check.h"
#include "deadline.h"
#include "hotplug.h"

#define SUSPENDS	10

/* CPU_SUSPEND, DEN0022: which states keep the PE's context, in either format. */
#define POWER_DOWN		BIT(16)
#define POWER_DOWN_EXTENDED	BIT(30)
#define FEATURE_EXTENDED	BIT(1)

static enum result other_event(struct report *r, const void *with)
{
	return returns(r, "SDEI_EVENT_SIGNAL of another event than 0",
		       call2(SDEI_EVENT_SIGNAL, EVENT_NONE, pe_of(pe_home)->mpidr),
		       SDEI_INVALID_PARAMETERS);
}

static enum result bad_affinity(struct report *r, const void *with)
{
	/* Bits that no affinity field has; no PE can be meant. */
	return returns(r, "SDEI_EVENT_SIGNAL to an affinity with other bits set",
		       call2(SDEI_EVENT_SIGNAL, EVENT_SIGNALED,
			     pe_of(pe_home)->mpidr | 1ULL << 63),
		       SDEI_INVALID_PARAMETERS);
}

static enum result absent(struct report *r, const void *with)
{
	u64 mpidr = 0xfe00fefe0eULL;	/* all affinity fields are larger than any in the field */
	struct pe *pe;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe))
		if (pe->mpidr == mpidr)
			return skipped(r, "CPU %u has the affinity that none was to have", pe->cpu);
	return returns(r, "SDEI_EVENT_SIGNAL to an affinity that no PE has",
		       call2(SDEI_EVENT_SIGNAL, EVENT_SIGNALED, mpidr), SDEI_INVALID_PARAMETERS);
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
	err = hotplug_off(pe);
	if (err)
		return skipped(r, "CPU %u can't be switched off (%d)", pe->cpu, err);
	msleep(QUIET_MS);
	x0 = call_signal(pe->mpidr);
	msleep(QUIET_MS);
	err = hotplug_on(pe);
	if (err)
		return failed(r, "after a signal, which returned %s, CPU %u did not come up (%d)",
			      call_says(x0), pe->cpu, err);
	if (!hotplug_back(r, pe, 1))
		return FAIL;
	return passed(r, "SDEI_EVENT_SIGNAL returned %s, and CPU %u came up as ever", call_says(x0),
		      pe->cpu);
}

#define RARE "the driver signals no such CPU, but for what is left of races in a crash; a kernel that does may lose it"

const struct check targets_checks[] = {
	{
		.name = "targets.other_event",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "INVALID_PARAMETERS: only event 0 can be signalled",
		.means = "nothing; the driver signals event 0 alone",
		.run = other_event, .setup = SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.bad_affinity",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "INVALID_PARAMETERS",
		.means = "nothing; the driver signals PEs that are there",
		.run = bad_affinity, .setup = SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.absent",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "INVALID_PARAMETERS for an affinity that no PE has",
		.means = "nothing; the driver signals PEs that are there",
		.run = absent, .setup = SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.unregistered",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "an error, or success and nothing else happens; the PE is as before",
		.means = "the driver signals no such CPU",
		.run = unregistered_target, .setup = SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
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
