// SPDX-License-Identifier: GPL-2.0
/*
 * requester - test module that requests backtraces in contexts which user space cannot reach, or
 * makes the kernel request them: it starts a task that hangs or a task that dies of an oops.
 *
 * Invariant: one ask at a time; an ask is one write to "ask". Its threads exist until they are
 * joined: by the ask itself, by the next ask, or at unload. An ask that is not done within
 * ASK_WAIT_S fails with -ETIMEDOUT and asks its threads to end. Until they have ended, further asks
 * fail with -EBUSY. A hang outlasts its ask: it ends after the seconds given, or at unload.
 *
 * The architected counter and hrtimers time all waits, because the CPU that drives jiffies may be
 * wedged.
 *
 * Locks: requester_mutex over all state except the threads' flags.
 * Contexts: "ask" in task context. Requests in task context; in a hard interrupt for "hardirq"; in
 * a stopper thread with interrupts masked on every CPU for "stopped".
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/console.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include <linux/string.h>

#include <asm/sysreg.h>

#include "resolve.h"

#define ASK_WAIT_S	100
#define ASK_MEET_S	5
#define ASK_HANG_MAX_S	60
#define ASK_USAGE	"write 'hardirq CPU', 'both CPU CPU', 'single CPU', 'plain CPU', 'storm CPU N', 'others CPU N', 'stopped CPU', 'hotplug CPU N', 'hang CPU SECONDS', 'oops CPU' or 'during CPU CPU N'"

struct ask {
	struct task_struct	*task;
	struct irq_work		work;
	int			err;
	bool			done;
};

static DEFINE_MUTEX(requester_mutex);
static struct ask asks[2];
static unsigned int ask_count;
static bool ask_stop;
static atomic_t ask_met;
static bool requester_ready;
static void (*trigger)(const struct cpumask *mask, int exclude_cpu);
static int (*stop_all)(cpu_stop_fn_t fn, void *data, const struct cpumask *cpus);

static inline u64 requester_now(void)
{
	return read_sysreg(cntvct_el0);
}

static inline u64 requester_after(u64 seconds)
{
	return requester_now() + seconds * read_sysreg(cntfrq_el0);
}

static inline bool requester_passed(u64 deadline)
{
	return (s64)(requester_now() - deadline) >= 0;
}

/* The same call as in trigger_all_cpu_backtrace(). */
static void ask_all(void)
{
	trigger(cpu_online_mask, -1);
}

static void ask_irq_work(struct irq_work *work)
{
	ask_all();
}

static int ask_hardirq(struct ask *ask)
{
	ask->work = IRQ_WORK_INIT_HARD(ask_irq_work);
	irq_work_queue(&ask->work);
	irq_work_sync(&ask->work);
	return 0;
}

/* Both threads spin until the other one is here, then ask within a few instructions. */
static int ask_both(struct ask *ask)
{
	u64 deadline = requester_after(ASK_MEET_S);

	atomic_inc(&ask_met);
	while (atomic_read(&ask_met) < 2) {
		if (READ_ONCE(ask_stop) || requester_passed(deadline))
			return -ETIMEDOUT;
		cpu_relax();
	}
	ask_all();
	return 0;
}

static unsigned int storm_length;

static bool storm_others;

/* The requester's own backtrace would be most of the log, so "others" leaves it out. */
static int ask_storm(struct ask *ask)
{
	unsigned int i;

	for (i = 0; i < storm_length; i++) {
		if (READ_ONCE(ask_stop))
			return -EINTR;
		trigger(cpu_online_mask,
			storm_others ? raw_smp_processor_id() : -1);
		cond_resched();
	}
	return 0;
}

/*
 * Each request is for all possible CPUs, while the test takes CPUs offline and online. A CPU that
 * is online and not active is in transition. It is going down if it was active before, and coming
 * up if it was not.
 */
static unsigned int ask_hotplug_down, ask_hotplug_up;
static bool ask_hotplug_runs;
static int ask_hotplug_state;

#define ASK_COMING_UP_MS	200
#define ASK_HOTPLUG_S		5

/*
 * A CPU that comes up waits here, online and not active, until a request has found it so. Without
 * this it is a matter of chance whether one does.
 */
static int ask_hotplug_coming_up(unsigned int cpu)
{
	unsigned int before = READ_ONCE(ask_hotplug_up), ms;

	for (ms = 0; ms < ASK_COMING_UP_MS; ms++) {
		if (!READ_ONCE(ask_hotplug_runs) || READ_ONCE(ask_hotplug_up) != before)
			break;
		usleep_range(1000, 1100);
	}
	return 0;
}

/* Counts the CPUs in transition. Returns whether one of them comes up. */
static bool ask_hotplug_look(struct cpumask *was_active, unsigned int *down, unsigned int *up)
{
	unsigned int cpu;

	*down = 0;
	*up = 0;
	for_each_possible_cpu(cpu) {
		if (cpu_active(cpu))
			cpumask_set_cpu(cpu, was_active);
		else if (!cpu_online(cpu))
			cpumask_clear_cpu(cpu, was_active);
		else if (cpumask_test_cpu(cpu, was_active))
			(*down)++;
		else
			(*up)++;
	}
	return *up;
}

static int ask_hotplug(struct ask *ask)
{
	static struct cpumask was_active;
	unsigned int i, down, up;
	u64 deadline;

	ask_hotplug_down = 0;
	ask_hotplug_up = 0;
	cpumask_copy(&was_active, cpu_active_mask);
	for (i = 0; i < storm_length; i++) {
		if (READ_ONCE(ask_stop))
			return -EINTR;
		/* Each run asks an offline CPU and one that comes up. */
		deadline = requester_after(ASK_HOTPLUG_S);
		while (i == storm_length / 4 && cpumask_equal(cpu_online_mask, cpu_possible_mask) &&
		       !requester_passed(deadline) && !READ_ONCE(ask_stop))
			usleep_range(100, 200);
		while (!ask_hotplug_look(&was_active, &down, &up) && i == storm_length / 2 &&
		       !ask_hotplug_up && !requester_passed(deadline) && !READ_ONCE(ask_stop))
			usleep_range(100, 200);
		ask_hotplug_down += down;
		WRITE_ONCE(ask_hotplug_up, ask_hotplug_up + up);
		trigger(cpu_possible_mask, -1);
		cond_resched();
	}
	return 0;
}

/*
 * The first CPU asks. Each time it is about to print its own block, which comes first, or that it
 * turns CPUs away, the second CPU asks in a hard interrupt, and the first one goes on when that
 * request has returned.
 */
static unsigned int during_first, during_second, during_left;
static bool during_returned;

static void during_asks(void *unused)
{
	ask_all();
	WRITE_ONCE(during_returned, true);
}

static call_single_data_t during_call = CSD_INIT(during_asks, NULL);

static int during_waits(void)
{
	u64 deadline = requester_after(ASK_MEET_S);

	if (raw_smp_processor_id() != during_first || !during_left)
		return 0;
	during_left--;
	WRITE_ONCE(during_returned, false);
	if (smp_call_function_single_async(during_second, &during_call))
		return 0;
	while (!READ_ONCE(during_returned) && !requester_passed(deadline))
		cpu_relax();
	pr_info("the request in a hard interrupt %s while the first one was printed\n",
		during_returned ? "returned" : "did not return");
	return 0;
}

static bool during;
module_param(during, bool, 0400);
MODULE_PARM_DESC(during, "Place kprobes, one of them in the driver, which 'during' needs; this waits for every CPU");

static int during_prints(struct kprobe *probe, struct pt_regs *regs)
{
	return (u32)regs->regs[0] == during_first ? during_waits() : 0;
}

static int during_turns_away(struct kprobe *probe, struct pt_regs *regs)
{
	return strstr((const char *)regs->regs[0], "too many requests") ? during_waits() : 0;
}

static struct kprobe during_block = {
	.symbol_name = "sdei_nmi_print_backtrace",
	.pre_handler = during_prints,
};

static struct kprobe during_line = {
	.symbol_name = "_printk",
	.pre_handler = during_turns_away,
};

static struct kprobe *during_probes[] = { &during_block, &during_line };

static int ask_during(struct ask *ask)
{
	ask_all();
	return 0;
}

static int ask_stopped(void *unused)
{
	ask_all();
	return 0;
}

static unsigned int hang_seconds;

static int ask_hang(struct ask *ask)
{
	u64 deadline = requester_after(hang_seconds);
	ktime_t bound = ktime_set(hang_seconds, 0);

	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(ask_stop) || kthread_should_stop() ||
		    requester_passed(deadline))
			break;
		schedule_hrtimeout_range(&bound, NSEC_PER_MSEC,
					 HRTIMER_MODE_REL_PINNED);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* An address that is never mapped. The variable keeps the compiler from seeing the bad access. */
static unsigned long nowhere = 0x5d8;

/* The oops ends the thread, so "done" is set first. */
static int ask_oops(struct ask *ask)
{
	WRITE_ONCE(ask->done, true);
	WRITE_ONCE(*(unsigned long *)READ_ONCE(nowhere), 0);
	return 0;
}

static int (*ask_run)(struct ask *ask);

static int ask_thread(void *data)
{
	struct ask *ask = data;

	ask->err = ask_run(ask);
	WRITE_ONCE(ask->done, true);
	return 0;
}

static bool ask_all_done(void)
{
	unsigned int i;

	for (i = 0; i < ask_count; i++)
		if (!READ_ONCE(asks[i].done))
			return false;
	return true;
}

/* Joins the threads. This wait has no bound. */
static int ask_reap(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ask_count; i++) {
		kthread_stop(asks[i].task);
		put_task_struct(asks[i].task);
		if (!err)
			err = asks[i].err;
	}
	ask_count = 0;
	return err;
}

static void requester_nap(void)
{
	ktime_t nap = ns_to_ktime(NSEC_PER_MSEC);

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout_range(&nap, NSEC_PER_MSEC / 2,
				 HRTIMER_MODE_REL_PINNED);
}

static int ask_wait(void)
{
	u64 deadline = requester_after(ASK_WAIT_S);

	while (!ask_all_done()) {
		if (requester_passed(deadline)) {
			WRITE_ONCE(ask_stop, true);
			pr_err("the ask was not done within %u s; it ends by itself or at unload\n",
			       ASK_WAIT_S);
			return -ETIMEDOUT;
		}
		requester_nap();
	}
	return ask_reap();
}

/* Starts a thread on each of @cpus that calls @run. All exist before the first one runs. */
static int ask_launch(int (*run)(struct ask *ask), const unsigned int *cpus,
		      unsigned int count)
{
	unsigned int i;

	ask_run = run;
	WRITE_ONCE(ask_stop, false);
	atomic_set(&ask_met, 0);

	for (i = 0; i < count; i++) {
		struct task_struct *task;

		asks[i] = (struct ask){};
		task = kthread_create_on_cpu(ask_thread, &asks[i], cpus[i],
					     "requester/%u");
		if (IS_ERR(task)) {
			pr_err("no thread for CPU %u (%pe)\n", cpus[i], task);
			ask_reap();
			return PTR_ERR(task);
		}
		asks[i].task = get_task_struct(task);
		ask_count = i + 1;
	}
	for (i = 0; i < count; i++)
		wake_up_process(asks[i].task);
	return 0;
}

static int ask_by_threads(int (*run)(struct ask *ask), const unsigned int *cpus,
			  unsigned int count)
{
	int err = ask_launch(run, cpus, count);

	return err ? err : ask_wait();
}

static int ask_hardirq_start(const unsigned int *args)
{
	return ask_by_threads(ask_hardirq, args, 1);
}

static int ask_both_start(const unsigned int *args)
{
	if (args[0] == args[1]) {
		pr_err("'both' takes two CPUs; " ASK_USAGE "\n");
		return -EINVAL;
	}
	return ask_by_threads(ask_both, args, 2);
}

/* The CPU may be offline. */
static int ask_single_start(const unsigned int *args)
{
	if (args[0] >= nr_cpu_ids || !cpu_possible(args[0])) {
		pr_err("there is no CPU %u\n", args[0]);
		return -ENXIO;
	}
	trigger(cpumask_of(args[0]), -1);
	return 0;
}

/* Calls the kernel's generic code with the kernel's IPI, and so bypasses the driver. */
static int ask_plain_start(const unsigned int *args)
{
	void (*generic)(const struct cpumask *mask, int exclude_cpu,
			void (*raise)(struct cpumask *mask));
	void (*raise)(struct cpumask *mask);

	generic = (typeof(generic))resolve("nmi_trigger_cpumask_backtrace");
	raise = (typeof(raise))resolve("arm64_backtrace_ipi");
	if (!generic || !raise)
		return -EOPNOTSUPP;
	generic(cpumask_of(args[0]), -1, raise);
	return 0;
}

static int ask_storm_start(const unsigned int *args)
{
	storm_others = false;
	storm_length = args[1];
	return ask_by_threads(ask_storm, args, 1);
}

static int ask_others_start(const unsigned int *args)
{
	storm_others = true;
	storm_length = args[1];
	return ask_by_threads(ask_storm, args, 1);
}

/* All other CPUs wait in the stopper's loop, with interrupts masked. */
static int ask_stopped_start(const unsigned int *args)
{
	return stop_all(ask_stopped, NULL, cpumask_of(args[0]));
}

static int ask_hotplug_start(const unsigned int *args)
{
	int err;

	storm_length = args[1];
	WRITE_ONCE(ask_hotplug_runs, true);
	err = ask_by_threads(ask_hotplug, args, 1);
	WRITE_ONCE(ask_hotplug_runs, false);
	if (!err)
		pr_info("asked %u CPUs on their way down and %u on their way up\n",
			ask_hotplug_down, ask_hotplug_up);
	return err;
}

static int ask_hang_start(const unsigned int *args)
{
	if (!args[1] || args[1] > ASK_HANG_MAX_S) {
		pr_err("'hang' takes 1 to %u seconds\n", ASK_HANG_MAX_S);
		return -ERANGE;
	}
	hang_seconds = args[1];
	return ask_launch(ask_hang, args, 1);
}

static int ask_oops_start(const unsigned int *args)
{
	return ask_by_threads(ask_oops, args, 1);
}

static int ask_during_start(const unsigned int *args)
{
	if (!during) {
		pr_err("load this module with during=1, beside the driver\n");
		return -EOPNOTSUPP;
	}
	if (args[0] == args[1]) {
		pr_err("'during' takes two CPUs; " ASK_USAGE "\n");
		return -EINVAL;
	}
	during_first = args[0];
	during_second = args[1];
	during_left = args[2];
	return ask_by_threads(ask_during, args, 1);
}

static const struct requester_form {
	const char	*name;
	unsigned int	args;
	unsigned int	cpus;	/* number of leading arguments that name online CPUs */
	bool		hotplug; /* CPUs may go offline and come online during the ask */
	bool		asks;	/* needs the function that older kernels lack */
	int		(*start)(const unsigned int *args);
} requester_forms[] = {
	{ "hardirq",	1,	1,	false,	true,	ask_hardirq_start },
	{ "both",	2,	2,	false,	true,	ask_both_start },
	{ "single",	1,	0,	false,	true,	ask_single_start },
	{ "plain",	1,	1,	false,	true,	ask_plain_start },
	{ "storm",	2,	1,	false,	true,	ask_storm_start },
	{ "others",	2,	1,	false,	true,	ask_others_start },
	{ "stopped",	1,	1,	false,	true,	ask_stopped_start },
	{ "hotplug",	2,	1,	true,	true,	ask_hotplug_start },
	{ "hang",	2,	1,	false,	false,	ask_hang_start },
	{ "oops",	1,	1,	false,	false,	ask_oops_start },
	{ "during",	3,	2,	false,	true,	ask_during_start },
};

static int requester_parse(char *text, const struct requester_form **form, unsigned int *args)
{
	char *name = strsep(&text, " ");
	unsigned int i;

	*form = NULL;
	for (i = 0; i < ARRAY_SIZE(requester_forms); i++)
		if (!strcmp(requester_forms[i].name, name))
			*form = &requester_forms[i];
	if (!*form)
		return -EINVAL;

	for (i = 0; i < (*form)->args; i++) {
		char *word = strsep(&text, " ");

		if (!word || kstrtouint(word, 10, &args[i]))
			return -EINVAL;
	}
	return text ? -EINVAL : 0;
}

/* The hotplug lock keeps the checked CPUs online until the ask is done. */
static int requester_start(const struct requester_form *form, const unsigned int *args)
{
	unsigned int i;
	int err;

	if (!trigger && form->asks) {
		pr_err("this kernel has no function that requests backtraces\n");
		return -EOPNOTSUPP;
	}
	cpus_read_lock();
	for (i = 0; i < form->cpus; i++) {
		if (args[i] >= nr_cpu_ids || !cpu_online(args[i])) {
			pr_err("CPU %u is not online\n", args[i]);
			err = -ENXIO;
			goto unlock;
		}
	}
	if (!form->hotplug) {
		err = form->start(args);
		goto unlock;
	}
	cpus_read_unlock();
	return form->start(args);
unlock:
	cpus_read_unlock();
	return err;
}

static int requester_ask(char *text)
{
	const struct requester_form *form;
	unsigned int args[3];
	u64 start;
	int err;

	if (!requester_ready) {
		pr_err("the module is loading or unloading\n");
		return -ENODEV;
	}
	if (!ask_all_done()) {
		pr_err("an earlier ask is still running\n");
		return -EBUSY;
	}
	ask_reap();

	if (requester_parse(text, &form, args)) {
		pr_err("bad ask; " ASK_USAGE "\n");
		return -EINVAL;
	}

	start = requester_now();
	err = requester_start(form, args);
	if (!err && ask_all_done())
		pr_info("%s done in %llu ms\n", form->name,
			(requester_now() - start) * 1000 / read_sysreg(cntfrq_el0));
	return err;
}

static int ask_set(const char *val, const struct kernel_param *kp)
{
	char *text;
	int err;

	text = kstrdup(val, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	mutex_lock(&requester_mutex);
	err = requester_ask(strim(text));
	mutex_unlock(&requester_mutex);

	kfree(text);
	return err;
}

static const struct kernel_param_ops ask_ops = {
	.set	= ask_set,
};
module_param_cb(ask, &ask_ops, NULL, 0200);
MODULE_PARM_DESC(ask, "Write 'hardirq CPU', 'both CPU CPU', 'single CPU', 'plain CPU', 'storm CPU N', 'others CPU N', 'stopped CPU', 'hotplug CPU N', 'hang CPU SECONDS', 'oops CPU' or 'during CPU CPU N'; returns when the requests have returned, or when the task hangs");

/* Tests use this to check that a wedge holds a lock: a read tries to take each lock. */
static int held_get(char *buffer, const struct kernel_param *kp)
{
	bool console = !console_trylock();
	unsigned long flags;
	bool printk;

	if (!console)
		console_unlock();
	local_irq_save(flags);
	printk = !__printk_cpu_sync_try_get();
	if (!printk)
		__printk_cpu_sync_put();
	local_irq_restore(flags);
	return sysfs_emit(buffer, "%s%s\n", console ? "console" : "",
			  printk ? "printk" : "");
}

static const struct kernel_param_ops held_ops = {
	.get	= held_get,
};
module_param_cb(held, &held_ops, NULL, 0400);
MODULE_PARM_DESC(held, "Reads which of the locks 'console' and 'printk' are held");

static int __init requester_init(void)
{
	int err;

	trigger = (typeof(trigger))resolve("arch_trigger_cpumask_backtrace");
	stop_all = (typeof(stop_all))resolve("stop_machine_cpuslocked");
	if (!stop_all)
		return -ENOENT;
	if (during) {
		err = register_kprobes(during_probes, ARRAY_SIZE(during_probes));
		if (err)
			return err;
	}
	ask_hotplug_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
						      "sdei_nmi/requester:online",
						      ask_hotplug_coming_up, NULL);
	if (ask_hotplug_state < 0) {
		if (during)
			unregister_kprobes(during_probes, ARRAY_SIZE(during_probes));
		return ask_hotplug_state;
	}

	mutex_lock(&requester_mutex);
	requester_ready = true;
	mutex_unlock(&requester_mutex);
	return 0;
}

static void __exit requester_exit(void)
{
	cpuhp_remove_state_nocalls(ask_hotplug_state);
	mutex_lock(&requester_mutex);
	requester_ready = false;
	WRITE_ONCE(ask_stop, true);
	ask_reap();
	mutex_unlock(&requester_mutex);
	if (during)
		unregister_kprobes(during_probes, ARRAY_SIZE(during_probes));
}

module_init(requester_init);
module_exit(requester_exit);

MODULE_DESCRIPTION("Test module that requests backtraces in unusual contexts");
MODULE_LICENSE("GPL");
