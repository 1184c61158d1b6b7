// SPDX-License-Identifier: GPL-2.0
/*
 * The PEs under test, and who handles event 0 there. It is registered by raw calls on each PE,
 * beside the kernel's SDEI core, which has none of it then: by the kernel's own entry code with a
 * record of ours, as the core does it, or by entry.S.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/mmu.h>
#include <asm/sdei.h>
#include <asm/vectors.h>

#include "call.h"
#include "compat.h"
#include "deadline.h"
#include "lockout.h"
#include "kernel.h"
#include "pe.h"
#include "wait.h"

/* Set before a signal, and seen by every handler that runs because of it. */
u64 sdeiv_signal_number;

/* From where signals are sent, where it does not matter. */
unsigned int sdeiv_home;

static struct cpumask tested;
static struct sdeiv_pe **pes;

/* Behind the kernel's entry: SDEI context, on whatever was interrupted. */
static int notrace arrived(u32 event, struct pt_regs *regs, void *arg)
{
	struct sdeiv_pe *pe = arg;
	struct sdeiv_arrivals *a = &pe->arrivals;
	u64 deadline;

	a->depth++;
	a->deepest = max(a->deepest, a->depth);
	a->at = counter_now();
	if (a->fresh) {
		a->pstate = regs->pstate;
		a->fresh = false;
	}
	a->number = READ_ONCE(sdeiv_signal_number);
	if (user_mode(regs))
		a->interrupted[SDEIV_IN_PROGRAM]++;
	else if (is_idle_task(current))
		a->interrupted[SDEIV_IN_IDLE]++;
	smp_wmb();	/* who sees the count sees the rest */
	WRITE_ONCE(a->count, a->count + 1);
	if (pe->action == SDEIV_ACTION_SIGNAL) {
		pe->action = SDEIV_ACTION_NONE;
		sdeiv_signal(pe->mpidr);
	}
	deadline = counter_now() + counter_ticks(SDEIV_STATE_MS * USEC_PER_MSEC);
	while (READ_ONCE(pe->action) == SDEIV_ACTION_HOLD && !READ_ONCE(pe->let_go) &&
	       !counter_passed(deadline))
		cpu_relax();
	a->depth--;
	return 0;
}

NOKPROBE_SYMBOL(arrived);

static u64 entry_point(struct sdeiv_pe *pe, enum sdeiv_setup setup)
{
	if (setup == SDEIV_SETUP_OWN)
		return (u64)sdeiv_entry;
#ifdef CONFIG_UNMAP_KERNEL_AT_EL0
	if (arm64_kernel_unmapped_at_el0())
		return TRAMP_VALIAS + (SDEIV_KERNEL_ADDRESS(__sdei_asm_entry_trampoline) -
				       SDEIV_KERNEL_ADDRESS(__entry_tramp_text_start));
#endif
	return SDEIV_KERNEL_ADDRESS(__sdei_asm_handler);
}

/**
 * sdeiv_register_here() - register event 0 on this PE
 * @pe: this one
 * @setup: for whom
 *
 * Context: task or IRQ, on the PE. Return: what the firmware returned.
 */
s64 sdeiv_register_here(struct sdeiv_pe *pe, enum sdeiv_setup setup)
{
	u64 arg = setup == SDEIV_SETUP_OWN ? (u64)&pe->seen : (u64)&pe->registered;

	pe->registered.callback = arrived;
	pe->registered.callback_arg = pe;
	pe->registered.event_num = SDEIV_EVENT_SIGNALED;
	pe->registered.priority = SDEI_EVENT_PRIORITY_NORMAL;
	return sdeiv_code(sdeiv_call(SDEI_1_0_FN_SDEI_EVENT_REGISTER, SDEIV_EVENT_SIGNALED,
				     entry_point(pe, setup), arg, SDEI_EVENT_REGISTER_RM_ANY, 0));
}

/**
 * struct setting - the way from one setup to another
 * @setup: the other
 * @code: what the firmware returned
 */
struct setting {
	enum sdeiv_setup setup;
	s64 code;
};

static void set_up_here(struct sdeiv_pe *pe, void *arg)
{
	struct setting *s = arg;
	unsigned long flags;

	/* Between the two calls nobody signals, and none is pending. */
	local_irq_save(flags);
	s->code = 0;
	if (pe->setup != SDEIV_SETUP_NONE)
		s->code = sdeiv_code(
			sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, SDEIV_EVENT_SIGNALED));
	if (s->code >= 0)
		pe->setup = SDEIV_SETUP_NONE;
	if (s->code >= 0 && s->setup != SDEIV_SETUP_NONE) {
		s->code = sdeiv_register_here(pe, s->setup);
		if (s->code >= 0) {
			s->code = sdeiv_code(
				sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_ENABLE, SDEIV_EVENT_SIGNALED));
			if (s->code >= 0)
				pe->setup = s->setup;
			else
				sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER,
					    SDEIV_EVENT_SIGNALED);
		}
	}
	local_irq_restore(flags);
}

/**
 * sdeiv_set_up() - let somebody handle event 0 on a PE, or nobody
 * @pe: the PE
 * @setup: who
 *
 * Context: task. No signal is on its way to the PE. Return: what the firmware returned, or -EIO if
 * the PE is lost.
 */
s64 sdeiv_set_up(struct sdeiv_pe *pe, enum sdeiv_setup setup)
{
	struct setting s = { .setup = setup };

	if (pe->setup == setup)
		return 0;
	if (!sdeiv_work_run(pe, set_up_here, &s))
		return -EIO;
	return s.code;
}

/**
 * sdeiv_forget_setup() - the firmware has forgotten what was registered on a PE
 * @pe: the PE
 *
 * Context: task.
 */
void sdeiv_forget_setup(struct sdeiv_pe *pe)
{
	pe->setup = SDEIV_SETUP_NONE;
}

/**
 * sdeiv_pe_all() - the PEs under test
 *
 * Context: task. Return: their CPUs, those included that were lost.
 */
const struct cpumask *sdeiv_pe_all(void)
{
	return &tested;
}

/**
 * sdeiv_pe_of() - the PE of a CPU
 * @cpu: one of sdeiv_pe_all()
 *
 * Context: any. Return: the PE.
 */
struct sdeiv_pe *sdeiv_pe_of(unsigned int cpu)
{
	return pes[cpu];
}

/**
 * sdeiv_pe_next() - one PE after the other, but those that are lost
 * @pe: one of them, or NULL before the first
 *
 * Context: any. Return: the next one, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_next(const struct sdeiv_pe *pe)
{
	unsigned int cpu = pe ? pe->cpu : -1;

	while ((cpu = cpumask_next(cpu, &tested)) < nr_cpu_ids)
		if (!pes[cpu]->lost)
			return pes[cpu];
	return NULL;
}

/**
 * sdeiv_pe_next_other() - the same without the one that signals are sent from
 * @pe: one of them, or NULL before the first
 *
 * Context: any. Return: the next one, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_next_other(const struct sdeiv_pe *pe)
{
	struct sdeiv_pe *next = sdeiv_pe_next(pe);

	return next && next->cpu == sdeiv_home ? sdeiv_pe_next(next) : next;
}

/**
 * sdeiv_pe_victim() - the PE on which checks are made that may cost it
 *
 * Context: task. Return: the last one that is not lost and not home, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_victim(void)
{
	struct sdeiv_pe *pe, *last = NULL;

	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe))
		last = pe;
	return last;
}

/**
 * sdeiv_pe_lost() - whether a PE was lost
 *
 * Context: task. Return: the first that was, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_lost(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &tested)
		if (pes[cpu]->lost)
			return pes[cpu];
	return NULL;
}

static void learn_here(struct sdeiv_pe *pe, void *arg)
{
	s64 *status = arg;

	pe->mpidr = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	pe->seen.hvc = sdeiv_call_by_hvc();
	pe->seen.has_pan = read_sysreg(id_aa64mmfr1_el1) >> 20 & 0xf;
	*status = sdeiv_code(sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_STATUS, SDEIV_EVENT_SIGNALED));
}

static int add_pe(unsigned int cpu)
{
	struct sdeiv_pe *pe = kzalloc(sizeof(*pe), GFP_KERNEL);
	s64 status = 0;
	int err;

	if (!pe)
		return -ENOMEM;
	pes[cpu] = pe;
	pe->cpu = cpu;
	init_completion(&pe->done);
	sdeiv_health_init(pe);
	cpumask_set_cpu(cpu, &tested);
	err = sdeiv_worker_start(pe);
	if (err)
		return err;
	if (!sdeiv_work_run(pe, learn_here, &status)) {
		pr_err("CPU %u runs nothing that it is given; nothing was tested\n", cpu);
		return -ETIMEDOUT;
	}
	if (status > 0) {
		pr_err("event 0 is taken on CPU %u (status %lld): unload sdei_nmi, or what else has it; nothing was tested\n",
		       cpu, status);
		return -EBUSY;
	}
	return 0;
}

/**
 * sdeiv_session_begin() - take the CPUs that are online under test
 *
 * Context: task. sdeiv_call_init() has succeeded. Return: 0; -EBUSY where somebody else has event 0, in
 * which case one line of log tells; or another errno.
 */
int sdeiv_session_begin(void)
{
	unsigned int cpu;
	int err;

	pes = kcalloc(nr_cpu_ids, sizeof(struct sdeiv_pe *), GFP_KERNEL);
	if (!pes)
		return -ENOMEM;
	err = sdeiv_lockout_begin();
	if (err) {
		kfree(pes);
		return err;
	}
	sdeiv_home = cpumask_first(cpu_online_mask);
	for_each_online_cpu(cpu) {
		err = add_pe(cpu);
		if (err) {
			sdeiv_session_end();
			break;
		}
	}
	return err;
}

static void release_here(void *info)
{
	struct setting s = {.setup = SDEIV_SETUP_NONE};

	set_up_here(info, &s);
}

static void nothing_here(struct sdeiv_pe *pe, void *arg)
{
}

/* By now its thread may have had its turn. */
static void try_again(struct sdeiv_pe *pe)
{
	if (!pe->lost || !sdeiv_pe_busy(pe))
		return;
	pe->lost = NULL;
	sdeiv_work_run(pe, nothing_here, NULL);
}

/* By an interrupt, where our thread has no turn. */
static bool release_busy(struct sdeiv_pe *pe)
{
	if (!sdeiv_pe_busy(pe))
		return false;
	INIT_CSD(&pe->other_ipi, release_here, pe);
	smp_call_function_single_async(pe->cpu, &pe->other_ipi);
	return sdeiv_wait_until(READ_ONCE(pe->setup) == SDEIV_SETUP_NONE, SDEIV_HEALTH_MS);
}

/**
 * sdeiv_session_end() - give everything back
 *
 * Context: task. No signal is on its way. A PE that was lost keeps what it has, but for event 0
 * where it takes interrupts.
 */
void sdeiv_session_end(void)
{
	unsigned int cpu, lost = 0, busy = 0;
	struct sdeiv_pe *pe;

	for_each_cpu(cpu, &tested) {
		pe = pes[cpu];
		try_again(pe);
		/* What the firmware keeps must not be freed. */
		if (!pe->lost && sdeiv_set_up(pe, SDEIV_SETUP_NONE) < 0)
			pe->lost = "keeps event 0";
		sdeiv_worker_stop(pe);
		if (pe->lost) {
			if (release_busy(pe))
				busy++;
			else
				lost++;
			continue;
		}
		hrtimer_cancel(&pe->timer);
		kfree(pe);
	}
	if (lost)
		pr_err("%u CPUs could not be put back as they were, and may take no interrupts any more; reboot the machine\n",
		       lost);
	if (busy)
		pr_warn("%u CPUs have something that goes before a thread of ours, which stays; event 0 was given back\n",
			busy);
	/* Such a thread, or a handler, may run our code at any time. */
	if (lost || busy)
		__module_get(THIS_MODULE);
	cpumask_clear(&tested);
	kfree(pes);
	pes = NULL;
	sdeiv_lockout_end();
}
