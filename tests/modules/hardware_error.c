// SPDX-License-Identifier: GPL-2.0
/*
 * hardware_error - test module that reports hardware errors as firmware does: it writes an error
 * record to the place that ACPI's HEST names, and sends the SDEI event that HEST names. The
 * kernel's own driver (GHES) handles the event. The machine has "-g" (lab/boot.sh).
 *
 * Invariant: no two records at a time. A record is written only after the kernel has taken the one
 * before, which the kernel says by clearing the block's status.
 *
 * Locks: hardware_error_mutex over a write to "raise". Contexts: task.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/acpi.h>
#include <linux/arm-smccc.h>
#include <linux/cpu.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>

/* OTHER_DISPATCH of lab/firmware/faults.c */
#define HARDWARE_ERROR_DISPATCH	0xc200ff02UL
#define HARDWARE_ERROR_MOST	100000

/* No section type of UEFI's: the kernel traces such records as "non-standard". */
static const guid_t section_type = GUID_INIT(0x5de15de1, 0x0000, 0x4000, 0x80, 0x00, 0x5d, 0xe1,
					     0x5d, 0xe1, 0x5d, 0xe1);

struct record {
	struct acpi_hest_generic_status status;
	struct acpi_hest_generic_data data;
	u64 number;	/* the kernel skips a record that equals one of the last 10 s */
} __packed;

static DEFINE_MUTEX(hardware_error_mutex);
static struct record *block;
static u64 number;
static unsigned int count, severity, not_taken;

static void write_record(void)
{
	memset(block, 0, sizeof(*block));
	block->status.data_length = sizeof(block->data) + sizeof(block->number);
	block->status.error_severity = severity;
	memcpy(block->data.section_type, &section_type, sizeof(block->data.section_type));
	block->data.error_severity = severity;
	block->data.revision = 0x201;
	block->data.error_data_length = sizeof(block->number);
	block->number = ++number;
	block->status.block_status = 1 << 4 | (severity == ACPI_HEST_GEN_ERROR_CORRECTED ?
		ACPI_HEST_CORRECTABLE : ACPI_HEST_UNCORRECTABLE);
	wmb();	/* the handler may run on this CPU only, but with another mapping */
}

static long raise_here(void *unused)
{
	struct arm_smccc_res res;
	unsigned int i;
	long err = 0;

	for (i = 0; i < count && !err; i++) {
		write_record();
		arm_smccc_smc(HARDWARE_ERROR_DISPATCH, 0, 0, 0, 0, 0, 0, 0, &res);
		if (res.a0)
			err = -EOPNOTSUPP;
		else if (READ_ONCE(block->status.block_status))
			not_taken++;
		cond_resched();
	}
	return err;
}

static int raise_on(unsigned int cpu)
{
	int err = work_on_cpu(cpu, raise_here, NULL);

	if (err)
		pr_err("the event was not sent (%d); boot lab/boot.sh -u -g -f tfa-faulty\n", err);
	return err;
}

static int raise_set(const char *val, const struct kernel_param *kp)
{
	char how[16];
	unsigned int cpu;
	int err;

	if (sscanf(val, "%u %u %15s", &cpu, &count, how) != 3 || count > HARDWARE_ERROR_MOST)
		return -EINVAL;
	if (!strcmp(how, "corrected"))
		severity = ACPI_HEST_GEN_ERROR_CORRECTED;
	else if (!strcmp(how, "fatal"))
		severity = ACPI_HEST_GEN_ERROR_FATAL;
	else
		return -EINVAL;
	mutex_lock(&hardware_error_mutex);
	cpus_read_lock();
	not_taken = 0;
	err = cpu < nr_cpu_ids && cpu_online(cpu) ? raise_on(cpu) : -ENXIO;
	cpus_read_unlock();
	if (!err && not_taken) {
		pr_err("the kernel did not take %u of %u records\n", not_taken, count);
		err = -EIO;
	}
	mutex_unlock(&hardware_error_mutex);
	return err;
}

static const struct kernel_param_ops raise_ops = { .set = raise_set };

module_param_cb(raise, &raise_ops, NULL, 0200);
MODULE_PARM_DESC(raise, "Write 'CPU COUNT corrected|fatal' to report so many errors on that CPU; returns when the kernel has taken all");

static int map_block(const struct acpi_hest_generic_v2 *source)
{
	u64 *place = memremap(source->error_status_address.address, sizeof(*place), MEMREMAP_WB);

	if (!place)
		return -ENOMEM;
	block = memremap(*place, sizeof(*block), MEMREMAP_WB);
	memunmap(place);
	return block ? 0 : -ENOMEM;
}

static int __init hardware_error_init(void)
{
	const struct acpi_hest_generic_v2 *source;
	struct acpi_table_header *table;
	int err = -ENODEV;

	if (acpi_disabled || ACPI_FAILURE(acpi_get_table(ACPI_SIG_HEST, 0, &table)))
		return err;
	source = (void *)((struct acpi_table_hest *)table + 1);
	if (source->header.type == ACPI_HEST_TYPE_GENERIC_ERROR_V2 &&
	    source->notify.type == ACPI_HEST_NOTIFY_SOFTWARE_DELEGATED)
		err = map_block(source);
	acpi_put_table(table);
	number = ktime_get_ns();	/* no number of an earlier load comes again */
	return err;
}

static void __exit hardware_error_exit(void)
{
	memunmap(block);
}

module_init(hardware_error_init);
module_exit(hardware_error_exit);
MODULE_DESCRIPTION("Test module that reports hardware errors by an SDEI event, as ACPI's GHES expects them");
MODULE_LICENSE("GPL");
