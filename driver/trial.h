/* SPDX-License-Identifier: GPL-2.0 */
/* The first event 0 of each CPU, in a loop of the driver's own (trial_loop.S). */
#ifndef SDEI_NMI_TRIAL_H
#define SDEI_NMI_TRIAL_H

#define SDEI_NMI_TRIAL_IN		0
#define SDEI_NMI_TRIAL_IN_NZCV		248
#define SDEI_NMI_TRIAL_OUT		256
#define SDEI_NMI_TRIAL_OUT_NZCV		504
#define SDEI_NMI_TRIAL_OUT_DAIF		512
#define SDEI_NMI_TRIAL_SP		520
#define SDEI_NMI_TRIAL_OUT_SP		528
#define SDEI_NMI_TRIAL_ENTERED		536
#define SDEI_NMI_TRIAL_COUNT		544
#define SDEI_NMI_TRIAL_DEADLINE		552
#define SDEI_NMI_TRIAL_SEEN		560
#define SDEI_NMI_TRIAL_DAIF		592
#define SDEI_NMI_TRIAL_HVC		600

#ifndef __ASSEMBLER__

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

/**
 * struct sdei_nmi_trial_loop - what trial_loop.S shares with C, in the order of the offsets above
 * @in: x0 to x30 in the loop; x18 keeps the kernel's value
 * @in_nzcv: flags in the loop
 * @out: x0 to x30 after the loop; those of the loop's own two registers have no meaning
 * @out_nzcv: flags after the loop
 * @out_daif: masked exceptions after the loop
 * @sp: stack pointer in the loop
 * @out_sp: stack pointer after the loop
 * @entered: not 0 once the CPU is in the loop and has set all registers
 * @count: how often the handler ran; the CPU leaves the loop once it has
 * @deadline: the CPU leaves the loop at this time, in ticks
 * @seen: x0 to x3 at the handler's entry: event, argument, interrupted PC and PSTATE
 * @daif: masked exceptions at the handler's entry
 * @hvc: input: the conduit, 1 for HVC and 0 for SMC
 */
struct sdei_nmi_trial_loop {
	u64 in[31];
	u64 in_nzcv;
	u64 out[31];
	u64 out_nzcv;
	u64 out_daif;
	u64 sp;
	u64 out_sp;
	u64 entered;
	u64 count;
	u64 deadline;
	u64 seen[4];
	u64 daif;
	u64 hvc;
};

static_assert(offsetof(struct sdei_nmi_trial_loop, in) == SDEI_NMI_TRIAL_IN);
static_assert(offsetof(struct sdei_nmi_trial_loop, in_nzcv) == SDEI_NMI_TRIAL_IN_NZCV);
static_assert(offsetof(struct sdei_nmi_trial_loop, out) == SDEI_NMI_TRIAL_OUT);
static_assert(offsetof(struct sdei_nmi_trial_loop, out_nzcv) == SDEI_NMI_TRIAL_OUT_NZCV);
static_assert(offsetof(struct sdei_nmi_trial_loop, out_daif) == SDEI_NMI_TRIAL_OUT_DAIF);
static_assert(offsetof(struct sdei_nmi_trial_loop, sp) == SDEI_NMI_TRIAL_SP);
static_assert(offsetof(struct sdei_nmi_trial_loop, out_sp) == SDEI_NMI_TRIAL_OUT_SP);
static_assert(offsetof(struct sdei_nmi_trial_loop, entered) == SDEI_NMI_TRIAL_ENTERED);
static_assert(offsetof(struct sdei_nmi_trial_loop, deadline) == SDEI_NMI_TRIAL_DEADLINE);
static_assert(offsetof(struct sdei_nmi_trial_loop, seen) == SDEI_NMI_TRIAL_SEEN);
static_assert(offsetof(struct sdei_nmi_trial_loop, daif) == SDEI_NMI_TRIAL_DAIF);
static_assert(offsetof(struct sdei_nmi_trial_loop, count) == SDEI_NMI_TRIAL_COUNT);
static_assert(offsetof(struct sdei_nmi_trial_loop, hvc) == SDEI_NMI_TRIAL_HVC);

#define SDEI_NMI_TRIAL_VECTORS	66	/* v0 to v31, FPCR and FPSR, in 64-bit words */

extern struct sdei_nmi_trial_loop sdei_nmi_trial_data;

/* trial_loop.S */
void sdei_nmi_trial_entry(void);
void sdei_nmi_trial_run_x16(void);
void sdei_nmi_trial_run_x10(void);
void sdei_nmi_trial_run_end(void);
void sdei_nmi_trial_read_vectors(u64 *to);
void sdei_nmi_trial_write_vectors(const u64 *from);

int sdei_nmi_trial(unsigned int *tried);

#endif

#endif
