// SPDX-License-Identifier: GPL-2.0
/*
 * Runs on the target. The target copies its registers and return addresses into its record and goes
 * on, within microseconds. It takes no lock and no exception, and prints nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/time64.h>
#include <clocksource/arm_arch_timer.h>
#include <asm/virt.h>

#include "capture.h"
#include "compat.h"
#include "deadline.h"
#include "symbols.h"

#define TIMER_TRIED_NS	NSEC_PER_MSEC

static bool notrace store_pc(void *cookie, unsigned long pc)
{
	struct sdei_nmi_record *b = cookie;

	if (b->depth == SDEI_NMI_RECORD_DEPTH) {
		b->cut = true;
		return false;
	}
	b->pc[b->depth++] = pc;
	return true;
}

NOKPROBE_SYMBOL(store_pc);

/*
 * Word by word: for an assignment the compiler may call memcpy(), which can have a kprobe. The size
 * of struct pt_regs is a multiple of two words, because it lies on the stack.
 */
static __always_inline void copy_regs(struct pt_regs *to, const struct pt_regs *from)
{
	const u64 *source = (const u64 *)from;
	u64 *target = (u64 *)to;
	unsigned int i;

	for (i = 0; i < sizeof(*to) / sizeof(u64); i += 2) {
		WRITE_ONCE(target[i], source[i]);
		WRITE_ONCE(target[i + 1], source[i + 1]);
	}
}

static_assert(sizeof(struct pt_regs) % 16 == 0);

struct comm_half {
	u64 value;
} __packed;

/* In two words, as in copy_regs(). They are not aligned. */
static __always_inline void copy_comm(char *to, const char *from)
{
	((struct comm_half *)to)[0].value = ((const struct comm_half *)from)[0].value;
	((struct comm_half *)to)[1].value = ((const struct comm_half *)from)[1].value;
}

static_assert(TASK_COMM_LEN == 16);

/*
 * Whether a KVM guest was interrupted; its addresses mean nothing to the host. The host's kernel
 * runs at one exception level. At EL2 (VHE), the host's user programs and a guest's both run at
 * EL0. HCR_EL2.VM, stage 2 translation, is set for guests only. TGE does not tell them apart here:
 * the kernel sets it at the entry of an NMI. An ordinary interrupt has made the CPU leave the
 * guest.
 */
static __always_inline bool is_guest(const struct pt_regs *regs)
{
	bool hyp = is_kernel_in_hyp_mode();

	if (user_mode(regs))
		return hyp && read_sysreg(hcr_el2) & HCR_VM;
	return (regs->pstate & (PSR_MODE32_BIT | PSR_MODE_EL3t)) !=
	       (hyp ? PSR_MODE_EL2t : PSR_MODE_EL1t);
}

/*
 * Whether the host's kernel runs with registers that a guest may have left. KVM marks its task from
 * before it enters the guest until interrupts have been on again after the guest.
 */
static __always_inline bool is_near_guest(const struct pt_regs *regs,
					  const struct task_struct *task)
{
	return !is_guest(regs) && !user_mode(regs) && task->flags & PF_VCPU;
}

/* The registers of a guest are the guest's secrets, except where it is. */
static __always_inline void copy_guest_regs(struct pt_regs *to, const struct pt_regs *from, u64 sp)
{
	unsigned int i;

	for (i = 0; i < sizeof(*to) / sizeof(u64); i++)
		WRITE_ONCE(((u64 *)to)[i], 0);
	to->pc = from->pc;
	to->pstate = from->pstate;
	to->sp = sp;
}

/*
 * Whether the saved sp is that of the interrupted context. For an event, the SDEI core always saves
 * the kernel's sp, so the sp of a 64-bit user program cannot be read. The sp of a 32-bit user
 * program is one of the general registers. For an interrupt, the right sp is saved in all cases.
 */
static __always_inline bool has_sp(const struct pt_regs *regs, bool by_event)
{
	return !by_event || !user_mode(regs) || compat_user_mode(regs);
}

/* One of this CPU's timers: its control register, and in ticks the end of its time, and now. */
struct timer {
	u64 ctl;
	u64 end;
	u64 now;
};

/* Which of its two timers the kernel uses on each CPU. Constant after load. */
static enum { TIMER_UNKNOWN, TIMER_VIRTUAL, TIMER_PHYSICAL } timer_used;

/* At EL2 with VHE, these names reach the timers of EL2. */
static __always_inline struct timer read_timer(bool physical)
{
	struct timer timer;

	isb();
	if (physical) {
		timer.ctl = read_sysreg(cntp_ctl_el0);
		timer.end = read_sysreg(cntp_cval_el0);
		timer.now = read_sysreg(cntpct_el0);
	} else {
		timer.ctl = read_sysreg(cntv_ctl_el0);
		timer.end = read_sysreg(cntv_cval_el0);
		timer.now = read_sysreg(cntvct_el0);
	}
	return timer;
}

/*
 * How long an interrupt of this CPU's own timer has been waiting, in ticks; 0 if none is. The timer
 * asserts its interrupt from the end of its time on.
 */
static __always_inline u64 timer_waits(void)
{
	struct timer timer;

	if (timer_used == TIMER_UNKNOWN)
		return 0;
	timer = read_timer(timer_used == TIMER_PHYSICAL);
	timer.ctl &= ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK | ARCH_TIMER_CTRL_IT_STAT;
	if (timer.ctl != (ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_STAT) ||
	    (s64)(timer.now - timer.end) <= 0)
		return 0;
	return timer.now - timer.end;
}

/* How far from a time a timer ends, in ticks; the most there is if the timer is not running. */
static u64 timer_misses(const struct timer *timer, u64 end)
{
	if (!(timer->ctl & ARCH_TIMER_CTRL_ENABLE))
		return U64_MAX;
	return abs((s64)(timer->end - end));
}

static enum hrtimer_restart timer_ends(struct hrtimer *unused)
{
	return HRTIMER_NORESTART;
}

/**
 * sdei_nmi_capture_init() - find out which timer interrupts the kernel's CPUs
 *
 * At EL1 that is the virtual timer. A kernel that left EL2 at boot uses the physical timer, but its
 * SDEI core does not start. At EL2 it is the physical timer; newer kernels, such as 7.2, use the
 * virtual timer there if the firmware describes its interrupt. Nothing says which. So this function
 * starts a timer, and looks which of the two the kernel has set. The other one may be running, too:
 * the firmware, or the kernel before a kexec, may have left it so.
 *
 * Context: task, at load; may wait until an interrupt of the timer is over.
 */
void __init sdei_nmi_capture_init(void)
{
	static struct hrtimer started;
	struct timer physical, virtual;
	unsigned long flags;
	u64 end, misses;

	timer_used = TIMER_VIRTUAL;
	if (!is_kernel_in_hyp_mode())
		return;
	hrtimer_setup(&started, timer_ends, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	/* Until its interrupt is taken, the timer stays as the kernel has set it. */
	local_irq_save(flags);
	hrtimer_start(&started, ns_to_ktime(TIMER_TRIED_NS), HRTIMER_MODE_REL_PINNED_HARD);
	end = counter_now() + counter_ticks(TIMER_TRIED_NS / NSEC_PER_USEC);
	physical = read_timer(true);
	virtual = read_timer(false);
	local_irq_restore(flags);
	hrtimer_cancel(&started);
	misses = timer_misses(&virtual, end);
	if (timer_misses(&physical, end) < misses) {
		timer_used = TIMER_PHYSICAL;
		misses = timer_misses(&physical, end);
	}
	/* An earlier timer or the next tick may be set instead. */
	if (misses < counter_ticks(USEC_PER_SEC))
		return;
	timer_used = TIMER_UNKNOWN;
	pr_warn("the kernel uses neither timer of its CPUs: snapshots lack how long a CPU has taken no interrupt\n");
}

/**
 * sdei_nmi_capture_is_guest() - whether event 0 interrupted a KVM guest
 * @regs: the interrupted context
 *
 * Context: SDEI. Return: true if so.
 */
bool notrace sdei_nmi_capture_is_guest(const struct pt_regs *regs)
{
	return is_guest(regs);
}

NOKPROBE_SYMBOL(sdei_nmi_capture_is_guest);

/**
 * sdei_nmi_capture_shown() - leave out registers that others may not see or that are wrong
 * @to: gets the registers, with 0 for those left out
 * @regs: the interrupted context
 *
 * A guest's registers are left out except pc and pstate, and so are those of the host beside a
 * guest except sp. The sp of a 64-bit user program is left out, because it is another one.
 *
 * Context: SDEI. Return: true if some were left out; else @to is not written.
 */
bool notrace sdei_nmi_capture_shown(struct pt_regs *to, const struct pt_regs *regs)
{
	bool near_guest = is_near_guest(regs, current);

	if (is_guest(regs) || near_guest) {
		copy_guest_regs(to, regs, near_guest ? regs->sp : 0);
		return true;
	}
	if (has_sp(regs, true))
		return false;
	copy_regs(to, regs);
	to->sp = 0;
	return true;
}

NOKPROBE_SYMBOL(sdei_nmi_capture_shown);

/**
 * sdei_nmi_capture_here() - record where this CPU is
 * @b: the record; all members except @state, @asked_at, @waiting and @left_at are written
 * @regs: the interrupted context, or NULL to record the caller
 * @by_event: event 0 interrupted the context, not an interrupt
 *
 * For a KVM guest it records pc and pstate only; for the host beside a guest also sp.
 *
 * Context: as sdei_nmi_capture_answer().
 */
void notrace sdei_nmi_capture_here(struct sdei_nmi_record *b, struct pt_regs *regs,
				   bool by_event)
{
	struct task_struct *task = current;

	b->taken_at = counter_now();
	b->by_event = by_event;
	b->has_regs = regs;
	b->guest = regs && is_guest(regs);
	b->near_guest = regs && is_near_guest(regs, task);
	b->has_sp = regs && !b->guest && has_sp(regs, by_event);
	if (b->guest)
		copy_guest_regs(&b->regs, regs, 0);
	else if (b->near_guest)
		copy_guest_regs(&b->regs, regs, regs->sp);
	else if (regs)
		copy_regs(&b->regs, regs);
	/* The SDEI entry does not save the priority mask, and does not change it. */
	if (regs && !b->guest && system_uses_irq_prio_masking())
		SDEI_NMI_PMR(&b->regs) = by_event ? read_sysreg_s(SYS_ICC_PMR_EL1) :
						    SDEI_NMI_PMR(regs);
	b->task = task;
	b->worker = task->flags & PF_KTHREAD && task->flags & (PF_WQ_WORKER | PF_NO_SETAFFINITY);
	copy_comm(b->comm, task->comm);
	b->pid = task->pid;
	b->idle = regs && !by_event && !task->pid && !in_serving_softirq();
	b->uid = __kuid_val(rcu_dereference_raw(task->real_cred)->euid);
	b->brief = false;
	b->cut = false;
	b->depth = 0;
	/* The stacks of user programs and guests are private. */
	if (!regs || !(b->guest || user_mode(regs)))
		SDEI_NMI_KERNEL(arch_stack_walk)(store_pc, b, task, regs);
}

NOKPROBE_SYMBOL(sdei_nmi_capture_here);

static __always_inline bool in_idle_loop(const struct pt_regs *regs)
{
	return sdei_nmi_idle_text(regs->pc) && !user_mode(regs) && !is_guest(regs);
}

static __always_inline void record_idle(struct sdei_nmi_record *b, const struct pt_regs *regs,
					bool by_event)
{
	b->taken_at = counter_now();
	b->by_event = by_event;
	b->has_regs = true;
	b->has_sp = false;
	b->guest = false;
	b->near_guest = false;
	b->cut = false;
	b->worker = false;
	b->idle = false;
	b->brief = true;
	b->regs.pc = regs->pc;
	b->regs.pstate = regs->pstate;
	b->depth = 1;
	b->pc[0] = regs->pc;
}

/**
 * sdei_nmi_capture_answer() - fill this CPU's record if it was asked for
 * @b: this CPU's record
 * @regs: the interrupted context, or NULL if there is none
 * @by_event: event 0 interrupted the context, not an interrupt
 * @flags: what to record (enum sdei_nmi_capture_flags)
 *
 * Context: on the target: SDEI or hard IRQ, or any with preemption off if the target is the
 * requester. Takes no lock and no exception, prints nothing.
 */
void notrace sdei_nmi_capture_answer(struct sdei_nmi_record *b, struct pt_regs *regs,
				     bool by_event, unsigned int flags)
{
	if (!capture_begin(&b->state))
		return;
	if (flags & SDEI_NMI_CAPTURE_IDLE_BRIEF && regs && in_idle_loop(regs))
		record_idle(b, regs, by_event);
	else
		sdei_nmi_capture_here(b, regs, by_event);
	b->waiting = flags & SDEI_NMI_CAPTURE_TIMER ? timer_waits() : 0;
	b->left_at = counter_now();
	capture_end(&b->state);
}

NOKPROBE_SYMBOL(sdei_nmi_capture_answer);
