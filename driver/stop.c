// SPDX-License-Identifier: GPL-2.0
/*
 * Stops CPUs that the kernel could not stop. Before a crash dump, the end of a panic, a halt or a
 * reboot, the kernel stops the other CPUs by an IPI. A CPU that is wedged with interrupts masked
 * does not take the IPI, and a dump lacks its registers. When the kernel has done its part, this
 * file signals event 0 to the CPUs that are still online.
 *
 * Stopping CPUs mask SDEI, and a signal after that costs such a CPU its interrupts, also in the
 * next kernel. So before the first CPU stops, reach.c refuses all signals except those that stop
 * a CPU. The CPU that stops the others is never signalled.
 *
 * A stopped CPU saves its registers, records its stack, masks SDEI, goes offline, and ends in one
 * of two ways:
 *
 * - It parks inside the event. This asks nothing of the firmware, so it works on any firmware. The
 *   CPU stays there until the next reset.
 * - In a crash, with stop_ending=off, it switches itself off, so that the next kernel can bring it
 *   up: stop_gic.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/context_tracking.h>
#include <linux/cpumask.h>
#include <linux/kexec.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <asm/smp.h>

#include "capture.h"
#include "deadline.h"
#include "event.h"
#include "print.h"
#include "quirks.h"
#include "reach.h"
#include "stop.h"
#include "stop_gic.h"
#include "symbols.h"
#include "waits.h"

#define WHOLE_BLOCKS	8	/* a slow console needs a third of a second for one */
#define NOBODY		-1

enum ending { ENDING_PARK, ENDING_OFF };

static const char * const endings[] = { [ENDING_PARK] = "park", [ENDING_OFF] = "off" };

/**
 * struct stop - how one CPU stopped
 * @record: what the CPU ran
 * @host: the host's registers, for a dump, if the CPU ran a KVM guest
 * @ending: how the CPU ends
 * @spared: if this becomes true, the CPU is not stopped; or NULL
 * @stopped: event 0 has stopped the CPU
 * @ends: the CPU stops by itself because the kernel asked it to
 * @err: what sdei_nmi_event_ask() returned
 */
struct stop {
	struct sdei_nmi_record record;
	struct pt_regs host;
	enum ending ending;
	const bool *spared;
	bool stopped;
	bool ends;
	int err;
};

static struct stop __percpu *stops;

/* The CPU that stops all others. It is set once. @crashing and @left belong to it. */
static atomic_t stopper = ATOMIC_INIT(NOBODY);
static bool crashing;
static struct cpumask left;

static enum ending crash_ending = ENDING_PARK;

static int ending_set(const char *value, const struct kernel_param *param)
{
	int chosen = sysfs_match_string(endings, value);

	if (chosen < 0) {
		pr_err("stop_ending has to be park or off, not '%.*s'; nothing was changed\n",
		       (int)strcspn(value, "\n"), value);
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

/*
 * For a KVM guest the dump gets the host's side: the CPU is in __guest_enter(), which has no frame,
 * so sp, fp and lr are those of its call. The guest's registers would be taken for the host's.
 */
static void notrace save_registers(struct stop *stop, struct pt_regs *regs, unsigned int cpu)
{
	unsigned long stack = (unsigned long)task_stack_page(current);
	const struct user_pt_regs *host;
	unsigned int i;

	if (!SDEI_NMI_HAS(crash_save_cpu))
		return;
	if (stop->record.guest) {
		/*
		 * Another sp is not of this function, and no registers are better than wrong ones.
		 */
		if (regs->sp < stack || regs->sp >= stack + THREAD_SIZE)
			return;
		stop->host.pc = sdei_nmi_guest_enter();
		stop->host.sp = regs->sp;
		/* Without them the stack ends here. */
		host = sdei_nmi_guest_host();
		for (i = 18; host && i <= 30; i++)
			WRITE_ONCE(stop->host.regs[i], host->regs[i]);	/* no memcpy() */
		stop->host.pstate = PSR_MODE_EL2h | PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT;
		regs = &stop->host;
	} else if (stop->record.near_guest) {
		stop->host.pc = regs->pc;
		stop->host.sp = regs->sp;
		stop->host.pstate = regs->pstate;
		/* In the code that enters and leaves a guest, fp may be the guest's. */
		if (regs->regs[29] >= stack && regs->regs[29] < stack + THREAD_SIZE)
			stop->host.regs[29] = regs->regs[29];
		regs = &stop->host;
	}
	SDEI_NMI_KERNEL(crash_save_cpu)(regs, cpu);
}

NOKPROBE_SYMBOL(save_registers);

/* Runs on the CPU that has to stop. Returns only if the CPU was spared in the meantime. */
static void notrace serve_stop_request(struct pt_regs *regs)
{
	struct stop *stop = this_cpu_ptr(stops);
	unsigned int cpu = smp_processor_id();
	const bool *spared = READ_ONCE(stop->spared);
	int err;

	/* The CPU that stops the others may have been asked before it began to. */
	if ((spared && READ_ONCE(*spared)) || atomic_read(&stopper) == (int)cpu)
		return;
	stop->stopped = true;
	sdei_nmi_capture_here(&stop->record, regs, true);
	save_registers(stop, regs, cpu);
	err = SDEI_NMI_KERNEL(sdei_mask_local_cpu)();
	set_cpu_active(cpu, false);
	/* Sums of per-CPU counters include a CPU that is dying, but not one that is offline. */
	set_cpu_dying(cpu, true);
	smp_mb();	/* pairs with log_stops(): offline implies written */
	SDEI_NMI_KERNEL(set_cpu_online)(cpu, false);
	/* RCU treats this CPU as idle from now on: no grace period waits for this CPU. */
	ct_state_inc(CT_RCU_WATCHING);
	/* Without the mask another event could reuse this stack after the CPU left the event. */
	if (stop->ending == ENDING_OFF && !err && !sdei_nmi_quirks_has(SDEI_NMI_QUIRK_NO_CPU_OFF))
		sdei_nmi_stop_switch_off();
	cpu_park_loop();
}

NOKPROBE_SYMBOL(serve_stop_request);

static void log_stopped(unsigned int cpu, bool whole, unsigned int *lock_us)
{
	const struct sdei_nmi_record *b = &per_cpu_ptr(stops, cpu)->record;
	char callers[400];

	if (b->guest)
		pr_warn("CPU %u stopped by event 0 in a KVM guest\n", cpu);
	else if (user_mode(&b->regs))
		pr_warn("CPU %u stopped by event 0 in a user program\n", cpu);
	if (!b->guest && !user_mode(&b->regs)) {
		sdei_nmi_print_callers(b, callers, sizeof(callers));
		pr_warn("CPU %u stopped by event 0 at %pS%s\n", cpu, (void *)b->regs.pc, callers);
	}
	touch_nmi_watchdog();
	if (whole)
		sdei_nmi_print_backtrace(cpu, b, lock_us);
}

/* Removes the CPUs whose flag is set from the mask. */
static void remove_spared(struct cpumask *cpus, const bool __percpu *spared)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		if (READ_ONCE(*per_cpu_ptr(spared, cpu)))
			cpumask_clear_cpu(cpu, cpus);
}

static void stop_by_event(struct cpumask *cpus, enum ending ending, const bool __percpu *spared)
{
	unsigned int cpu;
	u64 deadline;

	for_each_cpu(cpu, cpus) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		stop->ending = ending;
		WRITE_ONCE(stop->spared, spared ? per_cpu_ptr(spared, cpu) : NULL);
		stop->err = sdei_nmi_event_ask(cpu, SDEI_NMI_REQUEST_STOP);
	}
	/* The signals to many CPUs may take a while; each CPU has the whole time. */
	deadline = counter_now() + counter_ticks(SDEI_NMI_STOP_ANSWER_MS * USEC_PER_MSEC);
	while (cpumask_intersects(cpus, cpu_online_mask) && !counter_passed(deadline)) {
		if (spared)
			remove_spared(cpus, spared);
		cpu_relax();
	}
}

static void log_stops(const struct cpumask *cpus, bool blocks)
{
	unsigned int cpu, whole = blocks ? WHOLE_BLOCKS : 0, lock_us = SDEI_NMI_PRINT_LOCK_US;
	char why[SDEI_NMI_WHY_SIZE];

	for_each_cpu(cpu, cpus) {
		struct stop *stop = per_cpu_ptr(stops, cpu);

		if (cpu_online(cpu)) {
			sdei_nmi_event_why(stop->err, SDEI_NMI_STOP_ANSWER_MS, why, sizeof(why));
			pr_warn("CPU %u was not stopped: %s\n", cpu, why);
			continue;
		}
		smp_rmb();	/* pairs with serve_stop_request() */
		/* If not, the CPU took the kernel's IPI after all, or went offline by itself. */
		if (!stop->stopped)
			continue;
		log_stopped(cpu, whole, &lock_us);
		if (whole)
			whole--;
	}
}

/**
 * sdei_nmi_stop_claim() - the kernel is about to stop all other CPUs
 * @crash: true if a crash dump follows, which needs the registers of these CPUs
 *
 * Context: any, SDEI included, with interrupts on or off; the caller stays on this CPU. Waits for
 * SDEI_NMI_STOP_SETTLE_US at most. Return: true if the caller has to call sdei_nmi_stop_online()
 * when the kernel has done its part; false if another caller, on this CPU or another, does so.
 */
bool sdei_nmi_stop_claim(bool crash)
{
	if (atomic_cmpxchg(&stopper, NOBODY, raw_smp_processor_id()) != NOBODY)
		return false;
	/* Without a capture kernel there is no dump, whatever function the kernel called. */
	crashing = crash && kexec_crash_loaded();
	sdei_nmi_reach_only_stops();
	return true;
}

/**
 * sdei_nmi_stop_note_self() - this CPU stops by itself because the kernel asked it to
 *
 * Linux 6.1 leaves a CPU that stops for a crash dump in the online mask.
 *
 * Context: any, SDEI included, with interrupts off; before the CPU masks SDEI.
 */
void notrace sdei_nmi_stop_note_self(void)
{
	struct stop *stop = this_cpu_ptr(stops);

	if (stop->stopped || atomic_read(&stopper) == raw_smp_processor_id())
		return;
	WRITE_ONCE(stop->ends, true);
	sdei_nmi_reach_cpu_ends();
}

/* The IPI to the CPU that panic_force_cpu= names. */
enum { PANIC_IPI_SENT, PANIC_IPI_TAKEN, PANIC_IPI_LATE };

static struct {
	call_single_data_t csd;
	void (*then)(void *info);
	void *info;
	atomic_t state;
} panic_ipi;

static void take_panic_ipi(void *unused)
{
	if (atomic_cmpxchg(&panic_ipi.state, PANIC_IPI_SENT, PANIC_IPI_TAKEN) == PANIC_IPI_SENT &&
	    panic_ipi.then)
		panic_ipi.then(panic_ipi.info);
}

/**
 * sdei_nmi_stop_takes_ipi() - whether a CPU takes interrupts; logs a line if not
 * @cpu: the CPU to which the kernel wants to leave a panic
 * @then: what the CPU runs in the interrupt, if this function returns true; or NULL
 * @info: argument of @then
 *
 * Context: any but SDEI; with interrupts off. Waits for SDEI_NMI_PANIC_IPI_MS at most.
 * Return: true if the CPU took an IPI.
 */
bool sdei_nmi_stop_takes_ipi(unsigned int cpu, void (*then)(void *info), void *info)
{
	u64 deadline;

	panic_ipi.then = then;
	panic_ipi.info = info;
	if (!smp_call_function_single_async(cpu, &panic_ipi.csd)) {
		deadline = counter_now() + counter_ticks(SDEI_NMI_PANIC_IPI_MS * USEC_PER_MSEC);
		while (atomic_read(&panic_ipi.state) == PANIC_IPI_SENT &&
		       !counter_passed(deadline)) {
			touch_nmi_watchdog();
			cpu_relax();
		}
		/* From here on the CPU does nothing if it takes the IPI after all. */
		if (atomic_cmpxchg(&panic_ipi.state, PANIC_IPI_SENT, PANIC_IPI_LATE) ==
		    PANIC_IPI_TAKEN)
			return true;
	}
	pr_emerg("CPU %u, to which panic_force_cpu= leaves this panic, has taken no interrupt for %u ms: the panic goes on here\n",
		 cpu, SDEI_NMI_PANIC_IPI_MS);
	return false;
}

/*
 * A CPU that came online or went offline while another CPU printed an oops is noted too
 * (hook_module.c). It is open again after that, and a CPU that stops is not.
 */
static bool ends(unsigned int cpu)
{
	return READ_ONCE(per_cpu_ptr(stops, cpu)->ends) &&
	       sdei_nmi_reach_of(cpu) == SDEI_NMI_REACH_DOWN;
}

/**
 * sdei_nmi_stop_online() - stop by event 0 the CPUs that the kernel could not stop
 *
 * Takes SDEI_NMI_STOP_ANSWER_MS at most, plus the time to print. Logs one line for each CPU: where
 * it was stopped, or why it was not.
 *
 * Context: as sdei_nmi_stop_claim(), which the same caller has called.
 */
void sdei_nmi_stop_online(void)
{
	unsigned int this_cpu = raw_smp_processor_id(), cpu;

	cpumask_copy(&left, cpu_online_mask);
	cpumask_clear_cpu(this_cpu, &left);
	for_each_cpu(cpu, &left)
		if (ends(cpu))
			cpumask_clear_cpu(cpu, &left);
	if (cpumask_empty(&left))
		return;
	stop_by_event(&left, crashing ? READ_ONCE(crash_ending) : ENDING_PARK, NULL);
	/*
	 * In a panic the log's end is what pstore keeps: the cause of the panic must not be pushed
	 * out of it. A dump has the stacks anyway.
	 */
	log_stops(&left, !crashing && !oops_in_progress);
}

/**
 * sdei_nmi_stop_unless() - stop CPUs by event 0, except those that turn out to take interrupts
 * @cpus: the CPUs; on return without the CPUs that were spared
 * @spared: per CPU, true if the CPU is not to be stopped; may become true at any time
 *
 * Does nothing if the kernel already stops all other CPUs. Otherwise takes SDEI_NMI_STOP_ANSWER_MS
 * at most, plus the time to print one block for each CPU.
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
	/* A CPU that sees the request later may have work to do in this reboot. */
	for_each_cpu(cpu, cpus)
		sdei_nmi_event_drop(cpu, SDEI_NMI_REQUEST_STOP);
	log_stops(cpus, true);
}

/**
 * sdei_nmi_stop_init() - allocate the records and serve stop requests
 *
 * Context: task, at load; sleeps. Return: 0, or -ENOMEM after one log line.
 */
int __init sdei_nmi_stop_init(void)
{
	stops = alloc_percpu(struct stop);
	if (!stops) {
		pr_err("allocating a stop record for each CPU failed; nothing was changed\n");
		return -ENOMEM;
	}
	INIT_CSD(&panic_ipi.csd, take_panic_ipi, NULL);
	sdei_nmi_event_serve(SDEI_NMI_REQUEST_STOP, serve_stop_request);
	return 0;
}

/**
 * sdei_nmi_stop_exit() - free the records
 *
 * Context: task; sleeps. The hooks are removed and event 0 is unregistered.
 */
void sdei_nmi_stop_exit(void)
{
	free_percpu(stops);
}
