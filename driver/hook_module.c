// SPDX-License-Identifier: GPL-2.0
/*
 * Out of tree: arch_trigger_cpumask_backtrace(), to which every caller of the kernel comes, is
 * redirected to us by ftrace, the way a live patch replaces a function. ftrace lets one user do
 * that to a function at a time.
 *
 * Every redirected call is counted before it enters the module's code and uncounted at its end, so
 * that an unload can wait until the last one has left.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "backtrace.h"
#include "hook.h"
#include "symbols.h"

static atomic_t calls;

static void hook_trigger(const struct cpumask *mask, int exclude_cpu)
{
	if (!sdei_nmi_trigger_cpumask_backtrace(mask, exclude_cpu))
		KERNEL(arch_trigger_cpumask_backtrace)(mask, exclude_cpu);
	/*
	 * Last, so that neither call above is a jump: the kernel's function must see that it was
	 * called from here.
	 */
	atomic_fetch_dec_release(&calls);
}

static void notrace hook_redirect(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	/* Our own call of the kernel's function. */
	if (within_module(parent_ip, THIS_MODULE))
		return;
	atomic_inc(&calls);
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)hook_trigger);
}

static struct ftrace_ops hook_ops = {
	.func = hook_redirect,
	/* Permanent: nobody switches ftrace off while we rely on it. */
	.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT,
};

/**
 * hook_init() - let the kernel's requests for backtraces come to us
 *
 * Context: task, at load; sleeps.
 * Return: 0; -EBUSY where a live patch has the function or ftrace is off; or ftrace's errno. One
 * line of log tells.
 */
int __init hook_init(void)
{
	unsigned long ip = (unsigned long)KERNEL(arch_trigger_cpumask_backtrace);
	int err;

	err = ftrace_set_filter_ip(&hook_ops, ip, 0, 0);
	if (err) {
		pr_err("hooking arch_trigger_cpumask_backtrace failed: ftrace does not know this function (%d); nothing was changed\n",
		       err);
		return err;
	}
	err = register_ftrace_function(&hook_ops);
	if (!err)
		return 0;
	ftrace_free_filter(&hook_ops);
	if (err == -EBUSY)
		pr_err("hooking arch_trigger_cpumask_backtrace failed: somebody else, such as a live patch, has replaced this function already, or ftrace is off (kernel.ftrace_enabled=0); nothing was changed\n");
	else
		pr_err("hooking arch_trigger_cpumask_backtrace failed: ftrace refused it (%d); nothing was changed\n",
		       err);
	return err;
}

/**
 * hook_exit() - give the function back, and wait until nobody is in ours
 *
 * Context: task; sleeps. Each call that is under way ends within two seconds and what printing
 * takes.
 */
void hook_exit(void)
{
	int err = unregister_ftrace_function(&hook_ops);

	if (err)
		pr_err("unhooking failed (%d): ftrace has shut itself down over a fault of its own, and the module can't go before the next reboot\n",
		       err);
	while (err)
		ssleep(3600);
	ftrace_free_filter(&hook_ops);
	while (atomic_read_acquire(&calls))
		usleep_range(1000, 2000);
	/*
	 * Who uncounted itself may still have to return: a task that was preempted there, or an
	 * interrupt.
	 */
	synchronize_rcu_tasks();
	synchronize_rcu();
}
