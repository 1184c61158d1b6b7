// SPDX-License-Identifier: GPL-2.0
/*
 * The rate of the architected counter. The driver takes the kernel's rate, once: firmware has to
 * set CNTFRQ_EL0 on every CPU, and where it forgets one, waits on that CPU would end at once.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <linux/smp.h>
#include <clocksource/arm_arch_timer.h>

#include "deadline.h"
#include "symbols.h"

u64 sdei_nmi_counter_rate __ro_after_init;

/**
 * sdei_nmi_deadline_init() - read the rate of the counter
 *
 * Context: task, at load. sdei_nmi_symbols_init() has succeeded.
 * Return: 0; -EIO after one log line if the kernel has no rate.
 */
int __init sdei_nmi_deadline_init(void)
{
	sdei_nmi_counter_rate = SDEI_NMI_KERNEL(arch_timer_get_rate)();
	if (sdei_nmi_counter_rate)
		return 0;
	pr_err("reading the rate of the system counter failed: the kernel has none, so no wait would have a bound; nothing was changed\n");
	return -EIO;
}

/**
 * sdei_nmi_deadline_check_cpu() - compare this CPU's CNTFRQ_EL0 with the kernel's rate
 *
 * The driver works on a CPU with a wrong value. Programs on that CPU compute wrong times.
 *
 * Context: any, on the CPU itself. Logs a line if the values differ.
 */
void sdei_nmi_deadline_check_cpu(void)
{
	u64 own = read_sysreg(cntfrq_el0);

	if (own != sdei_nmi_counter_rate)
		pr_warn("CPU %u: the firmware set CNTFRQ_EL0 to %llu Hz, but the kernel's counter runs at %llu Hz; the driver uses the kernel's rate\n",
			raw_smp_processor_id(), own, sdei_nmi_counter_rate);
}
