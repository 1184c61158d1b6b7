// SPDX-License-Identifier: GPL-2.0
/*
 * Reports hard lockups, in the kernel's words, and does what the kernel's sysctls for them say. The
 * watchers (watch.c) find the CPUs.
 *
 * Many kernels for arm64 have no detector, or perf's, which gives up without an NMI; on those the
 * driver reports every lockup. Others have the "buddy" detector, in which each CPU checks the next
 * one. Beside a detector that works, the driver reports only what that cannot see: a CPU whose
 * checker is locked up as well, and a CPU that is not in kernel.watchdog_cpumask.
 *
 * Code that keeps interrupts off on purpose, such as a slow console, touches the NMI watchdog. A
 * kprobe notes the time. Its time counts as the start of a lockup.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpufeature.h>
#include <linux/cpumask.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>

#include "backtrace.h"
#include "lockup.h"
#include "print.h"
#include "stats.h"
#include "symbols.h"
#include "waits.h"
#include "watch.h"

#define THRESH_DEFAULT_S	10	/* as the kernel's */
#define NEVER			U64_MAX

enum lockup_mode { LOCKUPS_OFF, LOCKUPS_AUTO, LOCKUPS_ALL };

static const char * const modes[] = {
	[LOCKUPS_OFF] = "off", [LOCKUPS_AUTO] = "auto", [LOCKUPS_ALL] = "all",
};

/* The kernel's own detector. */
enum kernel_detector { KERNEL_NONE, KERNEL_GAVE_UP, KERNEL_WORKS };

static const char * const kernel_detectors[] = {
	[KERNEL_NONE] = "none", [KERNEL_GAVE_UP] = "gave-up", [KERNEL_WORKS] = "works",
};

static enum kernel_detector kernel_detector __ro_after_init;
static enum lockup_mode lockup_mode = LOCKUPS_AUTO;
static bool sees_touches, lockup_ready;

static unsigned int lockup_thresh;
module_param(lockup_thresh, uint, 0644);
MODULE_PARM_DESC(lockup_thresh, "Seconds after which a CPU that takes no interrupts is reported; 0: kernel.watchdog_thresh, or 10 (default: 0)");

static bool lockup_panic;
module_param(lockup_panic, bool, 0644);
MODULE_PARM_DESC(lockup_panic, "Panic at a hard lockup that the driver reports, as with kernel.hardlockup_panic=1 (default: 0)");

static bool lockup_all_cpus;
module_param(lockup_all_cpus, bool, 0644);
MODULE_PARM_DESC(lockup_all_cpus, "Show all CPUs at a hard lockup that the driver reports, as with kernel.hardlockup_all_cpu_backtrace=1 (default: 0)");

/* When a CPU last touched the NMI watchdog, CLOCK_MONOTONIC in ns. */
static DEFINE_PER_CPU(u64, sdei_nmi_touched);

static int note_touch(struct kprobe *probe, struct pt_regs *regs)
{
	raw_cpu_write(sdei_nmi_touched, ktime_get_mono_fast_ns());
	return 0;
}

NOKPROBE_SYMBOL(note_touch);

/* touch_nmi_watchdog() is inline; it calls the first of these that the kernel has. */
static struct kprobe touch_probes[] = {
	{ .symbol_name = "arch_touch_nmi_watchdog", .pre_handler = note_touch },
	{ .symbol_name = "touch_softlockup_watchdog", .pre_handler = note_touch },
};

static struct kprobe *touch_probe;

static void __init probe_touches(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(touch_probes) && !touch_probe; i++)
		if (!register_kprobe(&touch_probes[i]))
			touch_probe = &touch_probes[i];
	/* In a kernel without watchdogs a touch compiles to nothing. */
	sees_touches = touch_probe;
}

static int watchdog_int(enum sdei_nmi_watchdog_data what, int unknown)
{
	const int *value = sdei_nmi_watchdog_data(what);

	return value ? READ_ONCE(*value) : unknown;
}

/* perf's detector needs an NMI, which arm64 has with pseudo-NMI only. */
static enum kernel_detector __init find_kernel_detector(void)
{
	const u8 *available = sdei_nmi_watchdog_data(SDEI_NMI_WATCHDOG_AVAILABLE);

	if (!IS_ENABLED(CONFIG_HARDLOCKUP_DETECTOR))
		return KERNEL_NONE;
	if (IS_ENABLED(CONFIG_HARDLOCKUP_DETECTOR_BUDDY))
		return KERNEL_WORKS;
	/* An int or a bool, which is 0 or 1. */
	if (available)
		return READ_ONCE(*available) ? KERNEL_WORKS : KERNEL_GAVE_UP;
	return system_uses_irq_prio_masking() ? KERNEL_WORKS : KERNEL_GAVE_UP;
}

/*
 * How long a CPU is locked up, at most, when the buddy detector reports it. The detector checks
 * once in 6/5 of the threshold, has to find the CPU locked up twice, and skips a check after a
 * touch.
 */
static u64 buddy_reports_ns(void)
{
	u64 thresh = watchdog_int(SDEI_NMI_WATCHDOG_THRESH, THRESH_DEFAULT_S);

	return thresh * NSEC_PER_SEC / 5 * 18 + NSEC_PER_SEC;
}

/*
 * The same, at least. The detector counts a timer of the CPU, which expires once in 2/5 of the
 * threshold. The CPU may have run it that long before it was late.
 */
static u64 buddy_reports_least_ns(void)
{
	u64 thresh = watchdog_int(SDEI_NMI_WATCHDOG_THRESH, THRESH_DEFAULT_S);

	return thresh * NSEC_PER_SEC / 5 * 4;
}

static unsigned int thresh_s(void)
{
	return READ_ONCE(lockup_thresh) ?:
	       watchdog_int(SDEI_NMI_WATCHDOG_THRESH, THRESH_DEFAULT_S);
}

static enum lockup_mode mode_now(void)
{
	enum lockup_mode mode = READ_ONCE(lockup_mode);

	return mode == LOCKUPS_AUTO && !sees_touches ? LOCKUPS_OFF : mode;
}

/**
 * sdei_nmi_lockup_watched() - whether the watchers are to look for lockups
 *
 * Context: any. Return: true if so.
 */
bool sdei_nmi_lockup_watched(void)
{
	return lockup_ready && mode_now() != LOCKUPS_OFF;
}

/**
 * sdei_nmi_lockup_limit_ns() - how late a CPU is when it may be locked up
 *
 * Context: any. Return: nanoseconds; U64_MAX if lockups are not looked for.
 */
u64 sdei_nmi_lockup_limit_ns(void)
{
	unsigned int thresh = thresh_s();

	return sdei_nmi_lockup_watched() && thresh ? thresh * (u64)NSEC_PER_SEC : NEVER;
}

/* The CPU that checks this one in the buddy detector: the one before it, around the end. */
static unsigned int checker_of(unsigned int cpu, const struct cpumask *cpus)
{
	unsigned int other, before = nr_cpu_ids, last = cpu;

	for_each_cpu_and(other, cpus, cpu_online_mask) {
		if (other < cpu)
			before = other;
		last = other;
	}
	return before < nr_cpu_ids ? before : last;
}

/* With kernel.nmi_watchdog=0 the administrator wants no reports. */
static bool kernel_is_off(void)
{
	const unsigned long *enabled = sdei_nmi_watchdog_data(SDEI_NMI_WATCHDOG_ENABLED);

	return enabled && !(READ_ONCE(*enabled) & 1);
}

/* Whether the kernel's own detector reports the lockup of this CPU since @since, now or soon. */
static bool kernel_sees(unsigned int cpu, u64 since, u64 now)
{
	const struct cpumask *cpus = sdei_nmi_watchdog_data(SDEI_NMI_WATCHDOG_CPUS);
	const bool __percpu *warned = (const bool __percpu __force *)
		sdei_nmi_watchdog_data(SDEI_NMI_WATCHDOG_WARNED);
	u64 limit = sdei_nmi_lockup_limit_ns(), late_since, needed;
	unsigned int checker;

	if (kernel_detector != KERNEL_WORKS || mode_now() == LOCKUPS_ALL)
		return false;
	if (kernel_is_off())
		return true;
	if (cpus && !cpumask_test_cpu(cpu, cpus))
		return false;
	if (!IS_ENABLED(CONFIG_HARDLOCKUP_DETECTOR_BUDDY))
		return true;
	checker = checker_of(cpu, cpus ?: cpu_online_mask);
	if (checker == cpu)
		return false;	/* the only CPU of the mask has none */
	late_since = sdei_nmi_watch_late_since(checker);
	if (!late_since || (s64)(now - late_since) < (s64)limit)
		return true;
	/*
	 * The checker has locked up, too, but may have reported the CPU before that. The kernel's
	 * mark may be of an earlier lockup, because only the next check removes it.
	 */
	needed = warned && READ_ONCE(*per_cpu_ptr(warned, cpu)) ? buddy_reports_least_ns() :
								  buddy_reports_ns();
	return (s64)(late_since - since) >= (s64)needed;
}

/**
 * sdei_nmi_lockup_due() - whether a lockup is to be reported
 * @cpu: a CPU that takes no interrupts
 * @event: since when, CLOCK_MONOTONIC in ns
 * @now: CLOCK_MONOTONIC in ns
 *
 * Context: hard IRQ. Return: true if the CPU is locked up and the kernel does not report it.
 */
bool sdei_nmi_lockup_due(unsigned int cpu, u64 event, u64 now)
{
	u64 since = max(event, READ_ONCE(per_cpu(sdei_nmi_touched, cpu)));
	u64 limit = sdei_nmi_lockup_limit_ns();

	return limit != NEVER && (s64)(now - since) >= (s64)limit && !kernel_sees(cpu, since, now);
}

/**
 * sdei_nmi_lockup_report() - log a hard lockup, as the kernel's detector does
 * @cpu: the CPU that is locked up
 * @record: its answer; or NULL
 * @why: without @record, why there is none
 *
 * Panics if the administrator wants that.
 *
 * Context: hard IRQ. Prints, for as long as the console takes.
 */
void sdei_nmi_lockup_report(unsigned int cpu, const struct sdei_nmi_record *record,
			    const char *why)
{
	unsigned int lock_us = SDEI_NMI_PRINT_LOCK_US;

	sdei_nmi_stats_inc(SDEI_NMI_STAT_LOCKUPS);
	touch_nmi_watchdog();
	sdei_nmi_print_lockup(cpu, sdei_nmi_watchdog_data(SDEI_NMI_WATCHDOG_SI));
	if (record)
		sdei_nmi_print_backtrace(cpu, record, &lock_us);
	else
		pr_warn("no backtrace for CPU %u: %s\n", cpu, why);
	if (READ_ONCE(lockup_all_cpus) || watchdog_int(SDEI_NMI_WATCHDOG_ALL, 0))
		sdei_nmi_backtrace_request(cpu_online_mask, cpu);
	if (READ_ONCE(lockup_panic) || watchdog_int(SDEI_NMI_WATCHDOG_PANIC, 0))
		nmi_panic(NULL, "Hard LOCKUP");
}

/**
 * sdei_nmi_lockup_detector() - what the driver does about hard lockups
 *
 * Context: any. Return: "all", "unseen" (those that the kernel's detector cannot see) or "off".
 */
const char *sdei_nmi_lockup_detector(void)
{
	enum lockup_mode mode = mode_now();

	if (sdei_nmi_lockup_limit_ns() == NEVER)
		return "off";
	if (mode == LOCKUPS_ALL || kernel_detector != KERNEL_WORKS)
		return "all";
	return kernel_is_off() ? "off" : "unseen";
}

/**
 * sdei_nmi_lockup_kernel_detector() - what the kernel's own detector of hard lockups does
 *
 * Context: any. Return: "works", "gave-up", or "none" if the kernel has none.
 */
const char *sdei_nmi_lockup_kernel_detector(void)
{
	return kernel_detectors[kernel_detector];
}

static int lockups_set(const char *value, const struct kernel_param *param)
{
	int chosen = sysfs_match_string(modes, value);

	if (chosen < 0) {
		pr_err("lockups has to be auto, all or off, not '%.*s'; nothing was changed\n",
		       (int)strcspn(value, "\n"), value);
		return chosen;
	}
	WRITE_ONCE(lockup_mode, chosen);
	sdei_nmi_watch_replan();
	return 0;
}

static int lockups_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", modes[READ_ONCE(lockup_mode)]);
}

static const struct kernel_param_ops lockups_ops = { .set = lockups_set, .get = lockups_get };

module_param_cb(lockups, &lockups_ops, NULL, 0644);
MODULE_PARM_DESC(lockups, "Hard lockups that are reported: auto (those that the kernel's own detector cannot see), all, or off (default: auto)");

/**
 * sdei_nmi_lockup_init() - look at the kernel's own detector, and start to see touches
 *
 * Context: task, at load; sleeps.
 */
void __init sdei_nmi_lockup_init(void)
{
	kernel_detector = find_kernel_detector();
	probe_touches();
	lockup_ready = true;
	if (lockup_mode != LOCKUPS_AUTO || kernel_detector == KERNEL_WORKS)
		return;
	if (!sees_touches)
		pr_info("hard lockups are not reported: this kernel has no detector that works, and the driver cannot see touches of the NMI watchdog (lockups=all overrides that)\n");
	else
		pr_info("hard lockups are reported after %u s, because %s\n", thresh_s(),
			kernel_detector == KERNEL_NONE ?
				"this kernel has no detector for them" :
				"this kernel's own detector has given up for want of an NMI");
}

/**
 * sdei_nmi_lockup_exit() - stop to see touches
 *
 * Context: task; sleeps. Nobody watches any more.
 */
void sdei_nmi_lockup_exit(void)
{
	lockup_ready = false;
	if (touch_probe)
		unregister_kprobe(touch_probe);
}
