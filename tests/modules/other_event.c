// SPDX-License-Identifier: GPL-2.0
/*
 * other_event - test module that requests backtraces while a CPU is in the handler of another SDEI
 * event. The firmware in lab/firmware/ provides that event.
 *
 * Invariant: the handler ends by itself, at a deadline on the architected counter. A write to "ask"
 * returns only after the handler has ended. The event is registered from load to unload.
 *
 * Locks: other_event_mutex over a write to "ask". Contexts: "ask" in task context; the handler in
 * SDEI context, where it calls no function.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/arm_sdei.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include <asm/sysreg.h>

#include "resolve.h"

#define OTHER_EVENT	1
#define OTHER_EVENT_DISPATCH	0xc200ff02UL
#define OTHER_EVENT_START_MS	5000
#define OTHER_EVENT_MAX_MS	10000

static DEFINE_MUTEX(other_event_mutex);
static unsigned int other_event_ms;
static bool other_event_inside, other_event_asked, other_event_left;
static void (*trigger)(const struct cpumask *mask, int exclude_cpu);
static int (*event_register)(u32 event, sdei_event_callback *cb, void *arg);
static int (*event_enable)(u32 event);
static int (*event_unregister)(u32 event);

static __always_inline u64 other_event_after(unsigned int ms)
{
	return read_sysreg(cntvct_el0) + read_sysreg(cntfrq_el0) / 1000 * ms;
}

static __always_inline bool other_event_passed(u64 deadline)
{
	return (s64)(read_sysreg(cntvct_el0) - deadline) >= 0;
}

/* Stays for other_event_ms after the requester is about to ask. */
static int notrace other_event_handler(u32 event, struct pt_regs *regs, void *arg)
{
	u64 deadline = other_event_after(OTHER_EVENT_START_MS);

	WRITE_ONCE(other_event_inside, true);
	while (!READ_ONCE(other_event_asked) && !other_event_passed(deadline))
		cpu_relax();
	deadline = other_event_after(other_event_ms);
	while (!other_event_passed(deadline))
		cpu_relax();
	WRITE_ONCE(other_event_left, true);
	return 0;
}

/* With interrupts masked the SDEI core resumes the interrupted code instead of the IRQ vector. */
static int other_event_thread(void *unused)
{
	struct arm_smccc_res res;
	unsigned long flags;

	local_irq_save(flags);
	arm_smccc_smc(OTHER_EVENT_DISPATCH, 0, 0, 0, 0, 0, 0, 0, &res);
	local_irq_restore(flags);
	return res.a0 ? -EOPNOTSUPP : 0;
}

static bool other_event_wait(const bool *flag, unsigned int ms)
{
	u64 deadline = other_event_after(ms);
	ktime_t nap = ns_to_ktime(NSEC_PER_MSEC);

	while (!READ_ONCE(*flag)) {
		if (other_event_passed(deadline))
			return false;
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_hrtimeout_range(&nap, NSEC_PER_MSEC / 2,
					 HRTIMER_MODE_REL_PINNED);
	}
	return true;
}

static int other_event_hold(unsigned int cpu)
{
	struct task_struct *task;
	bool waited;
	int err;

	WRITE_ONCE(other_event_inside, false);
	WRITE_ONCE(other_event_asked, false);
	WRITE_ONCE(other_event_left, false);
	task = kthread_create_on_cpu(other_event_thread, NULL, cpu, "other_event/%u");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);

	if (other_event_wait(&other_event_inside, OTHER_EVENT_START_MS)) {
		WRITE_ONCE(other_event_asked, true);
		trigger(cpu_online_mask, -1);
		waited = READ_ONCE(other_event_left);
		other_event_wait(&other_event_left, OTHER_EVENT_MAX_MS);
		pr_info("the requester returned %s CPU %u had left the handler\n",
			waited ? "after" : "before", cpu);
	}
	err = kthread_stop(task);
	put_task_struct(task);
	if (err || !READ_ONCE(other_event_inside)) {
		pr_err("the other event did not come (%d); boot lab/boot.sh -f tfa-faulty\n",
		       err);
		return err ?: -EIO;
	}
	return 0;
}

static int other_event_ask_set(const char *val, const struct kernel_param *kp)
{
	unsigned int cpu, ms;
	int err;

	if (sscanf(val, "%u %u", &cpu, &ms) != 2 || ms > OTHER_EVENT_MAX_MS) {
		pr_err("write CPU MILLISECONDS, e.g. '2 300'\n");
		return -EINVAL;
	}
	mutex_lock(&other_event_mutex);
	cpus_read_lock();
	other_event_ms = ms;
	err = cpu < nr_cpu_ids && cpu_online(cpu) ? other_event_hold(cpu) : -ENXIO;
	cpus_read_unlock();
	mutex_unlock(&other_event_mutex);
	return err;
}

static const struct kernel_param_ops other_event_ask_ops = { .set = other_event_ask_set };

module_param_cb(ask, &other_event_ask_ops, NULL, 0200);
MODULE_PARM_DESC(ask, "Write CPU MILLISECONDS to request all backtraces while CPU is in the handler of the other event; CPU stays there for MILLISECONDS after the request begins, and must not be the writer's");

static void other_event_leave(void)
{
	int err = event_unregister(OTHER_EVENT);

	if (err)
		pr_err("the other event was not unregistered (%d)\n", err);
}

static int __init other_event_init(void)
{
	int err;

	trigger = (typeof(trigger))resolve("arch_trigger_cpumask_backtrace");
	event_register = (typeof(event_register))resolve("sdei_event_register");
	event_enable = (typeof(event_enable))resolve("sdei_event_enable");
	event_unregister = (typeof(event_unregister))resolve("sdei_event_unregister");
	if (!trigger || !event_register || !event_enable || !event_unregister)
		return -ENOENT;

	err = event_register(OTHER_EVENT, other_event_handler, NULL);
	if (err) {
		pr_err("the other event was not registered (%d); boot lab/boot.sh -f tfa-faulty\n",
		       err);
		return err;
	}
	err = event_enable(OTHER_EVENT);
	if (err) {
		pr_err("the other event was not enabled (%d)\n", err);
		other_event_leave();
	}
	return err;
}

static void __exit other_event_exit(void)
{
	other_event_leave();
}

module_init(other_event_init);
module_exit(other_event_exit);

MODULE_DESCRIPTION("Test module that keeps a CPU in the handler of another SDEI event");
MODULE_LICENSE("GPL");
