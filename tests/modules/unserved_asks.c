// SPDX-License-Identifier: GPL-2.0
/*
 * unserved_asks - test module that requests backtraces while the driver does not serve.
 *
 * A device of this module requests them after all devices are suspended: the driver shuts its gate
 * in an earlier phase. A reboot notifier of this module runs after all others. It requests them,
 * too, and holds up the reboot until a write to "go_on". With shutdown=1 the reboot waits later:
 * while devices shut down. A write to "broken" makes every call of the kernel's SDEI core to the
 * firmware fail, as after a failed resume from hibernation, or ends that.
 *
 * A write to "spin" wedges a CPU in a hard interrupt until it is stopped, or for SPIN_MOST_S. An
 * idle CPU then still counts as idle for the kernel, and no task of its runqueue holds up RCU.
 *
 * Contexts: all in task context, except spin_in_interrupt().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <asm/sysreg.h>

#include "resolve.h"

#define SPIN_MOST_S	120

static void (*trigger)(const struct cpumask *mask, int exclude_cpu);
static void **core_call, *core_call_before;
static struct platform_device *device;
static DECLARE_COMPLETION(released);

static int ask_suspended(struct device *dev)
{
	trigger(cpu_online_mask, -1);
	return 0;
}

static bool shutdown;
module_param(shutdown, bool, 0400);
MODULE_PARM_DESC(shutdown, "Hold up a reboot while devices shut down, after all notifiers");

static void hold_up_reboot(void)
{
	pr_info("the reboot waits\n");
	wait_for_completion(&released);
}

/* The device that was registered last is shut down first. */
static void shut_down(struct platform_device *unused)
{
	if (shutdown)
		hold_up_reboot();
}

static const struct dev_pm_ops suspended_ops = { .suspend_late = ask_suspended };

static struct platform_driver suspended_driver = {
	.shutdown = shut_down,
	.driver = { .name = KBUILD_MODNAME, .pm = &suspended_ops },
};

static int ask_leaving(struct notifier_block *nb, unsigned long action, void *data)
{
	if (shutdown)
		return NOTIFY_OK;
	trigger(cpu_online_mask, -1);
	hold_up_reboot();
	return NOTIFY_OK;
}

static struct notifier_block leaving_nb = { .notifier_call = ask_leaving, .priority = INT_MIN };

static int go_on_set(const char *value, const struct kernel_param *param)
{
	complete(&released);
	return 0;
}

static const struct kernel_param_ops go_on_ops = { .set = go_on_set };

module_param_cb(go_on, &go_on_ops, NULL, 0200);
MODULE_PARM_DESC(go_on, "Write anything to let the reboot go on");

static noinline void spin_in_interrupt(void *unused)
{
	u64 start = read_sysreg(cntvct_el0);

	while (read_sysreg(cntvct_el0) - start < SPIN_MOST_S * read_sysreg(cntfrq_el0))
		cpu_relax();
}

static call_single_data_t spin_call = CSD_INIT(spin_in_interrupt, NULL);

static int spin_set(const char *value, const struct kernel_param *param)
{
	unsigned int cpu;
	int err = kstrtouint(value, 10, &cpu);

	return err ?: smp_call_function_single_async(cpu, &spin_call);
}

static const struct kernel_param_ops spin_ops = { .set = spin_set };

module_param_cb(spin, &spin_ops, NULL, 0200);
MODULE_PARM_DESC(spin, "Write a CPU, which is not the writer's, to wedge it in a hard interrupt");

/* The core has no function to call the firmware with if it has failed. */
static int broken_set(const char *value, const struct kernel_param *param)
{
	bool broken;
	int err = kstrtobool(value, &broken);

	if (!err && !core_call)
		err = -EOPNOTSUPP;
	if (!err)
		WRITE_ONCE(*core_call, broken ? NULL : core_call_before);
	return err;
}

static const struct kernel_param_ops broken_ops = { .set = broken_set };

module_param_cb(broken, &broken_ops, NULL, 0200);
MODULE_PARM_DESC(broken, "Write 1 to make the kernel's SDEI core fail, 0 to mend it");

static int __init unserved_asks_init(void)
{
	int err;

	trigger = (typeof(trigger))resolve("arch_trigger_cpumask_backtrace");
	core_call = (void **)resolve("sdei_firmware_call");
	if (!trigger)
		return -ENOENT;
	if (core_call)
		core_call_before = *core_call;
	err = platform_driver_register(&suspended_driver);
	if (err)
		return err;
	device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL, 0);
	err = PTR_ERR_OR_ZERO(device);
	if (err)
		goto fail_device;
	err = register_reboot_notifier(&leaving_nb);
	if (!err)
		return 0;
	platform_device_unregister(device);
fail_device:
	platform_driver_unregister(&suspended_driver);
	return err;
}

module_init(unserved_asks_init);

static void __exit unserved_asks_exit(void)
{
	if (core_call)
		WRITE_ONCE(*core_call, core_call_before);
	unregister_reboot_notifier(&leaving_nb);
	platform_device_unregister(device);
	platform_driver_unregister(&suspended_driver);
}

module_exit(unserved_asks_exit);

MODULE_DESCRIPTION("Requests backtraces while the driver does not serve (for tests only)");
MODULE_AUTHOR("The sdei-nmi project");
MODULE_LICENSE("GPL");
