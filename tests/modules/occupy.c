// SPDX-License-Identifier: GPL-2.0
/*
 * occupy - test module that holds a resource which the driver needs.
 *
 * Invariant: the module holds the one resource from load to unload. A load that fails holds
 * nothing.
 *
 *   what=event0  SDEI event 0: the module registers and enables it through the kernel's SDEI core,
 *                with a handler that does nothing
 *   what=hook    arch_trigger_cpumask_backtrace(): the module claims it through ftrace with
 *                IPMODIFY, as a live patch does, and leaves its behaviour as it is
 *
 * At unload the module unregisters event 0 and does not disable it first. Some firmware fails if a
 * signal arrives while event 0 is registered and disabled.
 *
 * Contexts: load and unload in task context; event0_handler() in SDEI context; hook_callback() in
 * any context in which the kernel requests backtraces.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm_sdei.h>
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>

#include "resolve.h"

struct occupation {
	const char	*what;
	int		(*take)(void);
	void		(*leave)(void);
};

static char *what;
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "What to hold: event0 (SDEI event 0) or hook (arch_trigger_cpumask_backtrace)");

static const struct occupation *occupation;
static int (*event_register)(u32 event, sdei_event_callback *cb, void *arg);
static int (*event_enable)(u32 event);
static int (*event_unregister)(u32 event);

static int event0_handler(u32 event, struct pt_regs *regs, void *arg)
{
	return 0;
}

static void event0_leave(void)
{
	int err = event_unregister(0);

	if (!err)
		return;
	pr_err("event 0 not unregistered (%d)\n", err);
	/* A handler was still running. Its text must stay until it has ended. */
	usleep_range(10000, 20000);
}

static int event0_take(void)
{
	int err;

	event_register = (typeof(event_register))resolve("sdei_event_register");
	event_enable = (typeof(event_enable))resolve("sdei_event_enable");
	event_unregister = (typeof(event_unregister))resolve("sdei_event_unregister");
	if (!event_register || !event_enable || !event_unregister)
		return -ENOENT;

	err = event_register(0, event0_handler, NULL);
	if (err) {
		pr_err("event 0 not registered (%d)\n", err);
		return err;
	}
	err = event_enable(0);
	if (err) {
		pr_err("event 0 not enabled (%d)\n", err);
		event0_leave();
	}
	return err;
}

static void notrace hook_callback(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
}

static struct ftrace_ops hook_ops = {
	.func	= hook_callback,
	.flags	= FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED |
		  FTRACE_OPS_FL_IPMODIFY,
};

static void hook_leave(void)
{
	int err = unregister_ftrace_function(&hook_ops);

	if (err)
		pr_err("hook not removed (%d)\n", err);
	ftrace_free_filter(&hook_ops);
}

static int hook_take(void)
{
	unsigned long addr = resolve("arch_trigger_cpumask_backtrace");
	int err;

	if (!addr)
		return -ENOENT;
	err = ftrace_set_filter_ip(&hook_ops, addr, 0, 0);
	if (!err)
		err = register_ftrace_function(&hook_ops);
	if (err) {
		pr_err("hook not taken (%d)\n", err);
		ftrace_free_filter(&hook_ops);
	}
	return err;
}

static const struct occupation occupations[] = {
	{ "event0",	event0_take,	event0_leave },
	{ "hook",	hook_take,	hook_leave },
};

static int __init occupy_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; what && i < ARRAY_SIZE(occupations); i++)
		if (!strcmp(occupations[i].what, what))
			occupation = &occupations[i];
	if (!occupation) {
		pr_err("load with what=event0 or what=hook\n");
		return -EINVAL;
	}

	err = occupation->take();
	if (!err)
		pr_info("holding %s\n", occupation->what);
	return err;
}

static void __exit occupy_exit(void)
{
	occupation->leave();
}

module_init(occupy_init);
module_exit(occupy_exit);

MODULE_DESCRIPTION("Test module that holds SDEI event 0 or the backtrace hook");
MODULE_LICENSE("GPL");
