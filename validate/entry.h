/* SPDX-License-Identifier: GPL-2.0 */
/* Two structures that entry.S shares with C, and the offsets of their members. */
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
#define SDEIV_SEEN_CONTEXT		336	/* 19 values: x0 to x17, and x18 */
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
 * struct sdeiv_seen - what sdeiv_entry() records, in the order of the offsets above
 * @x: x0 to x30 on entry
 * @sp: stack pointer on entry
 * @nzcv: flags on entry
 * @daif: masked exceptions on entry
 * @el: CurrentEL
 * @spsel: SPSel
 * @pan: PSTATE.PAN on entry, if @has_pan
 * @elr: ELR_EL1, which does not hold the interrupted PC
 * @spsr: SPSR_EL1, which does not hold the interrupted PSTATE
 * @at: time of entry, in counter ticks
 * @count: number of events; written after the other records
 * @status: return value of SDEI_EVENT_STATUS
 * @context: return values of SDEI_EVENT_CONTEXT for x0 to x17, and for x18, which is invalid
 * @unregister: return value of SDEI_EVENT_UNREGISTER
 * @unregistered: return value of SDEI_EVENT_STATUS after SDEI_EVENT_UNREGISTER
 * @hvc: input: the conduit, 1 for HVC and 0 for SMC
 * @ask: input: the calls that the handler makes, in bits SDEIV_ASK_*
 * @has_pan: input: not 0 if the CPU has PSTATE.PAN
 * @resume: input: address for one SDEI_EVENT_COMPLETE_AND_RESUME; 0 for SDEI_EVENT_COMPLETE
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
 * @in: x0 to x30 in the loop; x18 keeps the kernel's value
 * @in_nzcv: flags in the loop
 * @out: x0 to x30 after the loop; the value of the loop's own register has no meaning
 * @out_nzcv: flags after the loop
 * @sp: stack pointer in the loop
 * @out_sp: stack pointer after the loop
 * @resumed: number of times that sdeiv_resumed() ran
 * @resumed_elr: ELR_EL1 in sdeiv_resumed()
 * @resumed_spsr: SPSR_EL1 in sdeiv_resumed()
 * @resumed_daif: masked exceptions in sdeiv_resumed()
 * @entered: not 0 once the loop has set all registers
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
