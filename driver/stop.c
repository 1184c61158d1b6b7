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
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/context_tracking.h>
#include <linux/cpumask.h>
#include <linux/kexec.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <asm/smp.h>

#include "capture.h"
#include "deadline.h"
#include "event.h"
#include "print.h"
#include "reach.h"
#include "stop.h"
#include "stop_gic.h"
#include "symbols.h"
#include "waits.h"

#define WHOLE_BLOCKS	8	/* a console may take a third of a second for each */
#define NOBODY		-1

enum ending { ENDING_PARK, ENDING_OFF };

static const char * const endings[] = { [ENDING_PARK] = "park", [ENDING_OFF] = "off" };

/**
 * struct stop - how one CPU stopped
 * @record: where it was
 * @ending: how it is to end
 * @spared: it goes on if this is true, or NULL
 * @stopped: event 0 has stopped it
 * @ends: it is ending by itself, as the kernel has asked it to
 * @err: what sdei_nmi_event_ask() said
 */
struct stop {
	struct sdei_nmi_record record;
	enum ending ending;
	const bool *spared;
	bool stopped;
	bool ends;
	int err;
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
		pr_err("stop_ending has to be park or off, not '%s'; nothing was changed\n", value);
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
MODULE_PARM_DESC(stop_ending, "What a CPU does after event 0 stopped it in a crash: park, or off: switch itself off so that a capture kernel can use it (default: park)");

/* On the CPU that is to stop. It does not come back, but where it was not meant any more. */
static void notrace serve_stop_request(struct pt_regs *regs)
{
	struct stop *stop = this_cpu_ptr(stops);
	unsigned int cpu = smp_processor_id();
	const bool *spared = READ_ONCE(stop->spared);
	int err;

	if (spared && READ_ONCE(*spared))
		return;
	stop->stopped = true;
	if (SDEI_NMI_HAS(crash_save_cpu))
		SDEI_NMI_KERNEL(crash_save_cpu)(regs, cpu);
	sdei_nmi_capture_here(&stop->record, regs);
	err = SDEI_NMI_KERNEL(sdei_mask_local_cpu)();
	set_cpu_active(cpu, false);
	smp_mb();	/* all that was written is seen by who sees us offline */
	SDEI_NMI_KERNEL(set_cpu_online)(cpu, false);
	/* RCU sees it idle, so that in a reboot nobody waits for what it was reading. */
	ct_state_inc(CT_RCU_WATCHING);
	/* If events are not masked, the stack that we are on is not ours outside of one. */
	if (stop->ending == ENDING_OFF && !err)
		sdei_nmi_stop_switch_off();
	cpu_park_loop();
}

NOKPROBE_SYMBOL(serve_stop_request);

static void log_stopped(unsigned int cpu, bool whole)
{
	const struct sdei_nmi_record *b = &per_cpu_ptr(stops, cpu)->record;

	if (b->guest)
		pr_warn("CPU %u stopped by event 0 in a KVM guest\n", cpu);
	else if (user_mode(&b->regs))
		pr_warn("CPU %u stopped by event 0 in a user program\n", cpu);
	else
		pr_warn("CPU %u stopped by event 0 at %pS\n", cpu, (void *)b->regs.pc);
	touch_nmi_watchdog();
	if (whole)
		sdei_nmi_print_backtrace(cpu, b);
}

/* CPUs in the mask whose flag is set come out of it. */
static void remove_spared(struct cpumask *cpus, const bool __percpu *spared)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		if (READ_ONCE(*per_cpu_ptr(spared, cpu)))
			cpumask_clear_cpu(cpu, cpus);
}

static void stop_by_event(struct cpumask *cpus, enum ending ending, const bool __percpu *spared)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_STOP_ANSWER_MS * USEC_PER_MSEC);
	unsigned int cpu;

	for_each_cpu(cpu, cpus) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		stop->ending = ending;
		WRITE_ONCE(stop->spared, spared ? per_cpu_ptr(spared, cpu) : NULL);
		stop->err = sdei_nmi_event_ask(cpu, SDEI_NMI_REQUEST_STOP);
	}
	while (cpumask_intersects(cpus, cpu_online_mask) && !counter_passed(deadline)) {
		if (spared)
			remove_spared(cpus, spared);
		cpu_relax();
	}
}

static void log_stops(const struct cpumask *cpus, bool blocks)
{
	unsigned int cpu, whole = blocks ? WHOLE_BLOCKS : 0;
	char why[SDEI_NMI_WHY_SIZE];

	for_each_cpu(cpu, cpus) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		if (cpu_online(cpu)) {
			sdei_nmi_event_why(stop->err, SDEI_NMI_STOP_ANSWER_MS, why, sizeof(why));
			pr_warn("CPU %u was not stopped: %s\n", cpu, why);
			continue;
		}
		smp_rmb();	/* pairs with serve_stop_request() */
		/* Else the kernel's IPI came to it after all, or it went offline by itself. */
		if (!stop->stopped)
			continue;
		log_stopped(cpu, whole);
		if (whole)
			whole--;
	}
}

/**
 * sdei_nmi_stop_claim() - the kernel is about to stop all other CPUs
 * @crash: for a crash dump: their registers are to be saved
 *
 * Context: any, SDEI included, with interrupts on or off; the caller stays on this CPU. Waits for
 * 20 ms at most. Return: true if the caller is the one to call sdei_nmi_stop_online() when the
 * kernel has done its part; false if that is somebody else's, who may be its caller.
 */
bool sdei_nmi_stop_claim(bool crash)
{
	if (atomic_cmpxchg(&stopper, NOBODY, raw_smp_processor_id()) != NOBODY)
		return false;
	/* With nothing to start there will be no dump, whatever the kernel calls it. */
	crashing = crash && kexec_crash_loaded();
	sdei_nmi_reach_only_stops();
	return true;
}

/**
 * sdei_nmi_stop_note_self() - this CPU is about to end by itself, as the kernel has asked it to
 *
 * Some kernels leave a CPU that stops for a crash dump in the mask of those online (6.1).
 *
 * Context: hard IRQ, SDEI included; before the CPU masks SDEI.
 */
void notrace sdei_nmi_stop_note_self(void)
{
	struct stop *stop = this_cpu_ptr(stops);

	if (stop->stopped || atomic_read(&stopper) == raw_smp_processor_id())
		return;
	WRITE_ONCE(stop->ends, true);
	sdei_nmi_reach_cpu_ends();
}

/**
 * sdei_nmi_stop_online() - stop, by event 0, those whom the kernel could not stop
 *
 * Takes 100 ms at most and what printing takes. One line of log for each tells where it was, or why
 * it goes on.
 *
 * Context: as sdei_nmi_stop_claim(), which the same caller has called.
 */
void sdei_nmi_stop_online(void)
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
	stop_by_event(&left, crashing ? READ_ONCE(crash_ending) : ENDING_PARK, NULL);
	log_stops(&left, !crashing);
}

/**
 * sdei_nmi_stop_unless() - stop CPUs by event 0, except those that turn out to take interrupts
 * @cpus: the CPUs; left are those that were not spared
 * @spared: of each CPU, whether it is to go on; it may become true at any time
 *
 * Does nothing if the kernel is about to stop all other CPUs already. Otherwise takes 100 ms at
 * most and what printing takes, with one block of log for each CPU.
 *
 * Context: task, preemption off.
 */
void sdei_nmi_stop_unless(struct cpumask *cpus, const bool __percpu *spared)
{
	unsigned int cpu;

	if (atomic_read(&stopper) != NOBODY)
		return;
	remove_spared(cpus, spared);
	if (cpumask_empty(cpus))
		return;
	cpumask_clear_cpu(smp_processor_id(), cpus);
	sdei_nmi_reach_only_stops();
	stop_by_event(cpus, ENDING_PARK, spared);
	/* Who comes too late may have work to do in this reboot. */
	for_each_cpu(cpu, cpus)
		sdei_nmi_event_drop(cpu, SDEI_NMI_REQUEST_STOP);
	log_stops(cpus, true);
}

/**
 * sdei_nmi_stop_init() - make ready to stop CPUs
 *
 * Context: task, at load; sleeps. Return: 0, or -ENOMEM, which one line of log tells.
 */
int __init sdei_nmi_stop_init(void)
{
	stops = alloc_percpu(struct stop);
	if (!stops) {
		pr_err("allocating a stop record for each CPU failed; nothing was changed\n");
		return -ENOMEM;
	}
	sdei_nmi_event_serve(SDEI_NMI_REQUEST_STOP, serve_stop_request);
	return 0;
}

/**
 * sdei_nmi_stop_exit() - give the memory back
 *
 * Context: task; sleeps. Nobody stops CPUs through us any more, and event 0 is given back.
 */
void sdei_nmi_stop_exit(void)
{
	free_percpu(stops);
}
