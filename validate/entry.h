/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What entry.S and C share: two structures, and the offsets into them.
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
#define LOOP_ENTERED		560

#ifndef __ASSEMBLER__

#include <linux/build_bug.h>
#include <linux/stddef.h>
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
 * @entered: not 0: all registers are set, and the loop begins
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
	u64 entered;
};

static_assert(offsetof(struct loop, in_nzcv) == LOOP_IN_NZCV);
static_assert(offsetof(struct loop, out) == LOOP_OUT);
static_assert(offsetof(struct loop, out_nzcv) == LOOP_OUT_NZCV);
static_assert(offsetof(struct loop, sp) == LOOP_SP);
static_assert(offsetof(struct loop, out_sp) == LOOP_OUT_SP);
static_assert(offsetof(struct loop, resumed) == LOOP_RESUMED);
static_assert(offsetof(struct loop, resumed_elr) == LOOP_RESUMED_ELR);
static_assert(offsetof(struct loop, resumed_spsr) == LOOP_RESUMED_SPSR);
static_assert(offsetof(struct loop, resumed_daif) == LOOP_RESUMED_DAIF);
static_assert(offsetof(struct loop, entered) == LOOP_ENTERED);

/* Only one PE is in the loop at a time, and has there what it is told to look at. */
extern u64 validate_stop;
extern struct loop *validate_at;

void validate_entry(void);
void validate_resumed(void);
void validate_vectors(u64 *values);
void validate_loop_x16(struct loop *loop);
void validate_loop_x10(struct loop *loop);

#endif

#endif
