// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/sdei_nmi_validate: write a command, read the reply. The suite owns event 0 while the device
 * is open; closing the device, also when its process is killed, gives event 0 back.
 *
 *	about		KEY <tab> VALUE a line: properties of the firmware and the CPUs
 *	list		NAME GRADE FLAGS SECONDS SECTION EXPECTED MEANS a line, separated by tabs
 *	destructive	allows destructive checks until the device is closed
 *	run NAME	KEY <tab> VALUE a line: result, came, note, lost
 *
 * sdei-nmi(8) uses this interface.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/cputype.h>
#include <uapi/linux/psci.h>

#include "kernel.h"
#include "kexec.h"
#include "page_fault.h"
#include "session.h"
#include "suite.h"

#define REPLY_SIZE	(48 * 1024)
#define COMMAND_SIZE	128

static DEFINE_MUTEX(lock);
static bool taken;
static bool destructive;
static char *reply;
static size_t reply_size;

static __printf(1, 2) void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reply_size += vscnprintf(reply + reply_size, REPLY_SIZE - reply_size, format, args);
	va_end(args);
}

static void say_about(void)
{
	u64 version = sdeiv_call0(SDEIV_FN_VERSION), psci = sdeiv_call0(PSCI_0_2_FN_PSCI_VERSION);
	u32 smccc = arm_smccc_get_version();

	say("sdei_version\t%llu.%llu\n", version >> 48 & 0x7fff, version >> 32 & 0xffff);
	say("sdei_vendor\t0x%llx\n", version & 0xffffffff);
	say("conduit\t%s\n", sdeiv_call_by_hvc() ? "hvc" : "smc");
	say("psci\t%llu.%llu\n", psci >> 16 & 0x7fff, psci & 0xffff);
	say("smccc\t%u.%u\n", smccc >> 16, smccc & 0xffff);
	say("gic\t%s\n", sdeiv_has_gic_registers() ? "system registers (GICv3 or later)"
						   : "the kernel uses no GIC system registers");
	say("kernel_runs_at\tEL%u\n", is_kernel_in_hyp_mode() ? 2 : 1);
	say("kernel_started_by\t%s\n",
	    sdeiv_kexec_started() ?: "firmware (kexec was not detected)");
	say("cpus\t%*pbl\n", cpumask_pr_args(sdeiv_pe_all()));
}

static const char *flag(const struct sdeiv_check *check)
{
	if (check->destructive)
		return "destructive";
	if (check->program)
		return "program";
	return check->applies && !check->applies() ? "conditional" : "-";
}

static void say_list(void)
{
	const struct sdeiv_check *check;
	unsigned int i;

	for (i = 0; (check = sdeiv_suite_check(i)); i++) {
		say("%s\t%s\t%s\t%u\t%s\t%s\t%s\n", check->name,
		    check->relied ? "relied" : "spec", flag(check),
		    sdeiv_check_seconds(check), check->section,
		    check->expected, check->means);
	}
}

static void say_lines(const char *key, char *lines)
{
	char *line;

	while ((line = strsep(&lines, "\n")))
		if (*line)
			say("%s\t%s\n", key, line);
}

static int run(const char *name)
{
	static const char * const words[] = {
		[SDEIV_PASS] = "pass", [SDEIV_FAIL] = "fail", [SDEIV_SKIP] = "skip",
	};
	const struct sdeiv_check *check = sdeiv_suite_find(name);
	static struct cpumask lost;
	static struct sdeiv_report r;
	enum sdeiv_result result;
	unsigned int cpu;
	cpumask_var_t was;

	if (!check)
		return -EINVAL;
	if (check->destructive && !destructive)
		return -EPERM;
	if (!alloc_cpumask_var(&was, GFP_KERNEL))
		return -ENOMEM;
	cpumask_copy(was, current->cpus_ptr);
	/* This task would not run on a lost CPU. */
	if (!sdeiv_pe_of(sdeiv_home)->lost)
		set_cpus_allowed_ptr(current, cpumask_of(sdeiv_home));
	result = sdeiv_suite_run(check, &r);
	set_cpus_allowed_ptr(current, was);
	free_cpumask_var(was);
	say("result\t%s\n", words[result]);
	say("came\t%s\n", r.came);
	say_lines("note", r.notes);
	cpumask_clear(&lost);
	for_each_cpu(cpu, sdeiv_pe_all())
		if (sdeiv_pe_of(cpu)->lost && !sdeiv_pe_of(cpu)->busy)
			cpumask_set_cpu(cpu, &lost);
	if (!cpumask_empty(&lost))
		say("lost\t%*pbl\n", cpumask_pr_args(&lost));
	return 0;
}

static int do_command(char *command)
{
	reply_size = 0;
	if (!strcmp(command, "about"))
		say_about();
	else if (!strcmp(command, "list"))
		say_list();
	else if (!strcmp(command, "destructive"))
		destructive = true;
	else if (str_has_prefix(command, "run "))
		return run(command + strlen("run "));
	else
		return -EINVAL;
	return 0;
}

static int device_open(struct inode *inode, struct file *file)
{
	int err;

	if (mutex_lock_interruptible(&lock))
		return -EINTR;
	err = -EBUSY;
	if (taken)
		goto out;
	err = -ENOMEM;
	reply = kzalloc(REPLY_SIZE, GFP_KERNEL);
	if (!reply)
		goto out;
	reply_size = 0;
	destructive = false;
	sdeiv_suite_reset();
	err = sdeiv_session_begin();
	if (err)
		kfree(reply);
	else
		taken = true;
out:
	mutex_unlock(&lock);
	return err;
}

static int device_release(struct inode *inode, struct file *file)
{
	mutex_lock(&lock);
	sdeiv_session_end();
	kfree(reply);
	taken = false;
	mutex_unlock(&lock);
	return 0;
}

static ssize_t device_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char command[COMMAND_SIZE];
	int err;

	if (!size || size >= sizeof(command))
		return -EINVAL;
	if (copy_from_user(command, from, size))
		return -EFAULT;
	command[size] = 0;
	if (command[size - 1] == '\n')
		command[size - 1] = 0;
	if (mutex_lock_interruptible(&lock))
		return -EINTR;
	sdeiv_device_file = file;
	err = do_command(command);
	sdeiv_device_file = NULL;
	mutex_unlock(&lock);
	*at = 0;	/* the reply is read from its beginning */
	return err ?: size;
}

static ssize_t device_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	ssize_t n;

	if (mutex_lock_interruptible(&lock))
		return -EINTR;
	n = simple_read_from_buffer(to, size, at, reply, reply_size);
	mutex_unlock(&lock);
	return n;
}

static const struct file_operations device_operations = {
	.owner		= THIS_MODULE,
	.open		= device_open,
	.release	= device_release,
	.write		= device_write,
	.read		= device_read,
	.mmap		= sdeiv_device_mmap,
	.llseek		= default_llseek,
};

static struct miscdevice device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "sdei_nmi_validate",
	.fops	= &device_operations,
	.mode	= 0600,
};

/* Built in, the log stays silent on the many machines without SDEI. */
#ifdef MODULE
#define missing_err	pr_err
#else
#define missing_err	pr_debug
#endif

static int __init validate_init(void)
{
	int err = sdeiv_kernel_addresses_init();

	if (!err)
		err = sdeiv_kernel_rate_init();
	if (err)
		return err;
	err = sdeiv_call_init();
	if (err) {
		missing_err("not starting: neither the device tree nor ACPI describes SDEI; the firmware lacks it, or its setup disables it\n");
		return err;
	}
	err = sdeiv_kernel_entry_init();
	if (err)
		return err;
	if (!sdeiv_kernel_core_runs()) {
		missing_err("not starting: the kernel's SDEI core does not run; the firmware refused it, or the kernel started at EL2 without VHE (see the 'sdei:' lines of the boot log)\n");
		return -EOPNOTSUPP;
	}
	return misc_register(&device);
}

static void __exit validate_exit(void)
{
	misc_deregister(&device);
}

module_init(validate_init);
module_exit(validate_exit);
MODULE_DESCRIPTION("Checks the firmware's implementation of SDEI event 0");
MODULE_LICENSE("GPL");
#ifdef SDEIV_VERSION
MODULE_VERSION(SDEIV_VERSION);
#endif
