// SPDX-License-Identifier: GPL-2.0
/*
 * In a kernel tree: the functions that the kernel calls. arch_trigger_cpumask_backtrace() calls the
 * driver before it sends an IPI. smp_send_stop() calls the driver before its first IPI and after
 * its last one. A CPU that stops calls the driver before it masks SDEI. panic() calls the driver
 * to leave a panic to the CPU that panic_force_cpu= names.
 */
#include <linux/arm_sdei.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/panic.h>
#include <linux/smp.h>
#include <asm/nmi.h>

#include "backtrace.h"
#include "hook.h"
#include "reach.h"
#include "stop.h"

static bool in_service __ro_after_init;

/**
 * sdei_nmi_trigger_cpumask_backtrace() - log the backtraces of CPUs, wedged ones included
 * @mask: the CPUs
 * @exclude_cpu: a CPU to leave out, or -1
 *
 * Context: any but SDEI; hard IRQ included, with interrupts on or off.
 * Return: true if the driver has taken the request; false if the driver does not serve: it is not
 * up, the machine suspends or reboots, or SDEI broke. The caller is to use its IPI then.
 */
bool sdei_nmi_trigger_cpumask_backtrace(const struct cpumask *mask, int exclude_cpu)
{
	if (!in_service || !sdei_nmi_reach_serving())
		return false;
	sdei_nmi_backtrace_request(mask, exclude_cpu);
	return true;
}

/**
 * sdei_nmi_stop_prepare() - prepare to stop CPUs, before smp_send_stop() sends its first IPI
 * @crash: true if the stop is for a crash dump
 *
 * Waits for signals on their way, for at most SDEI_NMI_STOP_SETTLE_US.
 *
 * Context: any, SDEI included; with preemption off.
 */
void sdei_nmi_stop_prepare(bool crash)
{
	if (in_service)
		sdei_nmi_stop_claim(crash);
}

/**
 * sdei_nmi_stop_self() - note that this CPU stops by itself, because the kernel asked it to
 *
 * Context: any, with interrupts off; before the CPU masks SDEI.
 */
void sdei_nmi_stop_self(void)
{
	if (in_service)
		sdei_nmi_stop_note_self();
}

/**
 * sdei_nmi_active() - whether sdei_nmi_stop_cpus() can stop CPUs
 *
 * Context: any. Return: true if the driver is up.
 */
bool sdei_nmi_active(void)
{
	return in_service;
}

/**
 * sdei_nmi_stop_cpus() - stop the CPUs that no IPI has stopped, by event 0
 * @mask: the CPUs that are still online; not used, because some may stop at this moment
 *
 * Takes at most SDEI_NMI_STOP_ANSWER_MS, and the time for printing.
 *
 * Context: as sdei_nmi_stop_prepare(), which the caller has called before.
 */
void sdei_nmi_stop_cpus(const struct cpumask *mask)
{
	if (in_service)
		sdei_nmi_stop_online();
}

#ifdef SDEI_NMI_PANIC_REDIRECT
static void panic_here(void *message)
{
	panic("%s", (char *)message);
}

/*
 * Replaces a weak function of the kernel, so it has no prefix. The kernel's function sends the IPI
 * and does not check that the CPU takes it. If the CPU is wedged, no CPU goes on with the panic.
 */
int panic_smp_redirect_cpu(int target_cpu, void *msg)
{
	static call_single_data_t ipi;

	if (in_service)
		return sdei_nmi_stop_takes_ipi(target_cpu, panic_here, msg) ? 0 : -ETIMEDOUT;
	INIT_CSD(&ipi, panic_here, msg);
	return smp_call_function_single_async(target_cpu, &ipi);
}
#endif

/**
 * sdei_nmi_hook_init() - start to serve the kernel's requests for backtraces and stops
 *
 * Context: task, at boot. Return: 0.
 */
int __init sdei_nmi_hook_init(void)
{
	sdei_nmi_backtrace_set_raise(arm64_backtrace_ipi);
	in_service = true;
	return 0;
}
