// SPDX-License-Identifier: GPL-2.0
/*
 * The PE runs the loop of entry.S with a different value in each register. Before the PE returns to
 * kernel code, it restores the registers that the kernel depends on. So a check can find firmware
 * that damages registers, and the kernel continues.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/daifflags.h>
#include <asm/sysreg.h>
#include <linux/irqchip/arm-gic-v3.h>

#include "busy_loop.h"
#include "call.h"
#include "health.h"
#include "setup.h"
#include "wait.h"
#include "worker.h"

#define SDEIV_LOOP_SIZE	0x200	/* bytes: upper limit of the size of the loop's code */

enum place {
	R_SP_EL0, R_TPIDR_EL0, R_TPIDRRO_EL0, R_TPIDR_EL1, R_ELR_EL1, R_SPSR_EL1, R_ESR_EL1,
	R_FAR_EL1, R_VBAR_EL1, R_SCTLR_EL1, R_TCR_EL1, R_TTBR0_EL1, R_TTBR1_EL1, R_MAIR_EL1,
	R_CPACR_EL1, R_CONTEXTIDR_EL1, R_CNTKCTL_EL1, R_MDSCR_EL1, R_PAR_EL1, R_TPIDR_EL2,
	R_HCR_EL2, R_VTTBR_EL2, R_ICC_PMR_EL1, R_ICC_BPR1_EL1, R_ICC_CTLR_EL1, R_ICC_IGRPEN1_EL1,
	REGISTERS
};

static const char * const register_names[] = {
	[R_SP_EL0] = "sp_el0",
	[R_TPIDR_EL0] = "tpidr_el0",
	[R_TPIDRRO_EL0] = "tpidrro_el0",
	[R_TPIDR_EL1] = "tpidr_el1",
	[R_ELR_EL1] = "elr_el1",
	[R_SPSR_EL1] = "spsr_el1",
	[R_ESR_EL1] = "esr_el1",
	[R_FAR_EL1] = "far_el1",
	[R_VBAR_EL1] = "vbar_el1",
	[R_SCTLR_EL1] = "sctlr_el1",
	[R_TCR_EL1] = "tcr_el1",
	[R_TTBR0_EL1] = "ttbr0_el1",
	[R_TTBR1_EL1] = "ttbr1_el1",
	[R_MAIR_EL1] = "mair_el1",
	[R_CPACR_EL1] = "cpacr_el1",
	[R_CONTEXTIDR_EL1] = "contextidr_el1",
	[R_CNTKCTL_EL1] = "cntkctl_el1",
	[R_MDSCR_EL1] = "mdscr_el1",
	[R_PAR_EL1] = "par_el1",
	[R_TPIDR_EL2] = "tpidr_el2",
	[R_HCR_EL2] = "hcr_el2",
	[R_VTTBR_EL2] = "vttbr_el2",
	[R_ICC_PMR_EL1] = "icc_pmr_el1",
	[R_ICC_BPR1_EL1] = "icc_bpr1_el1",
	[R_ICC_CTLR_EL1] = "icc_ctlr_el1",
	[R_ICC_IGRPEN1_EL1] = "icc_igrpen1_el1",
};

static_assert(REGISTERS <= SDEIV_SYSTEM_REGISTERS_MOST);

/**
 * sdeiv_busy_loop_register_name() - name a saved system register
 * @i: index in @before and @after of struct sdeiv_busy_loop
 *
 * Context: any. Return: the name, or NULL if @i is past the last register.
 */
const char *sdeiv_busy_loop_register_name(unsigned int i)
{
	return i < REGISTERS ? register_names[i] : NULL;
}

static __always_inline void read_registers(u64 *to)
{
	to[R_SP_EL0] = read_sysreg(sp_el0);
	to[R_TPIDR_EL0] = read_sysreg(tpidr_el0);
	to[R_TPIDRRO_EL0] = read_sysreg(tpidrro_el0);
	to[R_TPIDR_EL1] = read_sysreg(tpidr_el1);
	to[R_ELR_EL1] = read_sysreg(elr_el1);
	to[R_SPSR_EL1] = read_sysreg(spsr_el1);
	to[R_ESR_EL1] = read_sysreg(esr_el1);
	to[R_FAR_EL1] = read_sysreg(far_el1);
	to[R_VBAR_EL1] = read_sysreg(vbar_el1);
	to[R_SCTLR_EL1] = read_sysreg(sctlr_el1);
	to[R_TCR_EL1] = read_sysreg(tcr_el1);
	to[R_TTBR0_EL1] = read_sysreg(ttbr0_el1);
	to[R_TTBR1_EL1] = read_sysreg(ttbr1_el1);
	to[R_MAIR_EL1] = read_sysreg(mair_el1);
	to[R_CPACR_EL1] = read_sysreg(cpacr_el1);
	to[R_CONTEXTIDR_EL1] = read_sysreg(contextidr_el1);
	to[R_CNTKCTL_EL1] = read_sysreg(cntkctl_el1);
	to[R_MDSCR_EL1] = read_sysreg(mdscr_el1);
	to[R_PAR_EL1] = read_sysreg(par_el1);
	if (is_kernel_in_hyp_mode()) {
		to[R_TPIDR_EL2] = read_sysreg(tpidr_el2);
		to[R_HCR_EL2] = read_sysreg(hcr_el2);
		to[R_VTTBR_EL2] = read_sysreg(vttbr_el2);
	}
	if (sdeiv_has_gic_registers()) {
		to[R_ICC_PMR_EL1] = read_sysreg_s(SYS_ICC_PMR_EL1);
		to[R_ICC_BPR1_EL1] = read_sysreg_s(SYS_ICC_BPR1_EL1);
		to[R_ICC_CTLR_EL1] = read_sysreg_s(SYS_ICC_CTLR_EL1);
		to[R_ICC_IGRPEN1_EL1] = read_sysreg_s(SYS_ICC_IGRPEN1_EL1);
	}
}

/* Restore the registers that the kernel depends on or does not write again. */
static __always_inline void set_back(const u64 *to)
{
	write_sysreg(to[R_SP_EL0], sp_el0);
	write_sysreg(to[R_TPIDR_EL0], tpidr_el0);
	write_sysreg(to[R_TPIDRRO_EL0], tpidrro_el0);
	write_sysreg(to[R_TPIDR_EL1], tpidr_el1);
	write_sysreg(to[R_VBAR_EL1], vbar_el1);
	write_sysreg(to[R_TTBR0_EL1], ttbr0_el1);
	write_sysreg(to[R_CONTEXTIDR_EL1], contextidr_el1);
	write_sysreg(to[R_CNTKCTL_EL1], cntkctl_el1);
	write_sysreg(to[R_MDSCR_EL1], mdscr_el1);
	if (is_kernel_in_hyp_mode())
		write_sysreg(to[R_TPIDR_EL2], tpidr_el2);
	if (sdeiv_has_gic_registers())
		write_sysreg_s(to[R_ICC_PMR_EL1], SYS_ICC_PMR_EL1);
	isb();
}

static void loop_here(struct sdeiv_pe *pe, void *arg)
{
	struct sdeiv_busy_loop *m = arg;
	unsigned long flags;

	if (READ_ONCE(pe->stop))
		return;
	preempt_disable();
	flags = local_daif_save();
	WRITE_ONCE(sdeiv_loop_at, &m->loop);
	sdeiv_read_vectors(m->vectors_before);
	read_registers(m->before);
	WRITE_ONCE(pe->ready, true);	/* entered() waits for the rest */
	if (m->interrupts)
		local_daif_restore(DAIF_PROCCTX);
	if (m->other_own)
		sdeiv_loop_x10(&m->loop);
	else
		sdeiv_loop_x16(&m->loop);
	/* Call no kernel function before the registers are restored. */
	read_registers(m->after);
	set_back(m->before);
	local_daif_mask();
	sdeiv_read_vectors(m->vectors_after);
	local_daif_restore(flags);
	preempt_enable();
}

/**
 * sdeiv_busy_loop_has_pc() - test whether a PC is in the loop
 * @m: the run; @other_own selects the loop
 * @pc: the PC
 *
 * Context: any. Return: true if @pc is in the loop.
 */
bool sdeiv_busy_loop_has_pc(const struct sdeiv_busy_loop *m, u64 pc)
{
	u64 from = m->other_own ? (u64)sdeiv_loop_x10 : (u64)sdeiv_loop_x16;

	return pc >= from && pc < from + SDEIV_LOOP_SIZE;
}

/* A second delivery may interrupt sdeiv_resumed(), on the way back to the loop. */
static bool came_in_loop(const struct sdeiv_pe *pe, const struct sdeiv_busy_loop *m)
{
	u64 resumed = (u64)sdeiv_resumed, pc = pe->seen.x[2];

	return sdeiv_busy_loop_has_pc(m, pc) ||
	       (m->loop.resumed && pc >= resumed && pc < resumed + SDEIV_LOOP_SIZE);
}

/* The handler has called SDEI_EVENT_UNREGISTER, which the firmware may refuse. */
static bool unregistered(const struct sdeiv_pe *pe)
{
	s64 code = sdeiv_code(pe->seen.unregister);

	return pe->seen.ask & BIT(SDEIV_ASK_UNREGISTER) && (code >= 0 || code == SDEI_PENDING);
}

static void pattern(struct sdeiv_busy_loop *m)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(m->loop.in); i++)
		m->loop.in[i] = 0x0101010101010101ULL * (i + 1) ^ 0x5a00a5005a00a500ULL;
	m->loop.in_nzcv = 0xa0000000;	/* N and C set, Z and V clear */
}

/* Signal the PE only after the loop has set all registers. */
static bool entered(const struct sdeiv_busy_loop *m)
{
	return sdeiv_wait_until(READ_ONCE(m->loop.entered), sdeiv_pe_limit(SDEIV_HEALTH_MS));
}

/**
 * sdeiv_busy_loop_run() - signal event 0 to a PE while it runs the loop
 * @pe: the PE; @seen.ask and @seen.resume select what the handler does
 * @m: the caller sets @interrupts and @other_own; the function sets the other fields
 *
 * The function registers entry.S as the handler. If the event interrupts the PE outside the loop,
 * for example in an interrupt handler, the function tries again.
 *
 * Context: task, on another PE. Return: false if the PE is lost.
 */
bool sdeiv_busy_loop_run(struct sdeiv_pe *pe, struct sdeiv_busy_loop *m)
{
	u64 before, resume = pe->seen.resume;
	unsigned int tries;
	bool left;

	m->arrival = SDEIV_NOT_ARRIVED;
	m->count = 0;
	m->in_loop = false;
	for (tries = 0; tries < 10; tries++) {
		/* The handler may have unregistered event 0 in the previous try. */
		if (sdeiv_set_up(pe, SDEIV_SETUP_OWN) < 0)
			return !pe->lost;
		pattern(m);
		pe->seen.resume = resume;
		m->loop.resumed = 0;
		m->loop.entered = 0;
		WRITE_ONCE(sdeiv_loop_stop, 0);
		/* The PE stays in the loop until this task stops it, so keep this task running. */
		preempt_disable();
		if (!sdeiv_state_begin(pe, loop_here, m) || !entered(m)) {
			WRITE_ONCE(sdeiv_loop_stop, 1);
			preempt_enable();
			sdeiv_state_leave(pe);
			return false;
		}
		before = sdeiv_arrival_count(pe);
		m->x0 = sdeiv_signal(pe->mpidr);
		m->arrival = m->x0 ? SDEIV_NOT_ARRIVED : sdeiv_await_arrival(pe, before);
		if (m->arrival != SDEIV_NOT_ARRIVED)
			sdeiv_quiet();
		m->count = sdeiv_arrival_count(pe) - before;
		WRITE_ONCE(sdeiv_loop_stop, 1);
		preempt_enable();
		left = sdeiv_state_leave(pe);
		m->in_loop = m->count && came_in_loop(pe, m);
		if (m->count && unregistered(pe))
			sdeiv_forget_setup(pe);
		if (!left)
			return false;
		if (m->in_loop || !m->count)
			break;
	}
	return true;
}
