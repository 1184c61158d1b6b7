// SPDX-License-Identifier: GPL-2.0
/*
 * Prints records in the words of the kernel's own dumps, because other programs key on these
 * lines. The kernel's show_regs() would print the requester's task instead of the target's, so
 * the requester puts the block together here.
 */
#include <linux/delay.h>
#include <linux/kexec.h>
#include <linux/nmi.h>
#include <linux/printk.h>
#include <linux/sched/debug.h>
#include <linux/utsname.h>

#include "print.h"
#include "regs.h"
#include "symbols.h"
#include "waits.h"

#define CALLERS	8	/* in a line */

/* If a distribution defines this, Kbuild includes the definition. */
#ifndef LINUX_PACKAGE_ID
#define LINUX_PACKAGE_ID ""
#endif

/*
 * The lock that the kernel's own dumps take keeps a block in one piece. A wedged CPU may hold this
 * lock, so the wait for it has a bound, which all blocks of a request share; a log with mixed lines
 * is better than none.
 *
 * Lines that are printed under the lock reach the console by an interrupt. A CPU that has stopped
 * all others may never take that interrupt, so it does not take the lock. No other CPU prints then.
 */
static bool block_begin(unsigned long *flags, unsigned int *lock_us)
{
	if (num_online_cpus() == 1)
		return false;
	for (;;) {
		local_irq_save(*flags);
		if (__printk_cpu_sync_try_get())
			return true;
		local_irq_restore(*flags);
		if (!*lock_us)
			return false;
		(*lock_us)--;
		udelay(1);
	}
}

static void block_end(bool held, unsigned long flags)
{
	if (!held)
		return;
	__printk_cpu_sync_put();
	local_irq_restore(flags);
}

/* Prints at the level of the kernel's own dumps, which has no pr_ function. */
static __printf(1, 2) void line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintk(format, args);
	va_end(args);
}

static void print_task(unsigned int cpu, const struct sdei_nmi_record *b)
{
	const char *tainted = SDEI_NMI_KERNEL(print_tainted)();
	char uid[20] = "", model[64] = "", *end = "";

	if (SDEI_NMI_HAS(print_tainted_verbose))
		scnprintf(uid, sizeof(uid), "UID: %u ", b->uid);
	if (SDEI_NMI_HAS(preempt_model_str)) {
		scnprintf(model, sizeof(model), "%s ", SDEI_NMI_KERNEL(preempt_model_str)());
		end = " ";
	}
	line(KERN_DEFAULT "CPU: %u %sPID: %d Comm: %.20s %s%s %s %.*s %s%s%s\n", cpu, uid, b->pid,
	     b->comm, kexec_crash_loaded() ? "Kdump: loaded " : "", tainted,
	     init_utsname()->release, (int)strcspn(init_utsname()->version, " "),
	     init_utsname()->version, model, LINUX_PACKAGE_ID, end);
	if (SDEI_NMI_HAS(print_tainted_verbose) && !strstarts(tainted, "Not"))
		line(KERN_DEFAULT "%s\n", SDEI_NMI_KERNEL(print_tainted_verbose)());
	if (*sdei_nmi_hardware_name())
		line(KERN_DEFAULT "Hardware name: %s\n", sdei_nmi_hardware_name());
	if (b->worker) {
		SDEI_NMI_KERNEL(print_worker_info)(KERN_DEFAULT, b->task);
		SDEI_NMI_KERNEL(print_stop_info)(KERN_DEFAULT, b->task);
	}
}

static void print_regs(const struct sdei_nmi_record *b)
{
	const struct pt_regs *regs = &b->regs;

	if (!b->guest && !b->near_guest) {
		sdei_nmi_regs_print(regs, b->has_sp);
		return;
	}
	sdei_nmi_regs_print_pstate(regs);
	if (b->guest) {
		line(KERN_DEFAULT "pc : %016llx\n", regs->pc);
	} else {
		line(KERN_DEFAULT "pc : %pS\n", (void *)regs->pc);
		line(KERN_DEFAULT "sp : %016llx\n", regs->sp);
	}
}

/* P marks a pc from saved registers: event 0 or an exception saved them. C marks the caller. */
static const char *source(const struct sdei_nmi_record *b, unsigned int i)
{
	if (!SDEI_NMI_TRACE_SOURCES)
		return "";
	if (!i)
		return b->has_regs ? " (P)" : " (C)";
	return sdei_nmi_entry_text(b->pc[i - 1]) ? " (P)" : "";
}

static void print_trace(const struct sdei_nmi_record *b)
{
	unsigned int i;

	if (b->guest || (b->has_regs && user_mode(&b->regs)))
		return;
	line(KERN_DEFAULT "Call trace:\n");
	for (i = 0; i < b->depth; i++)
		line(KERN_DEFAULT " %pSb%s\n", (void *)b->pc[i], source(b, i));
}

/**
 * sdei_nmi_print_idles() - whether a CPU is idle
 * @b: the CPU's complete record
 *
 * Context: any. Return: true if it is idle.
 */
bool sdei_nmi_print_idles(const struct sdei_nmi_record *b)
{
	return b->has_regs && !b->guest && SDEI_NMI_KERNEL(cpu_in_idle)(b->regs.pc);
}

/**
 * sdei_nmi_print_header() - log the targets of a request
 * @this_cpu: the requester's CPU
 * @mask: the targets
 *
 * Context: any but SDEI.
 */
void sdei_nmi_print_header(unsigned int this_cpu, const struct cpumask *mask)
{
	pr_info("Sending NMI from CPU %d to CPUs %*pbl:\n", this_cpu, nr_cpumask_bits, mask);
}

/**
 * sdei_nmi_print_lockup() - log the first line of a report of a hard lockup
 * @cpu: the CPU that is locked up
 * @named: whether the line names this CPU, too, as newer kernels do (absent in 6.12, present in
 * 7.3)
 *
 * Context: any but SDEI, preemption off.
 */
void sdei_nmi_print_lockup(unsigned int cpu, bool named)
{
	char reporter[16] = "";

	if (named)
		scnprintf(reporter, sizeof(reporter), "CPU%u: ", smp_processor_id());
	line(KERN_EMERG "watchdog: %sWatchdog detected hard LOCKUP on cpu %u\n", reporter, cpu);
}

/**
 * sdei_nmi_print_backtrace() - log one CPU's record
 * @cpu: the CPU
 * @b: the CPU's complete record; if @b->worker is set, the record's task is held
 * @lock_us: how long the request may still wait for the printk CPU sync, in microseconds; starts as
 * SDEI_NMI_PRINT_LOCK_US
 *
 * Context: any but SDEI. Takes the printk CPU sync if it is free in time.
 */
void sdei_nmi_print_backtrace(unsigned int cpu, const struct sdei_nmi_record *b,
			      unsigned int *lock_us)
{
	unsigned long flags;
	bool held = block_begin(&flags, lock_us);

	if (b->brief || (sdei_nmi_print_idles(b) && !sdei_nmi_backtrace_idle())) {
		pr_warn("NMI backtrace for cpu %d skipped: idling at %pS\n", cpu,
			(void *)b->regs.pc);
	} else {
		pr_warn("NMI backtrace for cpu %d\n", cpu);
		print_task(cpu, b);
		if (b->has_regs)
			print_regs(b);
		print_trace(b);
	}
	block_end(held, flags);
	if (b->guest)
		pr_warn(KBUILD_MODNAME ": CPU %u was in a KVM guest; pc and pstate are the guest's, other registers are not shown\n",
			cpu);
	if (b->near_guest)
		pr_warn(KBUILD_MODNAME ": CPU %u was between a KVM guest and the host; registers that may be the guest's are not shown\n",
			cpu);
	if (b->cut)
		pr_warn(KBUILD_MODNAME ": the trace of CPU %u is longer than the %u entries shown\n",
			cpu, SDEI_NMI_RECORD_DEPTH);
}

/**
 * sdei_nmi_print_callers() - write a record's callers in one line
 * @b: the CPU's complete record
 * @text: buffer for ", called from A, B, C" of at most CALLERS functions; empty if there are none
 * @size: size of @text, in characters
 *
 * Context: any but SDEI.
 */
void sdei_nmi_print_callers(const struct sdei_nmi_record *b, char *text, size_t size)
{
	unsigned int i;
	int n = 0;

	*text = 0;
	for (i = 1; i < b->depth && i <= CALLERS; i++)
		n += scnprintf(text + n, size - n, "%s%ps", i == 1 ? ", called from " : ", ",
			       (void *)b->pc[i]);
}

/**
 * sdei_nmi_print_alike() - log one line for each CPU that shares a printed stack
 * @records: the records of all CPUs
 * @cpu: the CPU whose stack was printed
 * @others: the CPUs that share it; may be empty
 *
 * Context: any but SDEI. Their tasks are held if @worker is set in their records.
 */
void sdei_nmi_print_alike(const struct sdei_nmi_record __percpu *records, unsigned int cpu,
			  const struct cpumask *others)
{
	unsigned int other;

	if (cpumask_empty(others))
		return;
	/* Idle CPUs differ only in their numbers. */
	if (sdei_nmi_print_idles(per_cpu_ptr(records, cpu))) {
		pr_warn(KBUILD_MODNAME ": also idle there: CPUs %*pbl\n", cpumask_pr_args(others));
		return;
	}
	for_each_cpu(other, others) {
		const struct sdei_nmi_record *b = per_cpu_ptr(records, other);

		touch_nmi_watchdog();
		pr_warn(KBUILD_MODNAME ": CPU %u has the same stack, in %pS, PID: %d Comm: %.20s pstate: %08llx sp : %016llx\n",
			other, (void *)b->regs.pc, b->pid, b->comm, b->regs.pstate, b->regs.sp);
		if (b->worker)
			SDEI_NMI_KERNEL(print_stop_info)(KERN_WARNING, b->task);
	}
}
