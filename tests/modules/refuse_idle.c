// SPDX-License-Identifier: GPL-2.0
/*
 * refuse_idle - test module that refuses every second deep idle state.
 *
 * The CPU_PM notifier runs after the SDEI core's, so at a refusal the core has masked SDEI already
 * and unmasks it again. "refused" says how often that happened.
 *
 * Contexts: load and unload in task context; refuse() with interrupts off, on the way into idle.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpu_pm.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>

static atomic_t entries = ATOMIC_INIT(0);
static unsigned int refused;
module_param(refused, uint, 0444);
MODULE_PARM_DESC(refused, "How many idle states were refused");

static int refuse(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action != CPU_PM_ENTER || atomic_inc_return(&entries) % 2)
		return NOTIFY_OK;
	WRITE_ONCE(refused, refused + 1);
	return NOTIFY_BAD;
}

static struct notifier_block refuse_nb = { .notifier_call = refuse, .priority = INT_MIN + 1 };

static int __init refuse_idle_init(void)
{
	return cpu_pm_register_notifier(&refuse_nb);
}

module_init(refuse_idle_init);

static void __exit refuse_idle_exit(void)
{
	cpu_pm_unregister_notifier(&refuse_nb);
}

module_exit(refuse_idle_exit);

MODULE_DESCRIPTION("Refuses every second deep idle state (for tests only)");
MODULE_AUTHOR("The sdei-nmi project");
MODULE_LICENSE("GPL");
