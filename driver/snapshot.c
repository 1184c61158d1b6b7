// SPDX-License-Identifier: GPL-2.0
/*
 * Takes snapshots of all CPUs. Each snapshot is copied at once into its own memory, so a reader may
 * take any time to read it. Snapshots have a request bit and records of their own, so a running
 * snapshot does not make the kernel's reports fail.
 *
 * Snapshots are taken one after the other. The number of snapshots in memory is limited.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "capture.h"
#include "collect.h"
#include "deadline.h"
#include "event.h"
#include "snapshot.h"
#include "stats.h"

#define SNAPSHOTS	16	/* at a time */

static struct sdei_nmi_collection snapshot_collection = {
	.request = SDEI_NMI_REQUEST_SNAPSHOT,
	.flags = SDEI_NMI_CAPTURE_TIMER,
};

static DEFINE_MUTEX(snapshot_lock);
static atomic_t snapshots = ATOMIC_INIT(0);

static void notrace serve_snapshot_request(struct pt_regs *regs)
{
	sdei_nmi_collect_answer(&snapshot_collection, regs, true);
}

NOKPROBE_SYMBOL(serve_snapshot_request);

static void fill_snapshot(struct sdei_nmi_snapshot *s)
{
	struct cpumask *asked = &snapshot_collection.asked;
	unsigned int cpu;

	s->this_cpu = get_cpu();
	s->taken_at = counter_now();
	s->taken_ns = ktime_get_mono_fast_ns();	/* never waits */
	cpumask_copy(&s->online, cpu_online_mask);
	cpumask_copy(asked, &s->online);
	sdei_nmi_collect_own(&snapshot_collection, s->this_cpu);
	put_cpu();
	sdei_nmi_collect(&snapshot_collection, true);

	cpumask_copy(&s->answered, &snapshot_collection.answered);
	for_each_cpu(cpu, &s->online) {
		struct sdei_nmi_record *b = per_cpu_ptr(snapshot_collection.records, cpu);

		if (!cpumask_test_cpu(cpu, &s->answered)) {
			sdei_nmi_collect_why(&snapshot_collection, cpu, s->cpus[cpu].why);
			continue;
		}
		memcpy(&s->cpus[cpu].record, b, sizeof(*b));
		capture_done(&b->state);
	}
}

/**
 * sdei_nmi_snapshot_take() - take a snapshot of all online CPUs
 *
 * Context: task; sleeps. Takes 1 s at most, and 1 s for each other caller before this one.
 * Return: the snapshot; -ENFILE if there are too many; -ERESTARTSYS if a signal came while the
 * caller waited for the others; -ENOMEM.
 */
struct sdei_nmi_snapshot *sdei_nmi_snapshot_take(void)
{
	struct sdei_nmi_snapshot *s;

	if (atomic_inc_return(&snapshots) > SNAPSHOTS) {
		atomic_dec(&snapshots);
		return ERR_PTR(-ENFILE);
	}
	s = kvzalloc(struct_size(s, cpus, nr_cpu_ids), GFP_KERNEL);
	if (!s) {
		atomic_dec(&snapshots);
		return ERR_PTR(-ENOMEM);
	}
	if (mutex_lock_interruptible(&snapshot_lock)) {
		sdei_nmi_snapshot_free(s);
		return ERR_PTR(-ERESTARTSYS);
	}
	sdei_nmi_stats_inc(SDEI_NMI_STAT_SNAPSHOTS);
	fill_snapshot(s);
	mutex_unlock(&snapshot_lock);
	return s;
}

/**
 * sdei_nmi_snapshot_free() - free a snapshot
 * @s: returned by sdei_nmi_snapshot_take()
 *
 * Context: task; may sleep.
 */
void sdei_nmi_snapshot_free(struct sdei_nmi_snapshot *s)
{
	kvfree(s);
	atomic_dec(&snapshots);
}

/**
 * sdei_nmi_snapshot_init() - allocate the records and serve snapshot requests
 *
 * Context: task, at load; sleeps. Return: 0, or -ENOMEM after one log line.
 */
int __init sdei_nmi_snapshot_init(void)
{
	snapshot_collection.records = alloc_percpu(struct sdei_nmi_record);
	snapshot_collection.inquiries = alloc_percpu(struct sdei_nmi_inquiry);
	if (!snapshot_collection.records || !snapshot_collection.inquiries) {
		pr_err("allocating a record for each CPU failed; nothing was changed\n");
		free_percpu(snapshot_collection.records);
		free_percpu(snapshot_collection.inquiries);
		return -ENOMEM;
	}
	sdei_nmi_collect_init(&snapshot_collection);
	sdei_nmi_event_serve(SDEI_NMI_REQUEST_SNAPSHOT, serve_snapshot_request);
	return 0;
}

/**
 * sdei_nmi_snapshot_exit() - free the records
 *
 * Context: task; sleeps. No snapshot can start, and event 0 is unregistered.
 */
void sdei_nmi_snapshot_exit(void)
{
	sdei_nmi_collect_exit(&snapshot_collection);
	free_percpu(snapshot_collection.records);
	free_percpu(snapshot_collection.inquiries);
}
