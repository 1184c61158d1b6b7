// SPDX-License-Identifier: GPL-2.0
/* Whether an event arrives, and whether a PE takes ordinary interrupts. All waits are bounded. */
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <asm/cputype.h>
#include <asm/virt.h>

#include "call.h"
#include "compat.h"
#include "pe.h"
#include "wait.h"

/**
 * pe_count() - how many events have arrived at a PE
 * @pe: the PE
 *
 * Context: any. Return: the number, of the handler that the PE has now.
 */
u64 pe_count(const struct pe *pe)
{
	return READ_ONCE(pe->setup) == SETUP_OWN ? READ_ONCE(pe->seen.count) :
						   READ_ONCE(pe->arrivals.count);
}

static bool came_until(const struct pe *pe, u64 before, unsigned int ms)
{
	bool came = soon(pe_count(pe) != before, ms);

	smp_rmb();	/* the rest of what the handler wrote */
	return came;
}

/**
 * pe_await() - wait for an event
 * @pe: to which it was sent
 * @before: pe_count() before that
 *
 * Firmware that keeps a signal until it is called again is given such a call.
 *
 * Context: any. Return: whether it came, and whether only then.
 */
enum arrival pe_await(const struct pe *pe, u64 before)
{
	unsigned int i;

	if (came_until(pe, before, PROMPT_MS))
		return ARRIVED;
	for (i = 0; i < LATE_MS / 10; i++) {
		call0(SDEI_VERSION);
		if (came_until(pe, before, 10))
			return ARRIVED_LATE;
	}
	return NOT_ARRIVED;
}

/**
 * pe_pause() - let time pass for other PEs
 * @us: microseconds
 *
 * Context: any.
 */
void pe_pause(unsigned int us)
{
	struct soon wait = soon_begin(us);

	while (!soon_over(&wait))
		cpu_relax();
}

/**
 * pe_quiet() - give what may still be on its way the time to arrive
 *
 * Context: any.
 */
void pe_quiet(void)
{
	pe_pause(QUIET_MS * USEC_PER_MSEC);
}

/**
 * pe_has_gic_registers() - whether the GIC's CPU interface is in system registers
 *
 * Context: any. Return: true if so, and if they are the kernel's.
 */
bool pe_has_gic_registers(void)
{
	if (!(read_sysreg(id_aa64pfr0_el1) >> 24 & 0xf))
		return false;
	if (is_kernel_in_hyp_mode())
		return read_sysreg_s(SYS_ICC_SRE_EL2) & ICC_SRE_EL2_SRE;
	return read_sysreg_s(SYS_ICC_SRE_EL1) & ICC_SRE_EL1_SRE;
}

static enum hrtimer_restart timer_fired(struct hrtimer *timer)
{
	struct pe *pe = container_of(timer, struct pe, timer);

	WRITE_ONCE(pe->took_timer, true);
	return HRTIMER_NORESTART;
}

static void ipi_taken(void *info)
{
	struct pe *pe = info;

	WRITE_ONCE(pe->took_ipi, true);
	hrtimer_start(&pe->timer, ns_to_ktime(100 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
}

/* In the thread, with interrupts on: no interrupt is being handled. */
static void read_priority(struct pe *pe, void *arg)
{
	u64 *priority = arg;

	*priority = pe_has_gic_registers() ? read_sysreg_s(SYS_ICC_RPR_EL1) : 0xff;
}

/**
 * pe_alive_init() - prepare for pe_alive()
 * @pe: a PE
 *
 * Context: task.
 */
void pe_alive_init(struct pe *pe)
{
	INIT_CSD(&pe->ipi, ipi_taken, pe);
	hrtimer_setup(&pe->timer, timer_fired, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
}

/* On another PE. */
static void send_ipi(struct pe *pe, void *arg)
{
	struct pe *to = arg;

	smp_call_function_single_async(to->cpu, &to->ipi);
}

static enum alive takes_interrupts(struct pe *pe)
{
	struct pe *other = pe->cpu == pe_home ? pe_next_other(NULL) : NULL;

	pe->took_ipi = false;
	pe->took_timer = false;
	/* What a CPU asks itself to do it does without an IPI. */
	if (!other || !pe_run(other, send_ipi, pe))
		smp_call_function_single_async(pe->cpu, &pe->ipi);
	if (!soon(READ_ONCE(pe->took_ipi), ALIVE_MS))
		return NO_IPI;
	return soon(READ_ONCE(pe->took_timer), ALIVE_MS) ? ALIVE : NO_TIMER;
}

/**
 * pe_alive() - whether a PE takes ordinary interrupts
 * @pe: the PE, on which nothing was begun
 *
 * One that does not is lost.
 *
 * Context: task. Return: what it lacks.
 */
enum alive pe_alive(struct pe *pe)
{
	enum alive lacks = takes_interrupts(pe);
	u64 priority = 0xff;

	if (!lacks && !pe_run(pe, read_priority, &priority))
		lacks = NO_THREAD;
	else if (!lacks && priority != 0xff)
		lacks = PRIORITY_STAYS;
	if (lacks)
		pe->lost = pe_alive_says(lacks);
	return lacks;
}

/**
 * pe_busy() - whether a PE was lost for no fault of the firmware's
 * @pe: one that was lost
 *
 * It takes interrupts, and what it was last given to do was not even begun: a real-time task, or
 * the kernel itself, is before our thread.
 *
 * Context: task. Return: true if so.
 */
bool pe_busy(struct pe *pe)
{
	pe->busy = atomic_read(&pe->job) == JOB_ABANDONED && takes_interrupts(pe) == ALIVE;
	return pe->busy;
}

/**
 * pe_alive_says() - what a PE lacks, in words
 * @alive: what pe_alive() returned
 *
 * Context: any. Return: the end of a sentence.
 */
const char *pe_alive_says(enum alive alive)
{
	switch (alive) {
	case ALIVE:
		return "takes interrupts";
	case NO_IPI:
		return "takes no IPI";
	case NO_TIMER:
		return "takes IPIs and not its timer";
	case NO_THREAD:
		return "takes interrupts and runs no thread";
	default:
		return "has a priority active for an interrupt that was not ended (ICC_RPR_EL1)";
	}
}

