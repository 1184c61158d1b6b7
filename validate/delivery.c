// SPDX-License-Identifier: GPL-2.0
/*
 * Event 0 into whatever a PE may be doing, by the kernel's own entry. The PE says when it is in
 * the state, and the handler writes down what it interrupted.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/daifflags.h>
#include <asm/ptrace.h>
#include <linux/irqchip/arm-gic-v3.h>

#include "check.h"
#include "compat.h"
#include "counter.h"
#include "device.h"

#define TIMES		3	/* how often each PE is asked in each state */
#define STORM_TIMES	100
#define BETWEEN_US	500	/* signals that are not in a row */
#define USER_MS		1000	/* until a program is met */
#define DAIF_BITS	(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)

struct file *device_file;

static u64 state_deadline(void)
{
	return counter_now() + counter_ticks(STATE_MS * USEC_PER_MSEC);
}

static void open_here(struct pe *pe, void *arg)
{
	u64 deadline = state_deadline();

	WRITE_ONCE(pe->ready, true);
	while (pe_stays(pe, deadline))
		;
}

/* @arg: the bits of DAIF. */
static void masked_here(struct pe *pe, void *arg)
{
	u64 deadline = state_deadline(), daif = *(u64 *)arg;
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	write_sysreg(daif, daif);
	WRITE_ONCE(pe->ready, true);
	while (pe_stays(pe, deadline))
		;
	local_daif_mask();
	local_daif_restore(flags);
	preempt_enable();
}

static void unprioritized_here(struct pe *pe, void *arg)
{
	u64 deadline = state_deadline(), mask;
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	mask = read_sysreg_s(SYS_ICC_PMR_EL1);
	write_sysreg_s(0, SYS_ICC_PMR_EL1);
	isb();
	WRITE_ONCE(pe->ready, true);
	while (pe_stays(pe, deadline))
		;
	write_sysreg_s(mask, SYS_ICC_PMR_EL1);
	isb();
	local_daif_restore(flags);
	preempt_enable();
}

/* With interrupts masked: a timer that is due ends the waiting, too. */
static void waiting_here(struct pe *pe, void *arg)
{
	u64 deadline = state_deadline();
	unsigned long flags;

	preempt_disable();
	flags = local_daif_save();
	hrtimer_start(&pe->timer, ms_to_ktime(2 * QUIET_MS), HRTIMER_MODE_REL_PINNED_HARD);
	WRITE_ONCE(pe->ready, true);
	while (pe_stays(pe, deadline)) {
		dsb(sy);
		wfi();
	}
	local_daif_restore(flags);
	preempt_enable();
}

static struct pe *interrupted;

static enum hrtimer_restart interrupt(struct hrtimer *timer)
{
	u64 deadline = state_deadline();

	WRITE_ONCE(interrupted->ready, true);
	while (pe_stays(interrupted, deadline))
		;
	return HRTIMER_NORESTART;
}

static void in_interrupt_here(struct pe *pe, void *arg)
{
	static struct hrtimer timer;
	u64 deadline = state_deadline();

	interrupted = pe;
	hrtimer_setup(&timer, interrupt, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&timer, ns_to_ktime(50 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
	while (pe_stays(pe, deadline))
		;
	hrtimer_cancel(&timer);
}

/* Signals a PE while it is in a state; with @look at what was interrupted. */
static enum result once_into(struct report *r, struct pe *pe, const char *where,
			     void (*state)(struct pe *pe, void *arg), void *arg,
			     bool (*look)(struct pe *pe, void *arg))
{
	enum result result = PASS;

	if (!pe_enter(pe, state, arg))
		return failed(r, "CPU %u did not come to be %s", pe->cpu, where);
	pe->arrivals.fresh = true;
	if (!arrives(r, pe, where))
		result = FAIL;
	else if (look && !look(pe, arg))
		result = failed(r, "the event that came to CPU %u, %s, told of PSTATE 0x%llx",
				pe->cpu, where, pe->arrivals.pstate);
	if (!pe_leave(pe))
		return failed(r, "CPU %u, %s, did not come back", pe->cpu, where);
	return result;
}

/* The same with every other PE. */
static enum result into(struct report *r, const char *where,
			void (*state)(struct pe *pe, void *arg), void *arg,
			bool (*look)(struct pe *pe, void *arg))
{
	enum result result = PASS;
	unsigned int tested = 0, i;
	struct pe *pe;

	for (pe = pe_next_other(NULL); pe; pe = pe_next_other(pe)) {
		for (i = 0; i < TIMES && result == PASS; i++)
			result = once_into(r, pe, where, state, arg, look);
		if (result != PASS)
			return result;
		tested++;
	}
	if (!tested)
		return skipped(r, "there is one CPU only");
	return passed(r, "%u times on each of %u CPUs", TIMES, tested);
}

static bool was_open(struct pe *pe, void *arg)
{
	return !(pe->arrivals.pstate & PSR_I_BIT);
}

static bool was_masked(struct pe *pe, void *arg)
{
	return (pe->arrivals.pstate & DAIF_BITS) == *(u64 *)arg;
}

static enum result interrupts_on(struct report *r, const void *with)
{
	return into(r, "in the kernel with interrupts on", open_here, NULL, NULL);
}

static enum result interrupts_off(struct report *r, const void *with)
{
	u64 daif = PSR_I_BIT | PSR_F_BIT;

	return into(r, "in the kernel with interrupts masked", masked_here, &daif, was_masked);
}

static enum result each_daif(struct report *r, const void *with)
{
	u64 bits, daif;

	for (bits = 0; bits < 16; bits++) {
		char where[48];
		enum result result;

		/* D, A, I and F are bits 9 to 6. */
		daif = bits << 6;
		/* With pseudo-NMI the kernel masks by priority, and takes an open I for its own. */
		if (system_uses_irq_prio_masking() && !(daif & PSR_I_BIT))
			continue;
		scnprintf(where, sizeof(where), "in the kernel with DAIF 0x%llx", bits);
		result = into(r, where, masked_here, &daif,
			      daif & PSR_I_BIT ? was_masked : was_open);
		if (result != PASS)
			return result;
	}
	return passed(r, "with each of 16 combinations");
}

static enum result priority_mask(struct report *r, const void *with)
{
	if (!pe_has_gic_registers())
		return skipped(r, "the GIC has no system registers of the kernel's");
	return into(r, "with ICC_PMR_EL1 = 0", unprioritized_here, NULL, NULL);
}

static enum result waiting(struct report *r, const void *with)
{
	return into(r, "in WFI with interrupts masked", waiting_here, NULL, NULL);
}

static enum result interrupt_handler(struct report *r, const void *with)
{
	return into(r, "in an interrupt's handler", in_interrupt_here, NULL, NULL);
}

static enum result idle(struct report *r, const void *with)
{
	unsigned int tested = 0, i;
	struct pe *pe;

	for (pe = pe_next_other(NULL); pe; pe = pe_next_other(pe)) {
		for (i = 0; i < TIMES; i++) {
			usleep_range(2000, 4000);
			if (!arrives(r, pe, "with nothing to do"))
				return FAIL;
		}
		tested++;
	}
	if (!tested)
		return skipped(r, "there is one CPU only");
	return passed(r, "%u times on each of %u CPUs", TIMES, tested);
}

static enum result in_program(struct report *r, const void *with)
{
	unsigned int met = 0;
	u64 deadline, users;
	struct pe *pe;

	for (pe = pe_next_other(NULL); pe; pe = pe_next_other(pe)) {
		users = pe->arrivals.users;
		deadline = counter_now() + counter_ticks(USER_MS * USEC_PER_MSEC);
		while (pe->arrivals.users < users + TIMES && !counter_passed(deadline)) {
			usleep_range(200, 1000);
			if (!arrives(r, pe, "where a program runs"))
				return FAIL;
		}
		if (signal_pending(current))
			return skipped(r, "interrupted");
		if (pe->arrivals.users != users)
			met++;
		else
			note(r, "on CPU %u no event met a program", pe->cpu);
	}
	if (!met)
		return skipped(r, "no event met a program: none is spinning there");
	return passed(r, "events came into programs on %u CPUs", met);
}

/* On another PE: signals the one that waits in its page fault. */
static void signal_home(struct pe *pe, void *arg)
{
	struct pe *home = pe_of(pe_home);
	u64 deadline = state_deadline();

	while (!READ_ONCE(home->ready) && pe_stays(pe, deadline))
		;
	if (READ_ONCE(home->ready))
		*(u64 *)arg = call_signal(home->mpidr);
}

static enum arrival in_fault;

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct pe *home = pe_of(pe_home);
	u64 before = pe_count(home);

	WRITE_ONCE(home->ready, true);
	in_fault = pe_await(home, before);
	vmf->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	return vmf->page ? 0 : VM_FAULT_OOM;
}

static const struct vm_operations_struct fault_operations = { .fault = fault };

/**
 * device_mmap() - for in_page_fault() alone: no page is there until it is touched
 * @file: the device's
 * @vma: where
 *
 * Context: task. Return: 0, or -EPERM for anybody else.
 */
int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!device_file)
		return -EPERM;
	vma->vm_ops = &fault_operations;
	return 0;
}

static enum result in_page_fault(struct report *r, const void *with)
{
	struct pe *home = pe_of(pe_home), *other = pe_victim();
	unsigned long address;
	u64 x0 = 0;
	u8 byte;

	if (!other)
		return skipped(r, "there is one CPU only");
	address = vm_mmap(device_file, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(address))
		return skipped(r, "no memory could be mapped (%ld)", (long)address);
	home->ready = false;
	other->stop = false;
	in_fault = NOT_ARRIVED;
	pe_start(other, signal_home, &x0);
	if (get_user(byte, (u8 __user *)address))
		note(r, "the page could not be read");
	vm_munmap(address, PAGE_SIZE);
	if (!pe_leave(other))
		return failed(r, "CPU %u did not come back", other->cpu);
	if (x0)
		return failed(r, "SDEI_EVENT_SIGNAL returned %s", call_says(x0));
	if (in_fault != ARRIVED)
		return failed(r, "event 0 did not come to CPU %u, in a page fault", pe_home);
	return passed(r, "on CPU %u", pe_home);
}

static enum hrtimer_restart again(struct hrtimer *timer)
{
	hrtimer_forward_now(timer, ns_to_ktime(50 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

static void storm_here(struct pe *pe, void *arg)
{
	static struct hrtimer timer;
	u64 deadline = state_deadline();

	hrtimer_setup(&timer, again, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&timer, ns_to_ktime(50 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
	WRITE_ONCE(pe->ready, true);
	while (pe_stays(pe, deadline))
		;
	hrtimer_cancel(&timer);
}

static void rain(void *unused)
{
}

static enum result in_storm(struct report *r, const void *with)
{
	enum result result = PASS;
	struct pe *pe = pe_victim();
	call_single_data_t drop;
	unsigned int i;
	u64 deadline;

	if (!pe)
		return skipped(r, "there is one CPU only");
	INIT_CSD(&drop, rain, NULL);
	if (!pe_enter(pe, storm_here, NULL))
		return failed(r, "CPU %u did not come to have its interrupts", pe->cpu);
	deadline = counter_now() + counter_ticks(STATE_MS / 2 * USEC_PER_MSEC);
	for (i = 0; i < STORM_TIMES && result == PASS && !counter_passed(deadline); i++) {
		smp_call_function_single_async(pe->cpu, &drop);
		pe_pause(BETWEEN_US);
		if (!arrives(r, pe, "in a storm of interrupts"))
			result = FAIL;
	}
	if (!pe_leave(pe))
		return failed(r, "CPU %u did not come back from its interrupts", pe->cpu);
	/* The last one is on our stack. */
	smp_call_function_single(pe->cpu, rain, NULL, 1);
	if (result != PASS)
		return result;
	return passed(r, "%u times, with a timer every 50 us and an IPI with each", i);
}

/**
 * struct own - a PE's signal to itself
 * @masked: with interrupts masked
 * @x0: what it returned
 * @arrival: whether it came
 */
struct own {
	bool masked;
	u64 x0;
	enum arrival arrival;
};

static void own_here(struct pe *pe, void *arg)
{
	struct own *own = arg;
	unsigned long flags;
	u64 before;

	preempt_disable();
	flags = read_sysreg(daif);
	if (own->masked)
		local_daif_mask();
	before = pe_count(pe);
	own->x0 = call_signal(pe->mpidr);
	own->arrival = own->x0 ? NOT_ARRIVED : pe_await(pe, before);
	if (own->masked)
		local_daif_restore(flags);
	preempt_enable();
}

static enum result to_itself(struct report *r, const void *with)
{
	struct own own;
	unsigned int tested = 0, i;
	struct pe *pe;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe)) {
		for (i = 0; i < 2; i++) {
			own = (struct own){ .masked = i };
			if (!pe_run(pe, own_here, &own))
				return failed(r, "CPU %u did not come back", pe->cpu);
			if (own.x0)
				return failed(r, "CPU %u's signal to itself returned %s", pe->cpu,
					      call_says(own.x0));
			if (own.arrival != ARRIVED)
				return failed(r,
					      "CPU %u's signal to itself did not arrive, with interrupts %s",
					      pe->cpu, i ? "masked" : "on");
		}
		tested++;
	}
	return passed(r, "on %u CPUs, with interrupts on and masked", tested);
}

/**
 * struct pair - one PE's signal to another
 * @to: that
 * @x0: what it returned
 * @arrival: whether it came
 */
struct pair {
	struct pe *to;
	u64 x0;
	enum arrival arrival;
};

static void signal_other(struct pe *pe, void *arg)
{
	struct pair *p = arg;
	u64 before = pe_count(p->to);

	p->x0 = call_signal(p->to->mpidr);
	p->arrival = p->x0 ? NOT_ARRIVED : pe_await(p->to, before);
}

/* On many CPUs: from and to the first one, and to the next. */
static bool pair_counts(unsigned int from, unsigned int to)
{
	return from != to && (cpumask_weight(pe_all()) <= 16 || from == pe_home ||
			      to == pe_home || to == cpumask_next(from, pe_all()));
}

/* One pair; false: it failed, as the report says. */
static bool from_to(struct report *r, struct pe *pe, struct pe *to)
{
	struct pair p = { .to = to };

	if (!pe_run(pe, signal_other, &p))
		failed(r, "CPU %u did not come back from its signal", pe->cpu);
	else if (p.x0)
		failed(r, "CPU %u's signal to CPU %u returned %s", pe->cpu, to->cpu,
		       call_says(p.x0));
	else if (p.arrival != ARRIVED)
		failed(r, "CPU %u's signal to CPU %u did not arrive", pe->cpu, to->cpu);
	else
		return true;
	return false;
}

static enum result each_to_each(struct report *r, const void *with)
{
	unsigned int tested = 0;
	struct pe *pe, *to;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe)) {
		for (to = pe_next(NULL); to; to = pe_next(to)) {
			if (!pair_counts(pe->cpu, to->cpu))
				continue;
			if (!from_to(r, pe, to))
				return FAIL;
			tested++;
		}
		if (signal_pending(current))
			return skipped(r, "interrupted");
	}
	if (!tested)
		return skipped(r, "there is one CPU only");
	return passed(r, "%u pairs", tested);
}

#define UNREACHED "CPUs in this state are not reached; reports name them"
#define SECTION_DELIVERY "DEN0054, delivery whatever PSTATE.DAIF is"

#define DELIVERY(check_name, check_run, text, doc) \
	.name = "delivery." check_name, .section = doc, .expected = text, .means = UNREACHED, \
	.run = check_run, .setup = SETUP_KERNEL, .seconds = 10, .relied = true

const struct check delivery_checks[] = {
	{
		DELIVERY("interrupts_on", interrupts_on,
			 "it arrives on a CPU in the kernel with interrupts on", SECTION_DELIVERY),
		.needs = "handler.state", .needs_too = "handler.registers",
	}, {
		DELIVERY("interrupts_masked", interrupts_off,
			 "it arrives on a CPU in the kernel with interrupts masked",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("each_daif", each_daif,
			 "it arrives with each combination of PSTATE.DAIF, and tells it",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("priority_mask", priority_mask,
			 "it arrives whatever the kernel's priority mask is, as with pseudo-NMI",
			 "DEN0054, events are of EL3's interrupts"),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("wfi", waiting, "it wakes a CPU from WFI, and arrives", SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("idle", idle, "it arrives on a CPU that has nothing to do",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("in_program", in_program,
			 "it arrives on a CPU that runs a program, whose registers are what they were",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on", .program = true,
	}, {
		DELIVERY("in_interrupt", interrupt_handler,
			 "it arrives on a CPU that is handling an interrupt", SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("in_page_fault", in_page_fault,
			 "it arrives on a CPU that is handling a page fault", SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("storm", in_storm,
			 "it arrives each time on a CPU that takes one interrupt after the other",
			 SECTION_DELIVERY),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("to_itself", to_itself, "each PE can signal itself",
			 "DEN0054 SDEI_EVENT_SIGNAL"),
		.needs = "delivery.interrupts_on",
	}, {
		DELIVERY("each_to_each", each_to_each, "each PE can signal each other one",
			 "DEN0054 SDEI_EVENT_SIGNAL"),
		.needs = "delivery.interrupts_on",
	},
	{},
};
