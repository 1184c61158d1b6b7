// SPDX-License-Identifier: GPL-2.0
/*
 * suspend_asks - test module that requests backtraces while the kernel suspends its devices.
 *
 * The device of this module is suspended before all that were registered earlier, and after all
 * that were registered later. Its suspend callback, which must run on another CPU, makes CPU 2 spin
 * with all of DAIF masked, requests the backtraces of all CPUs as the kernel does, and lets CPU 2
 * go on. The spin ends by itself after SPIN_MOST_S.
 *
 * Contexts: load, unload and the callback in task context; suspend_spin() in an IPI.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>

#include "resolve.h"

#define SPIN_CPU	2
#define SPIN_MOST_S	5
#define DAIF_ALL	0x3c0

static void (*trigger)(const struct cpumask *mask, int exclude_cpu);
static struct platform_device *device;
static bool spins, let_go;

static bool spin_over(u64 start)
{
	return READ_ONCE(let_go) ||
	       read_sysreg(cntvct_el0) - start > SPIN_MOST_S * read_sysreg(cntfrq_el0);
}

static noinline void suspend_spin(void *unused)
{
	u64 start = read_sysreg(cntvct_el0), daif = read_sysreg(daif);

	write_sysreg(DAIF_ALL, daif);
	WRITE_ONCE(spins, true);
	while (!spin_over(start))
		cpu_relax();
	write_sysreg(daif, daif);
	WRITE_ONCE(spins, false);
}

static call_single_data_t spin_call = CSD_INIT(suspend_spin, NULL);

/* @want: whether CPU 2 is to be spinning */
static bool await_spin(bool want)
{
	u64 start = read_sysreg(cntvct_el0);

	while (READ_ONCE(spins) != want)
		if (read_sysreg(cntvct_el0) - start > SPIN_MOST_S * read_sysreg(cntfrq_el0))
			return false;
	return true;
}

static int ask(struct device *dev)
{
	int err;

	WRITE_ONCE(let_go, false);
	err = smp_call_function_single_async(SPIN_CPU, &spin_call);
	if (!err && !await_spin(true))
		err = -ETIMEDOUT;
	if (!err)
		trigger(cpu_online_mask, -1);
	WRITE_ONCE(let_go, true);
	if (!err && !await_spin(false))
		err = -ETIMEDOUT;
	return err;
}

static const struct dev_pm_ops ask_ops = { .suspend = ask };

static struct platform_driver ask_driver = {
	.driver = { .name = KBUILD_MODNAME, .pm = &ask_ops },
};

static int __init suspend_asks_init(void)
{
	int err;

	trigger = (typeof(trigger))resolve("arch_trigger_cpumask_backtrace");
	if (!trigger)
		return -ENOENT;
	err = platform_driver_register(&ask_driver);
	if (err)
		return err;
	device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (!IS_ERR(device))
		return 0;
	platform_driver_unregister(&ask_driver);
	return PTR_ERR(device);
}

module_init(suspend_asks_init);

static void __exit suspend_asks_exit(void)
{
	platform_device_unregister(device);
	platform_driver_unregister(&ask_driver);
}

module_exit(suspend_asks_exit);

MODULE_DESCRIPTION("Requests backtraces while devices suspend (for tests only)");
MODULE_AUTHOR("The sdei-nmi project");
MODULE_LICENSE("GPL");
