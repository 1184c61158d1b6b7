// SPDX-License-Identifier: GPL-2.0
/*
 * While PEs are under test, this file refuses suspend, the load of the driver, which also uses
 * event 0, and idle states in which the kernel's SDEI core masks a PE. CPUs go online and offline
 * only for a check. A reboot is not delayed; it ends the tests.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpu_pm.h>
#include <linux/module.h>
#include <linux/pm_qos.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include "arrivals.h"
#include "call.h"
#include "lockout.h"

static struct pm_qos_request no_deep_idle;

/* Hotplug hangs or was enabled again for a reboot: sdeiv_lockout_end() must not enable it. */
static bool hotplug_left;

/**
 * sdeiv_lockout_hotplug_open() - allow CPU hotplug during a check
 *
 * Context: task.
 */
void sdeiv_lockout_hotplug_open(void)
{
	cpu_hotplug_enable();
}

/**
 * sdeiv_lockout_hotplug_shut() - forbid CPU hotplug again
 *
 * Context: task.
 */
void sdeiv_lockout_hotplug_shut(void)
{
	cpu_hotplug_disable();
}

/**
 * sdeiv_lockout_hotplug_hangs() - record that a CPU hangs in hotplug
 *
 * After that, every caller that takes the hotplug lock hangs too.
 *
 * Context: task, after sdeiv_lockout_hotplug_open().
 */
void sdeiv_lockout_hotplug_hangs(void)
{
	hotplug_left = true;
}

/* Refuse suspend: the firmware may lose its registrations. */
static int on_suspend(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event != PM_SUSPEND_PREPARE && event != PM_HIBERNATION_PREPARE)
		return NOTIFY_DONE;
	pr_warn("suspend refused: firmware is being validated\n");
	return notifier_from_errno(-EBUSY);
}

/*
 * In a reboot the kernel's SDEI core masks the PEs one by one, and a kexec takes CPUs offline. From
 * here on sdeiv_signal() refuses signals from a running check.
 */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	sdeiv_allow_signals(false);
	sdeiv_quiet();
	if (!hotplug_left)
		cpu_hotplug_enable();
	hotplug_left = true;
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = { .notifier_call = on_reboot, .priority = INT_MAX };

/*
 * Refuse idle states in which a CPU masks SDEI. The latency request avoids these states, but not
 * under idle injection, or if the shallow states are disabled.
 */
static int on_deep_idle(struct notifier_block *nb, unsigned long event, void *data)
{
	return event == CPU_PM_ENTER ? NOTIFY_BAD : NOTIFY_OK;
}

static struct notifier_block idle_notifier = { .notifier_call = on_deep_idle, .priority = INT_MAX };

static struct notifier_block suspend_notifier = { .notifier_call = on_suspend };

/*
 * Refuse the driver: it and the checks would unregister each other's event 0. The status of event 0
 * reveals any other user. A kernel without modules registers the notifier and never calls it.
 */
#ifdef CONFIG_MODULES
static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *module = data;

	if (state != MODULE_STATE_COMING || strcmp(module_name(module), "sdei_nmi"))
		return NOTIFY_DONE;
	pr_warn("sdei_nmi refused: firmware is being validated; load it afterwards\n");
	return notifier_from_errno(-EBUSY);
}
#else
static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	return NOTIFY_DONE;
}
#endif

static struct notifier_block module_notifier = { .notifier_call = on_module };

/**
 * sdeiv_lockout_begin() - start the lockout
 *
 * Context: task. Return: 0; -EIO if hotplug hung earlier or a reboot has begun; or another errno.
 */
int sdeiv_lockout_begin(void)
{
	int err = hotplug_left ? -EIO : register_pm_notifier(&suspend_notifier);

	if (err)
		return err;
	err = register_module_notifier(&module_notifier);
	if (err) {
		unregister_pm_notifier(&suspend_notifier);
		return err;
	}
	cpu_hotplug_disable();
	cpu_pm_register_notifier(&idle_notifier);
	register_reboot_notifier(&reboot_notifier);
	sdeiv_allow_signals(true);
	/* sdeiv_worker_start() wakes a CPU that is already in deep idle. */
	cpu_latency_qos_add_request(&no_deep_idle, 0);
	return 0;
}

/**
 * sdeiv_lockout_end() - end the lockout
 *
 * Context: task.
 */
void sdeiv_lockout_end(void)
{
	cpu_latency_qos_remove_request(&no_deep_idle);
	unregister_reboot_notifier(&reboot_notifier);
	cpu_pm_unregister_notifier(&idle_notifier);
	if (!hotplug_left)
		cpu_hotplug_enable();
	unregister_module_notifier(&module_notifier);
	unregister_pm_notifier(&suspend_notifier);
}
