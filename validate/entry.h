/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What entry.S and C share: two structures, and the offsets into them.
 */
#ifndef SDEI_NMI_VALIDATE_ENTRY_H
#define SDEI_NMI_VALIDATE_ENTRY_H

#define SDEIV_SEEN_X			0
#define SDEIV_SEEN_SP			248
#define SDEIV_SEEN_NZCV		256
#define SDEIV_SEEN_DAIF		264
#define SDEIV_SEEN_EL			272
#define SDEIV_SEEN_SPSEL		280
#define SDEIV_SEEN_PAN		288
#define SDEIV_SEEN_ELR		296
#define SDEIV_SEEN_SPSR		304
#define SDEIV_SEEN_AT			312
#define SDEIV_SEEN_COUNT		320
#define SDEIV_SEEN_STATUS		328
#define SDEIV_SEEN_CONTEXT		336	/* 19 of them: x0 to x17, and one that is none */
#define SDEIV_SEEN_UNREGISTER		488
#define SDEIV_SEEN_UNREGISTERED	496
#define SDEIV_SEEN_HVC		504
#define SDEIV_SEEN_ASK		512
#define SDEIV_SEEN_HAS_PAN		520
#define SDEIV_SEEN_RESUME		528

#define SDEIV_ASK_QUERY		0	/* bits of @ask */
#define SDEIV_ASK_UNREGISTER		1

#define SDEIV_LOOP_IN			0
#define SDEIV_LOOP_IN_NZCV		248
#define SDEIV_LOOP_OUT		256
#define SDEIV_LOOP_OUT_NZCV		504
#define SDEIV_LOOP_SP			512
#define SDEIV_LOOP_OUT_SP		520
#define SDEIV_LOOP_RESUMED		528
#define SDEIV_LOOP_RESUMED_ELR	536
#define SDEIV_LOOP_RESUMED_SPSR	544
#define SDEIV_LOOP_RESUMED_DAIF	552
#define SDEIV_LOOP_ENTERED		560

#ifndef __ASSEMBLER__

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

/**
 * struct sdeiv_seen - what our own handler found on entry, in the order of the offsets above
 * @x: x0 to x30
 * @sp: stack pointer, which it does not use
 * @nzcv: flags
 * @daif: which exceptions were masked
 * @el: CurrentEL
 * @spsel: which stack pointer
 * @pan: PSTATE.PAN, where the CPU has it
 * @elr: the exception link register, which is not the event's
 * @spsr: and its PSTATE
 * @at: time of entry, in counter ticks
 * @count: number of events; written last
 * @status: SDEI_EVENT_STATUS
 * @context: SDEI_EVENT_CONTEXT of x0 to x17, and of a register that it does not know
 * @unregister: what SDEI_EVENT_UNREGISTER returned, if it was to
 * @unregistered: SDEI_EVENT_STATUS after that
 * @hvc: the conduit
 * @ask: which calls it is to make
 * @has_pan: whether PSTATE.PAN can be read
 * @resume: where SDEI_EVENT_COMPLETE_AND_RESUME is to go on, once; 0: SDEI_EVENT_COMPLETE
 */
struct sdeiv_seen {
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

static_assert(offsetof(struct sdeiv_seen, sp) == SDEIV_SEEN_SP);
static_assert(offsetof(struct sdeiv_seen, nzcv) == SDEIV_SEEN_NZCV);
static_assert(offsetof(struct sdeiv_seen, daif) == SDEIV_SEEN_DAIF);
static_assert(offsetof(struct sdeiv_seen, el) == SDEIV_SEEN_EL);
static_assert(offsetof(struct sdeiv_seen, spsel) == SDEIV_SEEN_SPSEL);
static_assert(offsetof(struct sdeiv_seen, pan) == SDEIV_SEEN_PAN);
static_assert(offsetof(struct sdeiv_seen, elr) == SDEIV_SEEN_ELR);
static_assert(offsetof(struct sdeiv_seen, spsr) == SDEIV_SEEN_SPSR);
static_assert(offsetof(struct sdeiv_seen, at) == SDEIV_SEEN_AT);
static_assert(offsetof(struct sdeiv_seen, count) == SDEIV_SEEN_COUNT);
static_assert(offsetof(struct sdeiv_seen, status) == SDEIV_SEEN_STATUS);
static_assert(offsetof(struct sdeiv_seen, context) == SDEIV_SEEN_CONTEXT);
static_assert(offsetof(struct sdeiv_seen, unregister) == SDEIV_SEEN_UNREGISTER);
static_assert(offsetof(struct sdeiv_seen, unregistered) == SDEIV_SEEN_UNREGISTERED);
static_assert(offsetof(struct sdeiv_seen, hvc) == SDEIV_SEEN_HVC);
static_assert(offsetof(struct sdeiv_seen, ask) == SDEIV_SEEN_ASK);
static_assert(offsetof(struct sdeiv_seen, has_pan) == SDEIV_SEEN_HAS_PAN);
static_assert(offsetof(struct sdeiv_seen, resume) == SDEIV_SEEN_RESUME);

/**
 * struct sdeiv_loop - registers before and after a loop in which a PE waits for an event
 * @in: x0 to x30, but x18, which stays the kernel's
 * @in_nzcv: flags
 * @out: the same at the loop's end; the loop's own register is not to be looked at
 * @out_nzcv: flags
 * @sp: stack pointer
 * @out_sp: and at the loop's end
 * @resumed: how often sdeiv_resumed() was come to
 * @resumed_elr: ELR there
 * @resumed_spsr: SPSR there
 * @resumed_daif: which exceptions were masked there
 * @entered: not 0: all registers are set, and the loop begins
 */
struct sdeiv_loop {
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

static_assert(offsetof(struct sdeiv_loop, in_nzcv) == SDEIV_LOOP_IN_NZCV);
static_assert(offsetof(struct sdeiv_loop, out) == SDEIV_LOOP_OUT);
static_assert(offsetof(struct sdeiv_loop, out_nzcv) == SDEIV_LOOP_OUT_NZCV);
static_assert(offsetof(struct sdeiv_loop, sp) == SDEIV_LOOP_SP);
static_assert(offsetof(struct sdeiv_loop, out_sp) == SDEIV_LOOP_OUT_SP);
static_assert(offsetof(struct sdeiv_loop, resumed) == SDEIV_LOOP_RESUMED);
static_assert(offsetof(struct sdeiv_loop, resumed_elr) == SDEIV_LOOP_RESUMED_ELR);
static_assert(offsetof(struct sdeiv_loop, resumed_spsr) == SDEIV_LOOP_RESUMED_SPSR);
static_assert(offsetof(struct sdeiv_loop, resumed_daif) == SDEIV_LOOP_RESUMED_DAIF);
static_assert(offsetof(struct sdeiv_loop, entered) == SDEIV_LOOP_ENTERED);

/* Only one PE runs the loop at a time. */
extern u64 sdeiv_loop_stop;
extern struct sdeiv_loop *sdeiv_loop_at;

void sdeiv_entry(void);
void sdeiv_resumed(void);
void sdeiv_read_vectors(u64 *values);
void sdeiv_loop_x16(struct sdeiv_loop *loop);
void sdeiv_loop_x10(struct sdeiv_loop *loop);

#endif

#endif
