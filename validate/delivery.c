// SPDX-License-Identifier: GPL-2.0
/*
 * Delivers event 0, through the kernel's own entry, to a PE in different states. The PE reports
 * when it has reached the state, and the handler records what it interrupted.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <asm/cpufeature.h>
#include <asm/daifflags.h>
#include <asm/ptrace.h>
#include <linux/irqchip/arm-gic-v3.h>

#include "check.h"
#include "compat.h"
#include "deadline.h"
#include "page_fault.h"
#include "senders.h"
#include "timers.h"

#define TIMES		3	/* signals to each PE in each state */
#define STORM_TIMES	100
#define MEET_MS		1000	/* to interrupt one CPU in idle or in a program */
#define MEET_ALL_MS	8000	/* to do so on all CPUs, for sdeiv_pe_limit() */
#define DAIF_BITS	(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)

static u64 state_deadline(void)
{
	return counter_now() + counter_ticks(SDEIV_STATE_MS * USEC_PER_MSEC);
}

static void open_here(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = state_deadline();

	WRITE_ONCE(pe->ready, true);
	while (sdeiv_state_stays(pe, deadline))
		;
}

/* @arg: the value of DAIF. */
static void masked_here(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = state_deadline(), daif = *(u64 *)arg;
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	write_sysreg(daif, daif);
	WRITE_ONCE(pe->ready, true);
	while (sdeiv_state_stays(pe, deadline))
		;
	local_daif_mask();
	local_daif_restore(flags);
	preempt_enable();
}

static void unprioritized_here(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = state_deadline(), mask;
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	mask = read_sysreg_s(SYS_ICC_PMR_EL1);
	write_sysreg_s(0, SYS_ICC_PMR_EL1);
	isb();
	WRITE_ONCE(pe->ready, true);
	while (sdeiv_state_stays(pe, deadline))
		;
	write_sysreg_s(mask, SYS_ICC_PMR_EL1);
	isb();
	local_daif_restore(flags);
	preempt_enable();
}

/* Waits with interrupts masked. The event has to end the WFI, so no timer may. */
static void waiting_here(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = state_deadline();
	struct sdeiv_timers timers;
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	timers = sdeiv_timers_stop();
	sdeiv_state_sleeps(pe);
	while (sdeiv_state_stays(pe, deadline)) {
		dsb(sy);
		wfi();
	}
	sdeiv_timers_start(timers);
	local_daif_restore(flags);
	preempt_enable();
}

static struct sdeiv_pe *interrupted;

static enum hrtimer_restart interrupt(struct hrtimer *timer)
{
	u64 deadline = state_deadline();

	WRITE_ONCE(interrupted->ready, true);
	while (sdeiv_state_stays(interrupted, deadline))
		;
	return HRTIMER_NORESTART;
}

static void in_interrupt_here(struct sdeiv_pe *pe, void *arg)
{
	static struct hrtimer timer;
	u64 deadline = state_deadline();

	interrupted = pe;
	hrtimer_setup(&timer, interrupt, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&timer, ns_to_ktime(50 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
	while (sdeiv_state_stays(pe, deadline))
		;
	hrtimer_cancel(&timer);
}

static bool reported(const struct sdeiv_pe *pe, u64 daif)
{
	return (pe->arrivals.pstate & DAIF_BITS) == daif;
}

/* With interrupts enabled, the event may interrupt an interrupt handler, so try again then. */
static bool reports(struct sdeiv_pe *pe, u64 daif)
{
	unsigned int tries;

	for (tries = 0; !(daif & PSR_I_BIT) && tries < 10 && !reported(pe, daif); tries++) {
		u64 before = sdeiv_arrival_count(pe);

		sdeiv_pause(SDEIV_BETWEEN_US);
		pe->arrivals.fresh = true;
		if (sdeiv_signal(pe->mpidr) || sdeiv_await_arrival(pe, before) != SDEIV_ARRIVED)
			return false;
	}
	return reported(pe, daif);
}

/* Signals a PE while the PE is in a state. @daif, if any, is what the event must report. */
static enum sdeiv_result once_into(struct sdeiv_report *r, struct sdeiv_pe *pe, const char *where,
				   void (*state)(struct sdeiv_pe *pe, void *arg), u64 *daif)
{
	enum sdeiv_result result = SDEIV_PASS;

	if (!sdeiv_state_enter(pe, state, daif))
		return sdeiv_failed(r, "CPU %u did not reach the state '%s'", pe->cpu, where);
	pe->arrivals.fresh = true;
	if (!sdeiv_arrives(r, pe, where))
		result = SDEIV_FAIL;
	else if (daif && !reports(pe, *daif))
		result = sdeiv_failed(r, "the event on CPU %u, %s, reported PSTATE 0x%llx",
				      pe->cpu, where, pe->arrivals.pstate);
	if (!sdeiv_state_leave(pe))
		return sdeiv_failed(r, "CPU %u, %s, did not return", pe->cpu, where);
	return result;
}

/* Does the same as once_into(), TIMES times on each PE except that of sdeiv_home. */
static enum sdeiv_result into(struct sdeiv_report *r, const char *where,
			      void (*state)(struct sdeiv_pe *pe, void *arg), u64 *daif)
{
	enum sdeiv_result result = SDEIV_PASS;
	unsigned int tested = 0, i;
	struct sdeiv_pe *pe;

	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe)) {
		for (i = 0; i < TIMES && result == SDEIV_PASS; i++)
			result = once_into(r, pe, where, state, daif);
		if (result != SDEIV_PASS)
			return result;
		if (signal_pending(current))
			return sdeiv_skipped(r, "interrupted");
		tested++;
	}
	if (!tested)
		return sdeiv_skipped(r, "this needs a second CPU");
	return sdeiv_passed(r, "%u times on each of %u CPUs", TIMES, tested);
}

static enum sdeiv_result interrupts_on(struct sdeiv_report *r, const void *with)
{
	return into(r, "in the kernel with interrupts enabled", open_here, NULL);
}

static enum sdeiv_result interrupts_off(struct sdeiv_report *r, const void *with)
{
	u64 daif = PSR_I_BIT | PSR_F_BIT;

	return into(r, "in the kernel with interrupts masked", masked_here, &daif);
}

static enum sdeiv_result each_daif(struct sdeiv_report *r, const void *with)
{
	unsigned int tested = 0;
	u64 bits, daif;

	for (bits = 0; bits < 16; bits++) {
		char where[48];
		enum sdeiv_result result;

		/* D, A, I and F are bits 9 to 6. */
		daif = bits << 6;
		/* With pseudo-NMI the kernel masks by priority and owns PSTATE.I: keep I set. */
		if (system_uses_irq_prio_masking() && !(daif & PSR_I_BIT))
			continue;
		scnprintf(where, sizeof(where), "in the kernel with DAIF 0x%llx", bits);
		result = into(r, where, masked_here, &daif);
		if (result != SDEIV_PASS)
			return result;
		tested++;
	}
	return sdeiv_passed(r, "with each of %u combinations", tested);
}

static enum sdeiv_result priority_mask(struct sdeiv_report *r, const void *with)
{
	if (!sdeiv_has_gic_registers())
		return sdeiv_skipped(r, "the kernel does not use GIC system registers");
	return into(r, "with ICC_PMR_EL1 = 0", unprioritized_here, NULL);
}

static enum sdeiv_result waiting(struct sdeiv_report *r, const void *with)
{
	return into(r, "in WFI with interrupts masked", waiting_here, NULL);
}

static enum sdeiv_result interrupt_handler(struct sdeiv_report *r, const void *with)
{
	return into(r, "in an interrupt handler", in_interrupt_here, NULL);
}

/*
 * Signals each PE except that of sdeiv_home until TIMES events have interrupted @what. The time may
 * not suffice for all PEs if @what is rare on a PE, or if the PEs are slow.
 */
static enum sdeiv_result meets(struct sdeiv_report *r, enum sdeiv_interrupted what,
			       const char *where)
{
	u64 all = counter_now() + counter_ticks(sdeiv_pe_limit(MEET_ALL_MS) * USEC_PER_MSEC);
	static struct cpumask missed;
	unsigned int met = 0;
	u64 deadline, before;
	struct sdeiv_pe *pe;

	cpumask_copy(&missed, sdeiv_pe_all());
	cpumask_clear_cpu(sdeiv_home, &missed);
	for (pe = sdeiv_pe_next_other(NULL); pe && !counter_passed(all);
	     pe = sdeiv_pe_next_other(pe)) {
		before = pe->arrivals.interrupted[what];
		deadline = counter_now() + counter_ticks(MEET_MS * USEC_PER_MSEC);
		while (pe->arrivals.interrupted[what] < before + TIMES &&
		       !counter_passed(deadline)) {
			usleep_range(2000, 4000);
			if (!sdeiv_arrives(r, pe, where))
				return SDEIV_FAIL;
		}
		if (signal_pending(current))
			return sdeiv_skipped(r, "interrupted");
		if (pe->arrivals.interrupted[what] == before)
			continue;
		met++;
		cpumask_clear_cpu(pe->cpu, &missed);
	}
	if (!cpumask_empty(&missed))
		sdeiv_note(r, "no event reached CPUs %*pbl %s", cpumask_pr_args(&missed), where);
	if (!met)
		return sdeiv_skipped(r, "no event reached a CPU %s", where);
	return sdeiv_passed(r, "events reached %u CPUs %s", met, where);
}

static enum sdeiv_result no_work(struct sdeiv_report *r, const void *with)
{
	return meets(r, SDEIV_IN_IDLE, "while idle");
}

static enum sdeiv_result in_program(struct sdeiv_report *r, const void *with)
{
	return meets(r, SDEIV_IN_PROGRAM, "while it ran a program");
}

static enum hrtimer_restart again(struct hrtimer *timer)
{
	hrtimer_forward_now(timer, ns_to_ktime(50 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

static void storm_here(struct sdeiv_pe *pe, void *arg)
{
	static struct hrtimer timer;
	u64 deadline = state_deadline();

	hrtimer_setup(&timer, again, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&timer, ns_to_ktime(50 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
	WRITE_ONCE(pe->ready, true);
	while (sdeiv_state_stays(pe, deadline))
		;
	hrtimer_cancel(&timer);
}

static void rain(void *unused)
{
}

static enum sdeiv_result in_storm(struct sdeiv_report *r, const void *with)
{
	enum sdeiv_result result = SDEIV_PASS;
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	unsigned int i;
	u64 deadline;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	INIT_CSD(&pe->other_ipi, rain, NULL);
	if (!sdeiv_state_enter(pe, storm_here, NULL))
		return sdeiv_failed(r, "CPU %u did not start its timer interrupts", pe->cpu);
	deadline = counter_now() + counter_ticks(SDEIV_STATE_MS / 2 * USEC_PER_MSEC);
	for (i = 0; i < STORM_TIMES && result == SDEIV_PASS && !counter_passed(deadline); i++) {
		smp_call_function_single_async(pe->cpu, &pe->other_ipi);
		sdeiv_pause(SDEIV_BETWEEN_US);
		if (!sdeiv_arrives(r, pe, "in a storm of interrupts"))
			result = SDEIV_FAIL;
	}
	if (!sdeiv_state_leave(pe))
		return sdeiv_failed(r, "CPU %u did not return from its interrupts", pe->cpu);
	if (result != SDEIV_PASS)
		return result;
	return sdeiv_passed(r,
			    "%u times, with a timer interrupt every 50 us and an IPI before each signal",
			    i);
}

#define UNREACHED "the driver cannot reach CPUs in this state; reports name them"
#define SECTION_DELIVERY "DEN0054, delivery whatever PSTATE.DAIF is"

#define DELIVERY(check_name, check_run, text, doc) \
	.name = "delivery." check_name, .section = doc, .expected = text, .means = UNREACHED, \
	.run = check_run, .setup = SDEIV_SETUP_KERNEL, .seconds = 10, .relied = true

const struct sdeiv_check sdeiv_delivery_checks[] = {
	{
		DELIVERY("interrupts_on", interrupts_on,
			 "the event arrives while the kernel runs with interrupts enabled",
			 SECTION_DELIVERY),
		.needs = "handler.state", .needs_too = "handler.registers",
	}, {
		DELIVERY("interrupts_masked", interrupts_off,
			 "the event arrives while the kernel runs with interrupts masked",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("each_daif", each_daif,
			 "the event arrives with each combination of PSTATE.DAIF, and reports it",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("priority_mask", priority_mask,
			 "the event arrives whatever the priority mask is, which pseudo-NMI uses",
			 "DEN0054, events are interrupts of EL3"),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("wfi", waiting, "the event alone wakes a CPU from WFI", SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("idle", no_work, "the event arrives on an idle CPU",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("in_program", in_program,
			 "the event arrives on a CPU that runs a program, and keeps its registers",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on", .program = true,
	}, {
		DELIVERY("in_interrupt", interrupt_handler,
			 "the event arrives while the CPU handles an interrupt", SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("in_page_fault", sdeiv_page_fault_check,
			 "the event arrives while the CPU handles a page fault", SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("storm", in_storm,
			 "each event arrives on a CPU that takes interrupts without pause",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("to_itself", sdeiv_to_itself_check, "each PE can signal itself",
			 "DEN0054 SDEI_EVENT_SIGNAL"),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("each_to_each", sdeiv_each_to_each_check,
			 "each PE can signal every other PE",
			 "DEN0054 SDEI_EVENT_SIGNAL"),
		.needs = "delivery.interrupts_on",
	},
	{},
};
