// SPDX-License-Identifier: GPL-2.0
/*
 * The states of event 0 on each PE, step by step. Each check begins and ends with event 0
 * unregistered, and sends no signals.
 */
#include <linux/kernel.h>

#include "check.h"
#include "entry.h"

/* Special values of @expected in struct step. */
#define ANY_ERROR	(S64_MIN)
#define NO_ERROR	(S64_MIN + 1)

enum call_of {
	END, REGISTER, ENABLE, DISABLE, UNREGISTER, STATUS, ROUTING, CONTEXT, COMPLETE, MASK,
	UNMASK, REGISTER_NONE, REGISTER_NOWHERE,
};

static const char * const calls[] = {
	[REGISTER] = "SDEI_EVENT_REGISTER",
	[ENABLE] = "SDEI_EVENT_ENABLE",
	[DISABLE] = "SDEI_EVENT_DISABLE",
	[UNREGISTER] = "SDEI_EVENT_UNREGISTER",
	[STATUS] = "SDEI_EVENT_STATUS",
	[ROUTING] = "SDEI_EVENT_ROUTING_SET",
	[CONTEXT] = "SDEI_EVENT_CONTEXT",
	[COMPLETE] = "SDEI_EVENT_COMPLETE",
	[MASK] = "SDEI_PE_MASK",
	[UNMASK] = "SDEI_PE_UNMASK",
	[REGISTER_NONE] = "SDEI_EVENT_REGISTER of an unknown event",
	[REGISTER_NOWHERE] = "SDEI_EVENT_REGISTER with the handler at 0",
};

/**
 * struct step - one call and its required return value
 * @action: the call
 * @expected: a value, ANY_ERROR or NO_ERROR
 */
struct step {
	enum call_of action;
	s64 expected;
};

/**
 * struct steps - a sequence of steps, and its result
 * @step: the first step
 * @count: number of steps
 * @failed: index of the step with an unexpected return value, or @count
 * @x0: the unexpected return value
 * @taken: event 0 was already registered, so no step was made
 */
struct steps {
	const struct step *step;
	unsigned int count;
	unsigned int failed;
	u64 x0;
	bool taken;
};

static u64 act(struct sdeiv_pe *pe, enum call_of action)
{
	switch (action) {
	case REGISTER:
		return sdeiv_register_here(pe, SDEIV_SETUP_KERNEL);
	case ENABLE:
		return sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_ENABLE, SDEIV_EVENT_SIGNALED);
	case DISABLE:
		return sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_DISABLE, SDEIV_EVENT_SIGNALED);
	case UNREGISTER:
		return sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, SDEIV_EVENT_SIGNALED);
	case STATUS:
		return sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_STATUS, SDEIV_EVENT_SIGNALED);
	case ROUTING:
		return sdeiv_call(SDEI_1_0_FN_SDEI_EVENT_ROUTING_SET, SDEIV_EVENT_SIGNALED,
				  SDEI_EVENT_REGISTER_RM_ANY, 0, 0, 0);
	case CONTEXT:
		return sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_CONTEXT, 0);
	case COMPLETE:
		return sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_COMPLETE, SDEI_EV_HANDLED);
	case MASK:
		return sdeiv_call0(SDEI_1_0_FN_SDEI_PE_MASK);
	case UNMASK:
		return sdeiv_call0(SDEI_1_0_FN_SDEI_PE_UNMASK);
	case REGISTER_NONE:
		return sdeiv_call(SDEI_1_0_FN_SDEI_EVENT_REGISTER, SDEIV_EVENT_NONE,
				  (u64)sdeiv_entry, 0, SDEI_EVENT_REGISTER_RM_ANY, 0);
	case REGISTER_NOWHERE:
		return sdeiv_call(SDEI_1_0_FN_SDEI_EVENT_REGISTER, SDEIV_EVENT_SIGNALED, 0, 0,
				  SDEI_EVENT_REGISTER_RM_ANY, 0);
	case END:
		break;
	}
	return 0;
}

static bool as_expected(s64 code, s64 expected)
{
	if (expected == ANY_ERROR)
		return code < 0;
	if (expected == NO_ERROR)
		return code >= 0;
	return code == expected;
}

static void step_here(struct sdeiv_pe *pe, void *arg)
{
	struct steps *s = arg;
	unsigned long flags;
	unsigned int i;
	bool masked = false;

	local_irq_save(flags);
	s->failed = s->count;
	/* With interrupts masked, nothing else on this PE can register event 0 after this test. */
	s->taken = sdeiv_code(act(pe, STATUS)) > 0;
	if (s->taken)
		goto out;
	for (i = 0; i < s->count; i++) {
		u64 x0 = act(pe, s->step[i].action);

		if (s->step[i].action == MASK)
			masked = true;
		if (s->step[i].action == UNMASK)
			masked = false;
		if (as_expected(sdeiv_code(x0), s->step[i].expected))
			continue;
		s->failed = i;
		s->x0 = x0;
		break;
	}
	/* Restore the initial state even if a step failed. */
	if (masked)
		act(pe, UNMASK);
	act(pe, UNREGISTER);
out:
	local_irq_restore(flags);
}

static enum sdeiv_result run_steps(struct sdeiv_report *r, const void *with)
{
	struct steps s = { .step = with };
	unsigned int tested = 0;
	struct sdeiv_pe *pe;

	while (s.step[s.count].action != END)
		s.count++;
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		if (!sdeiv_work_run(pe, step_here, &s))
			return sdeiv_failed(r, "CPU %u did not return from these calls",
					    pe->cpu);
		if (s.taken)
			return sdeiv_failed(r,
					    "event 0 is registered on CPU %u, but not by this suite",
					    pe->cpu);
		if (s.failed < s.count)
			return sdeiv_failed(r, "%s on CPU %u, call %u of %u, returned %s",
					    calls[s.step[s.failed].action], pe->cpu, s.failed + 1,
					    s.count, sdeiv_code_name(s.x0));
		tested++;
	}
	return sdeiv_passed(r, "as expected on %u CPUs", tested);
}

#define OK		0
#define STATE_NONE	0
#define STATE_REG	1
#define STATE_REG_EN	3
#define DENIED		SDEI_DENIED
#define INVALID		SDEI_INVALID_PARAMETERS

static const struct step none[] = {
	{ STATUS, STATE_NONE },
	{ END },
};

static const struct step registered[] = {
	{ REGISTER, OK },
	{ STATUS, STATE_REG },
	{ END },
};

static const struct step register_twice[] = {
	{ REGISTER, OK },
	{ REGISTER, DENIED },
	{ STATUS, STATE_REG },
	{ END },
};

static const struct step register_none[] = {
	{ REGISTER_NONE, INVALID },
	{ END },
};

static const struct step register_nowhere[] = {
	{ REGISTER_NOWHERE, INVALID },
	{ STATUS, STATE_NONE },
	{ END },
};

static const struct step enabled[] = {
	{ REGISTER, OK },
	{ ENABLE, OK },
	{ END },
};

static const struct step enabled_status[] = {
	{ REGISTER, OK },
	{ ENABLE, OK },
	{ STATUS, STATE_REG_EN },
	{ END },
};

static const struct step enable_twice[] = {
	{ REGISTER, OK },
	{ ENABLE, OK },
	{ ENABLE, OK },
	{ END },
};

static const struct step enable_unregistered[] = {
	{ ENABLE, DENIED },
	{ STATUS, STATE_NONE },
	{ END },
};

static const struct step disabled[] = {
	{ REGISTER, OK },
	{ ENABLE, OK },
	{ DISABLE, OK },
	{ STATUS, STATE_REG },
	{ END },
};

static const struct step disable_twice[] = {
	{ REGISTER, OK },
	{ DISABLE, OK },
	{ DISABLE, OK },
	{ END },
};

static const struct step disable_unregistered[] = {
	{ DISABLE, DENIED },
	{ STATUS, STATE_NONE },
	{ END },
};

static const struct step unregistered[] = {
	{ REGISTER, OK },
	{ ENABLE, OK },
	{ UNREGISTER, OK },
	{ STATUS, STATE_NONE },
	{ END },
};

static const struct step unregister_unregistered[] = {
	{ UNREGISTER, DENIED },
	{ END },
};

static const struct step register_again[] = {
	{ REGISTER, OK },
	{ UNREGISTER, OK },
	{ REGISTER, OK },
	{ ENABLE, OK },
	{ DISABLE, OK },
	{ ENABLE, OK },
	{ UNREGISTER, OK },
	{ STATUS, STATE_NONE },
	{ END },
};

static const struct step routing[] = {
	{ REGISTER, OK },
	{ ROUTING, ANY_ERROR },
	{ END },
};

static const struct step context_outside[] = {
	{ CONTEXT, DENIED },
	{ END },
};

static const struct step complete_outside[] = {
	{ COMPLETE, DENIED },
	{ END },
};

static const struct step masked[] = {
	{ MASK, NO_ERROR },
	{ MASK, NO_ERROR },
	{ UNMASK, OK },
	{ UNMASK, OK },
	{ END },
};

static const struct step mask_keeps[] = {
	{ REGISTER, OK },
	{ MASK, NO_ERROR },
	{ UNMASK, OK },
	{ STATUS, STATE_REG },
	{ END },
};

static void status_here(struct sdeiv_pe *pe, void *arg)
{
	*(u64 *)arg = act(pe, STATUS);
}

/* Registers event 0 on the PE of sdeiv_home and tests its status on each other PE. */
static enum sdeiv_result own_of_each(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe, *home = sdeiv_pe_of(sdeiv_home);
	unsigned int tested = 0;
	enum sdeiv_result result = SDEIV_PASS;
	u64 x0;

	if (sdeiv_set_up(home, SDEIV_SETUP_KERNEL) < 0)
		return sdeiv_failed(r, "registering event 0 failed on CPU %u", sdeiv_home);
	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe)) {
		tested++;
		if (sdeiv_work_run(pe, status_here, &x0) && !x0)
			continue;
		result =
			sdeiv_failed(r,
				     "with event 0 registered on CPU %u, its status on CPU %u is %s",
				     sdeiv_home, pe->cpu, sdeiv_code_name(x0));
		break;
	}
	sdeiv_set_up(home, SDEIV_SETUP_NONE);
	if (result == SDEIV_FAIL)
		return result;
	if (!tested)
		return sdeiv_skipped(r, "this needs a second CPU");
	return sdeiv_passed(r, "event 0 is not registered on %u other CPUs", tested);
}

const struct sdeiv_check sdeiv_states_checks[] = {
	{
		.name = "states.none",
		.section = "DEN0054 SDEI_EVENT_STATUS",
		.expected = "0 on each PE: not registered",
		.means = "event 0 is in use, or the firmware reports a wrong status",
		.run = run_steps, .with = none, .seconds = 1, .relied = true,
	}, {
		.name = "states.register",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "success, then status 1: registered",
		.means = "the driver cannot use event 0",
		.run = run_steps, .with = registered, .seconds = 1, .relied = true,
	}, {
		.name = "states.register_twice",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "DENIED, and the first registration is kept",
		.means =
			"the firmware does not report that event 0 is in use; the kernel's own list of events does",
		.run = run_steps, .with = register_twice, .seconds = 1,
	}, {
		.name = "states.register_unknown_event",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "INVALID_PARAMETERS",
		.means = "no effect: the driver registers only event 0",
		.run = run_steps, .with = register_none, .seconds = 1,
	}, {
		.name = "states.register_nowhere",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "INVALID_PARAMETERS, and event 0 stays unregistered",
		.means = "no effect: the kernel always passes an entry point",
		.run = run_steps, .with = register_nowhere, .seconds = 1,
	}, {
		.name = "states.enable",
		.section = "DEN0054 SDEI_EVENT_ENABLE",
		.expected = "success",
		.means = "the driver cannot use event 0",
		.run = run_steps, .with = enabled, .seconds = 1, .relied = true,
	}, {
		.name = "states.enable_status",
		.section = "DEN0054 SDEI_EVENT_STATUS",
		.expected = "status 3: registered and enabled",
		.means = "the driver does not load, or uses IPIs for the CPUs with a wrong status",
		.run = run_steps, .with = enabled_status, .seconds = 1, .relied = true,
	}, {
		.name = "states.enable_twice",
		.section = "DEN0054 SDEI_EVENT_ENABLE",
		.expected = "success both times",
		.means = "no effect: the kernel enables the event once on each CPU",
		.run = run_steps, .with = enable_twice, .seconds = 1,
	}, {
		.name = "states.enable_unregistered",
		.section = "DEN0054 SDEI_EVENT_ENABLE",
		.expected = "DENIED",
		.means = "no effect: the kernel registers the event first",
		.run = run_steps, .with = enable_unregistered, .seconds = 1,
	}, {
		.name = "states.disable",
		.section = "DEN0054 SDEI_EVENT_DISABLE",
		.expected = "success, then status 1: registered",
		.means = "no effect: the driver never disables the event",
		.run = run_steps, .with = disabled, .seconds = 1,
	}, {
		.name = "states.disable_twice",
		.section = "DEN0054 SDEI_EVENT_DISABLE",
		.expected = "success both times",
		.means = "no effect: the driver never disables the event",
		.run = run_steps, .with = disable_twice, .seconds = 1,
	}, {
		.name = "states.disable_unregistered",
		.section = "DEN0054 SDEI_EVENT_DISABLE",
		.expected = "DENIED",
		.means = "no effect: the driver never disables the event",
		.run = run_steps, .with = disable_unregistered, .seconds = 1,
	}, {
		.name = "states.unregister",
		.section = "DEN0054 SDEI_EVENT_UNREGISTER",
		.expected = "success while event 0 is enabled, then status 0",
		.means = "the driver cannot give event 0 back when it is unloaded",
		.run = run_steps, .with = unregistered, .seconds = 1, .relied = true,
	}, {
		.name = "states.unregister_unregistered",
		.section = "DEN0054 SDEI_EVENT_UNREGISTER",
		.expected = "DENIED",
		.means = "no effect: the kernel unregisters only what it registered",
		.run = run_steps, .with = unregister_unregistered, .seconds = 1,
	}, {
		.name = "states.register_again",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected =
			"event 0 can be registered again after it was unregistered, and enabled again after it was disabled",
		.means = "the driver can be loaded only once",
		.run = run_steps, .with = register_again, .seconds = 1, .relied = true,
	}, {
		.name = "states.routing",
		.section = "DEN0054 SDEI_EVENT_ROUTING_SET",
		.expected = "an error, because a private event cannot be routed",
		.means = "no effect: the driver does not make this call",
		.run = run_steps, .with = routing, .seconds = 1,
	}, {
		.name = "states.context_outside",
		.section = "DEN0054 SDEI_EVENT_CONTEXT",
		.expected = "DENIED outside a handler",
		.means =
			"no effect: the driver makes this call only to see whether the kernel's SDEI core runs and to measure the time of a call; any error will do",
		.run = run_steps, .with = context_outside, .seconds = 1,
	}, {
		.name = "states.complete_outside",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected = "DENIED outside a handler",
		.means = "no effect: the kernel completes an event only in its handler",
		.run = run_steps, .with = complete_outside, .seconds = 1,
	}, {
		.name = "states.mask",
		.section = "DEN0054 SDEI_PE_MASK, SDEI_PE_UNMASK",
		.expected = "masking and unmasking succeed, also when repeated",
		.means =
			"the kernel cannot mask SDEI when a CPU stops, goes offline or enters deep idle",
		.run = run_steps, .with = masked, .seconds = 1, .relied = true,
	}, {
		.name = "states.mask_keeps",
		.section = "DEN0054 SDEI_PE_MASK",
		.expected = "event 0 stays registered while the PE is masked",
		.means = "a CPU loses event 0 when it enters deep idle",
		.run = run_steps, .with = mask_keeps, .seconds = 1, .relied = true,
	}, {
		.name = "states.own_of_each",
		.section = "DEN0054, private events",
		.expected = "registering event 0 on one PE does not register it on another",
		.means = "CPUs share one registration; a CPU that goes offline removes it from all",
		.run = own_of_each, .seconds = 2, .relied = true,
	},
	{},
};
