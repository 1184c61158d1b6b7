/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What entry.S and C share: offsets into the two structures, which pe.c holds against the compiler.
 */
#ifndef SDEI_NMI_VALIDATE_ENTRY_H
#define SDEI_NMI_VALIDATE_ENTRY_H

#define SEEN_X			0
#define SEEN_SP			248
#define SEEN_NZCV		256
#define SEEN_DAIF		264
#define SEEN_EL			272
#define SEEN_SPSEL		280
#define SEEN_PAN		288
#define SEEN_ELR		296
#define SEEN_SPSR		304
#define SEEN_AT			312
#define SEEN_COUNT		320
#define SEEN_STATUS		328
#define SEEN_CONTEXT		336	/* 19 of them: x0 to x17, and one that is none */
#define SEEN_UNREGISTER		488
#define SEEN_UNREGISTERED	496
#define SEEN_HVC		504
#define SEEN_ASK		512
#define SEEN_HAS_PAN		520
#define SEEN_RESUME		528

#define ASK_QUERY		0	/* bits of @ask */
#define ASK_UNREGISTER		1

#define LOOP_IN			0
#define LOOP_IN_NZCV		248
#define LOOP_OUT		256
#define LOOP_OUT_NZCV		504
#define LOOP_SP			512
#define LOOP_OUT_SP		520
#define LOOP_RESUMED		528
#define LOOP_RESUMED_ELR	536
#define LOOP_RESUMED_SPSR	544
#define LOOP_RESUMED_DAIF	552

#ifndef __ASSEMBLER__

#include <linux/types.h>

/**
 * struct seen - what our own handler found when it was entered, in the order of the offsets above
 * @x: x0 to x30
 * @sp: stack pointer, which it does not use
 * @nzcv: flags
 * @daif: which exceptions were masked
 * @el: CurrentEL
 * @spsel: which stack pointer
 * @pan: PSTATE.PAN, where the CPU has it
 * @elr: the exception link register, which is not the event's
 * @spsr: and its PSTATE
 * @at: when, by the counter
 * @count: how often, and counted last
 * @status: SDEI_EVENT_STATUS
 * @context: SDEI_EVENT_CONTEXT of x0 to x17, and of a register that it does not know
 * @unregister: what SDEI_EVENT_UNREGISTER returned, if it was to
 * @unregistered: SDEI_EVENT_STATUS after that
 * @hvc: the conduit
 * @ask: which calls it is to make
 * @has_pan: whether PSTATE.PAN can be read
 * @resume: where SDEI_EVENT_COMPLETE_AND_RESUME is to go on, once; 0: SDEI_EVENT_COMPLETE
 */
struct seen {
	u64 x[31];
	u64 sp;
	u64 nzcv;
	u64 daif;
	u64 el;
	u64 spsel;
	u64 pan;
	u64 elr;
	u64 spsr;
	u64 at;
	u64 count;
	u64 status;
	u64 context[19];
	u64 unregister;
	u64 unregistered;
	u64 hvc;
	u64 ask;
	u64 has_pan;
	u64 resume;
};

/**
 * struct loop - registers before and after a loop in which a PE waits for an event
 * @in: x0 to x30, but x18, which stays the kernel's
 * @in_nzcv: flags
 * @out: the same at the loop's end; the loop's own register is not to be looked at
 * @out_nzcv: flags
 * @sp: stack pointer
 * @out_sp: and at the loop's end
 * @resumed: how often validate_resumed() was come to
 * @resumed_elr: ELR there
 * @resumed_spsr: SPSR there
 * @resumed_daif: which exceptions were masked there
 */
struct loop {
	u64 in[31];
	u64 in_nzcv;
	u64 out[31];
	u64 out_nzcv;
	u64 sp;
	u64 out_sp;
	u64 resumed;
	u64 resumed_elr;
	u64 resumed_spsr;
	u64 resumed_daif;
};

/* Only one PE is in the loop at a time. */
extern u64 validate_stop;

void validate_entry(void);
void validate_resumed(void);
void validate_vectors(u64 *values);
void validate_loop_x16(struct loop *loop);
void validate_loop_x10(struct loop *loop);

#endif

#endif
