// SPDX-License-Identifier: GPL-2.0
/*
 * Switches a CPU off and on by the kernel's CPU hotplug. The CPU is that of sdeiv_pe_victim(), as
 * in every check that can lose a PE.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "busy_loop.h"
#include "check.h"
#include "deadline.h"
#include "hotplug.h"
#include "lockout.h"
#include "wait.h"

#define CYCLES		5
#define HOTPLUG_MS	15000	/* for sdeiv_pe_limit(); the kernel waits 5 s for CPU_ON */

/**
 * struct switching - a request to switch a CPU off or on
 * @work: work item that switches the CPU
 * @pe: PE of the CPU
 * @on: true to switch the CPU on
 * @err: 0 or a negative errno, valid after @done
 * @done: completed when the work item has switched the CPU
 *
 * The structure is static: if the CPU hangs, the work item never ends.
 */
static struct switching {
	struct work_struct work;
	struct sdeiv_pe *pe;
	bool on;
	int err;
	struct completion done;
} switching;

/*
 * The work item also stops and starts the PE's thread: a signal to the task that runs the check
 * would interrupt the creation of the thread.
 */
static void switch_cpu(struct work_struct *work)
{
	struct switching *s = &switching;

	if (!s->on)
		sdeiv_worker_stop(s->pe);
	s->err = s->on ? add_cpu(s->pe->cpu) : remove_cpu(s->pe->cpu);
	if (s->on && !s->err)
		s->err = sdeiv_worker_start(s->pe);
	/* The CPU stayed online, so its PE needs a thread again. */
	if (!s->on && s->err && sdeiv_worker_start(s->pe))
		s->pe->lost = "has no thread of the suite";
	complete(&s->done);
}

static int switch_to(struct sdeiv_pe *pe, bool on)
{
	/* CPU hotplug would wait forever for a lost CPU. */
	if (sdeiv_pe_lost())
		return -EBUSY;
	switching.pe = pe;
	switching.on = on;
	init_completion(&switching.done);
	INIT_WORK(&switching.work, switch_cpu);
	sdeiv_lockout_hotplug_open();
	queue_work(system_unbound_wq, &switching.work);
	if (!wait_for_completion_timeout(&switching.done,
					 msecs_to_jiffies(sdeiv_pe_limit(HOTPLUG_MS)))) {
		sdeiv_lockout_hotplug_hangs();
		pe->lost = "hangs while going online or offline";
		return -ETIMEDOUT;
	}
	sdeiv_lockout_hotplug_shut();
	return switching.err;
}

/**
 * sdeiv_hotplug_off() - switch a PE's CPU off
 * @pe: the PE; no signal to it is pending
 *
 * Context: task; sleeps, for a bounded time. Return: 0; -ETIMEDOUT if the CPU hangs, and the PE is
 * then lost; or another negative errno if the CPU stayed online.
 */
int sdeiv_hotplug_off(struct sdeiv_pe *pe)
{
	int err = switch_to(pe, false);

	if (!err)
		sdeiv_forget_setup(pe);
	return err;
}

/**
 * sdeiv_hotplug_on() - switch a PE's CPU on again
 * @pe: the PE, on which event 0 stays unregistered
 *
 * Context: task; sleeps, for a bounded time. Return: 0, or a negative errno, and the PE is then
 * lost.
 */
int sdeiv_hotplug_on(struct sdeiv_pe *pe)
{
	int err = switch_to(pe, true);

	if (err && !pe->lost)
		pe->lost = "does not come online";
	return err;
}

/**
 * sdeiv_hotplug_back() - test whether a PE takes interrupts and events after CPU_ON
 * @r: report, set if the PE fails the test
 * @pe: the PE, on which the function registers event 0
 * @cycle: number of times that the CPU was switched on, for the report
 *
 * Context: task. Return: true if the PE takes interrupts and events.
 */
bool sdeiv_hotplug_back(struct sdeiv_report *r, struct sdeiv_pe *pe, unsigned int cycle)
{
	enum sdeiv_health alive;
	s64 code;

	alive = sdeiv_health(pe);
	if (alive) {
		sdeiv_failed(r, "after CPU_ON number %u, CPU %u %s", cycle, pe->cpu,
			     sdeiv_health_name(alive));
		return false;
	}
	code = sdeiv_set_up(pe, SDEIV_SETUP_KERNEL);
	if (code) {
		sdeiv_failed(r,
			     "after CPU_ON number %u, registering and enabling event 0 failed on CPU %u: %s",
			     cycle, pe->cpu, sdeiv_code_name(code));
		return false;
	}
	return sdeiv_arrives(r, pe, "just after CPU_ON");
}

static enum sdeiv_result cycles(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	unsigned int i;
	int err;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	for (i = 1; i <= CYCLES; i++) {
		if (!sdeiv_arrives(r, pe, "about to go offline"))
			return SDEIV_FAIL;
		if (sdeiv_set_up(pe, SDEIV_SETUP_NONE) < 0)
			return sdeiv_failed(r, "unregistering event 0 failed on CPU %u",
					    pe->cpu);
		err = sdeiv_hotplug_off(pe);
		if (err)
			return sdeiv_skipped(r, "switching off CPU %u failed (%d)", pe->cpu, err);
		err = sdeiv_hotplug_on(pe);
		if (err)
			return sdeiv_failed(r, "CPU %u did not come online (%d)", pe->cpu, err);
		if (!sdeiv_hotplug_back(r, pe, i))
			return SDEIV_FAIL;
	}
	return sdeiv_passed(r, "%u times on CPU %u", CYCLES, pe->cpu);
}

/* Signals the PE @arg while a third CPU goes offline and comes back. */
static void signal_on(struct sdeiv_pe *pe, void *arg)
{
	u64 deadline = counter_now() + counter_ticks(SDEIV_STATE_MS * USEC_PER_MSEC);
	struct sdeiv_pe *to = arg;

	do {
		sdeiv_signal(to->mpidr);
	} while (sdeiv_state_stays(pe, deadline));
}

static enum sdeiv_result beside(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe, *home = sdeiv_pe_of(sdeiv_home), *victim = sdeiv_pe_victim(),
			     *sender = NULL;
	u64 first = sdeiv_arrival_count(home), before;
	unsigned int i;
	int err = 0;

	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe))
		if (pe != victim)
			sender = pe;
	if (!sender)
		return sdeiv_skipped(r, "this needs three CPUs");
	if (sdeiv_set_up(victim, SDEIV_SETUP_NONE) < 0)
		return sdeiv_failed(r, "unregistering event 0 failed on CPU %u", victim->cpu);
	for (i = 0; i < CYCLES && !err; i++) {
		before = sdeiv_arrival_count(home);
		sender->stop = false;
		sdeiv_work_start(sender, signal_on, home);
		err = sdeiv_hotplug_off(victim);
		if (!err)
			err = sdeiv_hotplug_on(victim);
		if (!sdeiv_state_leave(sender))
			return sdeiv_failed(r, "CPU %u did not return from its signals",
					    sender->cpu);
		if (!sdeiv_wait_until(sdeiv_arrival_count(home) != before, SDEIV_PROMPT_MS))
			return sdeiv_failed(r,
					    "no signal from CPU %u to CPU %u arrived while CPU %u was switched off and on",
					    sender->cpu, sdeiv_home, victim->cpu);
	}
	if (err)
		return sdeiv_failed(r,
				    "switching CPU %u off and on while CPU %u signalled CPU %u failed (%d)",
				    victim->cpu, sender->cpu, sdeiv_home, err);
	if (!sdeiv_hotplug_back(r, victim, i))
		return SDEIV_FAIL;
	return sdeiv_passed(r,
			    "CPU %u went offline and came back %u times while CPU %u got %llu events",
			    victim->cpu, i, sdeiv_home, sdeiv_arrival_count(home) - first);
}

static void drop_event0_here(struct sdeiv_pe *pe, void *arg)
{
	sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, SDEIV_EVENT_SIGNALED);
}

/* Delivers an event that the PE leaves with COMPLETE_AND_RESUME. */
static bool leaves_event(struct sdeiv_report *r, struct sdeiv_pe *pe)
{
	struct sdeiv_busy_loop *m = kzalloc(sizeof(*m), GFP_KERNEL);
	bool left = false;

	if (!m) {
		sdeiv_failed(r, "memory ran out");
		return false;
	}
	pe->seen.resume = (u64)sdeiv_resumed;
	if (!sdeiv_busy_loop_run(pe, m))
		sdeiv_failed(r, "CPU %u did not return from the event", pe->cpu);
	else if (m->x0 || m->arrival != SDEIV_ARRIVED || !m->in_loop || !m->loop.resumed)
		sdeiv_failed(r, "CPU %u did not leave the event with COMPLETE_AND_RESUME", pe->cpu);
	else
		left = true;
	pe->seen.resume = 0;
	/* A lost PE may still return and write to @m. */
	if (!pe->lost)
		kfree(m);
	return left;
}

/*
 * Does with a live kernel what the driver does with stop_ending=off. The last event before CPU_OFF
 * ends with COMPLETE_AND_RESUME and stays registered and enabled, while SDEI is masked. The kernel
 * handles the interrupts that are pending then; the driver only acknowledges them.
 */
static enum sdeiv_result after_event(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe = sdeiv_pe_victim();
	unsigned int i;
	int err;

	if (!pe)
		return sdeiv_skipped(r, "this needs a second CPU");
	for (i = 1; i <= CYCLES; i++) {
		if (!leaves_event(r, pe))
			return SDEIV_FAIL;
		err = sdeiv_hotplug_off(pe);
		if (err)
			return sdeiv_skipped(r, "switching off CPU %u failed (%d)", pe->cpu, err);
		err = sdeiv_hotplug_on(pe);
		if (err)
			return sdeiv_failed(r,
					    "CPU %u was switched off after an event and did not come online (%d)",
					    pe->cpu, err);
		/* The firmware may have kept the registration, as for a capture kernel. */
		if (!sdeiv_work_run(pe, drop_event0_here, NULL))
			return sdeiv_failed(r,
					    "CPU %u was switched off after an event and runs no thread after CPU_ON",
					    pe->cpu);
		if (!sdeiv_hotplug_back(r, pe, i))
			return SDEIV_FAIL;
	}
	return sdeiv_passed(r, "%u times on CPU %u", CYCLES, pe->cpu);
}

const struct sdeiv_check sdeiv_hotplug_checks[] = {
	{
		.name = "hotplug.off_and_on",
		.section = "DEN0054, private events; DEN0022 CPU_OFF, CPU_ON",
		.expected =
			"an event arrives just before CPU_OFF and just after CPU_ON, in every cycle",
		.means = "the driver cannot reach a CPU that has been offline",
		.run = cycles, .setup = SDEIV_SETUP_KERNEL, .seconds = 30, .relied = true,
		.destructive = true, .needs = "delivery.interrupts_on",
	}, {
		.name = "hotplug.beside",
		.section = "DEN0054 SDEI_EVENT_SIGNAL; DEN0022 CPU_OFF, CPU_ON",
		.expected =
			"CPUs can go offline and come back while others signal each other, and signals arrive",
		.means = "a report during CPU hotplug hangs or loses CPUs",
		.run = beside, .setup = SDEIV_SETUP_KERNEL, .seconds = 30, .relied = true,
		.destructive = true, .needs = "hotplug.off_and_on",
	}, {
		.name = "hotplug.off_after_event",
		.section = "DEN0054 SDEI_EVENT_COMPLETE_AND_RESUME; DEN0022 CPU_OFF, CPU_ON",
		.expected =
			"a CPU can be switched off after an event that it left with COMPLETE_AND_RESUME; after CPU_ON it takes interrupts and events",
		.means =
			"with stop_ending=off a capture kernel lacks the stopped CPU or hangs; the default, park, does not need this",
		.run = after_event, .setup = SDEIV_SETUP_KERNEL, .seconds = 30,
		.destructive = true, .needs = "hotplug.off_and_on",
		.needs_too = "handler.complete_and_resume",
	},
	{},
};
