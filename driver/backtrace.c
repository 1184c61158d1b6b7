// SPDX-License-Identifier: GPL-2.0
/*
 * Capture on the target, print on the requester. All targets are asked at once; each copies its
 * registers and return addresses into its own record and goes on, in microseconds, whatever the
 * console does and however many CPUs there are. The requester waits, bounded, and prints what came
 * in CPU order.
 *
 * A CPU that may not be signalled, or whose signal the firmware refuses, gets an ordinary IPI in
 * the same moment. One that does not answer event 0 in EVENT_WAIT_MS gets the IPI then. What has
 * not answered within a second is named, with the reason; late.c tells of what comes after.
 *
 * One request at a time, as with the kernel's own: a second requester is turned away at once, so
 * nobody waits for anybody. The holder of "busy" owns the statics below and the requester's side of
 * every record.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <asm/irq_regs.h>
#include <asm/virt.h>

#include "backtrace.h"
#include "capture.h"
#include "counter.h"
#include "event.h"
#include "late.h"
#include "print.h"
#include "sdei_errno.h"
#include "symbols.h"

#define EVENT_WAIT_MS	850	/* for answers to event 0 */
#define IPI_WAIT_MS	100	/* more, for answers to IPIs that were sent late */
#define TAKING_WAIT_MS	10	/* more, for a target that was seen in the middle of it */

/**
 * struct answer - how one CPU was asked, while a request is under way
 * @event_error: what event_ask() said
 * @ipi_error: 0 if the IPI was sent, -EBUSY if an earlier one is still under way to it, -ENXIO if
 * it is offline
 */
struct answer {
	int event_error;
	int ipi_error;
};

DEFINE_PER_CPU(struct backtrace, backtrace);

static DEFINE_PER_CPU(struct answer, answer);
static DEFINE_PER_CPU(call_single_data_t, ipi);
static DEFINE_PER_CPU(atomic_t, ipi_under_way);

static unsigned long busy;
static struct cpumask asked, silent, answered, unprinted, alike;

static bool group;
module_param(group, bool, 0644);
MODULE_PARM_DESC(group, "Print a stack that many CPUs share once, with a line for each of the others (default: off, as the kernel does)");

/* What has come of everything, for the line at unload. */
static struct {
	atomic_t requests, turned_away, asked, answered, named;
} counts;

static bool notrace store_pc(void *cookie, unsigned long pc)
{
	struct backtrace *b = cookie;

	if (b->depth == BACKTRACE_DEPTH) {
		b->cut = true;
		return false;
	}
	b->pc[b->depth++] = pc;
	return true;
}

NOKPROBE_SYMBOL(store_pc);

/* Word by word: assigning a structure may come to a call of memcpy(), which can be probed. */
static __always_inline void copy_regs(struct pt_regs *to, const struct pt_regs *from)
{
	unsigned int i;

	for (i = 0; i < sizeof(*to) / sizeof(u64); i++)
		WRITE_ONCE(((u64 *)to)[i], ((const u64 *)from)[i]);
}

/*
 * The kernel runs at one exception level, users at EL0; a context at another one is a guest's,
 * whose addresses mean nothing here.
 */
static __always_inline bool is_guest(const struct pt_regs *regs)
{
	u64 own = is_kernel_in_hyp_mode() ? PSR_MODE_EL2t : PSR_MODE_EL1t;

	return !user_mode(regs) && (regs->pstate & (PSR_MODE32_BIT | PSR_MODE_EL3t)) != own;
}

/*
 * Whatever an event interrupted, the SDEI core saves the kernel's stack pointer. Users and guests
 * have one of their own, which by now is out of reach; a 32-bit user's is one of the general
 * registers. An interrupt has them all.
 */
static __always_inline bool has_sp(const struct pt_regs *regs)
{
	if (!in_nmi())
		return true;
	return !is_guest(regs) && (!user_mode(regs) || compat_user_mode(regs));
}

/* On the CPU itself. regs == NULL: of the caller. */
static void notrace fill(struct backtrace *b, struct pt_regs *regs)
{
	struct task_struct *task = current;

	b->taken_at = counter_now();
	b->has_regs = regs;
	b->guest = regs && is_guest(regs);
	b->has_sp = regs && has_sp(regs);
	if (regs) {
		copy_regs(&b->regs, regs);
		/* The SDEI entry saves no priority mask, and leaves it as it was. */
		if (system_uses_irq_prio_masking() && in_nmi())
			regs_pmr(&b->regs) = read_sysreg_s(SYS_ICC_PMR_EL1);
	}
	b->task = task;
	b->worker = task->flags & PF_KTHREAD && task->flags & (PF_WQ_WORKER | PF_NO_SETAFFINITY);
	memcpy(b->comm, task->comm, sizeof(b->comm));
	b->pid = task->pid;
	b->uid = __kuid_val(rcu_dereference_raw(task->real_cred)->euid);
	b->cut = false;
	b->depth = 0;
	/* A user's stack is no business of the kernel log's. */
	if (!regs || !(b->guest || user_mode(regs)))
		KERNEL(arch_stack_walk)(store_pc, b, task, regs);
}

NOKPROBE_SYMBOL(fill);

/**
 * backtrace_capture() - answer a request: record where this CPU is
 * @regs: the interrupted context, or NULL where there is none to be had
 *
 * Context: SDEI, hard IRQ or, of itself, any; on the target. Takes no lock, takes no
 * exception, prints nothing.
 */
void notrace backtrace_capture(struct pt_regs *regs)
{
	struct backtrace *b = this_cpu_ptr(&backtrace);

	if (!capture_begin(&b->state))
		return;
	fill(b, regs);
	capture_end(&b->state);
}

NOKPROBE_SYMBOL(backtrace_capture);

static void on_ipi(void *unused)
{
	/*
	 * First, and fully ordered: who is told that an IPI is under way has asked before this one
	 * looks. The call structure is free by now.
	 */
	atomic_xchg(this_cpu_ptr(&ipi_under_way), 0);
	backtrace_capture(get_irq_regs());
}

/* The kernel's ordinary IPI. Its call structure is ours again when the target runs on_ipi(). */
static int ask_by_ipi(unsigned int cpu)
{
	atomic_t *under_way = per_cpu_ptr(&ipi_under_way, cpu);
	int err;

	if (atomic_cmpxchg(under_way, 0, 1))
		return -EBUSY;
	err = smp_call_function_single_async(cpu, per_cpu_ptr(&ipi, cpu));
	if (err)
		atomic_set(under_way, 0);
	return err;
}

static void ask(unsigned int cpu)
{
	struct answer *a = per_cpu_ptr(&answer, cpu);

	a->ipi_error = 0;
	if (!capture_ask(&per_cpu_ptr(&backtrace, cpu)->state)) {
		/* It is in our handler, or the requester before us would have waited for it. */
		a->event_error = -EALREADY;
		return;
	}
	cpumask_set_cpu(cpu, &silent);
	per_cpu(backtrace, cpu).asked_at = counter_now();
	a->event_error = event_ask(cpu, REQUEST_BACKTRACE);
	if (a->event_error)
		a->ipi_error = ask_by_ipi(cpu);
	if (a->ipi_error == -ENXIO && capture_cancel(&per_cpu_ptr(&backtrace, cpu)->state))
		cpumask_clear_cpu(cpu, &silent);	/* offline: no waiting for it */
}

/* Until all that are silent have answered, or for so many milliseconds from now. */
static void await(unsigned int ms)
{
	u64 deadline = counter_now() + counter_ticks(ms * USEC_PER_MSEC);
	unsigned int cpu;

	for (;;) {
		for_each_cpu(cpu, &silent)
			if (capture_taken(&per_cpu_ptr(&backtrace, cpu)->state)) {
				cpumask_clear_cpu(cpu, &silent);
				cpumask_set_cpu(cpu, &answered);
			}
		if (cpumask_empty(&silent) || counter_passed(deadline))
			return;
		touch_softlockup_watchdog();
		cpu_relax();
	}
}

static void collect(void)
{
	bool begun = false;
	unsigned int cpu;

	for_each_cpu(cpu, &asked)
		ask(cpu);
	await(EVENT_WAIT_MS);
	if (cpumask_empty(&silent))
		goto out;

	for_each_cpu(cpu, &silent)
		if (!per_cpu(answer, cpu).event_error)
			per_cpu(answer, cpu).ipi_error = ask_by_ipi(cpu);
	await(IPI_WAIT_MS);

	for_each_cpu(cpu, &silent)
		begun |= !capture_give_up(&per_cpu_ptr(&backtrace, cpu)->state);
	if (begun)
		await(TAKING_WAIT_MS);
	for_each_cpu(cpu, &silent)
		capture_leave(&per_cpu_ptr(&backtrace, cpu)->state);
	await(0);	/* for who ended just before that */
	if (!cpumask_empty(&silent))
		late_watch();
out:
	/* Whoever comes from now on finds that nobody waits, also where an IPI was faster. */
	for_each_cpu(cpu, &asked)
		event_drop(cpu, REQUEST_BACKTRACE);
}

/*
 * While the RCU read section of the capture lasts, each task that was found running still exists.
 */
static void hold_tasks(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &answered) {
		struct backtrace *b = per_cpu_ptr(&backtrace, cpu);

		if (b->worker && !refcount_inc_not_zero(&b->task->usage))
			b->worker = false;
	}
}

static void printed(struct backtrace *b)
{
	atomic_inc(&counts.answered);
	if (b->worker)
		put_task_struct(b->task);
	capture_done(&b->state);
}

static void print_one(unsigned int cpu)
{
	struct backtrace *b = per_cpu_ptr(&backtrace, cpu);

	touch_nmi_watchdog();
	print_backtrace(cpu, b);
	printed(b);
}

static bool same_function(unsigned long a, unsigned long b)
{
	char name_a[64], name_b[64];

	snprintf(name_a, sizeof(name_a), "%ps", (void *)a);
	snprintf(name_b, sizeof(name_b), "%ps", (void *)b);
	return !strcmp(name_a, name_b);
}

/* Of a workqueue's worker a block tells more, which is its own. */
static bool runs_work(const struct backtrace *b)
{
	return b->worker && b->task->flags & PF_WQ_WORKER;
}

/* Called from the same places, in the same function: who loops is met anywhere in the loop. */
static bool same_stack(const struct backtrace *a, const struct backtrace *b)
{
	if (!a->has_regs || !b->has_regs || a->guest || b->guest || !a->depth)
		return false;
	if (print_idles(a) && print_idles(b))
		return a->regs.pc == b->regs.pc;
	/* What is behind a cut is not known. */
	if (a->cut || b->cut || runs_work(a) || runs_work(b))
		return false;
	return a->depth == b->depth &&
	       !memcmp(a->pc + 1, b->pc + 1, (a->depth - 1) * sizeof(a->pc[0])) &&
	       same_function(a->pc[0], b->pc[0]);
}

/* One CPU's block, and those whose stacks are the same with it. */
static void print_group(unsigned int cpu)
{
	const struct backtrace *b = per_cpu_ptr(&backtrace, cpu);
	unsigned int other;

	cpumask_clear(&alike);
	for_each_cpu(other, &unprinted)
		if (other != cpu && same_stack(b, per_cpu_ptr(&backtrace, other)))
			cpumask_set_cpu(other, &alike);
	cpumask_andnot(&unprinted, &unprinted, &alike);
	touch_nmi_watchdog();
	print_backtrace(cpu, b);
	print_alike(cpu, &alike);
	for_each_cpu(other, &alike)
		printed(per_cpu_ptr(&backtrace, other));
	printed(per_cpu_ptr(&backtrace, cpu));
}

static void name_silent(unsigned int cpu)
{
	const struct answer *a = per_cpu_ptr(&answer, cpu);
	char event[96], ipi[64];

	atomic_inc(&counts.named);
	/* What it was when it was asked; by now it may be back. */
	if (a->ipi_error == -ENXIO) {
		pr_warn("no backtrace for CPU %u: it is offline\n", cpu);
		return;
	}
	switch (a->event_error) {
	case -EALREADY:
		pr_warn("no backtrace for CPU %u: it is still busy answering an earlier request\n",
			cpu);
		return;
	case 0:
		scnprintf(event, sizeof(event), "event 0 was sent and not answered in %u ms",
			  EVENT_WAIT_MS);
		break;
	case -EAGAIN:
		scnprintf(event, sizeof(event),
			  "event 0 was not sent, as SDEI is, or may be, masked there");
		break;
	default:
		scnprintf(event, sizeof(event), "event 0 was refused by the firmware (%s)",
			  sdei_error_name(a->event_error));
	}
	if (!a->ipi_error)
		scnprintf(ipi, sizeof(ipi), "an IPI was sent and not answered in %u ms",
			  a->event_error ? EVENT_WAIT_MS + IPI_WAIT_MS : IPI_WAIT_MS);
	else
		scnprintf(ipi, sizeof(ipi), "an earlier IPI is still waiting there");
	pr_warn("no backtrace for CPU %u: %s; %s\n", cpu, event, ipi);
}

/**
 * backtrace_request() - log the backtraces of CPUs, wedged ones included
 * @mask: the CPUs
 * @exclude_cpu: a CPU to leave out, or -1
 *
 * The lines of a CPU are those of the kernel's own nmi_cpu_backtrace(). Takes at most 0.96 s and
 * what printing takes. While another request is under way this one is dropped, as the kernel's own
 * does.
 *
 * Context: any but SDEI; hard IRQ included, with interrupts on or off. The driver is in service.
 */
void backtrace_request(const struct cpumask *mask, int exclude_cpu)
{
	unsigned int this_cpu, cpu;
	bool own_is_busy = false;

	this_cpu = get_cpu();
	atomic_inc(&counts.requests);
	if (test_and_set_bit_lock(0, &busy)) {
		atomic_inc(&counts.turned_away);
		put_cpu();
		return;
	}
	rcu_read_lock();
	cpumask_copy(&asked, mask);
	if (exclude_cpu != -1)
		cpumask_clear_cpu(exclude_cpu, &asked);
	cpumask_clear(&silent);
	cpumask_clear(&answered);
	atomic_add(cpumask_weight(&asked), &counts.asked);
	if (cpumask_test_and_clear_cpu(this_cpu, &asked)) {
		struct backtrace *own = this_cpu_ptr(&backtrace);

		if (capture_ask(&own->state)) {
			backtrace_capture(NULL);
			cpumask_set_cpu(this_cpu, &answered);
		} else {
			/* Its late answer is being told elsewhere. */
			*this_cpu_ptr(&answer) = (struct answer){ .event_error = -EALREADY };
			own_is_busy = true;
		}
	}
	collect();
	hold_tasks();
	rcu_read_unlock();

	if (cpumask_test_cpu(this_cpu, &answered))
		print_one(this_cpu);
	if (own_is_busy)
		name_silent(this_cpu);
	if (!cpumask_empty(&asked))
		print_header(this_cpu, &asked);
	cpumask_and(&unprinted, &asked, &answered);
	for_each_cpu(cpu, &unprinted) {
		cpumask_clear_cpu(cpu, &unprinted);
		if (READ_ONCE(group))
			print_group(cpu);
		else
			print_one(cpu);
	}
	for_each_cpu_andnot(cpu, &asked, &answered)
		name_silent(cpu);
	clear_bit_unlock(0, &busy);
	put_cpu();
}

/**
 * backtrace_init() - make ready to serve
 *
 * Context: task, at load.
 */
void __init backtrace_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		INIT_CSD(per_cpu_ptr(&ipi, cpu), on_ipi, NULL);
	late_init();
	event_serve(REQUEST_BACKTRACE, backtrace_capture);
}

/**
 * backtrace_exit() - wait until no CPU has an IPI of ours to take
 *
 * Context: task; sleeps. Nobody asks any more. A CPU that takes no IPIs holds this up, as it holds
 * up other steps of an unload, which are the kernel's own; it is named.
 */
void backtrace_exit(void)
{
	unsigned int cpu, ms;

	for_each_possible_cpu(cpu)
		for (ms = 1; atomic_read_acquire(per_cpu_ptr(&ipi_under_way, cpu)); ms++) {
			usleep_range(1000, 2000);
			if (ms % 5000 == 0)
				pr_warn("unloading waits for CPU %u, which has an IPI to take and does not\n",
					cpu);
		}
	/* The last one may have cleared its flag and not have returned yet. */
	synchronize_rcu();
	late_exit();
}

#ifdef MODULE
/**
 * backtrace_tell_counts() - log what came of all requests
 *
 * Context: task, after backtrace_exit().
 */
void backtrace_tell_counts(void)
{
	pr_info("of %u requests %u were turned away, as another was under way; of %u CPUs asked %u answered, and %u were named with the reason\n",
		atomic_read(&counts.requests), atomic_read(&counts.turned_away),
		atomic_read(&counts.asked), atomic_read(&counts.answered),
		atomic_read(&counts.named));
}
#endif
