// SPDX-License-Identifier: GPL-2.0
/*
 * stretches - test module that has interrupts off for known times.
 *
 * Invariant: every stretch ends by itself, after the time that was asked for, or as soon as 1 is
 * written to the file "end" in debugfs. Each is run by a worker on the CPU, or by a timer there,
 * while the writer of the parameter waits. The list in debugfs has what really happened: if hotplug
 * moves the worker, the CPU on which it ran; and the times that the CPU itself read.
 * stretches_lock guards the list.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nmi.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include <asm/sysreg.h>

#define STRETCHES_MOST	20000
#define STRETCH_MOST_US	90000000
#define STRETCH_GAP_US	1000	/* between two reads of the counter: the host did not run the CPU */

struct stretch {
	unsigned int cpu;
	u64 begin, end, lost;	/* lost: the host did not run the CPU, in ns */
};

/* What one stretch is to do. */
struct stretch_order {
	unsigned int us;
	bool touches;
	struct hrtimer timer;
	struct completion done;
};

static DEFINE_MUTEX(stretches_lock);
static struct stretch *stretches;
static unsigned int stretches_count;
static struct dentry *stretches_folder;
/* A file and not a parameter: the writer of a parameter keeps all others of the module out. */
static bool stretches_end;

static u64 counter(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static u64 ticks(unsigned int us)
{
	return us * read_sysreg(cntfrq_el0) / USEC_PER_SEC;
}

/* Must not call another function: the test compares the pc with this function's addresses. */
static noinline __noclone notrace u64 stretch_spin(u64 until, u64 gap)
{
	u64 now, last = read_sysreg(cntvct_el0), lost = 0;

	do {
		now = read_sysreg(cntvct_el0);
		if (now - last > gap)
			lost += now - last;
		last = now;
		cpu_relax();
	} while ((s64)(now - until) < 0 && !READ_ONCE(stretches_end));
	return lost;
}

static u64 after_us(unsigned int us)
{
	return counter() + ticks(us);
}

static noinline void stretch_touching(unsigned int us)
{
	u64 until = after_us(us);

	while ((s64)(counter() - until) < 0 && !READ_ONCE(stretches_end)) {
		touch_nmi_watchdog();
		stretch_spin(after_us(1000), ticks(STRETCH_GAP_US));
	}
}

static void clear_list(void)
{
	stretches_count = 0;
	WRITE_ONCE(stretches_end, false);
}

static void note(unsigned int cpu, u64 begin, u64 end, u64 lost)
{
	lost = lost * (NSEC_PER_SEC / USEC_PER_SEC) / ticks(1);
	if (stretches_count < STRETCHES_MOST)
		stretches[stretches_count++] = (struct stretch){ cpu, begin, end, lost };
}

static int stretch_run(void *data)
{
	struct stretch_order *order = data;
	unsigned long flags;
	u64 begin, end, lost = 0;

	local_irq_save(flags);
	begin = ktime_get_mono_fast_ns();
	if (order->touches)
		stretch_touching(order->us);
	else
		lost = stretch_spin(after_us(order->us), ticks(STRETCH_GAP_US));
	end = ktime_get_mono_fast_ns();
	note(smp_processor_id(), begin, end, lost);
	local_irq_restore(flags);
	return 0;
}

static enum hrtimer_restart stretch_in_timer(struct hrtimer *timer)
{
	struct stretch_order *order = container_of(timer, struct stretch_order, timer);

	stretch_run(order);
	complete(&order->done);
	return HRTIMER_NORESTART;
}

static void stretch_by_ipi(void *data)
{
	stretch_run(data);
}

static int start_timer(void *data)
{
	struct stretch_order *order = data;

	hrtimer_start(&order->timer, ms_to_ktime(5), HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

/* "COUNT LEAST_US MOST_US SEED": so many stretches of random times on random CPUs. */
static int run_set(const char *value, const struct kernel_param *param)
{
	unsigned int count, least, most, seed, i, cpu;
	struct stretch_order order = {};

	if (sscanf(value, "%u %u %u %u", &count, &least, &most, &seed) != 4 ||
	    count > STRETCHES_MOST || least > most || most > STRETCH_MOST_US)
		return -EINVAL;
	mutex_lock(&stretches_lock);
	clear_list();
	for (i = 0; i < count;) {
		seed = seed * 1664525 + 1013904223;
		cpu = (seed >> 16) % nr_cpu_ids;
		seed = seed * 1664525 + 1013904223;
		order.us = least + (seed >> 8) % (most - least + 1);
		usleep_range(20000, 40000);
		if (!smp_call_on_cpu(cpu, stretch_run, &order, false))
			i++;
	}
	mutex_unlock(&stretches_lock);
	return 0;
}

#ifdef SDEI_NMI_HRTIMER_SETUP
static void set_up_timer(struct hrtimer *timer)
{
	hrtimer_setup_on_stack(timer, stretch_in_timer, CLOCK_MONOTONIC,
			       HRTIMER_MODE_REL_PINNED_HARD);
}
#else
static void set_up_timer(struct hrtimer *timer)
{
	hrtimer_init_on_stack(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer->function = stretch_in_timer;
}
#endif

static int one(const char *value, bool touches, bool in_timer)
{
	struct stretch_order order = { .touches = touches };
	unsigned int cpu;
	int err;

	if (sscanf(value, "%u %u", &cpu, &order.us) != 2 || order.us > STRETCH_MOST_US)
		return -EINVAL;
	mutex_lock(&stretches_lock);
	clear_list();
	init_completion(&order.done);
	set_up_timer(&order.timer);
	err = smp_call_on_cpu(cpu, in_timer ? start_timer : stretch_run, &order, false);
	if (!err && in_timer)
		wait_for_completion(&order.done);
	hrtimer_cancel(&order.timer);
	destroy_hrtimer_on_stack(&order.timer);
	mutex_unlock(&stretches_lock);
	return err;
}

/* "CPU US": one stretch that touches the NMI watchdog each millisecond. */
static int touching_set(const char *value, const struct kernel_param *param)
{
	return one(value, true, false);
}

/* "CPU US": one stretch in a timer's interrupt. */
static int in_timer_set(const char *value, const struct kernel_param *param)
{
	return one(value, false, true);
}

/* "CPU US": one stretch in the interrupt of an IPI, which starts no timer on the CPU. */
static int by_ipi_set(const char *value, const struct kernel_param *param)
{
	struct stretch_order order = {};
	unsigned int cpu;
	int err;

	if (sscanf(value, "%u %u", &cpu, &order.us) != 2 || order.us > STRETCH_MOST_US)
		return -EINVAL;
	mutex_lock(&stretches_lock);
	clear_list();
	err = smp_call_function_single(cpu, stretch_by_ipi, &order, 1);
	mutex_unlock(&stretches_lock);
	return err;
}

static const struct kernel_param_ops by_ipi_ops = { .set = by_ipi_set };
static const struct kernel_param_ops run_ops = { .set = run_set };
static const struct kernel_param_ops touching_ops = { .set = touching_set };
static const struct kernel_param_ops in_timer_ops = { .set = in_timer_set };

module_param_cb(run, &run_ops, NULL, 0200);
module_param_cb(touching, &touching_ops, NULL, 0200);
module_param_cb(by_ipi, &by_ipi_ops, NULL, 0200);
module_param_cb(in_timer, &in_timer_ops, NULL, 0200);

static int list_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	mutex_lock(&stretches_lock);
	for (i = 0; i < stretches_count; i++)
		seq_printf(m, "%u %llu %llu %llu\n", stretches[i].cpu, stretches[i].begin,
			   stretches[i].end, stretches[i].lost);
	mutex_unlock(&stretches_lock);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(list);

static int __init stretches_init(void)
{
	stretches = vzalloc(array_size(STRETCHES_MOST, sizeof(*stretches)));
	if (!stretches)
		return -ENOMEM;
	stretches_folder = debugfs_create_dir("stretches", NULL);
	debugfs_create_file("list", 0400, stretches_folder, NULL, &list_fops);
	debugfs_create_bool("end", 0600, stretches_folder, &stretches_end);
	return 0;
}

static void __exit stretches_exit(void)
{
	debugfs_remove(stretches_folder);
	vfree(stretches);
}

module_init(stretches_init);
module_exit(stretches_exit);
MODULE_DESCRIPTION("Test module that has interrupts off for known times");
MODULE_LICENSE("GPL");
