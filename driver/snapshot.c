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
#include "stats.h"
#include "deadline.h"
#include "event.h"
#include "snapshot.h"

#define SNAPSHOTS	16	/* at a time */

static struct collection collection = {
	.request = REQUEST_SNAPSHOT,
	.timers = true,
};

static DEFINE_MUTEX(taking);
static atomic_t snapshots = ATOMIC_INIT(0);

static void notrace serve(struct pt_regs *regs)
{
	collect_answer(&collection, regs);
}

NOKPROBE_SYMBOL(serve);

static void fill(struct snapshot *s)
{
	struct cpumask *asked = &collection.asked;
	unsigned int cpu;

	s->this_cpu = get_cpu();
	s->taken_at = counter_now();
	s->taken_ns = ktime_get_mono_fast_ns();	/* waits for nobody */
	cpumask_copy(&s->online, cpu_online_mask);
	cpumask_copy(asked, &s->online);
	collect_own(&collection, s->this_cpu);
	put_cpu();
	collect(&collection, true);

	cpumask_copy(&s->answered, &collection.answered);
	for_each_cpu(cpu, &s->online) {
		struct backtrace *b = per_cpu_ptr(collection.records, cpu);

		if (!cpumask_test_cpu(cpu, &s->answered)) {
			collect_why(&collection, cpu, s->cpus[cpu].why);
			continue;
		}
		memcpy(&s->cpus[cpu].record, b, sizeof(*b));
		capture_done(&b->state);
	}
}

/**
 * snapshot_take() - ask all online CPUs where they are
 *
 * Context: task; sleeps. Takes at most 1 s, and as much for each other who is at it.
 * Return: the snapshot; -ENFILE if there are too many, -ERESTARTSYS if a signal came before it was
 * the caller's turn, -ENOMEM.
 */
struct snapshot *snapshot_take(void)
{
	struct snapshot *s;

	if (atomic_inc_return(&snapshots) > SNAPSHOTS) {
		atomic_dec(&snapshots);
		return ERR_PTR(-ENFILE);
	}
	s = kvzalloc(struct_size(s, cpus, nr_cpu_ids), GFP_KERNEL);
	if (!s) {
		atomic_dec(&snapshots);
		return ERR_PTR(-ENOMEM);
	}
	if (mutex_lock_interruptible(&taking)) {
		snapshot_free(s);
		return ERR_PTR(-ERESTARTSYS);
	}
	count(COUNT_SNAPSHOTS);
	fill(s);
	mutex_unlock(&taking);
	return s;
}

/**
 * snapshot_free() - it was read
 * @s: of snapshot_take()
 *
 * Context: task; may sleep.
 */
void snapshot_free(struct snapshot *s)
{
	kvfree(s);
	atomic_dec(&snapshots);
}

/**
 * snapshot_init() - make ready to take snapshots
 *
 * Context: task, at load; sleeps. Return: 0, or -ENOMEM, which one line of log tells.
 */
int __init snapshot_init(void)
{
	collection.records = alloc_percpu(struct backtrace);
	collection.inquiries = alloc_percpu(struct inquiry);
	if (!collection.records || !collection.inquiries) {
		pr_err("getting memory for each CPU's record failed; nothing was changed\n");
		free_percpu(collection.records);
		free_percpu(collection.inquiries);
		return -ENOMEM;
	}
	collect_init(&collection);
	event_serve(REQUEST_SNAPSHOT, serve);
	return 0;
}

/**
 * snapshot_exit() - give the memory back
 *
 * Context: task; sleeps. Nobody asks any more, and event 0 is given back.
 */
void snapshot_exit(void)
{
	collect_exit(&collection);
	free_percpu(collection.records);
	free_percpu(collection.inquiries);
}
