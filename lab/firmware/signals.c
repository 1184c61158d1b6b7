// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of SDEI_EVENT_SIGNAL: which PE gets a signal, when, and whether at all.
 *
 * With this TF-A a signal jams a PE that is not ready. Signals that the guest requested still go to such a PE, as usual, even if
 * they were held. All other signals sent from here go to ready PEs only.
 *
 * A signal that was accepted but not sent yet is one bit per PE, as a pending interrupt is in the GIC. The PE that clears the bit
 * sends the signal.
 */
#include <arch_helpers.h>
#include <bl31/interrupt_mgmt.h>
#include <lib/el3_runtime/context_mgmt.h>
#include <lib/el3_runtime/pubsub_events.h>
#include <lib/psci/psci.h>
#include <lib/spinlock.h>
#include <plat/common/platform.h>
#include <platform_def.h>
#include <services/sdei.h>

#include "faults.h"

#define SLOW_US		500
#define BURST_US	50
#define RETRY_US	200

#define WFI		0xd503207fU

/* The interrupt of the secure physical timer, which TF-A does not use here. It gets the priority of event 0. */
#define RETRY_PPI	29

/* The error code of DEN0054, and its zero-extended form. */
#define INVALID_PARAMETERS	(-2)
#define INVALID_PARAMETERS_32	0xfffffffeLL

static volatile struct signal_pe {
	uint64_t mpidr;
	uint64_t signalled;	/* time of the last request to signal this PE */
	bool on;
	bool masked;
	bool inside;		/* in the handler of any event */
	bool again;		/* the second run of the handler is pending or going on */
	bool returned;		/* switched on since the fault was chosen */
	bool was_off;		/* switched off since reset */
	bool was_in_use;	/* event 0 was enabled when it was last switched off */
	bool kept;		/* a signal was accepted but not sent */
} pes[PLATFORM_CORE_COUNT];

static spinlock_t kept_lock;

/* The PE to which a signal is pending, for FAULT_LOST_BESIDE: its position plus one, or 0. */
static unsigned int in_flight;
static spinlock_t in_flight_lock;

int64_t __real_sdei_pe_mask(void);
int64_t __wrap_sdei_pe_mask(void);
void __real_sdei_pe_unmask(void);
void __wrap_sdei_pe_unmask(void);
int __real_sdei_intr_handler(uint32_t intr_raw, uint32_t flags, void *handle, void *cookie);
int __wrap_sdei_intr_handler(uint32_t intr_raw, uint32_t flags, void *handle, void *cookie);
int __real_psci_do_cpu_off(unsigned int end_pwrlvl);
int __wrap_psci_do_cpu_off(unsigned int end_pwrlvl);
int __real_psci_cpu_on_start(u_register_t target_cpu, const entry_point_info_t *ep);
int __wrap_psci_cpu_on_start(u_register_t target_cpu, const entry_point_info_t *ep);

static volatile struct signal_pe *this_pe(void)
{
	return &pes[plat_my_core_pos()];
}

static uint64_t ticks(uint64_t us)
{
	return us * read_cntfrq_el0() / 1000000U;
}

/* The yield lets an emulator that runs one PE at a time switch to another PE. */
static void pause_us(uint64_t us)
{
	uint64_t end = read_cntpct_el0() + ticks(us);

	while (read_cntpct_el0() < end)
		__asm__ volatile("yield");
}

static bool ready(unsigned int pe)
{
	return pes[pe].on && !pes[pe].masked && event_enabled(pe, SDEI_EVENT_0);
}

static void send(unsigned int pe)
{
	plat_ic_raise_el3_sgi(PLAT_SDEI_SGI_PRIVATE, pes[pe].mpidr);
}

static void keep(unsigned int pe)
{
	spin_lock(&kept_lock);
	pes[pe].kept = true;
	spin_unlock(&kept_lock);
}

static bool take(unsigned int pe)
{
	bool kept;

	spin_lock(&kept_lock);
	kept = pes[pe].kept;
	pes[pe].kept = false;
	spin_unlock(&kept_lock);
	return kept;
}

static unsigned int next_ready(unsigned int pe)
{
	unsigned int next = pe;

	do {
		next = (next + 1U) % PLATFORM_CORE_COUNT;
	} while (next != pe && !ready(next));
	return next;
}

static bool in_burst(unsigned int pe)
{
	uint64_t now = read_cntpct_el0(), before = pes[pe].signalled;

	pes[pe].signalled = now;
	return before != 0U && now - before < ticks(BURST_US);
}

static bool lost_beside(unsigned int pe)
{
	bool lost;

	spin_lock(&in_flight_lock);
	lost = in_flight != 0U && in_flight != pe + 1U;
	if (!lost)
		in_flight = pe + 1U;
	spin_unlock(&in_flight_lock);
	return lost;
}

static void landed(unsigned int pe)
{
	spin_lock(&in_flight_lock);
	if (in_flight == pe + 1U)
		in_flight = 0U;
	spin_unlock(&in_flight_lock);
}

bool signal_lies(uint64_t event, uint64_t target, int64_t *ret)
{
	int position = plat_core_pos_by_mpidr(target);
	unsigned int pe = (unsigned int)position, other;

	*ret = 0;
	if (fault == FAULT_REFUSE)
		*ret = INVALID_PARAMETERS_32;
	if (fault == FAULT_REFUSE || fault == FAULT_DROP)
		return true;
	/* TF-A refuses these itself. */
	if ((uint32_t)event != SDEI_EVENT_0 || position < 0)
		return fault == FAULT_HOLD;
	pes[pe].mpidr = target & MPIDR_AFFINITY_MASK;

	switch (fault) {
	case FAULT_SLOW:
		pause_us(SLOW_US);
		return false;
	case FAULT_HOLD:
	case FAULT_LATE:
		keep(pe);
		return true;
	case FAULT_WRONG_PE:
		send(next_ready(pe));
		return true;
	case FAULT_BROADCAST:
		for (other = 0; other < PLATFORM_CORE_COUNT; other++)
			if (other != pe && ready(other))
				send(other);
		return false;
	case FAULT_LOST_IN_HANDLER:
		return pes[pe].inside;
	case FAULT_LOST_BURST:
		return in_burst(pe);
	case FAULT_LOST_BESIDE:
		return lost_beside(pe);
	case FAULT_MASKED_REFUSED:
		*ret = INVALID_PARAMETERS;
		return !ready(pe);
	case FAULT_NOT_REARMED:
		return pes[pe].returned;
	case FAULT_OFF_POISONED:
		if (pes[pe].on)
			return false;
		keep(pe);
		return true;
	default:
		return false;
	}
}

/* Clears the state of the old fault, and sends held signals. */
void signals_end(enum fault old)
{
	unsigned int pe;

	for (pe = 0; pe < PLATFORM_CORE_COUNT; pe++) {
		pes[pe].signalled = 0;
		pes[pe].again = false;
		pes[pe].returned = false;
		landed(pe);
		if (take(pe) && (old == FAULT_HOLD || ready(pe)))
			send(pe);
	}
}

/* Sends kept signals whose condition is met. */
void signals_settle(void)
{
	unsigned int me = plat_my_core_pos(), pe;

	if (fault != FAULT_LATE && fault != FAULT_MASKED_KEPT && fault != FAULT_OFF_POISONED)
		return;
	for (pe = 0; pe < PLATFORM_CORE_COUNT; pe++)
		if ((pe == me || fault == FAULT_LATE) && pes[pe].kept && ready(pe) && take(pe))
			send(pe);
}

void signals_entered(void)
{
	this_pe()->inside = true;
}

void signals_left(bool zero)
{
	volatile struct signal_pe *pe = this_pe();

	pe->inside = false;
	if (!zero || fault != FAULT_TWICE)
		return;
	pe->again = !pe->again;
	if (pe->again)
		send(plat_my_core_pos());
}

bool signals_inside(void)
{
	return this_pe()->inside;
}

/* TF-A also calls this on each PE that starts, before any PE can signal it. */
int64_t __wrap_sdei_pe_mask(void)
{
	volatile struct signal_pe *pe = this_pe();

	pe->mpidr = read_mpidr_el1() & MPIDR_AFFINITY_MASK;
	pe->on = true;
	pe->masked = true;
	return __real_sdei_pe_mask();
}

void __wrap_sdei_pe_unmask(void)
{
	__real_sdei_pe_unmask();
	this_pe()->masked = false;
}

/* Returns only on failure. */
int __wrap_psci_do_cpu_off(unsigned int end_pwrlvl)
{
	int ret;

	if (fault == FAULT_CPU_OFF_REFUSED)
		return PSCI_E_DENIED;
	this_pe()->on = false;
	this_pe()->was_off = true;
	this_pe()->was_in_use = event_enabled(plat_my_core_pos(), SDEI_EVENT_0);
	(void)take(plat_my_core_pos());
	landed(plat_my_core_pos());
	ret = __real_psci_do_cpu_off(end_pwrlvl);
	this_pe()->on = true;
	return ret;
}

int __wrap_psci_cpu_on_start(u_register_t target_cpu, const entry_point_info_t *ep)
{
	int position = plat_core_pos_by_mpidr(target_cpu);

	if (fault == FAULT_CPU_ON_REFUSED && position >= 0 && pes[position].was_off)
		return PSCI_E_INTERN_FAIL;
	if (fault == FAULT_OFF_IN_USE && position >= 0 && pes[position].was_in_use)
		return PSCI_E_INTERN_FAIL;
	return __real_psci_cpu_on_start(target_cpu, ep);
}

static void *signals_cpu_on(const void *arg)
{
	this_pe()->returned = true;
	this_pe()->again = false;
	this_pe()->inside = false;
	return NULL;
}

SUBSCRIBE_TO_EVENT(psci_cpu_on_finish, signals_cpu_on);

/* Reads the guest's instruction at @pc. EL3 does not map the guest's memory, so it disables its own translation for the load. */
static uint32_t instruction(uint64_t pc)
{
	uint64_t par = read_par_el1(), pa, sctlr;
	uint32_t read = 0;

	ats1e2r(pc);
	isb();
	pa = read_par_el1();
	write_par_el1(par);
	if ((pa & PAR_F_MASK) != 0U)
		return 0;
	pa = (pa & PAR_ADDR_MASK) | (pc & PAGE_SIZE_MASK);
	sctlr = read_sctlr_el3();
	__asm__ volatile("msr sctlr_el3, %2\n"
			 "isb\n"
			 "ldr %w0, [%1]\n"
			 "msr sctlr_el3, %3\n"
			 "isb" : "=&r" (read) : "r" (pa), "r" (sctlr & ~SCTLR_M_BIT), "r" (sctlr) : "memory");
	return read;
}

static bool sleeps(void *handle)
{
	return instruction(read_ctx_reg(get_el3state_ctx(handle), CTX_ELR_EL3) - sizeof(uint32_t)) == WFI;
}

/* Linux sleeps in WFI with PSTATE.I set, and clears it after it wakes up. */
static bool takes_interrupts(void *handle)
{
	el3_state_t *state = get_el3state_ctx(handle);

	return (read_ctx_reg(state, CTX_SPSR_EL3) & (DAIF_IRQ_BIT << SPSR_DAIF_SHIFT)) == 0U || sleeps(handle);
}

/* A timer that Linux has stopped is not enabled, and one that has fired is masked only until its handler ends. */
static bool timer_masked(void)
{
	u_register_t on_but_masked = (1UL << CNTP_CTL_ENABLE_SHIFT) | (1UL << CNTP_CTL_IMASK_SHIFT);

	return (read_cnthp_ctl_el2() & on_but_masked) == on_but_masked || (read_cntp_ctl_el0() & on_but_masked) == on_but_masked ||
	       (read_cntv_ctl_el0() & on_but_masked) == on_but_masked;
}

/* The retry interrupt wakes the PE, which may not yet be back in its WFI. So for FAULT_ASLEEP only the timer shows that it waits. */
static bool still_waits(void *handle)
{
	if (fault == FAULT_NOT_MASKED)
		return !takes_interrupts(handle);
	return fault == FAULT_ASLEEP && timer_masked();
}

static bool has_to_wait(void *handle)
{
	return still_waits(handle) && (fault != FAULT_ASLEEP || sleeps(handle));
}

/* EL3 gets no interrupt when the guest clears PSTATE.I or leaves its WFI, so a timer has to check. */
static void retry_later(void)
{
	plat_ic_set_interrupt_type(RETRY_PPI, INTR_TYPE_EL3);
	plat_ic_set_interrupt_priority(RETRY_PPI, PLAT_SDEI_NORMAL_PRI);
	plat_ic_enable_interrupt(RETRY_PPI);
	write_cntps_cval_el1(read_cntpct_el0() + ticks(RETRY_US));
	write_cntps_ctl_el1(1);
	isb();
}

static void retry(void *handle)
{
	unsigned int me = plat_my_core_pos();

	write_cntps_ctl_el1(0);
	isb();
	if ((fault != FAULT_NOT_MASKED && fault != FAULT_ASLEEP) || !pes[me].kept)
		return;
	if (still_waits(handle) || !ready(me))
		retry_later();
	else if (take(me))
		send(me);
}

int __wrap_sdei_intr_handler(uint32_t intr_raw, uint32_t flags, void *handle, void *cookie)
{
	unsigned int intr = plat_ic_get_interrupt_id(intr_raw), me = plat_my_core_pos();

	if (intr == PLAT_SDEI_SGI_PRIVATE)
		landed(me);
	if (intr == RETRY_PPI) {
		retry(handle);
	} else if (intr == PLAT_SDEI_SGI_PRIVATE && fault == FAULT_MASKED_KEPT && pes[me].masked) {
		keep(me);
	} else if (intr == PLAT_SDEI_SGI_PRIVATE && has_to_wait(handle)) {
		keep(me);
		retry_later();
	} else {
		return __real_sdei_intr_handler(intr_raw, flags, handle, cookie);
	}
	plat_ic_end_of_interrupt(intr_raw);
	return 0;
}
