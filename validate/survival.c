// SPDX-License-Identifier: GPL-2.0
/*
 * Checks the state in which the handler starts, and the interrupted context after the handler. The
 * PE waits in the loop of entry.S with interrupts masked, and entry.S handles the event.
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/ptrace.h>
#include <asm/virt.h>

#include "busy_loop.h"
#include "check.h"

#define CODES		18	/* registers that SDEI_EVENT_CONTEXT knows */
#define SDEIV_LOOP_OWN	16	/* the register of the loop itself; in the second round x10 */
#define SDEIV_LOOP_OWN_OTHER	10
#define KERNELS_OWN	18	/* may be the shadow call stack's */
#define FLAGS		(PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT)
#define PSTATE_SAME	(FLAGS | PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT | PSR_MODE_MASK)

/**
 * struct look - what is looked at when a PE has met an event
 * @ask: what entry.S is to do in the handler
 * @resume: where it is to resume, or NULL
 * @twice: once with either register as the loop's own
 * @at: what came of it
 */
struct look {
	u64 ask;
	void (*resume)(void);
	bool twice;
	enum sdeiv_result (*at)(struct sdeiv_report *r, struct sdeiv_pe *pe,
				struct sdeiv_busy_loop *m);
};

static enum sdeiv_result look_once(struct sdeiv_report *r, const struct look *look,
				   struct sdeiv_pe *pe, struct sdeiv_busy_loop *m)
{
	bool back;

	pe->seen.ask = look->ask;
	pe->seen.resume = (u64)look->resume;
	back = sdeiv_busy_loop_run(pe, m);
	pe->seen.ask = 0;
	pe->seen.resume = 0;
	if (!back)
		return sdeiv_failed(r, "CPU %u did not return", pe->cpu);
	if (m->x0 || m->arrival != SDEIV_ARRIVED)
		return sdeiv_failed(r, "event 0 did not reach CPU %u in the suite's loop", pe->cpu);
	if (!m->in_loop)
		return sdeiv_failed(r, "the interrupted PC, 0x%llx, is not in the loop of CPU %u",
				    pe->seen.x[2], pe->cpu);
	return look->at(r, pe, m);
}

/* On each PE but this one. */
static enum sdeiv_result run_look(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_busy_loop *m = kzalloc(sizeof(*m), GFP_KERNEL);
	const struct look *look = with;
	enum sdeiv_result result = SDEIV_PASS;
	unsigned int tested = 0;
	struct sdeiv_pe *pe;

	if (!m)
		return sdeiv_skipped(r, "memory ran out");
	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe)) {
		m->other_own = false;
		result = look_once(r, look, pe, m);
		if (result == SDEIV_PASS && look->twice) {
			m->other_own = true;
			result = look_once(r, look, pe, m);
		}
		if (result == SDEIV_PASS && signal_pending(current))
			result = sdeiv_skipped(r, "interrupted");
		if (result != SDEIV_PASS)
			break;
		tested++;
	}
	/* A PE that did not come back may do so yet, and write to it. */
	if (!sdeiv_pe_lost())
		kfree(m);
	if (result == SDEIV_PASS)
		sdeiv_passed(r, "as expected on %u CPUs", tested);
	return result;
}

static enum sdeiv_result same_registers(struct sdeiv_report *r, struct sdeiv_pe *pe,
					const struct sdeiv_busy_loop *m, unsigned int from,
					unsigned int to)
{
	unsigned int own = m->other_own ? SDEIV_LOOP_OWN_OTHER : SDEIV_LOOP_OWN, i;

	for (i = from; i <= to; i++) {
		if (i == own || m->loop.in[i] == m->loop.out[i])
			continue;
		return sdeiv_failed(r,
				    "x%u of CPU %u was 0x%016llx before and 0x%016llx after an event",
				    i, pe->cpu, m->loop.in[i], m->loop.out[i]);
	}
	return SDEIV_PASS;
}

static enum sdeiv_result look_low(struct sdeiv_report *r, struct sdeiv_pe *pe,
				  struct sdeiv_busy_loop *m)
{
	return same_registers(r, pe, m, 0, 17);
}

static enum sdeiv_result look_high(struct sdeiv_report *r, struct sdeiv_pe *pe,
				   struct sdeiv_busy_loop *m)
{
	if (m->loop.sp != m->loop.out_sp)
		return sdeiv_failed(r,
				    "sp of CPU %u was 0x%016llx before and 0x%016llx after an event",
				    pe->cpu, m->loop.sp, m->loop.out_sp);
	return same_registers(r, pe, m, 18, 30);
}

static enum sdeiv_result look_flags(struct sdeiv_report *r, struct sdeiv_pe *pe,
				    struct sdeiv_busy_loop *m)
{
	if ((m->loop.in_nzcv ^ m->loop.out_nzcv) & FLAGS)
		return sdeiv_failed(r, "NZCV of CPU %u was 0x%llx before and 0x%llx after an event",
				    pe->cpu, m->loop.in_nzcv >> 28, m->loop.out_nzcv >> 28);
	return SDEIV_PASS;
}

static enum sdeiv_result look_system(struct sdeiv_report *r, struct sdeiv_pe *pe,
				     struct sdeiv_busy_loop *m)
{
	unsigned int i;

	for (i = 0; sdeiv_busy_loop_register_name(i); i++)
		if (m->before[i] != m->after[i])
			return sdeiv_failed(r,
					    "%s of CPU %u was 0x%016llx before and 0x%016llx after an event",
					    sdeiv_busy_loop_register_name(i), pe->cpu, m->before[i],
					    m->after[i]);
	return SDEIV_PASS;
}

static enum sdeiv_result look_vectors(struct sdeiv_report *r, struct sdeiv_pe *pe,
				      struct sdeiv_busy_loop *m)
{
	unsigned int i;

	for (i = 0; i < SDEIV_VECTOR_WORDS; i++) {
		if (m->vectors_before[i] == m->vectors_after[i])
			continue;
		if (i >= 64)
			return sdeiv_failed(r,
					    "FP%cR of CPU %u was 0x%llx before and 0x%llx after an event",
					    i == 64 ? 'C' : 'S', pe->cpu, m->vectors_before[i],
					    m->vectors_after[i]);
		return sdeiv_failed(r,
				    "half %u of v%u of CPU %u was 0x%016llx before and 0x%016llx after an event",
				    i & 1, i / 2, pe->cpu, m->vectors_before[i],
				    m->vectors_after[i]);
	}
	return SDEIV_PASS;
}

/* As in PSTATE.M and CurrentEL. */
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
	unsigned int own = m->other_own ? SDEIV_LOOP_OWN_OTHER : SDEIV_LOOP_OWN, i;

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
	unsigned int own = m->other_own ? SDEIV_LOOP_OWN_OTHER : SDEIV_LOOP_OWN, i;

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
	return same_registers(r, pe, m, 0, 30);
}

static const struct look low = { .twice = true, .at = look_low };
static const struct look high = { .twice = true, .at = look_high };
static const struct look flags = { .at = look_flags };
static const struct look system = { .at = look_system };
static const struct look vectors = { .at = look_vectors };
static const struct look parameters = { .at = look_parameters };
static const struct look state = { .at = look_state };
static const struct look pan = { .at = look_pan };
static const struct look entered_with = { .twice = true, .at = look_entered_with };
static const struct look context = {.ask = BIT(SDEIV_ASK_QUERY), .twice = true, .at = look_context};
static const struct look bad_context = {.ask = BIT(SDEIV_ASK_QUERY), .at = look_bad_context};
static const struct look running = {.ask = BIT(SDEIV_ASK_QUERY), .at = look_running};
static const struct look unregister = {.ask = BIT(SDEIV_ASK_UNREGISTER), .at = look_unregister};
static const struct look resumed = {
	.resume = sdeiv_resumed, .twice = true, .at = look_resumed,
};

#define DAMAGE "each report damages the interrupted code, and with it the kernel; do not load the driver on this machine"

const struct sdeiv_check sdeiv_survival_checks[] = {
	{
		.name = "survival.x0_to_x17",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected = "the handler overwrites x0 to x17; they have their old values after it",
		.means = DAMAGE,
		.run = run_look, .with = &low,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "first_signal.masked_interrupts",
	}, {
		.name = "survival.x18_to_sp",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"the handler preserves x18 to x30 and sp; they have their old values after it",
		.means = DAMAGE,
		.run = run_look, .with = &high,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.x0_to_x17",
	}, {
		.name = "survival.flags",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected = "PSTATE.NZCV has its old value after the handler",
		.means = DAMAGE,
		.run = run_look, .with = &flags,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.x18_to_sp",
	}, {
		.name = "survival.vectors",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"the handler preserves v0 to v31, FPCR and FPSR; they have their old values after it",
		.means =
			"programs and the kernel compute with wrong values after each report; do not load the driver on this machine",
		.run = run_look, .with = &vectors,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.flags",
	}, {
		.name = "survival.system_registers",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"SP_EL0 and the thread, exception, translation and GIC registers have their old values",
		.means = DAMAGE,
		.run = run_look, .with = &system,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.vectors",
	}, {
		.name = "handler.parameters",
		.section = "DEN0054, handler entry",
		.expected =
			"x0 = 0, x1 = the registered argument, x2 = the interrupted PC, x3 = the interrupted PSTATE",
		.means = "reports show a wrong CPU state, and the kernel may resume incorrectly",
		.run = run_look, .with = &parameters,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.state",
		.section = "DEN0054, handler entry",
		.expected =
			"the handler runs at the kernel's exception level, with SP_ELx and all of PSTATE.DAIF set",
		.means =
			"the handler takes interrupts on the event's stack; do not load the driver on this machine",
		.run = run_look, .with = &state,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "handler.parameters",
	}, {
		.name = "handler.pan",
		.section = "DEN0054, handler entry",
		.expected =
			"PSTATE.PAN is set if the CPU has PAN and the kernel sets PAN on exceptions",
		.means = "no effect: the kernel's handler reads no user memory",
		.run = run_look, .with = &pan,
		.setup = SDEIV_SETUP_OWN, .seconds = 5,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.registers",
		.section = "DEN0054, handler entry",
		.expected = "x4 to x30 and sp have the interrupted values",
		.means = "reports show wrong registers and may lack the stack",
		.run = run_look, .with = &entered_with,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.context",
		.section = "DEN0054 SDEI_EVENT_CONTEXT",
		.expected = "the call returns the interrupted x0 to x17",
		.means = "reports show wrong values of x0 to x3",
		.run = run_look, .with = &context,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.context_of_others",
		.section = "DEN0054 SDEI_EVENT_CONTEXT",
		.expected = "INVALID_PARAMETERS for x18",
		.means = "no effect: the kernel asks only for x0 to x4",
		.run = run_look, .with = &bad_context,
		.setup = SDEIV_SETUP_OWN, .seconds = 5,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.running",
		.section = "DEN0054 SDEI_EVENT_STATUS",
		.expected = "the status in the handler includes running",
		.means = "no effect: the driver does not make this call",
		.run = run_look, .with = &running,
		.setup = SDEIV_SETUP_OWN, .seconds = 5,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.unregister",
		.section = "DEN0054 SDEI_EVENT_UNREGISTER",
		.expected =
			"PENDING in the handler, then status 4; event 0 is unregistered after the handler",
		.means = "unloading the driver during a report fails",
		.run = run_look, .with = &unregister,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	}, {
		.name = "handler.complete_and_resume",
		.section = "DEN0054 SDEI_EVENT_COMPLETE_AND_RESUME",
		.expected =
			"execution continues at the given address with all of DAIF set, ELR and SPSR as after an exception, and the old registers",
		.means =
			"the kernel ends an event with this call if interrupts were enabled: signals and preemption are delayed, or execution continues in a wrong place",
		.run = run_look, .with = &resumed,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.system_registers",
	},
	{},
};
