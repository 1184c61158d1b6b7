/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_CAPTURE_H
#define SDEI_NMI_CAPTURE_H

#include <linux/atomic.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "capture_state.h"

#define SDEI_NMI_RECORD_DEPTH	64

/**
 * struct sdei_nmi_record - where one CPU was
 * @state: says who may access the other members (capture_state.h)
 * @has_regs: @regs is valid; if not, the CPU recorded the caller
 * @has_sp: @regs has the stack pointer of the interrupted context
 * @guest: the interrupted context is a KVM guest
 * @near_guest: the interrupted context is the host's, between a KVM guest and the next interrupt:
 * registers may still have the guest's values
 * @cut: the stack was deeper than @pc
 * @by_event: event 0 brought the request, not an interrupt
 * @idle: an interrupt brought the request while the idle task ran, outside softirqs
 * @brief: the CPU was in the idle loop; only @pc[0], the times, and pc and pstate of @regs are
 * valid
 * @asked_at: when the requester asked, in ticks of the counter; written by the requester
 * @taken_at: when the target began to fill the record, in ticks of the counter
 * @left_at: when the target had filled the record, in ticks of the counter
 * @waiting: how long the CPU's timer interrupt had been waiting, in ticks; 0 if not asked for
 * @regs: registers of the interrupted context; only pc and pstate if @guest is set; only these and
 * sp if @near_guest is set
 * @task: the task that ran. The requester holds a reference from the capture until the record is
 * printed if @worker is set; otherwise the pointer must not be followed
 * @worker: @task is a workqueue worker or a stopper; the kernel prints more about those
 * @comm: name of the task
 * @pid: id of the task
 * @uid: effective user of the task
 * @depth: number of entries in @pc
 * @pc: where the CPU was, then the return addresses, innermost first
 */
struct sdei_nmi_record {
	atomic_t state;
	bool has_regs;
	bool has_sp;
	bool guest;
	bool near_guest;
	bool cut;
	bool worker;
	bool by_event;
	bool idle;
	bool brief;
	u64 asked_at;
	u64 taken_at;
	u64 left_at;
	u64 waiting;
	struct pt_regs regs;
	struct task_struct *task;
	char comm[TASK_COMM_LEN];
	pid_t pid;
	uid_t uid;
	unsigned int depth;
	unsigned long pc[SDEI_NMI_RECORD_DEPTH];
};

/**
 * enum sdei_nmi_capture_flags - what to record
 * @SDEI_NMI_CAPTURE_TIMER: how long the CPU's timer interrupt has been waiting
 * @SDEI_NMI_CAPTURE_IDLE_BRIEF: a CPU in the idle loop records only where it is, because the report
 * prints no more
 */
enum sdei_nmi_capture_flags {
	SDEI_NMI_CAPTURE_TIMER = 1 << 0,
	SDEI_NMI_CAPTURE_IDLE_BRIEF = 1 << 1,
};

void sdei_nmi_capture_init(void);
bool sdei_nmi_capture_is_guest(const struct pt_regs *regs);
bool sdei_nmi_capture_shown(struct pt_regs *to, const struct pt_regs *regs);
void sdei_nmi_capture_here(struct sdei_nmi_record *b, struct pt_regs *regs, bool by_event);
void sdei_nmi_capture_answer(struct sdei_nmi_record *b, struct pt_regs *regs, bool by_event,
			     unsigned int flags);

#endif
