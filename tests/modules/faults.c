// SPDX-License-Identifier: GPL-2.0
/*
 * faults - test module that tells the firmware of lab/firmware/faults.c what to lie about.
 *
 * Invariant: loaded only where that firmware answers, which tells the truth again after unload.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/module.h>
#include <linux/string.h>

#define FAULT_ARM	0xc200ff01UL

static const char * const fault_names[] = { "none", "refuse", "drop", "hold", "slow" };

static int arm_fault(unsigned long fault)
{
	struct arm_smccc_res res;

	arm_smccc_smc(FAULT_ARM, fault, 0, 0, 0, 0, 0, 0, &res);
	return res.a0 ? -EOPNOTSUPP : 0;
}

static int faults_arm_set(const char *val, const struct kernel_param *kp)
{
	int fault = sysfs_match_string(fault_names, val);

	return fault < 0 ? fault : arm_fault(fault);
}

static const struct kernel_param_ops faults_arm_ops = { .set = faults_arm_set };

module_param_cb(arm, &faults_arm_ops, NULL, 0200);
MODULE_PARM_DESC(arm, "what to lie about from now on: none, refuse, drop, hold or slow");

static int __init faults_init(void)
{
	int err = arm_fault(0);

	if (err)
		pr_err("this firmware has no fault layer; boot lab/boot.sh -f tfa-faulty\n");
	return err;
}

static void __exit faults_exit(void)
{
	arm_fault(0);
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_DESCRIPTION("Chooses what the lab's faulty firmware lies about");
MODULE_LICENSE("GPL");
