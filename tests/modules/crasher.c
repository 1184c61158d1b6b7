// SPDX-License-Identifier: GPL-2.0
/*
 * crasher - test module that panics in contexts which user space cannot reach.
 *
 * Invariant: a valid write to "crash" panics the kernel. Two CPUs that panic together wait for each
 * other first; a CPU that waits in vain does not panic. A reboot waits for an RCU grace period, and
 * a log line says so. With hold=1 the reboot then waits forever, as for a lock of a stopped CPU.
 *
 * Contexts: the panic is in a hard interrupt ("hardirq", "both"), or in the handler of another SDEI
 * event ("event"). The firmware in lab/firmware/ provides that event. The module registers it at
 * load, and cannot be unloaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/arm_sdei.h>
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <asm/sysreg.h>

#include "resolve.h"

#define EVENT_OTHER	1
#define EVENT_DISPATCH	0xc200ff02UL
#define MEET_S		5
#define USAGE		"write 'hardirq CPU', 'both CPU CPU' or 'event'"

static atomic_t met;
static unsigned long used;

static void crash_hardirq(void *unused)
{
	panic("crasher: hardirq");
}

/* Both CPUs spin until the other one is here, then panic within a few instructions. */
static void crash_both(void *unused)
{
	u64 start = read_sysreg(cntvct_el0);

	atomic_inc(&met);
	while (atomic_read(&met) < 2) {
		if (read_sysreg(cntvct_el0) - start >
		    MEET_S * read_sysreg(cntfrq_el0))
			return;
		cpu_relax();
	}
	panic("crasher: both");
}

static int crash_handler(u32 event, struct pt_regs *regs, void *arg)
{
	panic("crasher: event");
}

/* Panics on the writer's CPU. */
static int crash_event(void)
{
	struct arm_smccc_res res;
	unsigned long flags;

	local_irq_save(flags);
	arm_smccc_smc(EVENT_DISPATCH, 0, 0, 0, 0, 0, 0, 0, &res);
	local_irq_restore(flags);
	pr_err("the other event did not come; load with event=1, on lab/boot.sh -f tfa-faulty\n");
	return -EIO;
}

/* Panics in an IPI, so on any CPU except the writer's. */
static int crash_by_ipi(smp_call_func_t crash, const unsigned int *cpus,
			unsigned int count)
{
	static call_single_data_t calls[2];
	unsigned int this_cpu = get_cpu(), i;
	int err = 0;

	for (i = 0; i < count; i++)
		if (cpus[i] >= nr_cpu_ids || !cpu_online(cpus[i]) ||
		    cpus[i] == this_cpu || cpus[i] == cpus[!i])
			err = -ENXIO;
	if (!err && test_and_set_bit(0, &used))
		err = -EBUSY;
	for (i = 0; !err && i < count; i++) {
		INIT_CSD(&calls[i], crash, NULL);
		err = smp_call_function_single_async(cpus[i], &calls[i]);
	}
	put_cpu();
	return err;
}

static int crash_set(const char *val, const struct kernel_param *kp)
{
	unsigned int cpus[2] = { nr_cpu_ids, nr_cpu_ids };

	if (sysfs_streq(val, "event"))
		return crash_event();
	if (sscanf(val, "hardirq %u", &cpus[0]) == 1)
		return crash_by_ipi(crash_hardirq, cpus, 1);
	if (sscanf(val, "both %u %u", &cpus[0], &cpus[1]) == 2)
		return crash_by_ipi(crash_both, cpus, 2);
	pr_err(USAGE "\n");
	return -EINVAL;
}

static const struct kernel_param_ops crash_ops = { .set = crash_set };

module_param_cb(crash, &crash_ops, NULL, 0200);
MODULE_PARM_DESC(crash, "Write 'hardirq CPU', 'both CPU CPU' or 'event' (on the writer's CPU) to panic there");

static bool event;
module_param(event, bool, 0400);
MODULE_PARM_DESC(event, "Register the other event, which only the firmware tfa-faulty provides");

static bool hold;
module_param(hold, bool, 0444);
MODULE_PARM_DESC(hold, "Hold up a reboot forever");

/* The reboot notifiers of many drivers wait for a grace period. */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	synchronize_rcu();
	pr_info("a grace period went by\n");
	while (hold)
		ssleep(1);
	return NOTIFY_OK;
}

static struct notifier_block reboot_nb = { .notifier_call = on_reboot };

/* Registering waits for every CPU, so the module has to be loaded before a CPU is wedged. */
static int __init crasher_init(void)
{
	int (*event_register)(u32 event, sdei_event_callback *cb, void *arg);
	int (*event_enable)(u32 event);
	int err;

	err = register_reboot_notifier(&reboot_nb);
	if (err || !event)
		return err;
	event_register = (typeof(event_register))resolve("sdei_event_register");
	event_enable = (typeof(event_enable))resolve("sdei_event_enable");
	err = -ENOENT;
	if (event_register && event_enable)
		err = event_register(EVENT_OTHER, crash_handler, NULL);
	if (!err)
		err = event_enable(EVENT_OTHER);
	if (err) {
		pr_err("the other event could not be registered (%d); boot lab/boot.sh -f tfa-faulty\n",
		       err);
		unregister_reboot_notifier(&reboot_nb);
	}
	return err;
}

module_init(crasher_init);

MODULE_DESCRIPTION("Test module that panics in unusual places");
MODULE_LICENSE("GPL");
