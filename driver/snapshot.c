// SPDX-License-Identifier: GPL-2.0
/*
 * Where all CPUs are, for somebody who reads it at leisure: the records are copied into memory of
 * the reader's own at once. Records and request are others than those of the kernel's reports, so
 * a snapshot that is under way turns none of them away.
 *
 * Snapshots are taken one after the other. How many there can be at a time is limited, and with it
 * the memory.
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
	.timers = true,
};

static DEFINE_MUTEX(snapshot_lock);
static atomic_t snapshots = ATOMIC_INIT(0);

static void notrace serve_snapshot_request(struct pt_regs *regs)
{
	sdei_nmi_collect_answer(&snapshot_collection, regs);
}

NOKPROBE_SYMBOL(serve_snapshot_request);

static void fill_snapshot(struct sdei_nmi_snapshot *s)
{
	struct cpumask *asked = &snapshot_collection.asked;
	unsigned int cpu;

	s->this_cpu = get_cpu();
	s->taken_at = counter_now();
	s->taken_ns = ktime_get_mono_fast_ns();	/* waits for nobody */
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
 * sdei_nmi_snapshot_take() - ask all online CPUs where they are
 *
 * Context: task; sleeps. Takes at most 1 s, and as much for each other who is at it.
 * Return: the snapshot; -ENFILE if there are too many, -ERESTARTSYS if a signal came before it was
 * the caller's turn, -ENOMEM.
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
 * sdei_nmi_snapshot_free() - it was read
 * @s: of sdei_nmi_snapshot_take()
 *
 * Context: task; may sleep.
 */
void sdei_nmi_snapshot_free(struct sdei_nmi_snapshot *s)
{
	kvfree(s);
	atomic_dec(&snapshots);
}

/**
 * sdei_nmi_snapshot_init() - make ready to take snapshots
 *
 * Context: task, at load; sleeps. Return: 0, or -ENOMEM, which one line of log tells.
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
 * sdei_nmi_snapshot_exit() - give the memory back
 *
 * Context: task; sleeps. Nobody asks any more, and event 0 is given back.
 */
void sdei_nmi_snapshot_exit(void)
{
	sdei_nmi_collect_exit(&snapshot_collection);
	free_percpu(snapshot_collection.records);
	free_percpu(snapshot_collection.inquiries);
}
