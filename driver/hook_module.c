// SPDX-License-Identifier: GPL-2.0
/*
 * Out of tree, ftrace redirects the kernel functions that ask for backtraces and stop CPUs, as it
 * does for a live patch. Only one user at a time can redirect a function.
 *
 * A replacement of a function that stops CPUs calls the kernel's function first. The driver then
 * stops the CPUs that are still online.
 *
 * If the kernel has arch_trigger_cpumask_backtrace(), all requests for backtraces go through that
 * function. It only calls nmi_trigger_cpumask_backtrace(), and link-time optimization makes it a
 * part of its callers, so then the other function is redirected. ftrace does not know that one, as
 * it knows no function of lib/, so a kprobe does it. If the kernel has neither, most requests were
 * compiled to nothing. The driver then redirects the two requesters that are functions of their
 * own, for sysrq-l and for RCU stalls.
 *
 * The kernel's own functions go on with a request that comes while the driver does not serve.
 *
 * Two functions are only watched, not redirected: a CPU that stops calls crash_save_cpu() or
 * set_cpu_online() before it masks SDEI.
 *
 * Each redirected call is counted before it enters the module and uncounted when it ends, so that
 * an unload can wait for the last one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/hardirq.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <asm/irq_regs.h>

#include "backtrace.h"
#include "hook.h"
#include "reach.h"
#include "stop.h"
#include "symbols.h"
#include "waits.h"

/**
 * struct hook - one kernel function that is redirected
 * @ops: for ftrace
 * @name: name of the kernel function
 * @replacement: the driver's function, of the same type
 * @original: address of the kernel function; 0 if it is not hooked
 */
struct hook {
	struct ftrace_ops ops;
	const char *name;
	void *replacement;
	unsigned long original;
};

static atomic_t calls;

/*
 * Each replacement calls this last, so that the compiler makes no other call a tail call.
 * redirect() recognizes the driver's own calls by their return address.
 */
static __always_inline void call_ends(void)
{
	atomic_fetch_dec_release(&calls);
}

static void replace_trigger(const struct cpumask *mask, int exclude_cpu);
static void replace_dump_cpu_task(int cpu);
static void replace_sysrq(int key);
static void replace_stop(void);
static int replace_panic_redirect(int cpu, void *message);
static void replace_crash_stop(void);

static void notrace redirect(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	struct hook *hook = container_of(ops, struct hook, ops);

	/* The driver calls the kernel's function. */
	if (within_module(parent_ip, THIS_MODULE))
		return;
	atomic_inc(&calls);
	sdei_nmi_ftrace_redirect(fregs, (unsigned long)hook->replacement);
}

/* Runs before crash_save_cpu(), which then runs as usual. */
static void notrace see_crash_save(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	sdei_nmi_stop_note_self();
}

/*
 * Runs before set_cpu_online(). A CPU that stops calls it in an interrupt or in a panic. Hotplug
 * calls it in a thread, and reach.c has closed the CPU before.
 */
static void notrace see_set_online(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	if (!within_module(parent_ip, THIS_MODULE) && (!in_task() || oops_in_progress))
		sdei_nmi_stop_note_self();
}

/* PERMANENT keeps ftrace from being switched off under the hook. */
#define HOOK(function, ours) {							\
	.ops = { .func = redirect, .flags = SDEI_NMI_FTRACE_FLAGS | FTRACE_OPS_FL_PERMANENT },	\
	.name = function,							\
	.replacement = ours,							\
}

#define WATCH(function, callback) {						\
	.ops = { .func = callback, .flags = FTRACE_OPS_FL_PERMANENT },		\
	.name = function,							\
}

enum { TRIGGER, DUMP_CPU_TASK, SYSRQ, CRASH_SAVE, SET_ONLINE, PANIC_REDIRECT, CRASH_STOP, STOP };

static struct hook hooks[] = {
	[TRIGGER] = HOOK("arch_trigger_cpumask_backtrace", replace_trigger),
	[DUMP_CPU_TASK] = HOOK("dump_cpu_task", replace_dump_cpu_task),
	[SYSRQ] = HOOK("sysrq_handle_showallcpus", replace_sysrq),
	[CRASH_SAVE] = WATCH("crash_save_cpu", see_crash_save),
	[SET_ONLINE] = WATCH("set_cpu_online", see_set_online),
	[PANIC_REDIRECT] = HOOK("panic_smp_redirect_cpu", replace_panic_redirect),
	[CRASH_STOP] = HOOK("crash_smp_send_stop", replace_crash_stop),
	[STOP] = HOOK("smp_send_stop", replace_stop),
};

static void replace_trigger(const struct cpumask *mask, int exclude_cpu)
{
	void (*original)(const struct cpumask *, int) = (void *)hooks[TRIGGER].original;

	if (sdei_nmi_reach_serving())
		sdei_nmi_backtrace_request(mask, exclude_cpu);
	else
		original(mask, exclude_cpu);
	call_ends();
}

static void replace_nmi_trigger(const struct cpumask *mask, int exclude_cpu,
				void (*raise)(struct cpumask *mask))
{
	if (sdei_nmi_reach_serving())
		sdei_nmi_backtrace_request(mask, exclude_cpu);
	else
		SDEI_NMI_KERNEL(nmi_trigger_cpumask_backtrace)(mask, exclude_cpu, raise);
	call_ends();
}

static int redirect_nmi_trigger(struct kprobe *probe, struct pt_regs *regs)
{
	/* The driver calls the kernel's function. */
	if (within_module(regs->regs[30], THIS_MODULE))
		return 0;
	atomic_inc(&calls);
	instruction_pointer_set(regs, (unsigned long)replace_nmi_trigger);
	return 1;
}

NOKPROBE_SYMBOL(redirect_nmi_trigger);

static struct kprobe nmi_trigger = {
	.symbol_name = "nmi_trigger_cpumask_backtrace",
	.pre_handler = redirect_nmi_trigger,
};

static bool nmi_trigger_probed;

/*
 * For RCU stalls. If the CPU is this one and is in an interrupt, the kernel's function prints the
 * interrupted registers; the driver has no registers of its own CPU.
 */
static void replace_dump_cpu_task(int cpu)
{
	void (*original)(int) = (void *)hooks[DUMP_CPU_TASK].original;
	bool own_interrupt = cpu == raw_smp_processor_id() && in_hardirq() && get_irq_regs();

	if (own_interrupt || !sdei_nmi_reach_serving())
		original(cpu);
	else
		sdei_nmi_backtrace_request(cpumask_of(cpu), -1);
	call_ends();
}

static void replace_sysrq(int key)
{
	void (*original)(int) = (void *)hooks[SYSRQ].original;

	if (sdei_nmi_reach_serving())
		sdei_nmi_backtrace_request(cpu_online_mask, -1);
	else
		original(key);
	call_ends();
}

static __always_inline void stop_cpus(const struct hook *hook, bool crash)
{
	void (*original)(void) = (void *)hook->original;
	bool ours = sdei_nmi_stop_claim(crash);

	original();
	if (ours)
		sdei_nmi_stop_online();
	call_ends();
}

static void replace_stop(void)
{
	stop_cpus(&hooks[STOP], false);
}

static void replace_crash_stop(void)
{
	stop_cpus(&hooks[CRASH_STOP], true);
}

/*
 * For panic_force_cpu=. The kernel leaves the panic to that CPU by an IPI, and stops. If the CPU is
 * wedged, no CPU goes on with the panic.
 */
static int replace_panic_redirect(int cpu, void *message)
{
	int (*original)(int, void *) = (void *)hooks[PANIC_REDIRECT].original;
	int err = -ETIMEDOUT;

	if (sdei_nmi_stop_takes_ipi(cpu, NULL, NULL))
		err = original(cpu, message);
	call_ends();
	return err;
}

static int __init hook_set(struct hook *hook)
{
	unsigned long ip = sdei_nmi_symbols_find(hook->name);
	int err;

	if (!ip) {
		pr_err("looking up kernel symbols failed: this kernel has no function %s, which the driver hooks; nothing was changed\n",
		       hook->name);
		return -ENOENT;
	}
	err = ftrace_set_filter_ip(&hook->ops, ip, 0, 0);
	if (err) {
		pr_err("hooking %s failed: ftrace does not know this function (%d); nothing was changed\n",
		       hook->name, err);
		return err;
	}
	hook->original = ip;
	err = register_ftrace_function(&hook->ops);
	if (!err)
		return 0;
	hook->original = 0;
	ftrace_free_filter(&hook->ops);
	if (err == -EBUSY)
		pr_err("hooking %s failed: another user, such as a live patch, has replaced this function, or ftrace is off (kernel.ftrace_enabled=0); nothing was changed\n",
		       hook->name);
	else
		pr_err("hooking %s failed: ftrace refused it (%d); nothing was changed\n",
		       hook->name, err);
	return err;
}

static void hook_clear(struct hook *hook)
{
	int err;

	if (!hook->original)
		return;
	err = unregister_ftrace_function(&hook->ops);
	if (err)
		pr_err("unhooking %s failed (%d): ftrace has shut itself down after an error, and the module cannot be unloaded before the next reboot\n",
		       hook->name, err);
	while (err)
		ssleep(3600);
	ftrace_free_filter(&hook->ops);
}

static int __init hook_nmi_trigger(void)
{
	int err = register_kprobe(&nmi_trigger);

	nmi_trigger_probed = !err;
	if (err)
		pr_err("hooking %s failed: kprobes refused it (%d); nothing was changed\n",
		       nmi_trigger.symbol_name, err);
	return err;
}

/* If only some of the kernel's reports reach the driver, a line in the log says so. */
static int __init hook_reports(void)
{
	int err;

	if (IS_ENABLED(CONFIG_LTO_CLANG) && SDEI_NMI_HAS(nmi_trigger_cpumask_backtrace))
		return hook_nmi_trigger();
	if (sdei_nmi_symbols_find(hooks[TRIGGER].name)) {
		sdei_nmi_backtrace_set_raise((sdei_nmi_backtrace_raise_fn)
					     sdei_nmi_symbols_find("arm64_backtrace_ipi"));
		return hook_set(&hooks[TRIGGER]);
	}
	err = hook_set(&hooks[DUMP_CPU_TASK]);
	if (!err)
		err = hook_set(&hooks[SYSRQ]);
	if (!err)
		pr_info("this kernel has no arch_trigger_cpumask_backtrace: only sysrq-l and RCU stalls use the driver; hung-task, lockup, oops and panic reports ask no other CPU\n");
	return err;
}

/*
 * A kernel without kdump lacks the crash functions. They are hooked before smp_send_stop(), so that
 * the driver never takes a crash for a plain stop.
 */
static int __init hook_stops(void)
{
	int err = 0;

	if (sdei_nmi_symbols_find(hooks[CRASH_STOP].name) &&
	    sdei_nmi_symbols_find(hooks[CRASH_SAVE].name)) {
		err = hook_set(&hooks[CRASH_SAVE]);
		if (!err)
			err = hook_set(&hooks[CRASH_STOP]);
	}
	if (!err)
		err = hook_set(&hooks[SET_ONLINE]);
	if (!err && sdei_nmi_symbols_find(hooks[PANIC_REDIRECT].name))
		err = hook_set(&hooks[PANIC_REDIRECT]);
	return err ?: hook_set(&hooks[STOP]);
}

/**
 * sdei_nmi_hook_init() - redirect the kernel's requests for backtraces and stops to the driver
 *
 * Context: task, at load; sleeps.
 * Return: 0; -ENOENT if the kernel lacks one of the functions; -EBUSY if a live patch has one of
 * them or ftrace is off; or ftrace's errno. A failure logs one line.
 */
int __init sdei_nmi_hook_init(void)
{
	int err;

	err = hook_stops();
	if (!err)
		err = hook_reports();
	if (err)
		sdei_nmi_hook_exit();
	return err;
}

/**
 * sdei_nmi_hook_exit() - remove the hooks, and wait for redirected calls that still run
 *
 * Each of those calls ends within two seconds plus the time for printing. If ftrace has shut itself
 * down after a fault of its own, this function waits until the next reboot.
 *
 * Context: task; sleeps.
 */
void sdei_nmi_hook_exit(void)
{
	unsigned int i;

	if (nmi_trigger_probed)
		unregister_kprobe(&nmi_trigger);
	for (i = ARRAY_SIZE(hooks); i--;)
		hook_clear(&hooks[i]);
	while (atomic_read_acquire(&calls))
		usleep_range(1000, 2000);
	/*
	 * A call that is uncounted may still have to return, in a task that was preempted or in an
	 * interrupt.
	 */
	synchronize_rcu_tasks();
	synchronize_rcu();
}
