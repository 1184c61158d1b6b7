// SPDX-License-Identifier: GPL-2.0
/*
 * Signals to PEs that do not exist or are not ready. A check that can cost a PE or the machine on
 * faulty firmware is destructive. The checks known to hang a machine come last.
 */
#include <linux/acpi.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/of.h>
#include <asm/daifflags.h>
#include <uapi/linux/psci.h>

#if IS_BUILTIN(CONFIG_ACPI_PROCESSOR) && IS_ENABLED(CONFIG_ACPI_PROCESSOR_IDLE)
#include <acpi/processor.h>
#define STATES_IN_ACPI
#endif

#include "check.h"
#include "deadline.h"
#include "hotplug.h"
#include "timers.h"

#define SUSPENDS	10

/* CPU_SUSPEND (DEN0022): the bit of states that lose the PE's context, in either format. */
#define POWER_DOWN		BIT(16)
#define POWER_DOWN_EXTENDED	BIT(30)
#define FEATURE_EXTENDED	BIT(1)

static enum sdeiv_result other_event(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "SDEI_EVENT_SIGNAL of an event other than 0",
			     sdeiv_call2(SDEIV_FN_EVENT_SIGNAL, SDEIV_EVENT_NONE,
					 sdeiv_pe_of(sdeiv_home)->mpidr),
			     SDEI_INVALID_PARAMETERS);
}

static enum sdeiv_result bad_affinity(struct sdeiv_report *r, const void *with)
{
	/* Bit 63 is in no affinity field, so no PE has this affinity. */
	return sdeiv_returns(r, "SDEI_EVENT_SIGNAL to an affinity with a reserved bit set",
			     sdeiv_call2(SDEIV_FN_EVENT_SIGNAL, SDEIV_EVENT_SIGNALED,
					 sdeiv_pe_of(sdeiv_home)->mpidr | 1ULL << 63),
			     SDEI_INVALID_PARAMETERS);
}

static enum sdeiv_result absent(struct sdeiv_report *r, const void *with)
{
	u64 mpidr = 0xfe00fefe0eULL;	/* larger than the affinities of real machines */
	struct sdeiv_pe *pe;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe))
		if (pe->mpidr == mpidr)
			return sdeiv_skipped(r,
					     "CPU %u has the affinity that this check assumes unused",
					     pe->cpu);
	return sdeiv_returns(r, "SDEI_EVENT_SIGNAL to an affinity that no PE has",
			     sdeiv_call2(SDEIV_FN_EVENT_SIGNAL, SDEIV_EVENT_SIGNALED, mpidr),
			     SDEI_INVALID_PARAMETERS);
}

static bool standby_in_dt(u32 down, u32 *parameter)
{
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

#ifdef STATES_IN_ACPI
/* State 0 is WFI. ACPI puts the parameter into the low 32 bits of the address. */
static bool standby_in_acpi(unsigned int cpu, u32 down, u32 *parameter)
{
	const struct acpi_processor *processor = per_cpu(processors, cpu);
	int i;

	if (acpi_disabled || !processor || !processor->flags.has_lpi)
		return false;
	for (i = 1; i < processor->power.count; i++) {
		const struct acpi_lpi_state *state = &processor->power.lpi_states[i];

		*parameter = lower_32_bits(state->address);
		if (state->entry_method == ACPI_CSTATE_FFH && !(*parameter & down))
			return true;
	}
	return false;
}
#else
static bool standby_in_acpi(unsigned int cpu, u32 down, u32 *parameter)
{
	return false;
}
#endif

/* Finds an idle state in which CPU_SUSPEND keeps the PE's context. */
static bool standby(unsigned int cpu, u32 *parameter)
{
	u64 features = sdeiv_call1(PSCI_1_0_FN_PSCI_FEATURES, PSCI_0_2_FN64_CPU_SUSPEND);
	u32 down = features & FEATURE_EXTENDED ? POWER_DOWN_EXTENDED : POWER_DOWN;

	return standby_in_dt(down, parameter) || standby_in_acpi(cpu, down, parameter);
}

static void suspended_here(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(SDEIV_STATE_MS * USEC_PER_MSEC);
	u32 parameter = *(u32 *)arg;
	struct sdeiv_timers timers;
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	timers = sdeiv_timers_stop();
	sdeiv_state_sleeps(pe);
	while (sdeiv_state_stays(pe, deadline))
		sdeiv_call(PSCI_0_2_FN64_CPU_SUSPEND, parameter, 0, 0, 0, 0);
	sdeiv_timers_start(timers);
	local_daif_restore(flags);
	preempt_enable();
}

static enum sdeiv_result suspended(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	enum sdeiv_result result = SDEIV_PASS;
	unsigned int i;
	u32 parameter;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	if (!standby(pe->cpu, &parameter))
		return sdeiv_skipped(r,
				     "neither device tree nor ACPI has a PSCI idle state that keeps the CPU's context");
	for (i = 0; i < SUSPENDS && result == SDEIV_PASS; i++) {
		if (!sdeiv_state_enter(pe, suspended_here, &parameter))
			return sdeiv_failed(r, "CPU %u did not enter CPU_SUSPEND", pe->cpu);
		if (!sdeiv_arrives(r, pe, "in CPU_SUSPEND"))
			result = SDEIV_FAIL;
		if (!sdeiv_state_leave(pe))
			return sdeiv_failed(r, "CPU %u did not return from CPU_SUSPEND",
					    pe->cpu);
	}
	if (result == SDEIV_PASS)
		sdeiv_passed(r, "%u times on CPU %u, with parameter 0x%x", SUSPENDS, pe->cpu,
			     parameter);
	return result;
}

static void mask_here(struct sdeiv_pe *pe, void *arg)
{
	sdeiv_call0(SDEI_1_0_FN_SDEI_PE_MASK);
}

static void unmask_here(struct sdeiv_pe *pe, void *arg)
{
	sdeiv_call0(SDEI_1_0_FN_SDEI_PE_UNMASK);
}

/* Signals a PE that is not ready, makes the PE ready again, and reports what the signal did. */
static enum sdeiv_result not_ready(struct sdeiv_report *r, const char *what, bool may_be_lost,
				   void (*unready)(struct sdeiv_pe *pe, void *arg),
				   void (*ready)(struct sdeiv_pe *pe, void *arg))
{
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	enum sdeiv_health alive;
	u64 before, x0;
	bool came;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	if (!sdeiv_work_run(pe, unready, NULL))
		return sdeiv_failed(r, "CPU %u did not reach the state '%s'", pe->cpu, what);
	before = sdeiv_arrival_count(pe);
	x0 = sdeiv_signal(pe->mpidr);
	sdeiv_quiet();
	if (sdeiv_arrival_count(pe) != before) {
		sdeiv_work_run(pe, ready, NULL);
		return sdeiv_failed(r, "the event reached CPU %u while it was %s", pe->cpu, what);
	}
	if (!sdeiv_work_run(pe, ready, NULL))
		return sdeiv_failed(r,
				    "SDEI_EVENT_SIGNAL to CPU %u, %s, returned %s, and CPU %u did not respond afterwards",
				    pe->cpu, what, sdeiv_code_name(x0), pe->cpu);
	came = !x0 && sdeiv_await_arrival(pe, before) != SDEIV_NOT_ARRIVED;
	alive = sdeiv_health(pe);
	if (alive)
		return sdeiv_failed(r,
				    "SDEI_EVENT_SIGNAL to CPU %u, %s, returned %s; afterwards the CPU %s",
				    pe->cpu, what, sdeiv_code_name(x0), sdeiv_health_name(alive));
	if (!x0 && !came && !may_be_lost)
		return sdeiv_failed(r,
				    "SDEI_EVENT_SIGNAL to CPU %u, %s, returned success, but the event was not delivered",
				    pe->cpu, what);
	return sdeiv_passed(r, "SDEI_EVENT_SIGNAL returned %s; the event %s",
			    sdeiv_code_name(x0),
			    came ? "was delivered when the CPU was ready again"
				 : "was not delivered");
}

static enum sdeiv_result masked_target(struct sdeiv_report *r, const void *with)
{
	return not_ready(r, "masked", false, mask_here, unmask_here);
}

static void unregister_here(struct sdeiv_pe *pe, void *arg)
{
	sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, SDEIV_EVENT_SIGNALED);
}

static void register_here(struct sdeiv_pe *pe, void *arg)
{
	sdeiv_register_here(pe, SDEIV_SETUP_KERNEL);
	sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_ENABLE, SDEIV_EVENT_SIGNALED);
}

static enum sdeiv_result unregistered_target(struct sdeiv_report *r, const void *with)
{
	return not_ready(r, "without event 0", true, unregister_here, register_here);
}

static void disable_here(struct sdeiv_pe *pe, void *arg)
{
	sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_DISABLE, SDEIV_EVENT_SIGNALED);
}

static void enable_here(struct sdeiv_pe *pe, void *arg)
{
	sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_ENABLE, SDEIV_EVENT_SIGNALED);
}

static enum sdeiv_result disabled_target(struct sdeiv_report *r, const void *with)
{
	return not_ready(r, "with event 0 disabled", false, disable_here, enable_here);
}

static enum sdeiv_result offline_target(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	u64 x0;
	int err;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	if (sdeiv_set_up(pe, SDEIV_SETUP_NONE) < 0)
		return sdeiv_failed(r, "unregistering event 0 failed on CPU %u", pe->cpu);
	err = sdeiv_hotplug_off(pe);
	if (err)
		return sdeiv_skipped(r, "switching off CPU %u failed (%d)", pe->cpu, err);
	msleep(SDEIV_QUIET_MS);
	x0 = sdeiv_signal(pe->mpidr);
	msleep(SDEIV_QUIET_MS);
	err = sdeiv_hotplug_on(pe);
	if (err)
		return sdeiv_failed(r,
				    "SDEI_EVENT_SIGNAL returned %s, and then CPU %u did not come online (%d)",
				    sdeiv_code_name(x0), pe->cpu, err);
	if (!sdeiv_hotplug_back(r, pe, 1))
		return SDEIV_FAIL;
	return sdeiv_passed(r, "SDEI_EVENT_SIGNAL returned %s, and CPU %u came online as before",
			    sdeiv_code_name(x0), pe->cpu);
}

#define RARE "the driver signals such a CPU only if it loses a race during a crash; the CPU may then be lost"

const struct sdeiv_check sdeiv_targets_checks[] = {
	{
		.name = "targets.other_event",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "INVALID_PARAMETERS, because only event 0 can be signalled",
		.means = "no effect: the driver signals only event 0",
		.run = other_event, .setup = SDEIV_SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.bad_affinity",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "INVALID_PARAMETERS",
		.means = "no effect: the driver signals only PEs that exist",
		.run = bad_affinity, .setup = SDEIV_SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.absent",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "INVALID_PARAMETERS for an affinity far outside the machine's topology",
		.means = "no effect: the driver signals only PEs that exist",
		.run = absent, .setup = SDEIV_SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.unregistered",
		.section = "DEN0054 SDEI_EVENT_SIGNAL",
		.expected = "an error, or success without any effect; the PE works as before",
		.means = "no effect: the driver signals no PE before event 0 is registered there",
		.run = unregistered_target, .setup = SDEIV_SETUP_KERNEL, .seconds = 5,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.suspended",
		.section = "DEN0054, delivery; DEN0022 CPU_SUSPEND",
		.expected =
			"the event wakes a PE from a CPU_SUSPEND that keeps its context and does not mask SDEI, and is delivered",
		.means =
			"no effect in idle states that Linux enters through CPU_PM: SDEI is masked there, and the driver sends an IPI",
		.run = suspended, .setup = SDEIV_SETUP_KERNEL, .seconds = 20,
		.destructive = true,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.offline",
		.section = "DEN0054 SDEI_EVENT_SIGNAL; DEN0022 CPU_OFF, CPU_ON",
		.expected =
			"an error, or success without any effect; the PE comes online as before",
		.means = RARE,
		.run = offline_target, .setup = SDEIV_SETUP_KERNEL, .seconds = 40,
		.destructive = true,
		.needs = "hotplug.off_and_on",
	}, {
		.name = "targets.masked",
		.section = "DEN0054 SDEI_EVENT_SIGNAL, SDEI_PE_MASK",
		.expected =
			"an error, or the event stays pending until the PE is unmasked; the PE works as before",
		.means = RARE,
		.run = masked_target, .setup = SDEIV_SETUP_KERNEL, .seconds = 10,
		.destructive = true,
		.needs = "delivery.interrupts_on",
	}, {
		.name = "targets.disabled",
		.section = "DEN0054 SDEI_EVENT_SIGNAL, SDEI_EVENT_DISABLE",
		.expected =
			"an error, or the event stays pending until it is enabled; the PE works as before",
		.means =
			"no effect: the driver never disables the event and sends no signal until every online CPU has enabled it; other kernels may hang",
		.run = disabled_target, .setup = SDEIV_SETUP_KERNEL, .seconds = 10,
		.destructive = true,
		.needs = "delivery.interrupts_on",
	},
	{},
};
