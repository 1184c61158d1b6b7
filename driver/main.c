// SPDX-License-Identifier: GPL-2.0
/*
 * The order in which the driver comes up and goes down. A step that fails logs the reason. The
 * steps before it are then undone, and the kernel is as it was.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/crash_dump.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "backtrace.h"
#include "capture.h"
#include "deadline.h"
#include "debugfs.h"
#include "event.h"
#include "firmware.h"
#include "hook.h"
#include "pmu.h"
#include "quirks.h"
#include "reach.h"
#include "reboot.h"
#include "snapshot.h"
#include "stop.h"
#include "suspend.h"
#include "symbols.h"
#include "sysfs.h"
#include "trial.h"
#include "watch.h"

#if defined(CONFIG_ARM_SDEI_NMI_DEFAULT_OFF) && !defined(MODULE)
#define ENABLE_DEFAULT	"0"
#else
#define ENABLE_DEFAULT	"1"
#endif

static char *enable = ENABLE_DEFAULT;
module_param(enable, charp, 0444);
MODULE_PARM_DESC(enable, "1 starts the driver; 0 leaves event 0 to other software; probe only tries event 0 on each CPU and logs the result (default: 1, or as the kernel was built)");

static bool capture_kernel;
module_param(capture_kernel, bool, 0444);
MODULE_PARM_DESC(capture_kernel, "Also start in a kernel that saves a crash dump; the state of the firmware is not known there (default: 0)");

/* Returns 0 if the driver has to start or to probe. An error logs one line. */
static int __init asked_for(bool *only_probe)
{
	bool on;

	*only_probe = !strcmp(enable, "probe");
	if (*only_probe)
		return 0;
	if (kstrtobool(enable, &on)) {
		pr_err("enable has to be 1, 0 or probe, not '%s'; nothing was changed\n", enable);
		return -EINVAL;
	}
	if (on)
		return 0;
	/* A kernel that has the driver off by default says nothing at each boot. */
	if (strcmp(ENABLE_DEFAULT, "0"))
		pr_info("not starting: enable=0; nothing was changed\n");
	return -ENODEV;
}

static int __init sdei_nmi_init(void)
{
	unsigned int tried;
	bool only_probe;
	int err;

	err = asked_for(&only_probe);
	if (err)
		return err;
	if (is_kdump_kernel() && !capture_kernel) {
		pr_info("not starting: this kernel saves a crash dump (capture_kernel=1 overrides that); nothing was changed\n");
		return -ENODEV;
	}
	err = sdei_nmi_symbols_init();
	if (err)
		return err;
	err = sdei_nmi_deadline_init();
	if (err)
		return err;
	err = sdei_nmi_fw_init();
	if (err)
		return err;
	err = sdei_nmi_quirks_init();
	if (err)
		return err;
	err = sdei_nmi_trial(&tried);
	if (err)
		return err;
	if (only_probe) {
		if (tried < num_online_cpus())
			pr_info("not starting: enable=probe; event 0 was tried on only %u of %u CPUs, because it is in use, the firmware refuses it, or there is only one CPU; nothing was changed\n",
				tried, num_online_cpus());
		else
			pr_info("not starting: enable=probe; event 0 reached %u of %u CPUs, and what it interrupted there came back as it was; nothing was changed\n",
				tried, num_online_cpus());
		return -ENODEV;
	}
	sdei_nmi_capture_init();
	err = sdei_nmi_snapshot_init();
	if (err)
		return err;
	err = sdei_nmi_stop_init();
	if (err)
		goto exit_snapshot;
	err = sdei_nmi_reboot_init();
	if (err)
		goto exit_stop;
	err = sdei_nmi_watch_serve();
	if (err)
		goto exit_reboot;
	sdei_nmi_pmu_serve();
	sdei_nmi_backtrace_init();
	err = sdei_nmi_event_init();
	if (err)
		goto exit_backtrace;
	err = sdei_nmi_reach_init();
	if (err)
		goto exit_event;
	err = sdei_nmi_suspend_init();
	if (err)
		goto exit_reach;
	err = sdei_nmi_event_probe();
	if (err)
		goto exit_suspend;
	err = sdei_nmi_sysfs_init();
	if (err)
		goto exit_suspend;
	err = sdei_nmi_watch_init();
	if (err)
		goto exit_sysfs;
	err = sdei_nmi_hook_init();
	if (err)
		goto exit_watch;
	sdei_nmi_pmu_init();
	sdei_nmi_debugfs_init();
	pr_info("backtraces and stops reach CPUs that have interrupts masked, by SDEI event 0\n");
	return 0;

exit_watch:
	sdei_nmi_watch_exit();
exit_sysfs:
	sdei_nmi_sysfs_exit();
exit_suspend:
	sdei_nmi_suspend_exit();
exit_reach:
	sdei_nmi_reach_exit();
exit_event:
	sdei_nmi_event_exit();
exit_backtrace:
	sdei_nmi_backtrace_exit();
	sdei_nmi_watch_free();
exit_reboot:
	sdei_nmi_reboot_exit();
exit_stop:
	sdei_nmi_stop_exit();
exit_snapshot:
	sdei_nmi_snapshot_exit();
	return err;
}

module_init(sdei_nmi_init);

#ifdef MODULE
static void __exit sdei_nmi_exit(void)
{
	sdei_nmi_debugfs_exit();
	sdei_nmi_pmu_exit();
	sdei_nmi_hook_exit();
	sdei_nmi_watch_exit();
	sdei_nmi_sysfs_exit();
	sdei_nmi_suspend_exit();
	sdei_nmi_reach_exit();
	sdei_nmi_event_exit();
	sdei_nmi_backtrace_exit();
	sdei_nmi_watch_free();
	sdei_nmi_reboot_exit();
	sdei_nmi_stop_exit();
	sdei_nmi_snapshot_exit();
	sdei_nmi_backtrace_log_stats();
	pr_info("unloaded; backtraces are the kernel's own again\n");
}

module_exit(sdei_nmi_exit);
#endif

MODULE_DESCRIPTION("SDEI-based cross-CPU NMI service for arm64");
MODULE_AUTHOR("The sdei-nmi project");
MODULE_LICENSE("GPL");
#ifdef SDEI_NMI_VERSION
MODULE_VERSION(SDEI_NMI_VERSION);
#endif
