// SPDX-License-Identifier: GPL-2.0
/* oops_going_on - test module: while it is loaded, the kernel counts an oops that is printed. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>

static int __init oops_going_on_init(void)
{
	oops_in_progress++;
	return 0;
}

static void __exit oops_going_on_exit(void)
{
	oops_in_progress--;
}

module_init(oops_going_on_init);
module_exit(oops_going_on_exit);

MODULE_DESCRIPTION("Test module that lets an oops be in progress");
MODULE_LICENSE("GPL");
