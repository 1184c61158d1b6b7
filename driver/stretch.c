// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the stretches of time in which CPUs had interrupts off: the sums of each site, and a ring
 * of the latest stretches with their stacks. A site is a function. Functions that only pass time,
 * such as a delay, are not sites: their caller is.
 *
 * The memory is allocated when the parameter "watch" is first set, and freed at unload. Each time
 * "watch" is switched on, the sums and the ring start anew.
 *
 * A site whose stretches come in a flood writes few of them to the ring, so that it does not push
 * out the others. Every stretch is in the sums.
 *
 * A module may be unloaded, and another one loaded to the same addresses, before somebody reads the
 * record. So a site keeps its name, and addresses of a stack lose their name when their module
 * goes. An answer from code that is gone when a watcher takes the answer has no name.
 *
 * stretch_lock is held for short times, with interrupts off, by watchers and readers.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "deadline.h"
#include "stats.h"
#include "stretch.h"
#include "symbols.h"
#include "trace.h"

#define RING		256
#define SITE_OTHER	(SDEI_NMI_STRETCH_SITES - 1)	/* of all functions without a site */
#define ENTRIES_SITE	8		/* that a site writes to the ring in a second */
#define CALLERS_LOOKED	4		/* frames in which a site is looked for */

struct stretches {
	struct sdei_nmi_stretch ring[RING];
	struct sdei_nmi_stretch_site sites[SDEI_NMI_STRETCH_SITES];
};

static DEFINE_RAW_SPINLOCK(stretch_lock);
static struct stretches *stretches;	/* set once */
static u64 stretches_written;		/* entries; the newest entry has this number */
static u64 stretches_started;

/* The upper bounds of the histogram, in ms. The counters of stats.h have the same order. */
static const u64 bounds_ms[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000 };

static_assert(SDEI_NMI_STAT_IRQS_OFF_LE_1MS + ARRAY_SIZE(bounds_ms) - 1 ==
	      SDEI_NMI_STAT_IRQS_OFF_LE_10000MS);

static bool only_passes_time(unsigned long pc)
{
	static const char * const names[] = {
		"__delay", "__udelay", "__ndelay", "__const_udelay",
		"queued_spin_lock_slowpath", "_raw_spin_lock", "_raw_spin_lock_irqsave",
		"_raw_spin_lock_irq", "_raw_spin_lock_bh",
	};
	char name[KSYM_SYMBOL_LEN];
	unsigned int i;

	snprintf(name, sizeof(name), "%ps", (void *)pc);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static unsigned long function_of(unsigned long pc)
{
	unsigned long size, offset;

	if (!SDEI_NMI_KERNEL(kallsyms_lookup_size_offset)(pc, &size, &offset))
		return pc;
	return pc - offset;
}

static unsigned long site_of(const struct sdei_nmi_record *b)
{
	unsigned int i;

	if (!b->depth)
		return 0;
	for (i = 0; i + 1 < b->depth && i < CALLERS_LOOKED; i++)
		if (!only_passes_time(b->pc[i]))
			break;
	return function_of(b->pc[i]);
}

/* For an address outside all functions %ps prints a number. */
static void name_function(unsigned long function, char *name)
{
	char symbol[KSYM_SYMBOL_LEN];

	snprintf(symbol, sizeof(symbol), "%ps", (void *)function);
	strscpy(name, !function || strstarts(symbol, "0x") ? "?" : symbol, SDEI_NMI_STRETCH_NAME);
}

static unsigned int site_index(unsigned long function, const char *name)
{
	struct sdei_nmi_stretch_site *site;
	unsigned int i;

	for (i = 0; function && i < SITE_OTHER; i++) {
		site = &stretches->sites[i];
		if (!site->function) {
			site->function = function;
			strscpy(site->name, name, sizeof(site->name));
		}
		if (site->function == function && !strcmp(site->name, name))
			return i;
	}
	strscpy(stretches->sites[SITE_OTHER].name, "?", SDEI_NMI_STRETCH_NAME);
	return SITE_OTHER;
}

static void write_entry(struct sdei_nmi_stretch_handle *handle, const char *name,
			const struct sdei_nmi_record *b)
{
	struct sdei_nmi_stretch *entry;

	handle->number = ++stretches_written;
	entry = &stretches->ring[handle->number % RING];
	entry->number = handle->number;
	entry->cpu = handle->cpu;
	strscpy(entry->site, name, sizeof(entry->site));
	entry->unnamed = 0;
	entry->since = handle->since;
	entry->seen = handle->seen;
	entry->total = 0;
	memcpy(&entry->record, b, sizeof(*b));
}

/**
 * sdei_nmi_stretch_catch() - a CPU has interrupts off
 * @handle: of the stretch; filled in
 * @cpu: the CPU
 * @record: its answer; the caller owns it
 * @since: the latest moment at which it may have begun, CLOCK_MONOTONIC in ns
 * @seen: when event 0 found it, CLOCK_MONOTONIC in ns
 *
 * Context: hard IRQ, interrupts off. Takes stretch_lock. sdei_nmi_stretch_start() has succeeded.
 */
void sdei_nmi_stretch_catch(struct sdei_nmi_stretch_handle *handle, unsigned int cpu,
			    const struct sdei_nmi_record *record, u64 since, u64 seen)
{
	unsigned long function = site_of(record), flags;
	u64 second = seen / NSEC_PER_SEC;
	struct sdei_nmi_stretch_site *site;
	char name[SDEI_NMI_STRETCH_NAME];

	name_function(function, name);
	/* Each address of code that has gone would be a site of its own. */
	if (!strcmp(name, "?"))
		function = 0;
	handle->caught = true;
	handle->number = 0;
	handle->cpu = cpu;
	handle->pc = record->regs.pc;
	handle->pid = record->pid;
	memcpy(handle->comm, record->comm, sizeof(handle->comm));
	handle->since = since;
	handle->seen = seen;
	raw_spin_lock_irqsave(&stretch_lock, flags);
	handle->site = site_index(function, name);
	site = &stretches->sites[handle->site];
	if (site->second != second) {
		site->second = second;
		site->entries = 0;
	}
	if (site->entries++ < ENTRIES_SITE)
		write_entry(handle, name, record);
	raw_spin_unlock_irqrestore(&stretch_lock, flags);
	if (!handle->number)
		sdei_nmi_stats_inc(SDEI_NMI_STAT_IRQS_OFF_DROPPED);
}

static void count_stretch(u64 total)
{
	unsigned int i;

	sdei_nmi_stats_inc(SDEI_NMI_STAT_IRQS_OFF);
	sdei_nmi_stats_add(SDEI_NMI_STAT_IRQS_OFF_NS, total);
	for (i = 0; i < ARRAY_SIZE(bounds_ms); i++)
		if (total <= bounds_ms[i] * NSEC_PER_MSEC)
			sdei_nmi_stats_inc(SDEI_NMI_STAT_IRQS_OFF_LE_1MS + i);
}

/**
 * sdei_nmi_stretch_end() - a CPU takes interrupts again
 * @handle: of the stretch
 * @now: CLOCK_MONOTONIC in ns
 *
 * Context: any but SDEI. Takes stretch_lock.
 */
void sdei_nmi_stretch_end(struct sdei_nmi_stretch_handle *handle, u64 now)
{
	u64 total = max(now, handle->seen) - handle->since;
	struct sdei_nmi_stretch_site *site;
	struct sdei_nmi_stretch *entry;
	unsigned long flags;

	handle->caught = false;
	/* "watch" was switched off and on meanwhile. Nobody knows when this stretch ended. */
	if (handle->since < READ_ONCE(stretches_started))
		return;
	count_stretch(total);
	raw_spin_lock_irqsave(&stretch_lock, flags);
	site = &stretches->sites[handle->site];
	site->count++;
	site->total += total;
	site->worst = max(site->worst, total);
	site->cpu = handle->cpu;
	site->pid = handle->pid;
	memcpy(site->comm, handle->comm, sizeof(site->comm));
	entry = &stretches->ring[handle->number % RING];
	if (handle->number && entry->number == handle->number)
		entry->total = total;
	raw_spin_unlock_irqrestore(&stretch_lock, flags);
	trace_irqs_off(handle->cpu, handle->pc, handle->pid, handle->comm, handle->since,
		       handle->seen - handle->since, total);
}

static_assert(SDEI_NMI_RECORD_DEPTH <= 64, "a bit of @unnamed for each address");

#ifdef CONFIG_MODULES
/* The code of a module's initialisation goes when it has run. */
static int forget_names(struct notifier_block *block, unsigned long state, void *data)
{
	const struct module *module = data;
	struct sdei_nmi_stretch *entry;
	unsigned int i, address;
	unsigned long flags, pc;

	if (!READ_ONCE(stretches) || (state != MODULE_STATE_LIVE && state != MODULE_STATE_GOING))
		return NOTIFY_DONE;
	for (i = 0; i < RING; i++) {
		entry = &stretches->ring[i];
		raw_spin_lock_irqsave(&stretch_lock, flags);
		for (address = 0; entry->number && address < entry->record.depth; address++) {
			pc = entry->record.pc[address];
			if (within_module_init(pc, module) ||
			    (state == MODULE_STATE_GOING && within_module(pc, module)))
				entry->unnamed |= BIT_ULL(address);
		}
		raw_spin_unlock_irqrestore(&stretch_lock, flags);
	}
	return NOTIFY_DONE;
}

static struct notifier_block module_block = { .notifier_call = forget_names };

/**
 * sdei_nmi_stretch_init() - follow the modules that come and go
 *
 * A caller must not hold a lock inside which modules are loaded, such as the CPU hotplug lock.
 *
 * Context: task, at load; sleeps.
 */
void __init sdei_nmi_stretch_init(void)
{
	register_module_notifier(&module_block);
}

static void leave_modules(void)
{
	unregister_module_notifier(&module_block);
}
#else
void __init sdei_nmi_stretch_init(void)
{
}

static void leave_modules(void)
{
}
#endif

/**
 * sdei_nmi_stretch_start() - begin anew: allocate the memory, or clear it
 *
 * Context: task; sleeps. Return: 0, or -ENOMEM.
 */
int sdei_nmi_stretch_start(void)
{
	struct stretches *new = NULL;
	unsigned long flags;

	if (!stretches) {
		new = kvzalloc_obj(*new);
		if (!new)
			return -ENOMEM;
	}
	raw_spin_lock_irqsave(&stretch_lock, flags);
	if (new)
		WRITE_ONCE(stretches, new);
	else
		memset(stretches->sites, 0, sizeof(stretches->sites));
	/* The numbers go on, so a handle of an earlier entry finds another number there. */
	stretches_started = ktime_get_mono_fast_ns();
	raw_spin_unlock_irqrestore(&stretch_lock, flags);
	return 0;
}

/**
 * sdei_nmi_stretch_free() - free the memory
 *
 * Context: task; sleeps. Nothing watches or reads any more.
 */
void sdei_nmi_stretch_free(void)
{
	leave_modules();
	kvfree(stretches);
}

/**
 * sdei_nmi_stretch_started_ns() - when the sums and the ring started
 *
 * Context: any. Return: CLOCK_MONOTONIC in ns; 0 if "watch" was never on.
 */
u64 sdei_nmi_stretch_started_ns(void)
{
	return READ_ONCE(stretches_started);
}

/**
 * sdei_nmi_stretch_site_get() - copy a site
 * @index: counts from 0
 * @site: gets the copy
 *
 * Context: task. Takes stretch_lock. Return: false if there is no site of this index.
 */
bool sdei_nmi_stretch_site_get(unsigned int index, struct sdei_nmi_stretch_site *site)
{
	unsigned long flags;

	if (index >= SDEI_NMI_STRETCH_SITES || !READ_ONCE(stretches))
		return false;
	raw_spin_lock_irqsave(&stretch_lock, flags);
	*site = stretches->sites[index];
	raw_spin_unlock_irqrestore(&stretch_lock, flags);
	return true;
}

/**
 * sdei_nmi_stretch_oldest() - the number of the oldest stretch in the ring
 *
 * Context: any. Return: the number; there may be no stretch of it.
 */
u64 sdei_nmi_stretch_oldest(void)
{
	u64 written = READ_ONCE(stretches_written);

	return written < RING ? 1 : written - RING + 1;
}

/**
 * sdei_nmi_stretch_get() - copy the first stretch of the ring from a number on
 * @number: the number
 * @stretch: gets the copy
 *
 * Context: task. Takes stretch_lock. Return: the number of the copy; 0 if there is none.
 */
u64 sdei_nmi_stretch_get(u64 number, struct sdei_nmi_stretch *stretch)
{
	const struct sdei_nmi_stretch *entry;
	unsigned long flags;
	u64 found = 0;

	if (!READ_ONCE(stretches))
		return 0;
	for (number = max(number, sdei_nmi_stretch_oldest()); !found; number++) {
		if (number > READ_ONCE(stretches_written))
			return 0;
		raw_spin_lock_irqsave(&stretch_lock, flags);
		entry = &stretches->ring[number % RING];
		/* Entries of an earlier start are not shown. */
		if (entry->number == number && entry->since >= stretches_started) {
			memcpy(stretch, entry, sizeof(*entry));
			found = number;
		}
		raw_spin_unlock_irqrestore(&stretch_lock, flags);
	}
	return found;
}
