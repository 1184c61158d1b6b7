// SPDX-License-Identifier: GPL-2.0
/*
 * psci_by_hvc - test module for a machine whose PSCI has another conduit than its SDEI. The lab has
 * no such machine: a kernel at EL2 cannot use HVC for either.
 *
 * Invariant: the next caller of arm_smccc_1_1_get_conduit(), which is the driver, learns that the
 * conduit is HVC. Later callers learn the truth. No HVC is executed, so a call by HVC has no
 * effect.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>

static atomic_t asked;

/* Both functions return here, at their entry, to the caller. */
static void return_now(struct pt_regs *regs)
{
	instruction_pointer_set(regs, procedure_link_pointer(regs));
}

static int tell_hvc(struct kprobe *probe, struct pt_regs *regs)
{
	if (atomic_inc_return(&asked) > 1)
		return 0;
	regs->regs[0] = SMCCC_CONDUIT_HVC;
	return_now(regs);
	return 1;
}

static int leave_out(struct kprobe *probe, struct pt_regs *regs)
{
	return_now(regs);
	return 1;
}

static struct kprobe probes[] = {
	{ .symbol_name = "arm_smccc_1_1_get_conduit", .pre_handler = tell_hvc },
	{ .symbol_name = "__arm_smccc_hvc", .pre_handler = leave_out },
};

static struct kprobe *all[] = { &probes[0], &probes[1] };

static int __init psci_by_hvc_init(void)
{
	return register_kprobes(all, ARRAY_SIZE(all));
}

static void __exit psci_by_hvc_exit(void)
{
	unregister_kprobes(all, ARRAY_SIZE(all));
}

module_init(psci_by_hvc_init);
module_exit(psci_by_hvc_exit);

MODULE_DESCRIPTION("Test module that tells the driver that PSCI is called by HVC");
MODULE_LICENSE("GPL");
