// SPDX-License-Identifier: GPL-2.0
/*
 * Event 0 is registered by raw calls on each PE, beside the kernel's SDEI core, which has none of
 * it then: by the kernel's own entry code with a record of ours, as the core does it, or by
 * entry.S. While PEs are under test no CPU is switched on or off but by a check, the machine does
 * not suspend, and no CPU sleeps so deeply that the core masks SDEI there.
 *
 * What runs on a PE is run by a thread that is bound to it, and waited for with a bound. A PE that
 * does not answer is lost: nothing is asked of it any more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpu_pm.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/pm_qos.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/mmu.h>
#include <asm/sdei.h>
#include <asm/vectors.h>
#include <linux/irqchip/arm-gic-v3.h>

#include "call.h"
#include "compat.h"
#include "counter.h"
#include "kernel.h"
#include "pe.h"
#include "sdei_errno.h"

static_assert(offsetof(struct seen, sp) == SEEN_SP);
static_assert(offsetof(struct seen, nzcv) == SEEN_NZCV);
static_assert(offsetof(struct seen, daif) == SEEN_DAIF);
static_assert(offsetof(struct seen, el) == SEEN_EL);
static_assert(offsetof(struct seen, spsel) == SEEN_SPSEL);
static_assert(offsetof(struct seen, pan) == SEEN_PAN);
static_assert(offsetof(struct seen, elr) == SEEN_ELR);
static_assert(offsetof(struct seen, spsr) == SEEN_SPSR);
static_assert(offsetof(struct seen, at) == SEEN_AT);
static_assert(offsetof(struct seen, count) == SEEN_COUNT);
static_assert(offsetof(struct seen, status) == SEEN_STATUS);
static_assert(offsetof(struct seen, context) == SEEN_CONTEXT);
static_assert(offsetof(struct seen, unregister) == SEEN_UNREGISTER);
static_assert(offsetof(struct seen, unregistered) == SEEN_UNREGISTERED);
static_assert(offsetof(struct seen, hvc) == SEEN_HVC);
static_assert(offsetof(struct seen, ask) == SEEN_ASK);
static_assert(offsetof(struct seen, has_pan) == SEEN_HAS_PAN);
static_assert(offsetof(struct seen, resume) == SEEN_RESUME);
static_assert(offsetof(struct loop, in_nzcv) == LOOP_IN_NZCV);
static_assert(offsetof(struct loop, out) == LOOP_OUT);
static_assert(offsetof(struct loop, out_nzcv) == LOOP_OUT_NZCV);
static_assert(offsetof(struct loop, sp) == LOOP_SP);
static_assert(offsetof(struct loop, out_sp) == LOOP_OUT_SP);
static_assert(offsetof(struct loop, resumed) == LOOP_RESUMED);
static_assert(offsetof(struct loop, resumed_elr) == LOOP_RESUMED_ELR);
static_assert(offsetof(struct loop, resumed_spsr) == LOOP_RESUMED_SPSR);
static_assert(offsetof(struct loop, resumed_daif) == LOOP_RESUMED_DAIF);

/* Set before a signal, and seen by every handler that runs because of it. */
u64 pe_number;

/* From where signals are sent, where it does not matter. */
unsigned int pe_home;

static struct cpumask tested;
static struct pe **pes;
static struct pm_qos_request no_deep_idle;

/* Hotplug hangs, or is everybody's again already. */
static bool hotplug_left;

/* Behind the kernel's entry: SDEI context, on whatever was interrupted. */
static int notrace arrived(u32 event, struct pt_regs *regs, void *arg)
{
	struct pe *pe = arg;
	struct arrivals *a = &pe->arrivals;
	u64 deadline;

	a->depth++;
	a->deepest = max(a->deepest, a->depth);
	a->at = counter_now();
	if (a->fresh) {
		a->pstate = regs->pstate;
		a->fresh = false;
	}
	a->number = READ_ONCE(pe_number);
	if (user_mode(regs))
		a->users++;
	smp_wmb();	/* who sees the count sees the rest */
	WRITE_ONCE(a->count, a->count + 1);
	if (pe->action == ACTION_SIGNAL) {
		pe->action = ACTION_NONE;
		call_signal(pe->mpidr);
	}
	deadline = counter_now() + counter_ticks(STATE_MS * USEC_PER_MSEC);
	while (READ_ONCE(pe->action) == ACTION_HOLD && !READ_ONCE(pe->let_go) &&
	       !counter_passed(deadline))
		cpu_relax();
	a->depth--;
	return 0;
}

NOKPROBE_SYMBOL(arrived);

static u64 entry_point(struct pe *pe, enum setup setup)
{
	if (setup == SETUP_OWN)
		return (u64)validate_entry;
#ifdef CONFIG_UNMAP_KERNEL_AT_EL0
	if (arm64_kernel_unmapped_at_el0())
		return TRAMP_VALIAS + (KERNEL_ADDRESS(__sdei_asm_entry_trampoline) -
				       KERNEL_ADDRESS(__entry_tramp_text_start));
#endif
	return KERNEL_ADDRESS(__sdei_asm_handler);
}

/**
 * pe_register_here() - register event 0 on this PE
 * @pe: this one
 * @setup: for whom
 *
 * Context: task or IRQ, on the PE. Return: what the firmware returned.
 */
s64 pe_register_here(struct pe *pe, enum setup setup)
{
	u64 arg = setup == SETUP_OWN ? (u64)&pe->seen : (u64)&pe->registered;

	pe->registered.callback = arrived;
	pe->registered.callback_arg = pe;
	pe->registered.event_num = EVENT_SIGNALED;
	pe->registered.priority = SDEI_EVENT_PRIORITY_NORMAL;
	return call_code(call(SDEI_1_0_FN_SDEI_EVENT_REGISTER, EVENT_SIGNALED,
			      entry_point(pe, setup), arg, SDEI_EVENT_REGISTER_RM_ANY, 0));
}

/**
 * struct setting - the way from one setup to another
 * @setup: the other
 * @code: what the firmware returned
 */
struct setting {
	enum setup setup;
	s64 code;
};

static void set_up_here(struct pe *pe, void *arg)
{
	struct setting *s = arg;
	unsigned long flags;

	/* Between the two calls nobody signals, and none is pending. */
	local_irq_save(flags);
	s->code = 0;
	if (pe->setup != SETUP_NONE)
		s->code = call_code(call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, EVENT_SIGNALED));
	if (s->code >= 0)
		pe->setup = SETUP_NONE;
	if (s->code >= 0 && s->setup != SETUP_NONE) {
		s->code = pe_register_here(pe, s->setup);
		if (s->code >= 0) {
			s->code = call_code(call1(SDEI_1_0_FN_SDEI_EVENT_ENABLE, EVENT_SIGNALED));
			if (s->code >= 0)
				pe->setup = s->setup;
			else
				call1(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, EVENT_SIGNALED);
		}
	}
	local_irq_restore(flags);
}

/**
 * pe_set_up() - let somebody handle event 0 on a PE, or nobody
 * @pe: the PE
 * @setup: who
 *
 * Context: task. No signal is on its way to the PE. Return: what the firmware returned, or -EIO if
 * the PE is lost.
 */
s64 pe_set_up(struct pe *pe, enum setup setup)
{
	struct setting s = { .setup = setup };

	if (pe->setup == setup)
		return 0;
	if (!pe_run(pe, set_up_here, &s))
		return -EIO;
	return s.code;
}

/**
 * pe_forget() - the firmware has forgotten what was registered on a PE
 * @pe: the PE
 *
 * Context: task.
 */
void pe_forget(struct pe *pe)
{
	pe->setup = SETUP_NONE;
}

/**
 * pe_all() - the PEs under test
 *
 * Context: task. Return: their CPUs, those included that were lost.
 */
const struct cpumask *pe_all(void)
{
	return &tested;
}

/**
 * pe_of() - the PE of a CPU
 * @cpu: one of pe_all()
 *
 * Context: any. Return: the PE.
 */
struct pe *pe_of(unsigned int cpu)
{
	return pes[cpu];
}

/**
 * pe_next() - one PE after the other, but those that are lost
 * @pe: one of them, or NULL before the first
 *
 * Context: any. Return: the next one, or NULL.
 */
struct pe *pe_next(const struct pe *pe)
{
	unsigned int cpu = pe ? pe->cpu : -1;

	while ((cpu = cpumask_next(cpu, &tested)) < nr_cpu_ids)
		if (!pes[cpu]->lost)
			return pes[cpu];
	return NULL;
}

/**
 * pe_next_other() - the same without the one that signals are sent from
 * @pe: one of them, or NULL before the first
 *
 * Context: any. Return: the next one, or NULL.
 */
struct pe *pe_next_other(const struct pe *pe)
{
	struct pe *next = pe_next(pe);

	return next && next->cpu == pe_home ? pe_next(next) : next;
}

/**
 * pe_victim() - the PE on which checks are made that may cost it
 *
 * Context: task. Return: the last one that is not lost and not home, or NULL.
 */
struct pe *pe_victim(void)
{
	struct pe *pe, *last = NULL;

	for (pe = pe_next_other(NULL); pe; pe = pe_next_other(pe))
		last = pe;
	return last;
}

static void work_here(struct kthread_work *work)
{
	struct pe *pe = container_of(work, struct pe, work);

	/* Nobody waits any more, and what it was to work on may be gone. */
	if (atomic_cmpxchg(&pe->job, JOB_QUEUED, JOB_RUNNING) != JOB_QUEUED)
		return;
	pe->fn(pe, pe->arg);
	complete(&pe->done);
}

/**
 * pe_start() - begin something on a PE
 * @pe: the PE, which nothing was begun on that was not finished
 * @fn: what
 * @arg: for it; stays until pe_finish()
 *
 * Context: task. Return: false if the PE is lost.
 */
bool pe_start(struct pe *pe, void (*fn)(struct pe *pe, void *arg), void *arg)
{
	if (pe->lost)
		return false;
	pe->fn = fn;
	pe->arg = arg;
	reinit_completion(&pe->done);
	atomic_set(&pe->job, JOB_QUEUED);
	kthread_queue_work(pe->worker, &pe->work);
	return true;
}

/**
 * pe_finish() - wait until it has been done
 * @pe: the PE
 *
 * Context: task. Return: false if it was not, so that the PE is lost.
 */
bool pe_finish(struct pe *pe)
{
	if (wait_for_completion_timeout(&pe->done, msecs_to_jiffies(STATE_MS + ALIVE_MS)))
		return true;
	pe->lost = "did not come back from what it was doing";
	if (atomic_cmpxchg(&pe->job, JOB_QUEUED, JOB_ABANDONED) == JOB_QUEUED)
		pe->lost = "does not run a thread that it is given";
	return false;
}

/**
 * pe_run() - have something done on a PE
 * @pe: the PE
 * @fn: what
 * @arg: for it
 *
 * Context: task. Return: false if it was not done, so that the PE is lost.
 */
bool pe_run(struct pe *pe, void (*fn)(struct pe *pe, void *arg), void *arg)
{
	return pe_start(pe, fn, arg) && pe_finish(pe);
}

/**
 * pe_begin() - begin to bring a PE into a state
 * @pe: the PE
 * @state: sets @ready when it has come into it, and stays as long as pe_stays()
 * @arg: for it
 *
 * Context: task, with preemption on or off; pe_leave() follows in any case.
 * Return: false if it does not come into it.
 */
bool pe_begin(struct pe *pe, void (*state)(struct pe *pe, void *arg), void *arg)
{
	u64 deadline = counter_now() + counter_ticks(ALIVE_MS * USEC_PER_MSEC);

	pe->ready = false;
	pe->stop = false;
	if (!pe_start(pe, state, arg))
		return false;
	while (!READ_ONCE(pe->ready) && !counter_passed(deadline))
		cpu_relax();
	return READ_ONCE(pe->ready);
}

/**
 * pe_enter() - bring a PE into a state
 * @pe: the PE
 * @state: as of pe_begin()
 * @arg: for it
 *
 * Context: task. Return: false if it did not come into it, and is not on its way any more.
 */
bool pe_enter(struct pe *pe, void (*state)(struct pe *pe, void *arg), void *arg)
{
	if (pe_begin(pe, state, arg))
		return true;
	pe_leave(pe);
	return false;
}

/**
 * pe_stays() - of a PE in a state: whether it is to stay there
 * @pe: this one
 * @deadline: until when at most, by the counter
 *
 * Context: any, on the PE. Return: true if so.
 */
bool notrace pe_stays(struct pe *pe, u64 deadline)
{
	cpu_relax();
	return !READ_ONCE(pe->stop) && !counter_passed(deadline);
}

/**
 * pe_leave() - let a PE leave its state
 * @pe: the PE
 *
 * Context: task. Return: false if it did not, so that it is lost.
 */
bool pe_leave(struct pe *pe)
{
	WRITE_ONCE(pe->stop, true);
	return !pe->lost && pe_finish(pe);
}

/**
 * pe_count() - how many events have arrived at a PE
 * @pe: the PE
 *
 * Context: any. Return: the number, of the handler that the PE has now.
 */
u64 pe_count(const struct pe *pe)
{
	return READ_ONCE(pe->setup) == SETUP_OWN ? READ_ONCE(pe->seen.count) :
						   READ_ONCE(pe->arrivals.count);
}

static bool came_until(const struct pe *pe, u64 before, unsigned int ms)
{
	u64 deadline = counter_now() + counter_ticks(ms * USEC_PER_MSEC);

	while (pe_count(pe) == before && !counter_passed(deadline))
		cpu_relax();
	smp_rmb();	/* the rest of what the handler wrote */
	return pe_count(pe) != before;
}

/**
 * pe_await() - wait for an event
 * @pe: to which it was sent
 * @before: pe_count() before that
 *
 * Firmware that keeps a signal until it is called again is given such a call.
 *
 * Context: any. Return: whether it came, and whether only then.
 */
enum arrival pe_await(const struct pe *pe, u64 before)
{
	unsigned int i;

	if (came_until(pe, before, PROMPT_MS))
		return ARRIVED;
	for (i = 0; i < LATE_MS / 10; i++) {
		call0(SDEI_VERSION);
		if (came_until(pe, before, 10))
			return ARRIVED_LATE;
	}
	return NOT_ARRIVED;
}

/**
 * pe_pause() - let time pass for other PEs
 * @us: microseconds
 *
 * Context: any.
 */
void pe_pause(unsigned int us)
{
	u64 deadline = counter_now() + counter_ticks(us);

	while (!counter_passed(deadline))
		cpu_relax();
}

/**
 * pe_quiet() - give what may still be on its way the time to arrive
 *
 * Context: any.
 */
void pe_quiet(void)
{
	pe_pause(QUIET_MS * USEC_PER_MSEC);
}

/**
 * pe_has_gic_registers() - whether the GIC's CPU interface is in system registers
 *
 * Context: any. Return: true if so, and if they are the kernel's.
 */
bool pe_has_gic_registers(void)
{
	if (!(read_sysreg(id_aa64pfr0_el1) >> 24 & 0xf))
		return false;
	if (is_kernel_in_hyp_mode())
		return read_sysreg_s(SYS_ICC_SRE_EL2) & ICC_SRE_EL2_SRE;
	return read_sysreg_s(SYS_ICC_SRE_EL1) & ICC_SRE_EL1_SRE;
}

static enum hrtimer_restart timer_fired(struct hrtimer *timer)
{
	struct pe *pe = container_of(timer, struct pe, timer);

	WRITE_ONCE(pe->took_timer, true);
	return HRTIMER_NORESTART;
}

static void ipi_taken(void *info)
{
	struct pe *pe = info;

	WRITE_ONCE(pe->took_ipi, true);
	hrtimer_start(&pe->timer, ns_to_ktime(100 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
}

/* In the thread, with interrupts on: no interrupt is being handled. */
static void read_priority(struct pe *pe, void *arg)
{
	u64 *priority = arg;

	*priority = pe_has_gic_registers() ? read_sysreg_s(SYS_ICC_RPR_EL1) : 0xff;
}

static bool soon(const bool *what)
{
	u64 deadline = counter_now() + counter_ticks(ALIVE_MS * USEC_PER_MSEC);

	while (!READ_ONCE(*what) && !counter_passed(deadline))
		cpu_relax();
	return READ_ONCE(*what);
}

/**
 * pe_alive() - whether a PE takes ordinary interrupts
 * @pe: the PE, on which nothing was begun
 *
 * One that does not is lost.
 *
 * Context: task. Return: what it lacks.
 */
enum alive pe_alive(struct pe *pe)
{
	enum alive lacks = ALIVE;
	u64 priority = 0xff;

	pe->took_ipi = false;
	pe->took_timer = false;
	if (smp_call_function_single_async(pe->cpu, &pe->ipi) || !soon(&pe->took_ipi))
		lacks = NO_IPI;
	else if (!soon(&pe->took_timer))
		lacks = NO_TIMER;
	else if (!pe_run(pe, read_priority, &priority))
		lacks = NO_THREAD;
	else if (priority != 0xff)
		lacks = PRIORITY_STAYS;
	if (lacks)
		pe->lost = pe_alive_says(lacks);
	return lacks;
}

/**
 * pe_alive_says() - what a PE lacks, in words
 * @alive: what pe_alive() returned
 *
 * Context: any. Return: the end of a sentence.
 */
const char *pe_alive_says(enum alive alive)
{
	switch (alive) {
	case ALIVE:
		return "takes interrupts";
	case NO_IPI:
		return "takes no IPI";
	case NO_TIMER:
		return "takes IPIs and not its timer";
	case NO_THREAD:
		return "takes interrupts and runs no thread";
	default:
		return "has a priority active for an interrupt that was not ended (ICC_RPR_EL1)";
	}
}

/**
 * pe_lost() - whether a PE was lost
 *
 * Context: task. Return: the first that was, or NULL.
 */
const struct pe *pe_lost(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &tested)
		if (pes[cpu]->lost)
			return pes[cpu];
	return NULL;
}

/**
 * pe_hotplug_open() - let CPUs be switched on and off, for a check that does so
 *
 * Context: task.
 */
void pe_hotplug_open(void)
{
	cpu_hotplug_enable();
}

/**
 * pe_hotplug_shut() - no more of that
 *
 * Context: task.
 */
void pe_hotplug_shut(void)
{
	cpu_hotplug_disable();
}

/**
 * pe_hotplug_hangs() - a CPU hangs on its way on or off, and whoever asks for the kernel's lock
 * would hang, too
 *
 * Context: task, after pe_hotplug_open().
 */
void pe_hotplug_hangs(void)
{
	hotplug_left = true;
}

/**
 * pe_worker_start() - make the thread that does things on a PE
 * @pe: the PE, whose CPU is online
 *
 * Context: task. Return: 0 or a negative errno.
 */
int pe_worker_start(struct pe *pe)
{
	struct kthread_worker *worker = kthread_create_worker_on_cpu(pe->cpu, 0, "sdei_validate");

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	/* Newer kernels leave it to the caller to start it. */
	wake_up_process(worker->task);
	/* It is to have its turn on a busy machine. */
	sched_set_fifo_low(worker->task);
	/* It may have been another's, before the CPU was offline. */
	kthread_init_work(&pe->work, work_here);
	pe->worker = worker;
	return 0;
}

/**
 * pe_worker_stop() - end that thread
 * @pe: the PE
 *
 * Context: task.
 */
void pe_worker_stop(struct pe *pe)
{
	if (pe->worker && !pe->lost)
		kthread_destroy_worker(pe->worker);
	pe->worker = NULL;
}

static void learn_here(struct pe *pe, void *arg)
{
	s64 *status = arg;

	pe->mpidr = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	pe->seen.hvc = call_by_hvc();
	pe->seen.has_pan = read_sysreg(id_aa64mmfr1_el1) >> 20 & 0xf;
	*status = call_code(call1(SDEI_1_0_FN_SDEI_EVENT_STATUS, EVENT_SIGNALED));
}

static int pe_add(unsigned int cpu)
{
	struct pe *pe = kzalloc(sizeof(*pe), GFP_KERNEL);
	s64 status = 0;
	int err;

	if (!pe)
		return -ENOMEM;
	pes[cpu] = pe;
	pe->cpu = cpu;
	init_completion(&pe->done);
	INIT_CSD(&pe->ipi, ipi_taken, pe);
	hrtimer_setup(&pe->timer, timer_fired, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	cpumask_set_cpu(cpu, &tested);
	err = pe_worker_start(pe);
	if (err)
		return err;
	if (!pe_run(pe, learn_here, &status)) {
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

/* The machine stays awake: what is registered would be gone after it. */
static int on_suspend(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event != PM_SUSPEND_PREPARE && event != PM_HIBERNATION_PREPARE)
		return NOTIFY_DONE;
	pr_warn("firmware is being validated, so the machine does not suspend\n");
	return notifier_from_errno(-EBUSY);
}

/*
 * In a reboot the kernel's core masks one PE after the other, and a kexec switches CPUs off. Who is
 * in the middle of a check is refused from here on.
 */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	call_signals(false);
	pe_quiet();
	if (!hotplug_left)
		cpu_hotplug_enable();
	hotplug_left = true;
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = { .notifier_call = on_reboot, .priority = INT_MAX };

/*
 * No CPU masks SDEI in a state of idle. The latency that is asked for keeps them from it, but not
 * where idle is injected, or the states that it allows were disabled.
 */
static int on_deep_idle(struct notifier_block *nb, unsigned long event, void *data)
{
	return event == CPU_PM_ENTER ? NOTIFY_BAD : NOTIFY_OK;
}

static struct notifier_block idle_notifier = { .notifier_call = on_deep_idle, .priority = INT_MAX };

static struct notifier_block suspend_notifier = { .notifier_call = on_suspend };

/**
 * pe_init() - take the CPUs that are online under test
 *
 * Context: task. call_init() has succeeded. Return: 0; -EBUSY where somebody else has event 0, in
 * which case one line of log tells; or another errno.
 */
int pe_init(void)
{
	unsigned int cpu;
	int err;

	pes = kcalloc(nr_cpu_ids, sizeof(struct pe *), GFP_KERNEL);
	if (!pes)
		return -ENOMEM;
	err = hotplug_left ? -EIO : register_pm_notifier(&suspend_notifier);
	if (err) {
		kfree(pes);
		return err;
	}
	cpu_hotplug_disable();
	cpu_pm_register_notifier(&idle_notifier);
	register_reboot_notifier(&reboot_notifier);
	call_signals(true);
	/* A CPU that sleeps deeply already comes out of it for the thread that it gets. */
	cpu_latency_qos_add_request(&no_deep_idle, 0);
	pe_home = cpumask_first(cpu_online_mask);
	for_each_online_cpu(cpu) {
		err = pe_add(cpu);
		if (err) {
			pe_exit();
			break;
		}
	}
	return err;
}

/**
 * pe_exit() - give everything back
 *
 * Context: task. No signal is on its way. A PE that was lost keeps what it has.
 */
void pe_exit(void)
{
	unsigned int cpu, lost = 0;
	struct pe *pe;

	for_each_cpu(cpu, &tested) {
		pe = pes[cpu];
		/* What the firmware keeps must not be freed. */
		if (!pe->lost && pe_set_up(pe, SETUP_NONE) < 0)
			pe->lost = "keeps event 0";
		pe_worker_stop(pe);
		if (pe->lost) {
			lost++;
			continue;
		}
		hrtimer_cancel(&pe->timer);
		kfree(pe);
	}
	if (lost) {
		pr_err("%u CPUs could not be put back as they were, and may take no interrupts any more; reboot the machine\n",
		       lost);
		__module_get(THIS_MODULE);
	}
	cpumask_clear(&tested);
	kfree(pes);
	pes = NULL;
	cpu_latency_qos_remove_request(&no_deep_idle);
	unregister_reboot_notifier(&reboot_notifier);
	cpu_pm_unregister_notifier(&idle_notifier);
	if (!hotplug_left)
		cpu_hotplug_enable();
	unregister_pm_notifier(&suspend_notifier);
}
