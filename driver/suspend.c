// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend and hibernation. The SDEI core's device masks SDEI on every CPU when it is suspended, and
 * most devices are suspended before it. A device of this driver stands directly behind the core's
 * in the kernel's list of devices, so it is suspended just before the core's, and resumed just
 * after. A CPU that is wedged while other devices suspend or resume can still be signalled.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "reach.h"
#include "suspend.h"

static struct platform_device *suspend_device;

static int suspend_signals(struct device *dev)
{
	sdei_nmi_reach_suspend();
	return 0;
}

static int resume_signals(struct device *dev)
{
	sdei_nmi_reach_resume();
	return 0;
}

/* The same transitions as in the SDEI core. */
static const struct dev_pm_ops suspend_ops = {
	.suspend = suspend_signals,
	.resume = resume_signals,
	.freeze = suspend_signals,
	.thaw = resume_signals,
	.restore = resume_signals,
};

static struct platform_driver suspend_driver = {
	.driver = {
		.name = KBUILD_MODNAME,
		.pm = &suspend_ops,
		.suppress_bind_attrs = true,
	},
};

static int is_core(struct device *dev, const void *unused)
{
	return dev->driver && !strcmp(dev->driver->name, "sdei");
}

/**
 * sdei_nmi_suspend_init() - shut the gate of reach.c for suspend and hibernation
 *
 * Context: task, at load; sleeps. sdei_nmi_reach_init() has succeeded.
 * Return: 0, or the errno after one log line.
 */
int __init sdei_nmi_suspend_init(void)
{
	struct device *core = bus_find_device(&platform_bus_type, NULL, NULL, is_core);
	const char *step = "finding the kernel's SDEI device";
	int err = -ENODEV;

	if (!core)
		goto fail;
	step = "registering a device";
	err = platform_driver_register(&suspend_driver);
	if (err)
		goto fail_driver;
	suspend_device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL,
							 0);
	err = PTR_ERR_OR_ZERO(suspend_device);
	if (err)
		goto fail_device;
	step = "placing the device behind the kernel's SDEI device";
	err = device_move(&suspend_device->dev, core, DPM_ORDER_DEV_AFTER_PARENT);
	if (err)
		goto fail_move;
	put_device(core);
	return 0;

fail_move:
	platform_device_unregister(suspend_device);
fail_device:
	platform_driver_unregister(&suspend_driver);
fail_driver:
	put_device(core);
fail:
	pr_err("%s failed with %d: the driver cannot follow suspend; nothing was changed\n", step,
	       err);
	return err;
}

/**
 * sdei_nmi_suspend_exit() - remove the device
 *
 * Context: task; sleeps.
 */
void sdei_nmi_suspend_exit(void)
{
	platform_device_unregister(suspend_device);
	platform_driver_unregister(&suspend_driver);
}
