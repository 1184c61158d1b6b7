// SPDX-License-Identifier: GPL-2.0
/*
 * crasher - test module that panics in contexts which user space cannot reach.
 *
 * Invariant: a valid write to "crash" panics the kernel. Two CPUs that panic together wait for each
 * other first; a CPU that waits in vain does not panic. A reboot waits for an RCU grace period, and
 * a log line says so. A write to "hold" makes the reboot wait for more, most of it on the CPU that
 * "busy" names, which is to be wedged. The log says what the reboot waits for, and if it goes on.
 *
 * Contexts: the panic is in a hard interrupt ("hardirq", "both"), or in the handler of another SDEI
 * event ("event"). The firmware in lab/firmware/ provides that event. The module registers it at
 * load, and cannot be unloaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/arm_sdei.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

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

static unsigned int busy = 2;
module_param(busy, uint, 0444);
MODULE_PARM_DESC(busy, "The CPU that a reboot waits for (default: 2)");

static DECLARE_COMPLETION(ran);
static struct rcu_head forever;

static void run_timer(struct timer_list *unused)
{
	complete(&ran);
}

static void run_work(struct work_struct *unused)
{
	complete(&ran);
}

static DEFINE_TIMER(late_timer, run_timer);
static DECLARE_WORK(late_work, run_work);

static int run_task(void *unused)
{
	complete(&ran);
	return 0;
}

/* The CPU always has a callback that has not run. */
static void run_callback(struct rcu_head *head)
{
	call_rcu(head, run_callback);
}

static void first_callback(void *unused)
{
	call_rcu(&forever, run_callback);
}

/* Waits, as for a lock of the wedged CPU, and takes interrupts. */
static int spin(void *unused)
{
	preempt_disable();
	for (;;)
		cpu_relax();
	return 0;
}

static int start_on(unsigned int cpu, int (*run)(void *unused))
{
	struct task_struct *task = kthread_create(run, NULL, "crasher");

	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	return 0;
}

static int queue_task(void)
{
	return start_on(busy, run_task);
}

static int queue_timer(void)
{
	late_timer.expires = jiffies + 1;
	add_timer_on(&late_timer, busy);
	return 0;
}

static int queue_work_item(void)
{
	schedule_work_on(busy, &late_work);
	return 0;
}

static int queue_spin(void)
{
	return start_on(busy - 1, spin);
}

static int queue_callback(void)
{
	return smp_call_function_single(busy, first_callback, NULL, 1);
}

static void wait_ran(void)
{
	wait_for_completion(&ran);
}

static void wait_asleep(void)
{
	for (;;)
		ssleep(1);
}

static void wait_irqs_off(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

/* Reasons for a reboot to wait: a name, a function that prepares the wait, and one that waits. */
static const struct hold {
	const char *reason;
	int (*queue)(void);
	void (*wait)(void);
} holds[] = {
	{ "sleep", NULL, wait_asleep },
	{ "irqs", NULL, wait_irqs_off },
	{ "task", queue_task, wait_ran },
	{ "timer", queue_timer, wait_ran },
	{ "work", queue_work_item, wait_ran },
	{ "callback", queue_callback, rcu_barrier },
	{ "preempt", queue_spin, synchronize_rcu },
};

static const struct hold *hold;

static int hold_set(const char *val, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(holds); i++) {
		if (!sysfs_streq(val, holds[i].reason))
			continue;
		hold = &holds[i];
		return hold->queue ? hold->queue() : 0;
	}
	return -EINVAL;
}

static const struct kernel_param_ops hold_ops = { .set = hold_set };

module_param_cb(hold, &hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold, "Write sleep, irqs, task, timer, work, callback or preempt to hold up the next reboot");

/* The reboot notifiers of many drivers wait for a grace period. */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	pr_info("the reboot waits: %s\n", hold ? hold->reason : "a grace period");
	if (hold) {
		hold->wait();
		pr_info("the reboot goes on\n");
	}
	synchronize_rcu();
	pr_info("a grace period went by\n");
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
