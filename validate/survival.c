// SPDX-License-Identifier: GPL-2.0
/*
 * Checks the interrupted context after the handler. The PE waits in the loop of entry.S with
 * interrupts masked, and entry.S handles the event.
 */
#include <linux/kernel.h>
#include <asm/ptrace.h>

#include "loop_check.h"

#define FLAGS		(PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT)

static enum sdeiv_result look_low(struct sdeiv_report *r, struct sdeiv_pe *pe,
				  struct sdeiv_busy_loop *m)
{
	return sdeiv_loop_check_registers(r, pe, m, 0, 17);
}

static enum sdeiv_result look_high(struct sdeiv_report *r, struct sdeiv_pe *pe,
				   struct sdeiv_busy_loop *m)
{
	if (m->loop.sp != m->loop.out_sp)
		return sdeiv_failed(r,
				    "sp of CPU %u was 0x%016llx before and 0x%016llx after an event",
				    pe->cpu, m->loop.sp, m->loop.out_sp);
	return sdeiv_loop_check_registers(r, pe, m, 18, 30);
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

static const struct sdeiv_loop_check low = { .twice = true, .at = look_low };
static const struct sdeiv_loop_check high = { .twice = true, .at = look_high };
static const struct sdeiv_loop_check flags = { .at = look_flags };
static const struct sdeiv_loop_check system = { .at = look_system };
static const struct sdeiv_loop_check vectors = { .at = look_vectors };

#define DAMAGE "each report damages the interrupted code, and with it the kernel; do not load the driver on this machine"

const struct sdeiv_check sdeiv_survival_checks[] = {
	{
		.name = "survival.x0_to_x17",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected = "the handler overwrites x0 to x17; they have their old values after it",
		.means = DAMAGE,
		.run = sdeiv_loop_check_run, .with = &low,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "first_signal.masked_interrupts",
	}, {
		.name = "survival.x18_to_sp",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"the handler preserves x18 to x30 and sp; they have their old values after it",
		.means = DAMAGE,
		.run = sdeiv_loop_check_run, .with = &high,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.x0_to_x17",
	}, {
		.name = "survival.flags",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected = "PSTATE.NZCV has its old value after the handler",
		.means = DAMAGE,
		.run = sdeiv_loop_check_run, .with = &flags,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.x18_to_sp",
	}, {
		.name = "survival.vectors",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"the handler preserves v0 to v31, FPCR and FPSR; they have their old values after it",
		.means =
			"programs and the kernel compute with wrong values after each report; do not load the driver on this machine",
		.run = sdeiv_loop_check_run, .with = &vectors,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.flags",
	}, {
		.name = "survival.system_registers",
		.section = "DEN0054 SDEI_EVENT_COMPLETE",
		.expected =
			"SP_EL0 and the thread, exception, translation and GIC registers have their old values",
		.means = DAMAGE,
		.run = sdeiv_loop_check_run, .with = &system,
		.setup = SDEIV_SETUP_OWN, .seconds = 5, .relied = true,
		.needs = "survival.vectors",
	},
	{},
};
