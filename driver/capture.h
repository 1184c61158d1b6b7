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
 * @state: who may touch the rest: capture_state.h
 * @has_regs: @regs is what was interrupted; without, the CPU told of itself
 * @has_sp: @regs has the stack pointer that belongs to the rest of it
 * @guest: @regs is a KVM guest's kernel
 * @cut: the stack was deeper than @pc
 * @by_event: event 0 brought the request
 * @idle: an interrupt brought it, which the idle task took, and no softirq
 * @asked_at: when, by the architected counter; written by the requester
 * @taken_at: when, likewise; written by the target
 * @left_at: when it was done, likewise
 * @waiting: for how long its timer's interrupt had been waiting, in ticks, if that was asked for
 * @regs: registers of the interrupted context
 * @task: what ran. Held by the requester from capture until printed where @worker, else only a name
 * @worker: @task is one of those of which the kernel tells more: workqueue workers and stoppers
 * @comm: its name
 * @pid: its id
 * @uid: its effective user
 * @depth: number of entries of @pc
 * @pc: where it was, and the return addresses, innermost first
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
