// SPDX-License-Identifier: GPL-2.0
/* Tests whether a PE takes ordinary interrupts. All waits are bounded. */
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <asm/cputype.h>
#include <asm/virt.h>

#include "compat.h"
#include "health.h"
#include "wait.h"
#include "worker.h"

/**
 * sdeiv_has_gic_registers() - test for the GIC's system registers
 *
 * Context: any. Return: true if this CPU has these registers and the kernel may use them.
 */
bool sdeiv_has_gic_registers(void)
{
	if (!(read_sysreg(id_aa64pfr0_el1) >> 24 & 0xf))
		return false;
	if (is_kernel_in_hyp_mode())
		return read_sysreg_s(SYS_ICC_SRE_EL2) & ICC_SRE_EL2_SRE;
	return read_sysreg_s(SYS_ICC_SRE_EL1) & ICC_SRE_EL1_SRE;
}

static enum hrtimer_restart timer_fired(struct hrtimer *timer)
{
	struct sdeiv_pe *pe = container_of(timer, struct sdeiv_pe, timer);

	WRITE_ONCE(pe->took_timer, true);
	return HRTIMER_NORESTART;
}

static void ipi_taken(void *info)
{
	struct sdeiv_pe *pe = info;

	WRITE_ONCE(pe->took_ipi, true);
	hrtimer_start(&pe->timer, ns_to_ktime(100 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
}

static void woken(void *info)
{
}

/* Runs in the PE's thread with interrupts enabled, so no interrupt is active. */
static void read_priority(struct sdeiv_pe *pe, void *arg)
{
	u64 *priority = arg;

	*priority = sdeiv_has_gic_registers() ? read_sysreg_s(SYS_ICC_RPR_EL1) : 0xff;
}

/**
 * sdeiv_health_init() - prepare for sdeiv_health()
 * @pe: a PE
 *
 * Context: task.
 */
void sdeiv_health_init(struct sdeiv_pe *pe)
{
	INIT_CSD(&pe->ipi, ipi_taken, pe);
	INIT_CSD(&pe->wake, woken, pe);
	hrtimer_setup(&pe->timer, timer_fired, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
}

/* Runs on another PE than the target of the IPI. */
static void send_ipi(struct sdeiv_pe *pe, void *arg)
{
	struct sdeiv_pe *to = arg;

	smp_call_function_single_async(to->cpu, &to->ipi);
}

static enum sdeiv_health takes_interrupts(struct sdeiv_pe *pe)
{
	struct sdeiv_pe *other = pe->cpu == sdeiv_home ? sdeiv_pe_next_other(NULL) : NULL;
	unsigned int ms = sdeiv_pe_limit(SDEIV_HEALTH_MS);

	pe->took_ipi = false;
	pe->took_timer = false;
	/* A CPU sends itself no IPI, so another PE sends it. */
	if (!other || !sdeiv_work_run(other, send_ipi, pe))
		smp_call_function_single_async(pe->cpu, &pe->ipi);
	if (!sdeiv_wait_until(READ_ONCE(pe->took_ipi), ms))
		return SDEIV_NO_IPI;
	return sdeiv_wait_until(READ_ONCE(pe->took_timer), ms) ? SDEIV_HEALTHY : SDEIV_NO_TIMER;
}

/**
 * sdeiv_health() - test whether a PE takes ordinary interrupts
 * @pe: the PE, which has no unfinished work
 *
 * A PE that fails the test is marked lost.
 *
 * Context: task. Return: SDEIV_HEALTHY, or the test that failed.
 */
enum sdeiv_health sdeiv_health(struct sdeiv_pe *pe)
{
	enum sdeiv_health lacks = takes_interrupts(pe);
	u64 priority = 0xff;

	if (!lacks && !sdeiv_work_run(pe, read_priority, &priority))
		lacks = SDEIV_NO_THREAD;
	else if (!lacks && priority != 0xff)
		lacks = SDEIV_PRIORITY_STAYS;
	if (lacks)
		pe->lost = sdeiv_health_name(lacks);
	return lacks;
}

/**
 * sdeiv_pe_busy() - test whether a PE was lost without a fault of the firmware
 * @pe: a lost PE
 *
 * A busy PE takes interrupts but never began its last work item: a real-time task or the kernel
 * keeps the suite's thread from running.
 *
 * Context: task. Return: true if the PE is busy.
 */
bool sdeiv_pe_busy(struct sdeiv_pe *pe)
{
	pe->busy = atomic_read(&pe->job) == SDEIV_JOB_ABANDONED &&
		   takes_interrupts(pe) == SDEIV_HEALTHY;
	return pe->busy;
}

/**
 * sdeiv_health_name() - describe the result of sdeiv_health()
 * @alive: what sdeiv_health() returned
 *
 * Context: any. Return: the end of a sentence.
 */
const char *sdeiv_health_name(enum sdeiv_health alive)
{
	switch (alive) {
	case SDEIV_HEALTHY:
		return "takes interrupts";
	case SDEIV_NO_IPI:
		return "takes no IPIs";
	case SDEIV_NO_TIMER:
		return "takes IPIs but no timer interrupts";
	case SDEIV_NO_THREAD:
		return "takes interrupts but runs no thread";
	default:
		return "has an active interrupt priority (ICC_RPR_EL1): an interrupt was not ended";
	}
}
