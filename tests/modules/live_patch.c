// SPDX-License-Identifier: GPL-2.0
/*
 * live_patch - test module that is a live patch of one function.
 *
 *   function=arch_trigger_cpumask_backtrace  the driver hooks this function, too; the patched one
 *                                            logs a line and asks no CPU
 *   function=cmdline_proc_show               the driver does not need this function; the patched
 *                                            one prints another text as /proc/cmdline
 *
 * The module can be unloaded once its patch was disabled in /sys/kernel/livepatch and no task uses
 * the patch any more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "The function to patch: arch_trigger_cpumask_backtrace or cmdline_proc_show");

static void patched_trigger(const struct cpumask *mask, int exclude_cpu)
{
	pr_info("no CPU is asked\n");
}

static int patched_cmdline(struct seq_file *m, void *unused)
{
	seq_puts(m, "patched\n");
	return 0;
}

static const struct klp_func functions[] = {
	{ .old_name = "arch_trigger_cpumask_backtrace", .new_func = patched_trigger },
	{ .old_name = "cmdline_proc_show", .new_func = patched_cmdline },
};

/* The empty entries are the ends of the lists. */
static struct klp_func funcs[2];
static struct klp_object objects[] = { { .funcs = funcs }, { } };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init live_patch_init(void)
{
	unsigned int i;

	for (i = 0; function && i < ARRAY_SIZE(functions); i++)
		if (!strcmp(functions[i].old_name, function))
			funcs[0] = functions[i];
	if (!funcs[0].old_name) {
		pr_err("load with function=arch_trigger_cpumask_backtrace or function=cmdline_proc_show\n");
		return -EINVAL;
	}
	return klp_enable_patch(&patch);
}

static void __exit live_patch_exit(void)
{
}

module_init(live_patch_init);
module_exit(live_patch_exit);

MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Test module that is a live patch of one function");
MODULE_LICENSE("GPL");
