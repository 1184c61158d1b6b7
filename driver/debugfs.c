// SPDX-License-Identifier: GPL-2.0
/*
 * The files for people, and for tools that people use (docs/abi/debugfs-sdei_nmi). Only root may
 * read the files. They have no write and no ioctl, because lockdown's integrity mode forbids such
 * files in debugfs.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>
#include <linux/timekeeping.h>

#include "deadline.h"
#include "debugfs.h"
#include "event.h"
#include "print.h"
#include "quirks.h"
#include "reach.h"
#include "sdei_errno.h"
#include "snapshot.h"
#include "stats.h"
#include "stretch.h"
#include "symbols.h"
#include "watch.h"

static struct dentry *debugfs_folder;
static DEFINE_MUTEX(ping_lock);

/**
 * struct reader - one open file "stacks" or "irqs_off"
 * @snapshot: of "stacks": the file's own snapshot
 * @shown: whether the reader may see addresses
 * @stretch: of "irqs_off": a copy of the entry that is being shown
 * @site: of "irqs_off": a copy of the site that is being shown
 */
struct reader {
	struct sdei_nmi_snapshot *snapshot;
	bool shown;
	struct sdei_nmi_stretch stretch;
	struct sdei_nmi_stretch_site site;
};

static void show_address(struct seq_file *m, const struct reader *reader, const char *key,
			 u64 value)
{
	seq_printf(m, "%s%016llx", key, reader->shown ? value : 0);
}

/* For an address outside all functions %pS prints a number; the file has "?" instead. */
static void show_name(struct seq_file *m, unsigned long address)
{
	char name[KSYM_SYMBOL_LEN];

	snprintf(name, sizeof(name), "%pS", (void *)address);
	seq_printf(m, " %s\n", strstarts(name, "0x") ? "?" : name);
}

/*
 * A record without registers is of the reader's own CPU, or of a CPU to which the reader moved
 * before it asked that CPU. An interrupt finds an idle CPU already behind the wait instruction of
 * the idle loop, so the record has a flag for that.
 */
static const char *state_of(const struct sdei_nmi_record *b, bool own)
{
	if (!b->has_regs)
		return own ? "self" : "kernel";
	if (b->guest)
		return "guest";
	if (user_mode(&b->regs))
		return "user";
	return b->idle || sdei_nmi_print_idles(b) ? "idle" : "kernel";
}

static const char *interrupts_of(const struct sdei_nmi_record *b)
{
	if (b->regs.pstate & PSR_I_BIT)
		return "off";
	if (system_uses_irq_prio_masking() && SDEI_NMI_PMR(&b->regs) != GIC_PRIO_IRQON)
		return "masked";
	return "on";
}

/* @unnamed: pc has no name. */
static void show_regs(struct seq_file *m, const struct reader *reader,
		      const struct sdei_nmi_record *b, bool unnamed)
{
	bool compat = compat_user_mode(&b->regs);

	seq_printf(m, "pstate: %08llx\n", b->regs.pstate);
	show_address(m, reader, "pc: ", b->regs.pc);
	if (b->guest || user_mode(&b->regs))
		seq_putc(m, '\n');
	else if (unnamed)
		seq_puts(m, " ?\n");
	else
		show_name(m, b->regs.pc);
	if (b->has_sp) {
		show_address(m, reader, "sp: ", compat ? b->regs.compat_sp : b->regs.sp);
		seq_putc(m, '\n');
	}
}

static const char *way_of(const struct sdei_nmi_record *b, bool own)
{
	if (!b->has_regs && own)
		return "self";
	return b->by_event ? "event" : "interrupt";
}

static void show_task(struct seq_file *m, const char *comm, pid_t pid)
{
	seq_puts(m, "task: ");
	seq_escape_str(m, comm, ESCAPE_SPACE | ESCAPE_SPECIAL, "\n\\");
	seq_printf(m, "\npid: %d\n", pid);
}

/* @unnamed: bit N: address N has no name. */
static void show_stack(struct seq_file *m, const struct reader *reader,
		       const struct sdei_nmi_record *b, u64 unnamed)
{
	unsigned int i;

	seq_puts(m, "stack:\n");
	for (i = 0; i < b->depth; i++) {
		show_address(m, reader, " ", b->pc[i]);
		if (unnamed & BIT_ULL(i))
			seq_puts(m, " ?\n");
		else
			show_name(m, b->pc[i]);
	}
	if (b->cut)
		seq_printf(m, "cut: %u\n", SDEI_NMI_RECORD_DEPTH);
}

static void show_record(struct seq_file *m, const struct reader *reader, unsigned int cpu)
{
	const struct sdei_nmi_record *b = &reader->snapshot->cpus[cpu].record;
	bool own = cpu == reader->snapshot->this_cpu;
	u64 start = reader->snapshot->taken_at;

	seq_printf(m, "state: %s\n", state_of(b, own));
	seq_printf(m, "by: %s\n", way_of(b, own));
	/* A guest's pstate says nothing about the host's interrupts. */
	if (b->has_regs && !b->guest)
		seq_printf(m, "interrupts: %s\n", interrupts_of(b));
	if (b->waiting)
		seq_printf(m, "waiting_ns: %llu\n", counter_ns(b->waiting));
	seq_printf(m, "answered_ns: %llu\n",
		   b->taken_at > start ? counter_ns(b->taken_at - start) : 0);
	seq_printf(m, "held_ns: %llu\n", counter_ns(b->left_at - b->taken_at));
	show_task(m, b->comm, b->pid);
	seq_printf(m, "uid: %u\n", b->uid);
	if (b->has_regs)
		show_regs(m, reader, b, false);
	show_stack(m, reader, b, 0);
}

static int stacks_show(struct seq_file *m, void *item)
{
	const struct reader *reader = m->private;
	const struct sdei_nmi_snapshot *s = reader->snapshot;
	unsigned int cpu = (unsigned long)item - 2;

	if (item == SEQ_START_TOKEN) {
		seq_printf(m, "sdei_nmi stacks 1\ntaken_ns: %llu\nonline: %*pbl\naddresses: %s\n",
			   s->taken_ns, cpumask_pr_args(&s->online),
			   reader->shown ? "shown" : "hidden");
		return 0;
	}
	seq_printf(m, "\ncpu: %u\n", cpu);
	if (!cpumask_test_cpu(cpu, &s->online))
		seq_puts(m, "state: offline\n");
	else if (!cpumask_test_cpu(cpu, &s->answered))
		seq_printf(m, "state: silent\nreason: %s\n", s->cpus[cpu].why);
	else
		show_record(m, reader, cpu);
	return 0;
}

/* Position 0 is the head, position N + 1 is CPU N. An item is its position plus 1. */
static void *item_at(loff_t *pos)
{
	unsigned int cpu;

	if (!*pos)
		return SEQ_START_TOKEN;
	if (*pos > nr_cpu_ids)
		return NULL;
	cpu = cpumask_next(*pos - 2, cpu_present_mask);
	if (cpu >= nr_cpu_ids)
		return NULL;
	*pos = cpu + 1;
	return (void *)(unsigned long)(cpu + 2);
}

static void *stacks_start(struct seq_file *m, loff_t *pos)
{
	return item_at(pos);
}

static void *stacks_next(struct seq_file *m, void *item, loff_t *pos)
{
	++*pos;
	return item_at(pos);
}

static void stacks_stop(struct seq_file *m, void *item)
{
}

static const struct seq_operations stacks_ops = {
	.start = stacks_start,
	.next = stacks_next,
	.stop = stacks_stop,
	.show = stacks_show,
};

static int stacks_open(struct inode *inode, struct file *file)
{
	struct reader *reader = __seq_open_private(file, &stacks_ops, sizeof(*reader));
	struct sdei_nmi_snapshot *snapshot;

	if (!reader)
		return -ENOMEM;
	snapshot = sdei_nmi_snapshot_take();
	if (IS_ERR(snapshot)) {
		seq_release_private(inode, file);
		return PTR_ERR(snapshot);
	}
	reader->snapshot = snapshot;
	reader->shown = sdei_nmi_addresses_shown(file);
	return 0;
}

static int stacks_release(struct inode *inode, struct file *file)
{
	struct reader *reader = ((struct seq_file *)file->private_data)->private;

	sdei_nmi_snapshot_free(reader->snapshot);
	return seq_release_private(inode, file);
}

static const struct file_operations stacks_fops = {
	.owner = THIS_MODULE,
	.open = stacks_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = stacks_release,
};

/* Position 0 is the head. The sites follow, then the stretches by their numbers. */
static void *irqs_off_at(struct seq_file *m, loff_t *pos)
{
	struct reader *reader = m->private;
	u64 number;

	if (!*pos)
		return SEQ_START_TOKEN;
	for (; *pos <= SDEI_NMI_STRETCH_SITES; ++*pos)
		if (sdei_nmi_stretch_site_get(*pos - 1, &reader->site) && reader->site.count)
			return &reader->site;
	number = sdei_nmi_stretch_get(*pos - SDEI_NMI_STRETCH_SITES, &reader->stretch);
	if (!number)
		return NULL;
	*pos = number + SDEI_NMI_STRETCH_SITES;
	return &reader->stretch;
}

static void *irqs_off_start(struct seq_file *m, loff_t *pos)
{
	return irqs_off_at(m, pos);
}

static void *irqs_off_next(struct seq_file *m, void *item, loff_t *pos)
{
	++*pos;
	return irqs_off_at(m, pos);
}

static void irqs_off_stop(struct seq_file *m, void *item)
{
}

static int irqs_off_show(struct seq_file *m, void *item)
{
	const struct reader *reader = m->private;
	const struct sdei_nmi_stretch_site *site = &reader->site;
	const struct sdei_nmi_stretch *stretch = &reader->stretch;

	if (item == SEQ_START_TOKEN) {
		seq_printf(m, "sdei_nmi irqs_off 1\nwatch_ns: %llu\nstarted_ns: %llu\nnow_ns: %llu\ndropped: %lu\naddresses: %s\n",
			   sdei_nmi_watch_stretch_ns(), sdei_nmi_stretch_started_ns(),
			   ktime_get_mono_fast_ns(),
			   sdei_nmi_stats_sum(SDEI_NMI_STAT_IRQS_OFF_DROPPED),
			   reader->shown ? "shown" : "hidden");
	} else if (item == site) {
		seq_printf(m, "\nsite: %s\ncount: %llu\ntotal_ns: %llu\nworst_ns: %llu\ncpu: %u\n",
			   site->name, site->count, site->total, site->worst, site->cpu);
		show_task(m, site->comm, site->pid);
	} else {
		seq_printf(m, "\nstretch: %llu\ncpu: %u\nsite: %s\nsince_ns: %llu\nseen_ns: %llu\n",
			   stretch->number, stretch->cpu, stretch->site, stretch->since,
			   stretch->seen - stretch->since);
		if (stretch->total)
			seq_printf(m, "total_ns: %llu\n", stretch->total);
		show_task(m, stretch->record.comm, stretch->record.pid);
		show_regs(m, reader, &stretch->record, stretch->unnamed & BIT_ULL(0));
		show_stack(m, reader, &stretch->record, stretch->unnamed);
	}
	return 0;
}

static const struct seq_operations irqs_off_ops = {
	.start = irqs_off_start,
	.next = irqs_off_next,
	.stop = irqs_off_stop,
	.show = irqs_off_show,
};

static int irqs_off_open(struct inode *inode, struct file *file)
{
	struct reader *reader = __seq_open_private(file, &irqs_off_ops, sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	reader->shown = sdei_nmi_addresses_shown(file);
	return 0;
}

static const struct file_operations irqs_off_fops = {
	.owner = THIS_MODULE,
	.open = irqs_off_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

static const char *held_off_by(unsigned int cpu)
{
	if (strcmp(sdei_nmi_reach_service(), "serving"))
		return sdei_nmi_reach_service();
	/* The driver knows of no mask there, but the firmware does. */
	if (sdei_nmi_reach_of(cpu) == SDEI_NMI_REACH_UP &&
	    sdei_nmi_quirks_has(SDEI_NMI_QUIRK_MASKED_REFUSED))
		return "masked";
	if (sdei_nmi_reach_of(cpu) != SDEI_NMI_REACH_DOWN)
		return "deep idle";
	return cpu_online(cpu) ? "not enabled" : "offline";
}

static int ping_show(struct seq_file *m, void *unused)
{
	unsigned int cpu = (unsigned long)m->private;
	struct sdei_nmi_event_ping ping;
	int err;

	if (mutex_lock_interruptible(&ping_lock))
		return -ERESTARTSYS;
	err = sdei_nmi_event_ping(cpu, &ping);
	mutex_unlock(&ping_lock);
	switch (err) {
	case 0:
		seq_printf(m, "result: answered\nsignal_ns: %llu\ndelivery_ns: %llu\nround_ns: %llu\nfloor_ns: %llu\n",
			   ping.signal_ns, ping.delivery_ns, ping.round_ns, ping.floor_ns);
		break;
	case -EAGAIN:
		seq_printf(m, "result: held-off\nreason: %s\n", held_off_by(cpu));
		break;
	case -ETIMEDOUT:
		seq_puts(m, "result: silent\n");
		break;
	default:
		seq_printf(m, "result: refused\nreason: %s\n",
			   sdei_nmi_errors[sdei_error_index(err)].key);
	}
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(ping);

/* Counters that tell how the driver itself works. sysfs.c has those for alerts and graphs. */
static const struct {
	const char *name;
	enum sdei_nmi_stat what;
} debugfs_counters[] = {
	{ "deliveries_stray", SDEI_NMI_STAT_DELIVERIES_STRAY },
	{ "requests_queued", SDEI_NMI_STAT_REQUESTS_QUEUED },
	{ "requests_turned_away", SDEI_NMI_STAT_REQUESTS_TURNED_AWAY },
	{ "cpus_asked", SDEI_NMI_STAT_CPUS_ASKED },
	{ "cpus_answered", SDEI_NMI_STAT_CPUS_ANSWERED },
	{ "snapshots", SDEI_NMI_STAT_SNAPSHOTS },
	{ "looks", SDEI_NMI_STAT_LOOKS },
	{ "looks_ns", SDEI_NMI_STAT_LOOKS_NS },
	{ "samples_coalesced", SDEI_NMI_STAT_SAMPLES_COALESCED },
	{ "samples_skipped", SDEI_NMI_STAT_SAMPLES_SKIPPED },
	{ "samples_refused", SDEI_NMI_STAT_SAMPLES_REFUSED },
	{ "samples_throttled", SDEI_NMI_STAT_SAMPLES_THROTTLED },
};

static int counter_get(void *data, u64 *value)
{
	*value = sdei_nmi_stats_sum((enum sdei_nmi_stat)(unsigned long)data);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(counter_fops, counter_get, NULL, "%llu\n");

static int longest_held_get(void *unused, u64 *value)
{
	*value = sdei_nmi_event_longest_held_ns();
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(longest_held_fops, longest_held_get, NULL, "%llu\n");

/**
 * sdei_nmi_debugfs_init() - create the files
 *
 * Errors are ignored: the driver also works in a kernel without debugfs.
 *
 * Context: task, at load; sleeps. The rest of the driver is up.
 */
void __init sdei_nmi_debugfs_init(void)
{
	struct dentry *pings, *counters;
	unsigned int cpu, i;
	char name[16];

	debugfs_folder = debugfs_create_dir("sdei_nmi", NULL);
	debugfs_create_file("stacks", 0400, debugfs_folder, NULL, &stacks_fops);
	debugfs_create_file("irqs_off", 0400, debugfs_folder, NULL, &irqs_off_fops);
	counters = debugfs_create_dir("counters", debugfs_folder);
	for (i = 0; i < ARRAY_SIZE(debugfs_counters); i++)
		debugfs_create_file_unsafe(debugfs_counters[i].name, 0400, counters,
					   (void *)(unsigned long)debugfs_counters[i].what,
					   &counter_fops);
	debugfs_create_file_unsafe("longest_held_ns", 0400, counters, NULL, &longest_held_fops);
	pings = debugfs_create_dir("ping", debugfs_folder);
	for_each_possible_cpu(cpu) {
		snprintf(name, sizeof(name), "%u", cpu);
		debugfs_create_file(name, 0400, pings, (void *)(unsigned long)cpu, &ping_fops);
	}
}

/**
 * sdei_nmi_debugfs_exit() - remove the files, and wait for reads that still run
 *
 * Context: task; sleeps.
 */
void sdei_nmi_debugfs_exit(void)
{
	debugfs_remove(debugfs_folder);
}
