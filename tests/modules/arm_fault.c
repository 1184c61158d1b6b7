// SPDX-License-Identifier: GPL-2.0
/*
 * arm_fault - test module that selects a fault of the firmware in lab/firmware/.
 *
 * Invariant: the module loads only on that firmware, and unloading it selects no fault.
 *
 * The firmware holds the one table of faults: it accepts a fault's name, and returns the name for a
 * number. Task context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#define FAULT_ARM	0xc200ff01UL	/* the name in x1 to x3, padded with zeros */
#define FAULT_NAME	0xc200ff05UL	/* x1 = number; returns the name there */

union fault_name {
	char		text[3 * sizeof(unsigned long) + 1];
	unsigned long	words[3];
};

static int arm_named(const char *text)
{
	union fault_name name = { };
	struct arm_smccc_res res;

	strscpy(name.text, text, sizeof(name.text));
	strim(name.text);
	arm_smccc_smc(FAULT_ARM, name.words[0], name.words[1], name.words[2], 0, 0, 0, 0, &res);
	return res.a0 ? -EINVAL : 0;
}

static int arm_fault_arm_set(const char *val, const struct kernel_param *kp)
{
	return arm_named(val);
}

static const struct kernel_param_ops arm_fault_arm_ops = { .set = arm_fault_arm_set };

module_param_cb(arm, &arm_fault_arm_ops, NULL, 0200);
MODULE_PARM_DESC(arm, "The fault to apply from now on, one of the names; 'none' applies no fault");

static int arm_fault_names_get(char *buffer, const struct kernel_param *kp)
{
	union fault_name name = { };
	struct arm_smccc_res res;
	unsigned int i;
	int n = 0;

	for (i = 0;; i++) {
		arm_smccc_smc(FAULT_NAME, i, 0, 0, 0, 0, 0, 0, &res);
		if (res.a0)
			return n;
		name.words[0] = res.a1;
		name.words[1] = res.a2;
		name.words[2] = res.a3;
		n += sysfs_emit_at(buffer, n, "%s\n", name.text);
	}
}

static const struct kernel_param_ops arm_fault_names_ops = { .get = arm_fault_names_get };

module_param_cb(names, &arm_fault_names_ops, NULL, 0400);
MODULE_PARM_DESC(names, "Reads the faults that this firmware knows; lab/firmware/faults.h describes them");

static int __init arm_fault_init(void)
{
	if (!arm_named("none"))
		return 0;
	pr_err("this firmware has no fault layer; boot lab/boot.sh -f tfa-faulty\n");
	return -EOPNOTSUPP;
}

static void __exit arm_fault_exit(void)
{
	arm_named("none");
}

module_init(arm_fault_init);
module_exit(arm_fault_exit);
MODULE_DESCRIPTION("Test module that selects a fault of the lab's faulty firmware");
MODULE_LICENSE("GPL");
