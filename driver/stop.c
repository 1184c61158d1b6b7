// SPDX-License-Identifier: GPL-2.0
/*
 * The last rung of stopping CPUs. The kernel stops the others by an IPI before a panic's end, a
 * crash dump, a halt or a reboot; a CPU that is wedged with interrupts masked goes on, and a dump
 * lacks its registers. When the kernel has done its part, who is still online is asked by event 0.
 *
 * The CPU that stops the others is never signalled, nor is anybody else but to be stopped, from
 * before the first of them ends (reach.c): they mask SDEI then, and a signal that comes after that
 * costs a CPU its interrupts, in the kernel that comes next, too.
 *
 * A stopped CPU saves its registers if this is a crash, tells where it was, masks SDEI, goes
 * offline, and ends in one of two ways:
 *
 * - It parks, inside the event. Nothing is asked of the firmware, so this works on any, and the CPU
 *   can't be had back before the next reset.
 * - It is switched off, so that the next kernel can bring it up. For that it leaves the event, or
 *   the firmware would take it for unfinished when the CPU comes back. It takes the IPI that it
 *   ignored, and whatever else is pending here, or that would be the first thing to interrupt the
 *   next kernel on this CPU, which would stop itself.
 *
 * A reboot in good order has more in its way than the IPI: every step that waits for all CPUs waits
 * for ever, and the SDEI core's own is the first. So CPUs that take no interrupts are looked for,
 * and stopped, at the very beginning.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <asm/arch_gicv3.h>
#include <asm/smp.h>

#include "collect.h"
#include "counter.h"
#include "event.h"
#include "firmware.h"
#include "print.h"
#include "reach.h"
#include "stop.h"
#include "symbols.h"

#define STOP_WAIT_MS	100	/* for all CPUs */
#define IPI_WAIT_MS	5000	/* interrupts that are off for so long in a reboot stay off */
#define NOBODY		-1

#define PRIORITY_ALL	0xff	/* the mask that masks none */
#define EOI_DROPS_ONLY	BIT(1)	/* ICC_CTLR_EL1.EOImode: deactivating is apart */
#define INTID_PRIVATE	32	/* SGIs and PPIs are below */
#define DRAIN_MOST	64	/* a level-triggered PPI is pending again when it has ended */

/**
 * struct stop - how one CPU stopped
 * @record: where it was
 * @err: what event_ask() said
 * @ipi: with which a reboot finds out whether it takes interrupts
 * @took_ipi: it does
 */
struct stop {
	struct backtrace record;
	int err;
	call_single_data_t ipi;
	bool took_ipi;
};

enum ending { ENDING_PARK, ENDING_OFF };

static const char * const endings[] = { [ENDING_PARK] = "park", [ENDING_OFF] = "off" };

static struct stop __percpu *stops;
static struct cpumask left;

/* Who stops all others, once and for good. */
static atomic_t stopper = ATOMIC_INIT(NOBODY);

/* Written before a stop is asked for; the requests order them. */
static bool saves_regs;
static enum ending ending;

static enum ending crash_ending = ENDING_PARK;

static int ending_set(const char *value, const struct kernel_param *param)
{
	int chosen = sysfs_match_string(endings, value);

	if (chosen < 0) {
		pr_err("stop_ending is park or off, not '%s'; nothing was changed\n", value);
		return chosen;
	}
	WRITE_ONCE(crash_ending, chosen);
	return 0;
}

static int ending_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", endings[READ_ONCE(crash_ending)]);
}

static const struct kernel_param_ops ending_ops = { .set = ending_set, .get = ending_get };

module_param_cb(stop_ending, &ending_ops, NULL, 0644);
MODULE_PARM_DESC(stop_ending, "What a CPU does that a crash stopped by event 0: park, or off: switch itself off, so that a capture kernel can use it (default: park)");

/* The interface of GICv3 and later by system registers, as far as this CPU has it in use. */
static bool has_gic_registers(void)
{
	return read_sysreg(id_aa64pfr0_el1) >> 24 & 0xf &&
	       read_sysreg_s(SYS_ICC_SRE_EL1) & ICC_SRE_EL1_SRE;
}

/*
 * Every interrupt that is taken here is ended, or it would bar the way for those behind it. Nobody
 * handles it: whom it was for is gone.
 */
static void drain(void)
{
	bool drops_only = read_sysreg_s(SYS_ICC_CTLR_EL1) & EOI_DROPS_ONLY;
	unsigned int i;
	u64 intid;

	write_sysreg_s(PRIORITY_ALL, SYS_ICC_PMR_EL1);
	isb();
	for (i = 0; i < DRAIN_MOST; i++) {
		intid = read_sysreg_s(SYS_ICC_IAR1_EL1);
		dsb(sy);
		if (intid >= 1020 && intid <= 1023)
			return;		/* nothing is pending */
		write_sysreg_s(intid, SYS_ICC_EOIR1_EL1);
		isb();
		if (drops_only)
			write_sysreg_s(intid, SYS_ICC_DIR_EL1);
		isb();
		if (intid >= INTID_PRIVATE)
			return;		/* other CPUs' as well; the private ones came first */
	}
}

static void switch_off(void)
{
	if (!has_gic_registers() || fw_event_leave())
		return;
	drain();
	fw_cpu_off();
}

/* On the CPU that is to stop. It does not come back. */
static void notrace serve(struct pt_regs *regs)
{
	unsigned int cpu = smp_processor_id();

	if (saves_regs && KERNEL_HAS(crash_save_cpu))
		KERNEL(crash_save_cpu)(regs, cpu);
	collect_here(&this_cpu_ptr(stops)->record, regs);
	KERNEL(sdei_mask_local_cpu)();
	smp_mb();	/* all that was written is seen by who sees us offline */
	KERNEL(set_cpu_online)(cpu, false);
	if (ending == ENDING_OFF)
		switch_off();
	cpu_park_loop();
}

NOKPROBE_SYMBOL(serve);

static void tell_stopped(unsigned int cpu, bool whole)
{
	const struct backtrace *b = &per_cpu_ptr(stops, cpu)->record;

	if (b->guest)
		pr_warn("CPU %u stopped by event 0 in a KVM guest\n", cpu);
	else if (user_mode(&b->regs))
		pr_warn("CPU %u stopped by event 0 in a user's program\n", cpu);
	else
		pr_warn("CPU %u stopped by event 0 at %pS\n", cpu, (void *)b->regs.pc);
	if (whole)
		print_backtrace(cpu, b);
}

/*
 * Of the CPUs in "left", which are online. In a crash the dump will hold their stacks, and the less
 * is done before it the better.
 */
static void stop_left(void)
{
	unsigned int cpu;
	char why[COLLECT_WHY];
	u64 deadline;

	for_each_cpu(cpu, &left)
		per_cpu_ptr(stops, cpu)->err = event_ask(cpu, REQUEST_STOP);
	deadline = counter_now() + counter_ticks(STOP_WAIT_MS * USEC_PER_MSEC);
	while (cpumask_intersects(&left, cpu_online_mask) && !counter_passed(deadline))
		cpu_relax();
	smp_rmb();	/* pairs with serve() */
	for_each_cpu(cpu, &left) {
		if (!cpu_online(cpu)) {
			tell_stopped(cpu, !saves_regs);
			continue;
		}
		event_why(per_cpu_ptr(stops, cpu)->err, STOP_WAIT_MS, why, sizeof(why));
		pr_warn("CPU %u was not stopped: %s\n", cpu, why);
	}
}

/**
 * stop_begins() - the kernel is about to stop all other CPUs
 * @crash: for a crash dump: their registers are to be saved
 *
 * Context: any, SDEI included, with interrupts on or off; the caller stays on this CPU. Waits for
 * 20 ms at most.
 * Return: true if the caller is the one to call stop_rest() when the kernel has done its part;
 * false if that is somebody else's, who may be its caller.
 */
bool stop_begins(bool crash)
{
	if (atomic_cmpxchg(&stopper, NOBODY, raw_smp_processor_id()) != NOBODY)
		return false;
	saves_regs = crash;
	ending = crash ? READ_ONCE(crash_ending) : ENDING_PARK;
	reach_only_stops();
	return true;
}

/**
 * stop_rest() - stop, by event 0, those whom the kernel could not stop
 *
 * Takes 100 ms at most and what printing takes. One line of log for each tells where it was, or why
 * it goes on.
 *
 * Context: as stop_begins(), which the same caller has called.
 */
void stop_rest(void)
{
	cpumask_copy(&left, cpu_online_mask);
	cpumask_clear_cpu(raw_smp_processor_id(), &left);
	stop_left();
}

static void on_ipi(void *info)
{
	struct stop *stop = info;

	WRITE_ONCE(stop->took_ipi, true);
}

static bool all_took_ipi(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &left)
		if (READ_ONCE(per_cpu_ptr(stops, cpu)->took_ipi))
			cpumask_clear_cpu(cpu, &left);
	return cpumask_empty(&left);
}

/*
 * The next kernel of a kexec will use the memory in which a parked CPU would go on. The kernel says
 * only to notifiers that it is one.
 */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	bool kexec = data && !strcmp(data, "kexec reboot");
	unsigned int this_cpu = get_cpu(), cpu;
	u64 deadline;

	cpumask_copy(&left, cpu_online_mask);
	cpumask_clear_cpu(this_cpu, &left);
	for_each_cpu(cpu, &left) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		stop->took_ipi = false;
		if (smp_call_function_single_async(cpu, &stop->ipi))
			stop->took_ipi = true;	/* offline by now */
	}
	deadline = counter_now() + counter_ticks(IPI_WAIT_MS * USEC_PER_MSEC);
	while (!all_took_ipi() && !counter_passed(deadline))
		cpu_relax();
	put_cpu();
	if (cpumask_empty(&left))
		return NOTIFY_OK;

	pr_warn("CPUs %*pbl have taken no interrupt for %u s, and would hold this reboot up\n",
		cpumask_pr_args(&left), IPI_WAIT_MS / 1000);
	ending = kexec ? ENDING_OFF : ENDING_PARK;
	reach_only_stops();
	stop_left();
	return NOTIFY_OK;
}

/* Before reach.c's. */
static struct notifier_block reboot_nb = { .notifier_call = on_reboot, .priority = INT_MAX };

/**
 * stop_init() - make ready to stop CPUs
 *
 * Context: task, at load; sleeps. Return: 0, or the errno of the step that failed, which one line
 * of log tells.
 */
int __init stop_init(void)
{
	unsigned int cpu;
	int err;

	stops = alloc_percpu(struct stop);
	if (!stops) {
		pr_err("getting memory for each CPU's last record failed; nothing was changed\n");
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu)
		INIT_CSD(&per_cpu_ptr(stops, cpu)->ipi, on_ipi, per_cpu_ptr(stops, cpu));
	event_serve(REQUEST_STOP, serve);
	err = register_reboot_notifier(&reboot_nb);
	if (!err)
		return 0;
	pr_err("following reboot failed with %d: a CPU that is wedged then could not be stopped in time; nothing was changed\n",
	       err);
	free_percpu(stops);
	return err;
}

/**
 * stop_exit() - give the memory back
 *
 * Context: task; sleeps. Nobody stops CPUs through us any more, and event 0 is given back.
 */
void stop_exit(void)
{
	unregister_reboot_notifier(&reboot_nb);
	free_percpu(stops);
}
