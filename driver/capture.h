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
 * struct sdei_nmi_record - what one CPU was doing
 * @state: which side may access the other fields: capture_state.h
 * @has_regs: @regs is the interrupted context; if false, the CPU captured itself
 * @has_sp: @regs has the stack pointer of the interrupted context
 * @guest: @regs is the kernel of a KVM guest
 * @cut: the stack was deeper than @pc
 * @by_event: event 0 brought the request
 * @idle: an interrupt brought the request and interrupted the idle task, outside of a softirq
 * @asked_at: the counter when the requester asked; written by the requester
 * @taken_at: the counter when the target began; written by the target
 * @left_at: the counter when the target was done; written by the target
 * @waiting: how long the timer interrupt had been pending, in ticks, if the requester asked for it
 * @regs: registers of the interrupted context
 * @task: the task that ran. If @worker, the requester holds it until it is printed; otherwise the
 *        pointer may be stale and must not be followed
 * @worker: the kernel prints more about @task: a workqueue worker or a stopper
 * @comm: name of @task
 * @pid: its process id
 * @uid: its effective user id
 * @depth: number of entries of @pc
 * @pc: the program counter and the return addresses, innermost first
 */
struct sdei_nmi_record {
	atomic_t state;
	bool has_regs;
	bool has_sp;
	bool guest;
	bool cut;
	bool worker;
	bool by_event;
	bool idle;
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

void sdei_nmi_capture_here(struct sdei_nmi_record *b, struct pt_regs *regs);
void sdei_nmi_capture_answer(struct sdei_nmi_record *b, struct pt_regs *regs, bool timer);

#endif
