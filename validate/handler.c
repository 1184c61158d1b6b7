// SPDX-License-Identifier: GPL-2.0
/*
 * Checks the state in which the handler starts, the calls that it makes, and both ways to complete
 * the event. The PE waits in the loop of entry.S with interrupts masked, and entry.S handles the
 * event.
 */
#include <linux/kernel.h>
#include <asm/ptrace.h>
#include <asm/virt.h>

#include "loop_check.h"

#define CODES		18	/* registers that SDEI_EVENT_CONTEXT knows */
#define FLAGS		(PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT)
#define PSTATE_SAME	(FLAGS | PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT | PSR_MODE_MASK)

/* The kernel's exception level, as PSTATE.M and CurrentEL encode it. */
static u64 level(void)
{
	return is_kernel_in_hyp_mode() ? 2 << 2 : 1 << 2;
}

static u64 loop_pstate(const struct sdeiv_busy_loop *m)
{
	return m->loop.in_nzcv | PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT | level() | 1;
}

static enum sdeiv_result look_parameters(struct sdeiv_report *r, struct sdeiv_pe *pe,
					 struct sdeiv_busy_loop *m)
{
	const u64 *x = pe->seen.x;
	u64 expected = loop_pstate(m);

	if (x[0] != SDEIV_EVENT_SIGNALED)
		return sdeiv_failed(r, "x0, the event's number, was 0x%llx on CPU %u", x[0],
				    pe->cpu);
	if (x[1] != (u64)&pe->seen)
		return sdeiv_failed(r,
				    "x1, the registered argument, was 0x%llx instead of 0x%llx on CPU %u",
				    x[1], (u64)&pe->seen, pe->cpu);
	if ((x[3] ^ expected) & PSTATE_SAME)
		return sdeiv_failed(r,
				    "x3, the interrupted PSTATE, was 0x%llx instead of 0x%llx on CPU %u",
				    x[3] & PSTATE_SAME, expected & PSTATE_SAME, pe->cpu);
	return SDEIV_PASS;
}

static enum sdeiv_result look_state(struct sdeiv_report *r, struct sdeiv_pe *pe,
				    struct sdeiv_busy_loop *m)
{
	const struct sdeiv_seen *s = &pe->seen;

	if (s->el != level() || !(s->spsel & 1))
		return sdeiv_failed(r,
				    "on CPU %u the handler was entered at EL%llu with SPSel %llu",
				    pe->cpu, s->el >> 2, s->spsel);
	if (s->daif != (PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT))
		return sdeiv_failed(r, "on CPU %u the handler was entered with DAIF 0x%llx",
				    pe->cpu, s->daif >> 6);
	return SDEIV_PASS;
}

static enum sdeiv_result look_pan(struct sdeiv_report *r, struct sdeiv_pe *pe,
				  struct sdeiv_busy_loop *m)
{
	if (read_sysreg(sctlr_el1) & SCTLR_EL1_SPAN)
		return sdeiv_skipped(r, "the kernel does not set PAN on exceptions");
	if (!pe->seen.has_pan)
		return sdeiv_skipped(r, "CPU %u has no PAN", pe->cpu);
	if (!pe->seen.pan)
		return sdeiv_failed(r, "on CPU %u the handler was entered with PAN clear", pe->cpu);
	return SDEIV_PASS;
}

static enum sdeiv_result look_entered_with(struct sdeiv_report *r, struct sdeiv_pe *pe,
					   struct sdeiv_busy_loop *m)
{
	unsigned int own = sdeiv_loop_check_own(m), i;

	for (i = 4; i <= 30; i++) {
		if (i == own || pe->seen.x[i] == m->loop.in[i])
			continue;
		return sdeiv_failed(r,
				    "x%u of CPU %u was 0x%016llx in the loop and 0x%016llx in the handler",
				    i, pe->cpu, m->loop.in[i], pe->seen.x[i]);
	}
	if (pe->seen.sp != m->loop.sp)
		return sdeiv_failed(r,
				    "sp of CPU %u was 0x%016llx in the loop and 0x%016llx in the handler",
				    pe->cpu, m->loop.sp, pe->seen.sp);
	return SDEIV_PASS;
}

static enum sdeiv_result look_context(struct sdeiv_report *r, struct sdeiv_pe *pe,
				      struct sdeiv_busy_loop *m)
{
	unsigned int own = sdeiv_loop_check_own(m), i;

	for (i = 0; i < CODES; i++) {
		if (i == own || pe->seen.context[i] == m->loop.in[i])
			continue;
		return sdeiv_failed(r,
				    "SDEI_EVENT_CONTEXT returned x%u of CPU %u as 0x%016llx, but it was 0x%016llx",
				    i, pe->cpu, pe->seen.context[i], m->loop.in[i]);
	}
	return SDEIV_PASS;
}

static enum sdeiv_result look_bad_context(struct sdeiv_report *r, struct sdeiv_pe *pe,
					  struct sdeiv_busy_loop *m)
{
	u64 x0 = pe->seen.context[CODES];

	if (sdeiv_code(x0) != SDEI_INVALID_PARAMETERS)
		return sdeiv_failed(r, "SDEI_EVENT_CONTEXT of x18 on CPU %u returned %s", pe->cpu,
				    sdeiv_code_name(x0));
	return SDEIV_PASS;
}

static enum sdeiv_result look_running(struct sdeiv_report *r, struct sdeiv_pe *pe,
				      struct sdeiv_busy_loop *m)
{
	if (!(pe->seen.status & BIT(SDEI_EVENT_STATUS_RUNNING)))
		return sdeiv_failed(r, "in the handler on CPU %u the status was %s", pe->cpu,
				    sdeiv_code_name(pe->seen.status));
	return SDEIV_PASS;
}

static enum sdeiv_result look_unregister(struct sdeiv_report *r, struct sdeiv_pe *pe,
					 struct sdeiv_busy_loop *m)
{
	s64 code = sdeiv_code(pe->seen.unregister), status = sdeiv_code(pe->seen.unregistered);

	if (code != SDEI_PENDING)
		return sdeiv_failed(r, "SDEI_EVENT_UNREGISTER in the handler on CPU %u returned %s",
				    pe->cpu, sdeiv_code_name(pe->seen.unregister));
	if (status != BIT(SDEI_EVENT_STATUS_RUNNING))
		return sdeiv_failed(r,
				    "after SDEI_EVENT_UNREGISTER in the handler on CPU %u the status was %s",
				    pe->cpu, sdeiv_code_name(pe->seen.unregistered));
	if (sdeiv_set_up(pe, SDEIV_SETUP_OWN) < 0)
		return sdeiv_failed(r,
				    "after SDEI_EVENT_UNREGISTER in the handler, registering event 0 again failed on CPU %u",
				    pe->cpu);
	return SDEIV_PASS;
}

static enum sdeiv_result look_resumed(struct sdeiv_report *r, struct sdeiv_pe *pe,
				      struct sdeiv_busy_loop *m)
{
	if (m->loop.resumed != 1)
		return sdeiv_failed(r,
				    "execution on CPU %u did not continue at the given address",
				    pe->cpu);
	if (!sdeiv_busy_loop_has_pc(m, m->loop.resumed_elr))
		return sdeiv_failed(r,
				    "at that address ELR of CPU %u was 0x%llx, which is not in the loop",
				    pe->cpu, m->loop.resumed_elr);
	if ((m->loop.resumed_spsr ^ loop_pstate(m)) & PSTATE_SAME)
		return sdeiv_failed(r,
				    "at that address SPSR of CPU %u was 0x%llx, but PSTATE in the loop was 0x%llx",
				    pe->cpu, m->loop.resumed_spsr & PSTATE_SAME, loop_pstate(m));
	if (m->loop.resumed_daif != (PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT))
		return sdeiv_failed(r, "at that address DAIF of CPU %u was 0x%llx", pe->cpu,
				    m->loop.resumed_daif >> 6);
	return sdeiv_loop_check_registers(r, pe, m, 0, 30);
}

static const struct sdeiv_loop_check parameters = { .at = look_parameters };
static const struct sdeiv_loop_check state = { .at = look_state };
static const struct sdeiv_loop_check pan = { .at = look_pan };
static const struct sdeiv_loop_check entered_with = { .twice = true, .at = look_entered_with };

static const struct sdeiv_loop_check context = {
	.ask = BIT(SDEIV_ASK_QUERY), .twice = true, .at = look_context,
};

static const struct sdeiv_loop_check bad_context = {
	.ask = BIT(SDEIV_ASK_QUERY), .at = look_bad_context,
};

static const struct sdeiv_loop_check running = {
	.ask = BIT(SDEIV_ASK_QUERY), .at = look_running,
};

static const struct sdeiv_loop_check unregister = {
	.ask = BIT(SDEIV_ASK_UNREGISTER), .at = look_unregister,
};

static const struct sdeiv_loop_check resumed = {
	.resume = sdeiv_resumed, .twice = true, .at = look_resumed,
};

const struct sdeiv_check sdeiv_handler_checks[] = {
	{
		.name = "handler.parameters",
		.section = "DEN0054, handler entry",
		.expected =
			"x0 = 0, x1 = the registered argument, x2 = the interrupted PC, x3 = the interrupted PSTATE",
		.means = "reports show a wrong CPU state, and the kernel may resume incorrectly",
		.run = sdeiv_loop_check_run, .with = &parameters,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.state",
		.section = "DEN0054, handler entry",
		.expected =
			"the handler runs at the kernel's exception level, with SP_ELx and all of PSTATE.DAIF set",
		.means =
			"the handler takes interrupts on the event's stack; do not load the driver on this machine",
		.run = sdeiv_loop_check_run, .with = &state,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "handler.parameters",
	}, {
		.name = "handler.pan",
		.section = "DEN0054, handler entry",
		.expected =
			"PSTATE.PAN is set if the CPU has PAN and the kernel sets PAN on exceptions",
		.means = "no effect: the kernel's handler reads no user memory",
		.run = sdeiv_loop_check_run, .with = &pan,
		.setup = SDEIV_SETUP_OWN, .seconds = 5,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.registers",
		.section = "DEN0054, handler entry",
		.expected = "x4 to x30 and sp have the interrupted values",
		.means = "reports show wrong registers and may lack the stack",
		.run = sdeiv_loop_check_run, .with = &entered_with,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.context",
		.section = "DEN0054 SDEI_EVENT_CONTEXT",
		.expected = "the call returns the interrupted x0 to x17",
		.means = "reports show wrong values of x0 to x3",
		.run = sdeiv_loop_check_run, .with = &context,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.context_of_others",
		.section = "DEN0054 SDEI_EVENT_CONTEXT",
		.expected = "INVALID_PARAMETERS for x18",
		.means = "no effect: the kernel asks only for x0 to x4",
		.run = sdeiv_loop_check_run, .with = &bad_context,
		.setup = SDEIV_SETUP_OWN, .seconds = 5,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.running",
		.section = "DEN0054 SDEI_EVENT_STATUS",
		.expected = "the status in the handler includes running",
		.means = "no effect: the driver does not make this call in a handler",
		.run = sdeiv_loop_check_run, .with = &running,
		.setup = SDEIV_SETUP_OWN, .seconds = 5,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.unregister",
		.section = "DEN0054 SDEI_EVENT_UNREGISTER",
		.expected =
			"PENDING in the handler, then status 4; event 0 is unregistered after the handler",
		.means = "unloading the driver during a report fails",
		.run = sdeiv_loop_check_run, .with = &unregister,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.complete_and_resume",
		.section = "DEN0054 SDEI_EVENT_COMPLETE_AND_RESUME",
		.expected =
			"execution continues at the given address with all of DAIF set, ELR and SPSR as after an exception, and the old registers",
		.means =
			"the kernel ends an event with this call if interrupts were enabled: signals and preemption are delayed, or execution continues in a wrong place",
		.run = sdeiv_loop_check_run, .with = &resumed,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	},
	{},
};
