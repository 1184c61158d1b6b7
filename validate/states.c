// SPDX-License-Identifier: GPL-2.0
/*
 * The states of event 0 on each PE, step by step; each check begins and ends unregistered. Nobody
 * signals meanwhile.
 */
#include <linux/kernel.h>

#include "check.h"
#include "entry.h"

/* What a step may expect besides a value. */
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
	[REGISTER_NONE] = "SDEI_EVENT_REGISTER of an event that is not there",
	[REGISTER_NOWHERE] = "SDEI_EVENT_REGISTER with the handler at 0",
};

/**
 * struct step - one call and what it is to return
 * @action: which
 * @expected: a value, ANY_ERROR or NO_ERROR
 */
struct step {
	enum call_of action;
	s64 expected;
};

/**
 * struct steps - a sequence, and where it ended
 * @step: the first one
 * @count: how many
 * @failed: the one that returned something else, or @count
 * @x0: what that was
 * @taken: nothing was done: event 0 is somebody else's
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
	/* Who registers does so on the PE itself, so whatever is registered below is ours. */
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
	/* Whatever came, it ends as it began. */
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
			return sdeiv_failed(r, "CPU %u did not come back from these calls",
					    pe->cpu);
		if (s.taken)
			return sdeiv_failed(r,
					    "event 0 is registered on CPU %u, and not by this suite",
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

/* Registered on one PE, it is on no other. */
static enum sdeiv_result own_of_each(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *pe, *home = sdeiv_pe_of(sdeiv_home);
	unsigned int tested = 0;
	enum sdeiv_result result = SDEIV_PASS;
	u64 x0;

	if (sdeiv_set_up(home, SDEIV_SETUP_KERNEL) < 0)
		return sdeiv_failed(r, "event 0 could not be registered on CPU %u", sdeiv_home);
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
		return sdeiv_skipped(r, "there is one CPU only");
	return sdeiv_passed(r, "%u other CPUs have none of it", tested);
}

const struct sdeiv_check sdeiv_states_checks[] = {
	{
		.name = "states.none",
		.section = "DEN0054 SDEI_EVENT_STATUS",
		.expected = "0 on each PE: not registered",
		.means = "somebody else has event 0, or the firmware does not tell",
		.run = run_steps, .with = none, .seconds = 1, .relied = true,
	}, {
		.name = "states.register",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "success, then status 1: registered",
		.means = "the driver can't have event 0",
		.run = run_steps, .with = registered, .seconds = 1, .relied = true,
	}, {
		.name = "states.register_twice",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "DENIED, and the first registration stays",
		.means =
			"that event 0 is taken can't be found out from the firmware; the kernel's own list tells",
		.run = run_steps, .with = register_twice, .seconds = 1,
	}, {
		.name = "states.register_unknown_event",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "INVALID_PARAMETERS",
		.means = "nothing; the driver registers event 0 alone",
		.run = run_steps, .with = register_none, .seconds = 1,
	}, {
		.name = "states.register_nowhere",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected = "INVALID_PARAMETERS, and nothing is registered",
		.means = "nothing; the kernel gives an entry point",
		.run = run_steps, .with = register_nowhere, .seconds = 1,
	}, {
		.name = "states.enable",
		.section = "DEN0054 SDEI_EVENT_ENABLE",
		.expected = "success",
		.means = "the driver can't have event 0",
		.run = run_steps, .with = enabled, .seconds = 1, .relied = true,
	}, {
		.name = "states.enable_status",
		.section = "DEN0054 SDEI_EVENT_STATUS",
		.expected = "status 3: registered and enabled",
		.means = "nothing; the driver sees whether signals arrive",
		.run = run_steps, .with = enabled_status, .seconds = 1,
	}, {
		.name = "states.enable_twice",
		.section = "DEN0054 SDEI_EVENT_ENABLE",
		.expected = "success, as for the first time",
		.means = "nothing; the kernel enables once on each CPU",
		.run = run_steps, .with = enable_twice, .seconds = 1,
	}, {
		.name = "states.enable_unregistered",
		.section = "DEN0054 SDEI_EVENT_ENABLE",
		.expected = "DENIED",
		.means = "nothing; the kernel registers first",
		.run = run_steps, .with = enable_unregistered, .seconds = 1,
	}, {
		.name = "states.disable",
		.section = "DEN0054 SDEI_EVENT_DISABLE",
		.expected = "success, then status 1: registered",
		.means = "nothing; the driver never disables",
		.run = run_steps, .with = disabled, .seconds = 1,
	}, {
		.name = "states.disable_twice",
		.section = "DEN0054 SDEI_EVENT_DISABLE",
		.expected = "success, as for the first time",
		.means = "nothing; the driver never disables",
		.run = run_steps, .with = disable_twice, .seconds = 1,
	}, {
		.name = "states.disable_unregistered",
		.section = "DEN0054 SDEI_EVENT_DISABLE",
		.expected = "DENIED",
		.means = "nothing; the driver never disables",
		.run = run_steps, .with = disable_unregistered, .seconds = 1,
	}, {
		.name = "states.unregister",
		.section = "DEN0054 SDEI_EVENT_UNREGISTER",
		.expected = "success for an enabled event, then status 0",
		.means = "the driver can't give event 0 back when it is unloaded",
		.run = run_steps, .with = unregistered, .seconds = 1, .relied = true,
	}, {
		.name = "states.unregister_unregistered",
		.section = "DEN0054 SDEI_EVENT_UNREGISTER",
		.expected = "DENIED",
		.means = "nothing; the kernel unregisters what it has",
		.run = run_steps, .with = unregister_unregistered, .seconds = 1,
	}, {
		.name = "states.register_again",
		.section = "DEN0054 SDEI_EVENT_REGISTER",
		.expected =
			"success after an unregistration, and enabling and disabling as often as wanted",
		.means = "the driver can be loaded once only",
		.run = run_steps, .with = register_again, .seconds = 1, .relied = true,
	}, {
		.name = "states.routing",
		.section = "DEN0054 SDEI_EVENT_ROUTING_SET",
		.expected = "an error: a private event can't be routed",
		.means = "nothing; the driver does not ask",
		.run = run_steps, .with = routing, .seconds = 1,
	}, {
		.name = "states.context_outside",
		.section = "DEN0054 SDEI_EVENT_CONTEXT",
		.expected = "DENIED outside of a handler",
		.means =
			"the driver finds out with this call whether the kernel's SDEI core runs, which any other answer but success does as well",
		.run = run_steps, .with = context_outside, .seconds = 1,
	}, {
		.name = "states.complete_outside",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected = "DENIED outside of a handler",
		.means = "nothing; the kernel completes what has begun",
		.run = run_steps, .with = complete_outside, .seconds = 1,
	}, {
		.name = "states.mask",
		.section = "DEN0054 SDEI_PE_MASK, SDEI_PE_UNMASK",
		.expected = "success, once and again",
		.means = "a CPU that stops, sleeps deeply or goes offline is not safe from events",
		.run = run_steps, .with = masked, .seconds = 1, .relied = true,
	}, {
		.name = "states.mask_keeps",
		.section = "DEN0054 SDEI_PE_MASK",
		.expected = "what is registered stays so",
		.means = "a CPU that slept deeply has no event 0 any more",
		.run = run_steps, .with = mask_keeps, .seconds = 1, .relied = true,
	}, {
		.name = "states.own_of_each",
		.section = "DEN0054, private events",
		.expected = "a registration on one PE does not show on another",
		.means = "CPUs share a registration, and one that goes offline takes it from all",
		.run = own_of_each, .seconds = 2, .relied = true,
	},
	{},
};
