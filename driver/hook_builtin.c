// SPDX-License-Identifier: GPL-2.0
/*
 * In a kernel tree: the functions that arch_trigger_cpumask_backtrace() calls first, and
 * smp_send_stop() before and after its part.
 */
#include <linux/arm_sdei.h>
#include <linux/cache.h>
#include <linux/init.h>

#include "backtrace.h"
#include "hook.h"
#include "stop.h"

static bool in_service __ro_after_init;

/**
 * sdei_nmi_trigger_cpumask_backtrace() - log the backtraces of CPUs, wedged ones included
 * @mask: the CPUs
 * @exclude_cpu: a CPU to leave out, or -1
 *
 * Context: any but SDEI; hard IRQ included, with interrupts on or off.
 * Return: true if the request was dealt with; false where there is no event 0 to deal with it, and
 * the caller is to go on by its own means.
 */
bool sdei_nmi_trigger_cpumask_backtrace(const struct cpumask *mask, int exclude_cpu)
{
	if (!in_service)
		return false;
	sdei_nmi_backtrace_request(mask, exclude_cpu);
	return true;
}

/**
 * sdei_nmi_stop_prepare() - smp_send_stop() begins
 * @crash: for a crash dump: registers are to be saved
 *
 * Context: any, SDEI included; with preemption off. Waits for 20 ms at most.
 */
void sdei_nmi_stop_prepare(bool crash)
{
	if (in_service)
		sdei_nmi_stop_claim(crash);
}

/**
 * sdei_nmi_stop_self() - this CPU is about to end for a crash dump, as an IPI has asked it to
 *
 * Context: hard IRQ, with interrupts off; before it masks SDEI.
 */
void sdei_nmi_stop_self(void)
{
	if (in_service)
		sdei_nmi_stop_note_self();
}

/**
 * sdei_nmi_stop_remaining() - stop, by event 0, whoever is online still
 *
 * Takes 100 ms at most, and what printing takes.
 *
 * Context: as sdei_nmi_stop_prepare(), which the same caller has called.
 */
void sdei_nmi_stop_remaining(void)
{
	if (in_service)
		sdei_nmi_stop_online();
}

/**
 * sdei_nmi_hook_init() - let the kernel's requests for backtraces and for stops come to us
 *
 * Context: task, at boot. Return: 0.
 */
int __init sdei_nmi_hook_init(void)
{
	in_service = true;
	return 0;
}
