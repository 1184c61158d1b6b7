// SPDX-License-Identifier: GPL-2.0
/*
 * workload - test module that spends known shares of a CPU's time in three functions.
 *
 * A round is 7 units of time in workload_irqs_off(), 2 in workload_irqs_on() and 1 in
 * workload_locked(), which is under raw_spin_lock_irqsave(). The unit differs from round to round,
 * so that a sampler's period is no multiple of a round. The functions call no others, and
 * interrupts go off and on outside them. So a sample with one of them in its stack was taken in its
 * time. Time in which the host did not run the CPU is not counted.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include <asm/sysreg.h>

#define WORKLOAD_MOST_MS	3000000
#define WORKLOAD_UNIT_US	500	/* the least; the most is three times this */
#define WORKLOAD_GAP_US		1000	/* between two reads: the host did not run the CPU */

static DEFINE_MUTEX(workload_mutex);
static DEFINE_RAW_SPINLOCK(workload_spinlock);
static u64 irqs_off_ticks, irqs_on_ticks, locked_ticks;

static __always_inline u64 counter(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

/* Returns how long the CPU ran. */
static __always_inline u64 spin(u64 ticks)
{
	u64 gap = WORKLOAD_GAP_US * read_sysreg(cntfrq_el0) / USEC_PER_SEC;
	u64 start = counter(), last = start, now, ran = 0;

	do {
		cpu_relax();
		now = counter();
		if (now - last < gap)
			ran += now - last;
		last = now;
	} while (now - start < ticks);
	return ran;
}

static noinline __noclone u64 workload_irqs_off(u64 ticks)
{
	return spin(ticks);
}

static noinline __noclone u64 workload_irqs_on(u64 ticks)
{
	return spin(ticks);
}

static noinline __noclone u64 workload_locked(u64 ticks)
{
	return spin(ticks);
}

static int workload_run(void *data)
{
	u64 unit_least = WORKLOAD_UNIT_US * read_sysreg(cntfrq_el0) / USEC_PER_SEC, unit;
	ktime_t end = ktime_add_ms(ktime_get(), *(unsigned int *)data);
	static unsigned int seed = 1;
	unsigned long flags;

	while (ktime_before(ktime_get(), end)) {
		seed = seed * 1664525 + 1013904223;
		unit = unit_least + unit_least * 2 * (seed >> 16) / 65536;
		local_irq_save(flags);
		irqs_off_ticks += workload_irqs_off(7 * unit);
		local_irq_restore(flags);
		irqs_on_ticks += workload_irqs_on(2 * unit);
		raw_spin_lock_irqsave(&workload_spinlock, flags);
		locked_ticks += workload_locked(unit);
		raw_spin_unlock_irqrestore(&workload_spinlock, flags);
		cond_resched();
	}
	return 0;
}

/* "CPU MS": works on that CPU for so long. Returns when it is done. */
static int run_set(const char *value, const struct kernel_param *param)
{
	unsigned int cpu, ms;
	int err;

	if (sscanf(value, "%u %u", &cpu, &ms) != 2 || cpu >= nr_cpu_ids || ms > WORKLOAD_MOST_MS)
		return -EINVAL;
	mutex_lock(&workload_mutex);
	err = smp_call_on_cpu(cpu, workload_run, &ms, false);
	mutex_unlock(&workload_mutex);
	return err;
}

static u64 us(u64 ticks)
{
	return mul_u64_u32_div(ticks, USEC_PER_SEC, read_sysreg(cntfrq_el0));
}

/* The times in the three functions since the module was loaded, in µs. */
static int run_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer,
			  "workload_irqs_off %llu\nworkload_irqs_on %llu\nworkload_locked %llu\n",
			  us(irqs_off_ticks), us(irqs_on_ticks), us(locked_ticks));
}

static const struct kernel_param_ops run_ops = { .set = run_set, .get = run_get };

module_param_cb(run, &run_ops, NULL, 0644);

static int __init workload_init(void)
{
	return 0;
}

static void __exit workload_exit(void)
{
}

module_init(workload_init);
module_exit(workload_exit);
MODULE_DESCRIPTION("Known shares of time with interrupts off and on, for tests of profilers");
MODULE_LICENSE("GPL");
