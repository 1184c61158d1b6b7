// SPDX-License-Identifier: GPL-2.0
/*
 * The first event 0 of each online CPU. Firmware that damages what an event interrupts would strike
 * whatever the CPU runs. So, before the kernel's SDEI core gets event 0, each CPU takes it in the
 * loop of trial_loop.S, with interrupts masked and a known value in each register. The CPU then
 * compares, and writes back what the firmware changed. If anything differs, the driver declines.
 *
 * One CPU, the target, runs the loop in an IPI. Another one, the sender, signals it. They agree by
 * the state below, so that a target that has left the loop is not signalled: its event 0 is not
 * registered any more.
 *
 * Firmware that does not end the interrupt costs the target all further interrupts. So the first
 * target is an idle CPU, and idle CPUs poll meanwhile. A target that is lost while it is idle can
 * still go offline, and the machine goes on without it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm_sdei.h>
#include <linux/bits.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/cputype.h>
#include <asm/daifflags.h>
#include <asm/sysreg.h>

#include "compat.h"
#include "deadline.h"
#include "firmware.h"
#include "gic.h"
#include "symbols.h"
#include "trial.h"
#include "waits.h"

/* System registers that belong to the interrupted code, or without which it cannot go on. */
enum place {
	R_SP_EL0, R_TPIDR_EL0, R_TPIDRRO_EL0, R_TPIDR_EL1, R_ELR_EL1, R_SPSR_EL1, R_VBAR_EL1,
	R_TTBR0_EL1, R_CONTEXTIDR_EL1, R_CNTKCTL_EL1, R_MDSCR_EL1, R_TPIDR_EL2, R_ICC_PMR_EL1,
	REGISTERS
};

static const char * const register_names[REGISTERS] __initconst = {
	[R_SP_EL0] = "SP_EL0",
	[R_TPIDR_EL0] = "TPIDR_EL0",
	[R_TPIDRRO_EL0] = "TPIDRRO_EL0",
	[R_TPIDR_EL1] = "TPIDR_EL1",
	[R_ELR_EL1] = "ELR_EL1",
	[R_SPSR_EL1] = "SPSR_EL1",
	[R_VBAR_EL1] = "VBAR_EL1",
	[R_TTBR0_EL1] = "TTBR0_EL1",
	[R_CONTEXTIDR_EL1] = "CONTEXTIDR_EL1",
	[R_CNTKCTL_EL1] = "CNTKCTL_EL1",
	[R_MDSCR_EL1] = "MDSCR_EL1",
	[R_TPIDR_EL2] = "TPIDR_EL2",
	[R_ICC_PMR_EL1] = "ICC_PMR_EL1",
};

/* Each change is a cmpxchg, so only one of the two CPUs makes it. */
enum trial_state {
	TRIAL_POSTED,		/* neither CPU has begun */
	TRIAL_WAITS,		/* the target is in the loop, or about to enter it */
	TRIAL_SIGNALS,		/* the sender signals or has signalled the target */
	TRIAL_OVER,		/* one of the two was too late; nothing was signalled */
};

#define TRIAL_ARGUMENT	0x5de15de15de15de1ULL

/* Only one CPU tries at a time. */
static struct {
	atomic_t state;
	bool target_done, sender_here, sender_done;
	bool other_own;		/* the loop's own registers are x10 and x11, not x16 and x17 */
	bool left_once;		/* the target left the loop while the sender was about to signal */
	bool hyp, gic;
	u64 mpidr;
	int setup, signal, unregister;	/* errno of the firmware calls */
	u64 before[REGISTERS], after[REGISTERS];
	u64 priority_before, priority_after;
	u64 vectors_before[SDEI_NMI_TRIAL_VECTORS], vectors_after[SDEI_NMI_TRIAL_VECTORS];
} trial;

struct sdei_nmi_trial_loop sdei_nmi_trial_data;

static __always_inline void read_registers(u64 *to)
{
	to[R_SP_EL0] = read_sysreg(sp_el0);
	to[R_TPIDR_EL0] = read_sysreg(tpidr_el0);
	to[R_TPIDRRO_EL0] = read_sysreg(tpidrro_el0);
	to[R_TPIDR_EL1] = read_sysreg(tpidr_el1);
	to[R_ELR_EL1] = read_sysreg(elr_el1);
	to[R_SPSR_EL1] = read_sysreg(spsr_el1);
	to[R_VBAR_EL1] = read_sysreg(vbar_el1);
	to[R_TTBR0_EL1] = read_sysreg(ttbr0_el1);
	to[R_CONTEXTIDR_EL1] = read_sysreg(contextidr_el1);
	to[R_CNTKCTL_EL1] = read_sysreg(cntkctl_el1);
	to[R_MDSCR_EL1] = read_sysreg(mdscr_el1);
	to[R_TPIDR_EL2] = trial.hyp ? read_sysreg(tpidr_el2) : 0;
	to[R_ICC_PMR_EL1] = trial.gic ? read_sysreg_s(SYS_ICC_PMR_EL1) : 0;
}

static __always_inline void write_registers(const u64 *from)
{
	write_sysreg(from[R_SP_EL0], sp_el0);
	write_sysreg(from[R_TPIDR_EL0], tpidr_el0);
	write_sysreg(from[R_TPIDRRO_EL0], tpidrro_el0);
	write_sysreg(from[R_TPIDR_EL1], tpidr_el1);
	write_sysreg(from[R_ELR_EL1], elr_el1);
	write_sysreg(from[R_SPSR_EL1], spsr_el1);
	write_sysreg(from[R_VBAR_EL1], vbar_el1);
	write_sysreg(from[R_TTBR0_EL1], ttbr0_el1);
	write_sysreg(from[R_CONTEXTIDR_EL1], contextidr_el1);
	write_sysreg(from[R_CNTKCTL_EL1], cntkctl_el1);
	write_sysreg(from[R_MDSCR_EL1], mdscr_el1);
	if (trial.hyp)
		write_sysreg(from[R_TPIDR_EL2], tpidr_el2);
	if (trial.gic)
		write_sysreg_s(from[R_ICC_PMR_EL1], SYS_ICC_PMR_EL1);
	isb();
}

static u64 running_priority(void)
{
	return trial.gic ? read_sysreg_s(SYS_ICC_RPR_EL1) : 0;
}

/*
 * Runs the loop until the event, or until SDEI_NMI_PROBE_MS have passed. If the sender has begun to
 * signal just then, waits a little longer.
 */
static void notrace trial_take_event(void)
{
	u64 ticks = counter_ticks(SDEI_NMI_PROBE_MS * USEC_PER_MSEC);
	unsigned int tries;

	for (tries = 0; tries < 2; tries++) {
		WRITE_ONCE(sdei_nmi_trial_data.deadline, counter_now() + ticks);
		if (trial.other_own)
			sdei_nmi_trial_run_x10();
		else
			sdei_nmi_trial_run_x16();
		/* Until the registers are written back, nothing of the kernel's may run. */
		read_registers(trial.after);
		write_registers(trial.before);
		if (atomic_cmpxchg(&trial.state, TRIAL_WAITS, TRIAL_OVER) != TRIAL_SIGNALS ||
		    READ_ONCE(sdei_nmi_trial_data.count) || READ_ONCE(trial.signal))
			return;
		trial.left_once = true;
		ticks = counter_ticks(SDEI_NMI_TRIAL_MEET_US);
	}
}

NOKPROBE_SYMBOL(trial_take_event);

/* A signal that was sent arrives before the event is unregistered, or is lost. */
static void trial_settle(void)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_TRIAL_MEET_US);

	if (atomic_read(&trial.state) != TRIAL_SIGNALS)
		return;
	while (!READ_ONCE(trial.sender_done) && !counter_passed(deadline))
		cpu_relax();
	deadline = counter_now() + counter_ticks(SDEI_NMI_SIGNAL_SETTLE_US);
	while (!counter_passed(deadline))
		cpu_relax();
}

static int trial_register(void)
{
	u64 status;
	int err = sdei_nmi_fw_event_status(&status);

	if (!err && status & BIT(SDEI_EVENT_STATUS_REGISTERED))
		err = -EBUSY;
	if (!err)
		err = sdei_nmi_fw_event_register((u64)sdei_nmi_trial_entry, TRIAL_ARGUMENT);
	if (err)
		return err;
	err = sdei_nmi_fw_event_enable();
	if (err)
		trial.unregister = sdei_nmi_fw_event_unregister();
	return err;
}

static void notrace trial_target(void *unused)
{
	unsigned long flags;

	if (atomic_cmpxchg(&trial.state, TRIAL_POSTED, TRIAL_WAITS) != TRIAL_POSTED)
		goto done;
	flags = local_daif_save();
	trial.mpidr = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	trial.hyp = is_kernel_in_hyp_mode();
	trial.gic = sdei_nmi_gic_has_registers();
	trial.setup = trial_register();
	if (trial.setup) {
		atomic_set(&trial.state, TRIAL_OVER);
	} else {
		trial.priority_before = running_priority();
		sdei_nmi_trial_read_vectors(trial.vectors_before);
		read_registers(trial.before);
		/* A signal of an earlier time may have waited for the registration. */
		WRITE_ONCE(sdei_nmi_trial_data.count, 0);
		trial_take_event();
		sdei_nmi_trial_read_vectors(trial.vectors_after);
		/* Writing clears the rest of longer vectors, so do it only with a reason. */
		if (memcmp(trial.vectors_before, trial.vectors_after, sizeof(trial.vectors_after)))
			sdei_nmi_trial_write_vectors(trial.vectors_before);
		trial_settle();
		trial.priority_after = running_priority();
		trial.unregister = sdei_nmi_fw_event_unregister();
	}
	local_daif_restore(flags);
done:
	smp_store_release(&trial.target_done, true);	/* pairs with try_cpu() */
}

NOKPROBE_SYMBOL(trial_target);

static void trial_sender(void *unused)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_TRIAL_MEET_US);
	unsigned long flags;

	WRITE_ONCE(trial.sender_here, true);
	/* Pairs with the loop's store: the address and the deadline are written before. */
	while (!smp_load_acquire(&sdei_nmi_trial_data.entered)) {
		/* A target that has begun sets "entered", or has a deadline itself. */
		if (counter_passed(deadline) &&
		    atomic_cmpxchg(&trial.state, TRIAL_POSTED, TRIAL_OVER) != TRIAL_WAITS)
			break;
		if (atomic_read(&trial.state) == TRIAL_OVER)
			break;
		cpu_relax();
	}
	/* The target waits only for a moment once the state says that it is signalled. */
	local_irq_save(flags);
	if (atomic_cmpxchg(&trial.state, TRIAL_WAITS, TRIAL_SIGNALS) == TRIAL_WAITS) {
		trial.signal = sdei_nmi_fw_event_signal(trial.mpidr);
		if (trial.signal)	/* the target need not wait */
			WRITE_ONCE(sdei_nmi_trial_data.deadline, counter_now());
	}
	local_irq_restore(flags);
	smp_store_release(&trial.sender_done, true);	/* pairs with try_cpu() */
}

static void __init post(bool other_own)
{
	unsigned int i;

	memset(&trial, 0, sizeof(trial));
	memset(&sdei_nmi_trial_data, 0, sizeof(sdei_nmi_trial_data));
	trial.other_own = other_own;
	for (i = 0; i < ARRAY_SIZE(sdei_nmi_trial_data.in); i++)
		sdei_nmi_trial_data.in[i] = 0x0101010101010101ULL * (i + 1) ^ 0x5a00a5005a00a500ULL;
	sdei_nmi_trial_data.in_nzcv = PSR_N_BIT | PSR_C_BIT;
	sdei_nmi_trial_data.hvc = !strcmp(sdei_nmi_fw_conduit(), "hvc");
}

/* The caller's CPU is the target. It masks interrupts only once the sender is there. */
static void __init be_target(void)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_TRIAL_MEET_US);

	while (!READ_ONCE(trial.sender_here)) {
		if (counter_passed(deadline)) {
			atomic_cmpxchg(&trial.state, TRIAL_POSTED, TRIAL_OVER);
			return;
		}
		cpu_relax();
	}
	trial_target(NULL);
}

/* The other CPU's function is the driver's, so the driver cannot leave before that CPU is done. */
static void __init await_other(unsigned int cpu, const bool *done)
{
	u64 said = counter_now();

	while (!smp_load_acquire(done)) {	/* then read what that CPU wrote */
		usleep_range(10, 100);
		if (!counter_elapsed(said, SDEI_NMI_UNLOAD_LOG_MS * USEC_PER_MSEC))
			continue;
		said = counter_now();
		pr_warn("still waiting for CPU %u, which takes no interrupts or does not come back from its first event 0\n",
			cpu);
	}
}

static bool __init in_loop(void)
{
	u64 pc = sdei_nmi_trial_data.seen[2];

	return pc >= (u64)sdei_nmi_trial_run_x16 && pc < (u64)sdei_nmi_trial_run_end;
}

/*
 * Returns 0 if the CPU took the event or could not register it, -EAGAIN if the two CPUs did not
 * meet in time, or what made the firmware refuse the signal. The caller does not migrate.
 */
static int __init try_cpu(unsigned int cpu, bool other_own)
{
	static call_single_data_t csd;
	unsigned int me, other;

	post(other_own);
	me = get_cpu();
	other = cpu == me ? cpumask_any_but(cpu_online_mask, me) : cpu;
	csd.info = NULL;
	csd.func = cpu == me ? trial_sender : trial_target;
	smp_call_function_single_async(other, &csd);
	if (cpu == me)
		be_target();
	else
		trial_sender(NULL);
	put_cpu();
	await_other(other, cpu == me ? &trial.sender_done : &trial.target_done);
	if (trial.setup)
		return 0;
	if (atomic_read(&trial.state) != TRIAL_SIGNALS)
		return -EAGAIN;
	/* The event came between the two runs of the loop. */
	if (trial.left_once && sdei_nmi_trial_data.count && !in_loop())
		return -EAGAIN;
	return trial.signal;
}

/* The differences that the event made, or an empty text. */
static void __init find_damage(char *text, size_t size)
{
	const struct sdei_nmi_trial_loop *loop = &sdei_nmi_trial_data;
	u64 mode = trial.hyp ? PSR_MODE_EL2h : PSR_MODE_EL1h;
	const u64 masked = PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT;
	unsigned int own = trial.other_own ? 10 : 16, i;

#define CHANGED(name, from, to) \
	scnprintf(text, size, "%s was %#llx before the event and %#llx after it", name, from, to)

	*text = '\0';
	if (loop->seen[0] || loop->seen[1] != TRIAL_ARGUMENT)
		scnprintf(text, size,
			  "the handler got event %llu and argument %#llx, not 0 and %#llx",
			  loop->seen[0], loop->seen[1], TRIAL_ARGUMENT);
	else if (!in_loop())
		scnprintf(text, size, "the handler got a wrong interrupted PC, %#llx",
			  loop->seen[2]);
	else if ((loop->seen[3] & (masked | PSR_MODE_MASK)) != (masked | mode))
		scnprintf(text, size, "the handler got a wrong interrupted PSTATE, %#llx",
			  loop->seen[3]);
	else if ((loop->daif & masked) != masked)
		scnprintf(text, size,
			  "the handler began with PSTATE.DAIF %#llx, which does not mask all exceptions",
			  loop->daif);
	else if (loop->sp != loop->out_sp)
		CHANGED("SP", loop->sp, loop->out_sp);
	else if (loop->in_nzcv != loop->out_nzcv)
		CHANGED("NZCV", loop->in_nzcv, loop->out_nzcv);
	else if ((loop->out_daif & masked) != masked)
		CHANGED("PSTATE.DAIF", (u64)masked, loop->out_daif);
	for (i = 0; !*text && i < REGISTERS; i++)
		if (trial.before[i] != trial.after[i])
			CHANGED(register_names[i], trial.before[i], trial.after[i]);
	for (i = 0; !*text && i < ARRAY_SIZE(trial.vectors_before); i++)
		if (trial.vectors_before[i] != trial.vectors_after[i])
			CHANGED(i / 2 < 32 ? "a vector register" : "FPCR or FPSR",
				trial.vectors_before[i], trial.vectors_after[i]);
	for (i = 0; !*text && i < ARRAY_SIZE(loop->in); i++)
		if (i != own && i != own + 1 && loop->in[i] != loop->out[i])
			scnprintf(text, size,
				  "x%u was %#llx before the event and %#llx after it", i,
				  loop->in[i], loop->out[i]);
#undef CHANGED
}

static bool __init lost(void)
{
	return trial.priority_before != trial.priority_after;
}

/* Returns 0, or -EIO if the driver must not use event 0; the log has a line then. */
static int __init judge(unsigned int cpu, int err)
{
	char damage[128];

	if (lost()) {
		pr_err("probing event 0 failed: the firmware did not end the event's interrupt on CPU %u, so this CPU takes no interrupt any more; nothing else was changed\n",
		       cpu);
	} else if (err == -EAGAIN) {
		pr_err("trying event 0 failed: CPU %u did not take part in %u tries; nothing was changed\n",
		       cpu, SDEI_NMI_TRIAL_TRIES);
	} else if (err) {
		pr_err("probing event 0 failed: the firmware refused a signal to CPU %u (%d); nothing was changed\n",
		       cpu, err);
	} else if (trial.setup) {
		return 0;	/* the SDEI core will say why */
	} else if (!sdei_nmi_trial_data.count) {
		pr_err("probing event 0 failed: the firmware accepted a signal to CPU %u but did not deliver it in %u ms; nothing was changed\n",
		       cpu, SDEI_NMI_PROBE_MS);
	} else {
		find_damage(damage, sizeof(damage));
		if (!*damage)
			return 0;
		pr_err("probing event 0 failed: the firmware does not keep what an event interrupts: on CPU %u %s; nothing was changed\n",
		       cpu, damage);
	}
	return -EIO;
}

/* The loop's own registers differ between the rounds, so each general register is compared. */
static int __init try_and_judge(unsigned int cpu, unsigned int *tried)
{
	unsigned int tries, round;
	int err;

	for (round = 0; round < 2; round++) {
		tries = 0;
		do {
			err = try_cpu(cpu, round);
		} while (err == -EAGAIN && !lost() && !trial.unregister &&
			 ++tries < SDEI_NMI_TRIAL_TRIES);
		err = judge(cpu, err);
		if (trial.unregister)
			pr_err("unregistering event 0 failed with %d: the firmware may keep event 0 until the next reboot, and the driver cannot be loaded again before that\n",
			       trial.unregister);
		if (err || trial.unregister)
			return -EIO;
		if (trial.setup)
			return 0;
	}
	++*tried;
	return 0;
}

/*
 * An idle CPU that can go offline. The last one, because CPU 0 often has work that the kernel
 * needs, such as the time. If no CPU becomes idle, another one.
 */
static unsigned int __init first_target(void)
{
	unsigned int me = raw_smp_processor_id(), found = nr_cpu_ids, cpu;
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_PROBE_MS * USEC_PER_MSEC);

	while (found >= nr_cpu_ids && !counter_passed(deadline)) {
		for_each_online_cpu(cpu)
			if (cpu != me && cpu_is_hotpluggable(cpu) &&
			    SDEI_NMI_KERNEL(idle_cpu)(cpu))
				found = cpu;
		usleep_range(1000, 2000);
	}
	return found < nr_cpu_ids ? found : cpumask_any_but(cpu_online_mask, me);
}

static void __init poll_idle_cpus(bool poll)
{
	if (SDEI_NMI_HAS(cpu_idle_poll_ctrl))
		SDEI_NMI_KERNEL(cpu_idle_poll_ctrl)(poll);
}

#ifdef CONFIG_HOTPLUG_CPU
static struct hrtimer nudge;

/*
 * A CPU that takes no interrupts does not see that it has a task to run, or a task to wake, until
 * it has to schedule. So this makes idle CPUs schedule again and again. It is a timer of the
 * caller's CPU, because a work item may need a new kworker. The thread that starts kworkers may
 * wait for this CPU to wake it.
 */
static enum hrtimer_restart trial_nudge(struct hrtimer *timer)
{
	wake_up_all_idle_cpus();
	hrtimer_forward_now(timer, ms_to_ktime(SDEI_NMI_TRIAL_WAKE_MS));
	return HRTIMER_RESTART;
}

/*
 * The CPU takes no interrupts. It is idle, and polls. The thread of RCU's grace periods may wait
 * for a timer of this CPU, which does not expire; expedited grace periods do without that thread.
 */
static int __init take_offline(unsigned int cpu)
{
	u64 deadline = counter_now() + counter_ticks(SDEI_NMI_PROBE_MS * USEC_PER_MSEC);
	unsigned int tries = 0;
	int err;

	/* A CPU that sleeps in idle, or runs a program, does not see that it has to go. */
	if (!SDEI_NMI_HAS(cpu_idle_poll_ctrl))
		return -EOPNOTSUPP;
	while (!SDEI_NMI_KERNEL(idle_cpu)(cpu)) {
		if (cpu == raw_smp_processor_id() || counter_passed(deadline))
			return -EBUSY;
		wake_up_all_idle_cpus();	/* a task may be waiting there */
		usleep_range(1000, 2000);
	}
	hrtimer_setup(&nudge, trial_nudge, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	hrtimer_start(&nudge, 0, HRTIMER_MODE_REL_PINNED);
	rcu_expedite_gp();
	/* CPU hotplug is off for as long as a PCI driver probes its device. */
	while ((err = remove_cpu(cpu)) == -EBUSY && ++tries < SDEI_NMI_TRIAL_OFFLINE_TRIES)
		msleep(SDEI_NMI_TRIAL_OFFLINE_MS);
	rcu_unexpedite_gp();
	hrtimer_cancel(&nudge);
	return err;
}
#else
static int __init take_offline(unsigned int cpu)
{
	return -EOPNOTSUPP;
}
#endif

/* Returns whether the CPU is offline. If it is not, it has to poll for good. */
static bool __init give_up(unsigned int cpu)
{
	int err = take_offline(cpu);

	if (err)
		pr_warn("CPU %u takes no interrupt any more and cannot go offline (%d), so restart the machine\n",
			cpu, err);
	else
		pr_warn("CPU %u went offline because it takes no interrupt any more; leave it offline until the machine is restarted\n",
			cpu);
	return !err;
}

/* Returns the CPU that takes no interrupt any more, or nr_cpu_ids. */
static unsigned int __init try_all(unsigned int *tried, int *err)
{
	unsigned int me = raw_smp_processor_id(), first = first_target(), cpu;

	*err = try_and_judge(first, tried);
	if (lost())
		return first;
	for_each_online_cpu(cpu) {
		if (*err || cpu == first || cpu == me)
			continue;
		*err = try_and_judge(cpu, tried);
		if (lost())
			return cpu;
	}
	/* The caller's own CPU is the last one: if it is lost, nothing can take it offline. */
	if (!*err)
		*err = try_and_judge(me, tried);
	return lost() ? me : nr_cpu_ids;
}

/**
 * sdei_nmi_trial() - let each online CPU take event 0, where it can do no damage
 * @tried: gets the number of CPUs that took it and kept what it interrupted
 *
 * If the kernel's SDEI core has registered event 0, or the firmware refuses to register it, this
 * does nothing: sdei_nmi_event_init() then says why. With one online CPU it does nothing, because
 * the sender has to be another CPU.
 *
 * It cannot help if the firmware refuses to complete an event, or keeps neither the kernel's
 * address space nor the program counter.
 *
 * Context: task, at load, before sdei_nmi_event_init(); sleeps. Takes the CPU hotplug lock for
 * reading. Waits for every online CPU to take an IPI. Idle CPUs poll meanwhile. A CPU has
 * interrupts off for SDEI_NMI_SIGNAL_SETTLE_US twice, or for SDEI_NMI_PROBE_MS if the event is not
 * delivered, or its sender comes late.
 * Return: 0; -EIO if event 0 must not be used. A failure logs one line, and a second one if it has
 * cost a CPU its interrupts.
 */
int __init sdei_nmi_trial(unsigned int *tried)
{
	unsigned int victim;
	int err;

	*tried = 0;
	cpus_read_lock();
	if (num_online_cpus() == 1) {
		cpus_read_unlock();
		return 0;
	}
	/* A CPU that is lost must not be the caller's. */
	migrate_disable();
	poll_idle_cpus(true);
	victim = try_all(tried, &err);
	cpus_read_unlock();
	if (victim >= nr_cpu_ids || give_up(victim))
		poll_idle_cpus(false);
	migrate_enable();
	return err;
}
