// SPDX-License-Identifier: GPL-2.0
/*
 * hide_trampoline - test module that keeps others from reading the pages where KPTI maps the
 * kernel's entry code.
 *
 * Invariant: while it is loaded, copy_from_kernel_nofault() fails for an address in these pages, as
 * it does if nothing is mapped there, and works for any other address. "hidden" counts such reads.
 * Any context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/ptrace.h>
#include <asm/fixmap.h>
#include <asm/vectors.h>

static unsigned int hidden;

module_param(hidden, uint, 0444);
MODULE_PARM_DESC(hidden, "Reads that failed");

/* At the function's entry, so x1 is the source, and the return address is in the link register. */
static int fail_read(struct kprobe *probe, struct pt_regs *regs)
{
	if (regs->regs[1] < TRAMP_VALIAS || regs->regs[1] >= TRAMP_VALIAS + 3 * PAGE_SIZE)
		return 0;
	hidden++;
	regs->regs[0] = -EFAULT;
	instruction_pointer_set(regs, procedure_link_pointer(regs));
	return 1;
}

static struct kprobe read_probe = {
	.symbol_name = "copy_from_kernel_nofault",
	.pre_handler = fail_read,
};

static int __init hide_trampoline_init(void)
{
	return register_kprobe(&read_probe);
}

static void __exit hide_trampoline_exit(void)
{
	unregister_kprobe(&read_probe);
}

module_init(hide_trampoline_init);
module_exit(hide_trampoline_exit);

MODULE_DESCRIPTION("Test module that hides the entry trampoline of KPTI");
MODULE_LICENSE("GPL");
