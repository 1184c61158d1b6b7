// SPDX-License-Identifier: GPL-2.0
/*
 * In a kernel tree: what arch_trigger_cpumask_backtrace() asks first.
 */
#include <linux/arm_sdei.h>
#include <linux/cache.h>
#include <linux/init.h>

#include "backtrace.h"
#include "hook.h"

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
	backtrace_request(mask, exclude_cpu);
	return true;
}

/**
 * hook_init() - let the kernel's requests for backtraces come to us
 *
 * Context: task, at boot. Return: 0.
 */
int __init hook_init(void)
{
	in_service = true;
	return 0;
}
