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
 * A stopped CPU saves its registers, tells where it was, masks SDEI, goes offline, and ends in one
 * of two ways:
 *
 * - It parks, inside the event. Nothing is asked of the firmware, so this works on any, and the CPU
 *   can't be had back before the next reset.
 * - In a crash, if so chosen, it is switched off, so that the next kernel can bring it up. For that
 *   it leaves the event, or the firmware would take it for unfinished when the CPU comes back. It
 *   takes the IPI that it ignored, and whatever else is pending here, or that would be the first
 *   thing to interrupt the next kernel on this CPU, which would stop itself.
 *
 * A reboot in good order has more in its way than the IPI: every step that waits for all CPUs waits
 * for ever, and the SDEI core's own is the first. So CPUs that take no interrupts are looked for,
 * and stopped, at the beginning. They are not before a kexec, which gives the next kernel the
 * memory that they would be parked in.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/context_tracking.h>
#include <linux/cpumask.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kexec.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/wait.h>
#include <asm/arch_gicv3.h>
#include <asm/smp.h>

#include "capture.h"
#include "collect.h"
#include "deadline.h"
#include "event.h"
#include "firmware.h"
#include "print.h"
#include "reach.h"
#include "stop.h"
#include "symbols.h"

#define STOP_WAIT_MS	100	/* for all CPUs */
#define IPI_WAIT_MS	5000	/* interrupts that are off for so long in a reboot stay off */
#define WHOLE_BLOCKS	8	/* a console may take a third of a second for each */
#define MOVES_MOST	1000	/* of tasks off stopped CPUs */
#define NOBODY		-1

#define PRIORITY_ALL	0xff	/* the mask that masks none */
#define EOI_DROPS_ONLY	BIT(1)	/* ICC_CTLR_EL1.EOImode: deactivating is apart */
#define INTID_SPECIAL	1020	/* from here to 1023: nothing is pending */
#define INTID_LPI	8192	/* from here on they have no active state */
#define TAKEN_MOST	64	/* interrupts with an active state */
#define DRAIN_MOST	1024	/* interrupts */

enum ending { ENDING_PARK, ENDING_OFF };

static const char * const endings[] = { [ENDING_PARK] = "park", [ENDING_OFF] = "off" };

/**
 * struct stop - how one CPU stopped
 * @record: where it was
 * @ending: how it is to end
 * @unless_ipi: it goes on if it has taken @ipi
 * @stopped: event 0 has stopped it
 * @ends: it is ending by itself, as the kernel has asked it to
 * @err: what event_ask() said
 * @ipi: with which a reboot finds out whether it takes interrupts
 * @took_ipi: it does
 */
struct stop {
	struct backtrace record;
	enum ending ending;
	bool unless_ipi;
	bool stopped;
	bool ends;
	int err;
	call_single_data_t ipi;
	bool took_ipi;
};

static struct stop __percpu *stops;

/* Who stops all others, once and for good; and its own. */
static atomic_t stopper = ATOMIC_INIT(NOBODY);
static bool crashing;
static struct cpumask left;

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

/* The CPU interface of GICv3 and later by system registers, as far as it is the host's, and on. */
static bool notrace has_gic_registers(void)
{
	if (!(read_sysreg(id_aa64pfr0_el1) >> 24 & 0xf))
		return false;
	if (is_kernel_in_hyp_mode())
		return read_sysreg_s(SYS_ICC_SRE_EL2) & ICC_SRE_EL2_SRE;
	return read_sysreg_s(SYS_ICC_SRE_EL1) & ICC_SRE_EL1_SRE;
}

NOKPROBE_SYMBOL(has_gic_registers);

/* What was being handled when the event came is at its end. How many registers: IHI0069. */
static void notrace forget_active_priorities(u64 ctlr)
{
	unsigned int bits = (ctlr >> 8 & 7) + 1;

	if (bits > 6) {
		write_sysreg_s(0, SYS_ICC_AP1R3_EL1);
		write_sysreg_s(0, SYS_ICC_AP1R2_EL1);
	}
	if (bits > 5)
		write_sysreg_s(0, SYS_ICC_AP1R1_EL1);
	write_sysreg_s(0, SYS_ICC_AP1R0_EL1);
	isb();
}

NOKPROBE_SYMBOL(forget_active_priorities);

/*
 * Takes all that is pending here, in whatever order the GIC gives it out, until there is no more,
 * and ends it all. Nobody handles it: whom it was for is gone. As long as one is active it can't be
 * had again, so they are deactivated at the end: a level-triggered one is pending again then.
 * False: it did not come to an end.
 */
static bool notrace drain(void)
{
	u64 ctlr = read_sysreg_s(SYS_ICC_CTLR_EL1), intid;
	u32 taken[TAKEN_MOST];
	unsigned int count = 0, i;
	bool drained = false;

	forget_active_priorities(ctlr);
	write_sysreg_s(ctlr | EOI_DROPS_ONLY, SYS_ICC_CTLR_EL1);
	write_sysreg_s(PRIORITY_ALL, SYS_ICC_PMR_EL1);
	isb();
	for (i = 0; i < DRAIN_MOST && count < TAKEN_MOST; i++) {
		intid = read_sysreg_s(SYS_ICC_IAR1_EL1);
		dsb(sy);
		drained = intid >= INTID_SPECIAL && intid < INTID_SPECIAL + 4;
		if (drained)
			break;
		write_sysreg_s(intid, SYS_ICC_EOIR1_EL1);
		isb();
		if (intid < INTID_LPI)
			taken[count++] = intid;
	}
	for (i = 0; i < count; i++)
		write_sysreg_s(taken[i], SYS_ICC_DIR_EL1);
	isb();
	return drained;
}

NOKPROBE_SYMBOL(drain);

static void notrace switch_off(void)
{
	if (!has_gic_registers() || fw_event_leave())
		return;
	if (drain())
		fw_cpu_off();
}

NOKPROBE_SYMBOL(switch_off);

/* On the CPU that is to stop. It does not come back, but where it was not meant any more. */
static void notrace serve(struct pt_regs *regs)
{
	struct stop *stop = this_cpu_ptr(stops);
	unsigned int cpu = smp_processor_id();
	int err;

	if (READ_ONCE(stop->unless_ipi) && READ_ONCE(stop->took_ipi))
		return;
	stop->stopped = true;
	if (KERNEL_HAS(crash_save_cpu))
		KERNEL(crash_save_cpu)(regs, cpu);
	capture_here(&stop->record, regs);
	err = KERNEL(sdei_mask_local_cpu)();
	set_cpu_active(cpu, false);
	smp_mb();	/* all that was written is seen by who sees us offline */
	KERNEL(set_cpu_online)(cpu, false);
	/* RCU sees it idle, so that in a reboot nobody waits for what it was reading. */
	ct_state_inc(CT_RCU_WATCHING);
	/* If events are not masked, the stack that we are on is not ours outside of one. */
	if (stop->ending == ENDING_OFF && !err)
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
	touch_nmi_watchdog();
	if (whole)
		print_backtrace(cpu, b);
}

/* Those in the mask who have taken the IPI come out of it. */
static bool all_took_ipi(struct cpumask *cpus)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		if (READ_ONCE(per_cpu_ptr(stops, cpu)->took_ipi))
			cpumask_clear_cpu(cpu, cpus);
	return cpumask_empty(cpus);
}

static void ask(struct cpumask *cpus, enum ending ending, bool unless_ipi)
{
	u64 deadline = counter_now() + counter_ticks(STOP_WAIT_MS * USEC_PER_MSEC);
	unsigned int cpu;

	for_each_cpu(cpu, cpus) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		stop->ending = ending;
		WRITE_ONCE(stop->unless_ipi, unless_ipi);
		stop->err = event_ask(cpu, REQUEST_STOP);
	}
	while (cpumask_intersects(cpus, cpu_online_mask) && !counter_passed(deadline)) {
		if (unless_ipi)
			all_took_ipi(cpus);
		cpu_relax();
	}
}

static void tell(const struct cpumask *cpus, bool blocks)
{
	unsigned int cpu, whole = blocks ? WHOLE_BLOCKS : 0;
	char why[COLLECT_WHY];

	for_each_cpu(cpu, cpus) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		if (cpu_online(cpu)) {
			event_why(stop->err, STOP_WAIT_MS, why, sizeof(why));
			pr_warn("CPU %u was not stopped: %s\n", cpu, why);
			continue;
		}
		smp_rmb();	/* pairs with serve() */
		/* Else the kernel's IPI came to it after all, or it went offline by itself. */
		if (!stop->stopped)
			continue;
		tell_stopped(cpu, whole);
		if (whole)
			whole--;
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
	/* With nothing to start there will be no dump, whatever the kernel calls it. */
	crashing = crash && kexec_crash_loaded();
	reach_only_stops();
	return true;
}

/**
 * stop_ends() - this CPU is about to end by itself, as the kernel has asked it to
 *
 * Some kernels leave a CPU that stops for a crash dump in the mask of those online (6.1).
 *
 * Context: hard IRQ, SDEI included; before the CPU masks SDEI.
 */
void notrace stop_ends(void)
{
	struct stop *stop = this_cpu_ptr(stops);

	if (stop->stopped || atomic_read(&stopper) == raw_smp_processor_id())
		return;
	WRITE_ONCE(stop->ends, true);
	reach_ends();
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
	unsigned int this_cpu = raw_smp_processor_id(), cpu;

	cpumask_copy(&left, cpu_online_mask);
	cpumask_clear_cpu(this_cpu, &left);
	for_each_cpu(cpu, &left)
		if (READ_ONCE(per_cpu_ptr(stops, cpu)->ends))
			cpumask_clear_cpu(cpu, &left);
	if (cpumask_empty(&left))
		return;
	/* In a crash the dump has their stacks, and the less is done before it the better. */
	ask(&left, crashing ? READ_ONCE(crash_ending) : ENDING_PARK, false);
	tell(&left, !crashing);
}

static void on_ipi(void *info)
{
	struct stop *stop = info;

	WRITE_ONCE(stop->took_ipi, true);
}

/* Those that take no interrupts. */
static void find_wedged(struct cpumask *wedged)
{
	u64 deadline = counter_now() + counter_ticks(IPI_WAIT_MS * USEC_PER_MSEC);
	unsigned int cpu;

	preempt_disable();
	cpumask_copy(wedged, cpu_online_mask);
	cpumask_clear_cpu(smp_processor_id(), wedged);
	for_each_cpu(cpu, wedged) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		WRITE_ONCE(stop->took_ipi, false);
		if (smp_call_function_single_async(cpu, &stop->ipi) == -ENXIO)
			WRITE_ONCE(stop->took_ipi, true);	/* it went offline */
	}
	preempt_enable();
	while (!all_took_ipi(wedged) && !counter_passed(deadline))
		cond_resched();
}

/*
 * Waits for its turn on a CPU that is stopped, or half woken: its wake-up waits there for an IPI,
 * and others pass over it. Not one that can't leave: the CPU's own threads, who must not migrate,
 * and who is on the move already, which that CPU was to do.
 */
static bool is_stuck(const struct task_struct *task, const struct cpumask *stopped)
{
	if (!cpumask_test_cpu(task_cpu(task), stopped) || READ_ONCE(task->on_cpu))
		return false;
	if (task->flags & PF_NO_SETAFFINITY && task->nr_cpus_allowed == 1)
		return false;
	if (READ_ONCE(task->migration_disabled))
		return false;
	if (READ_ONCE(task->on_rq))
		return READ_ONCE(task->on_rq) == 1 && !READ_ONCE(task->migration_pending);
	return READ_ONCE(task->__state) == TASK_WAKING;
}

/* One of them, with a reference. */
static struct task_struct *find_stuck(const struct cpumask *stopped)
{
	struct task_struct *group, *task, *found = NULL;

	rcu_read_lock();
	for_each_process_thread(group, task) {
		if (is_stuck(task, stopped)) {
			found = get_task_struct(task);
			goto out;
		}
	}
out:
	rcu_read_unlock();
	return found;
}

/*
 * While the lock is free nobody is choosing the task's CPU; the stopped one may hold it for ever.
 * As that CPU never reads its list again, the task may stay in it, and be in another.
 */
static void wake_again(struct task_struct *task, const struct cpumask *stopped)
{
	struct wait_queue_entry entry = { .private = task };
	unsigned long flags;
	bool half_woken;

	if (!raw_spin_trylock_irqsave(&task->pi_lock, flags))
		return;
	half_woken = is_stuck(task, stopped) && !READ_ONCE(task->on_rq);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	if (half_woken)
		default_wake_function(&entry, TASK_WAKING, 0, NULL);
}

/*
 * The scheduler takes nobody from a CPU that is not active, but for hotplug, and the reboot may
 * wait for one of them: newer kernels stop the consoles' own threads.
 */
static void move_stuck(const struct cpumask *cpus)
{
	static struct cpumask stopped;
	struct task_struct *task;
	unsigned int moves;

	cpumask_andnot(&stopped, cpus, cpu_online_mask);
	for (moves = 0; moves < MOVES_MOST; moves++) {
		task = find_stuck(&stopped);
		if (!task)
			break;
		if (READ_ONCE(task->on_rq))
			set_cpus_allowed_ptr(task, cpu_active_mask);
		else
			wake_again(task, &stopped);
		put_task_struct(task);
	}
}

/* The kernel says only to its notifiers that a reboot is a kexec, and only in these words. */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	static struct cpumask wedged;
	unsigned int cpu;

	find_wedged(&wedged);
	if (cpumask_empty(&wedged))
		return NOTIFY_OK;
	if (data && !strcmp(data, "kexec reboot")) {
		pr_warn("CPUs %*pbl have taken no interrupt for %u s: this kexec waits for them, as the next kernel would overwrite what they run; sysrq-b reboots\n",
			cpumask_pr_args(&wedged), IPI_WAIT_MS / 1000);
		return NOTIFY_OK;
	}
	pr_warn("CPUs %*pbl have taken no interrupt for %u s, and would hold this reboot up\n",
		cpumask_pr_args(&wedged), IPI_WAIT_MS / 1000);
	preempt_disable();
	if (atomic_read(&stopper) == NOBODY && !all_took_ipi(&wedged)) {
		cpumask_clear_cpu(smp_processor_id(), &wedged);
		reach_only_stops();
		ask(&wedged, ENDING_PARK, true);
		/* Who comes too late may have work to do in this reboot. */
		for_each_cpu(cpu, &wedged)
			event_drop(cpu, REQUEST_STOP);
		tell(&wedged, true);
	}
	preempt_enable();
	move_stuck(&wedged);
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
