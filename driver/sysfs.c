// SPDX-License-Identifier: GPL-2.0
/*
 * The files for scripts: docs/abi/sysfs-kernel-sdei_nmi. One value per file, readable by all
 * users, without addresses.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/kobject.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "firmware.h"
#include "lockup.h"
#include "quirks.h"
#include "reach.h"
#include "stats.h"
#include "sysfs.h"

static struct kobject *sysfs_folder;

static ssize_t state_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "%s\n", sdei_nmi_reach_service());
}

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "%llu.%llu\n", sdei_nmi_fw_identity() >> 48 & 0x7fff,
			  sdei_nmi_fw_identity() >> 32 & 0xffff);
}

static ssize_t vendor_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "0x%x\n", lower_32_bits(sdei_nmi_fw_identity()));
}

static ssize_t conduit_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "%s\n", sdei_nmi_fw_conduit());
}

static ssize_t priority_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "%s\n", sdei_nmi_quirks_priority());
}

static ssize_t quirks_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	char text[64];

	sdei_nmi_quirks_text(text, sizeof(text));
	return sysfs_emit(page, "%s\n", text);
}

/*
 * A list of CPUs can be longer than a page, which is the most that an ordinary file can show. The
 * kernel's cpumap_print_list_to_buf() ends the file early for a program that reads single bytes,
 * as shells do.
 */
static ssize_t read_cpus(struct file *file, struct kobject *kobj, SDEI_NMI_BIN_ATTRIBUTE *attr,
			 char *buffer, loff_t pos, size_t count)
{
	enum sdei_nmi_reach_state state = (unsigned long)attr->private;
	ssize_t length = -ENOMEM;
	cpumask_var_t cpus;
	unsigned int cpu;
	char *text;

	if (!zalloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		if (sdei_nmi_reach_of(cpu) == state)
			cpumask_set_cpu(cpu, cpus);
	text = kasprintf(GFP_KERNEL, "%*pbl\n", cpumask_pr_args(cpus));
	free_cpumask_var(cpus);
	if (text)
		length = memory_read_from_buffer(buffer, count, &pos, text, strlen(text));
	kfree(text);
	return length;
}

#define CPUS(file, state) {							\
	.attr = { .name = file, .mode = 0444 },					\
	.private = (void *)(unsigned long)(state),				\
	.read = read_cpus,							\
}

static const struct bin_attribute cpus_attrs[] = {
	CPUS("cpus_reachable", SDEI_NMI_REACH_UP),
	CPUS("cpus_idle", SDEI_NMI_REACH_IDLE),
	CPUS("cpus_down", SDEI_NMI_REACH_DOWN),
};

static ssize_t lockup_detector_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "%s\n", sdei_nmi_lockup_detector());
}

static ssize_t kernel_detector_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "%s\n", sdei_nmi_lockup_kernel_detector());
}

static struct kobj_attribute state_attr = __ATTR_RO(state);
static struct kobj_attribute version_attr = __ATTR_RO(version);
static struct kobj_attribute vendor_attr = __ATTR_RO(vendor);
static struct kobj_attribute conduit_attr = __ATTR_RO(conduit);
static struct kobj_attribute priority_attr = __ATTR_RO(priority);
static struct kobj_attribute quirks_attr = __ATTR_RO(quirks);
static struct kobj_attribute lockup_detector_attr = __ATTR_RO(lockup_detector);
static struct kobj_attribute kernel_detector_attr = __ATTR_RO(kernel_detector);

static struct attribute *own_attrs[] = {
	&state_attr.attr,
	&version_attr.attr,
	&vendor_attr.attr,
	&conduit_attr.attr,
	&priority_attr.attr,
	&quirks_attr.attr,
	&lockup_detector_attr.attr,
	&kernel_detector_attr.attr,
	NULL
};

static struct kobj_attribute counters[SDEI_NMI_STATS];

static ssize_t counter_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	return sysfs_emit(page, "%lu\n", sdei_nmi_stats_sum(attr - counters));
}

#define COUNTER(file)	__ATTR(file, 0444, counter_show, NULL)

/* What an alert or a graph needs, because these files stay for good. debugfs.c has the others. */
static struct kobj_attribute counters[SDEI_NMI_STATS] = {
	[SDEI_NMI_STAT_SIGNALS_SENT] = COUNTER(signals_sent),
	[SDEI_NMI_STAT_SIGNALS_HELD_OFF] = COUNTER(signals_held_off),
	[SDEI_NMI_STAT_REFUSED_NOT_SUPPORTED] = COUNTER(signals_refused_not_supported),
	[SDEI_NMI_STAT_REFUSED_INVALID_PARAMETERS] = COUNTER(signals_refused_invalid_parameters),
	[SDEI_NMI_STAT_REFUSED_DENIED] = COUNTER(signals_refused_denied),
	[SDEI_NMI_STAT_REFUSED_PENDING] = COUNTER(signals_refused_pending),
	[SDEI_NMI_STAT_REFUSED_OUT_OF_RESOURCE] = COUNTER(signals_refused_out_of_resource),
	[SDEI_NMI_STAT_REFUSED_UNKNOWN] = COUNTER(signals_refused_unknown),
	[SDEI_NMI_STAT_DELIVERIES] = COUNTER(deliveries),
	[SDEI_NMI_STAT_IPI_FALLBACKS] = COUNTER(ipi_fallbacks),
	[SDEI_NMI_STAT_LATE_ANSWERS] = COUNTER(late_answers),
	[SDEI_NMI_STAT_REQUESTS] = COUNTER(requests),
	[SDEI_NMI_STAT_CPUS_NAMED] = COUNTER(cpus_named),
	[SDEI_NMI_STAT_LOCKUPS] = COUNTER(lockups),
	[SDEI_NMI_STAT_IRQS_OFF] = COUNTER(irqs_off),
	[SDEI_NMI_STAT_IRQS_OFF_NS] = COUNTER(irqs_off_ns),
	[SDEI_NMI_STAT_IRQS_OFF_DROPPED] = COUNTER(irqs_off_dropped),
	[SDEI_NMI_STAT_IRQS_OFF_LE_1MS] = COUNTER(irqs_off_le_1ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_2MS] = COUNTER(irqs_off_le_2ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_5MS] = COUNTER(irqs_off_le_5ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_10MS] = COUNTER(irqs_off_le_10ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_20MS] = COUNTER(irqs_off_le_20ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_50MS] = COUNTER(irqs_off_le_50ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_100MS] = COUNTER(irqs_off_le_100ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_200MS] = COUNTER(irqs_off_le_200ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_500MS] = COUNTER(irqs_off_le_500ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_1000MS] = COUNTER(irqs_off_le_1000ms),
	[SDEI_NMI_STAT_IRQS_OFF_LE_10000MS] = COUNTER(irqs_off_le_10000ms),
	[SDEI_NMI_STAT_SAMPLES] = COUNTER(samples),
	[SDEI_NMI_STAT_SAMPLES_MISSED] = COUNTER(samples_missed),
};

static struct attribute *counter_attrs[SDEI_NMI_STATS + 1];	/* NULL at the end */

static const struct attribute_group own_group = { .attrs = own_attrs };
static const struct attribute_group counter_group = { .name = "counters", .attrs = counter_attrs };

/**
 * sdei_nmi_sysfs_init() - create the files
 *
 * Context: task, at load; sleeps. Return: 0, or the errno after one log line.
 */
int __init sdei_nmi_sysfs_init(void)
{
	unsigned int i, n = 0;
	int err = -ENOMEM;

	for (i = 0; i < SDEI_NMI_STATS; i++)
		if (counters[i].show)
			counter_attrs[n++] = &counters[i].attr;
	sysfs_folder = kobject_create_and_add(KBUILD_MODNAME, kernel_kobj);
	if (!sysfs_folder)
		goto fail;
	err = sysfs_create_group(sysfs_folder, &own_group);
	if (!err)
		err = sysfs_create_group(sysfs_folder, &counter_group);
	for (i = 0; !err && i < ARRAY_SIZE(cpus_attrs); i++)
		err = sysfs_create_bin_file(sysfs_folder, &cpus_attrs[i]);
	if (!err)
		return 0;
	kobject_put(sysfs_folder);
fail:
	pr_err("creating the sysfs files failed with %d; nothing was changed\n", err);
	return err;
}

/**
 * sdei_nmi_sysfs_exit() - remove the files and wait for readers
 *
 * Context: task; sleeps.
 */
void sdei_nmi_sysfs_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cpus_attrs); i++)
		sysfs_remove_bin_file(sysfs_folder, &cpus_attrs[i]);
	sysfs_remove_group(sysfs_folder, &counter_group);
	sysfs_remove_group(sysfs_folder, &own_group);
	kobject_put(sysfs_folder);
}
