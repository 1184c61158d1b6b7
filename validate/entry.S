/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A handler that records all registers on entry, and a loop that detects every register change.
 *
 * The handler uses no stack and no other code or data of the kernel, so it needs only the kernel's
 * mapping. DEN0054: at completion the firmware restores x0 to x17 and keeps the other registers.
 */
#include <linux/linkage.h>
#include <uapi/linux/arm_sdei.h>
#include <asm/assembler.h>

#include "entry.h"

/* Calls the firmware. x21 = conduit: 0 for SMC, otherwise HVC. */
.macro	firmware
	cbnz	x21, .Lhvc\@
	smc	#0
	b	.Ldone\@
.Lhvc\@:
	hvc	#0
.Ldone\@:
.endm

/* x0 = event, x1 = struct sdeiv_seen, x2 = interrupted PC, x3 = interrupted PSTATE. */
SYM_CODE_START(sdeiv_entry)
	stp	x0, x1, [x1, #SDEIV_SEEN_X]
	stp	x2, x3, [x1, #SDEIV_SEEN_X + 8 * 2]
	stp	x4, x5, [x1, #SDEIV_SEEN_X + 8 * 4]
	stp	x6, x7, [x1, #SDEIV_SEEN_X + 8 * 6]
	stp	x8, x9, [x1, #SDEIV_SEEN_X + 8 * 8]
	stp	x10, x11, [x1, #SDEIV_SEEN_X + 8 * 10]
	stp	x12, x13, [x1, #SDEIV_SEEN_X + 8 * 12]
	stp	x14, x15, [x1, #SDEIV_SEEN_X + 8 * 14]
	stp	x16, x17, [x1, #SDEIV_SEEN_X + 8 * 16]
	stp	x18, x19, [x1, #SDEIV_SEEN_X + 8 * 18]
	stp	x20, x21, [x1, #SDEIV_SEEN_X + 8 * 20]
	stp	x22, x23, [x1, #SDEIV_SEEN_X + 8 * 22]
	stp	x24, x25, [x1, #SDEIV_SEEN_X + 8 * 24]
	stp	x26, x27, [x1, #SDEIV_SEEN_X + 8 * 26]
	stp	x28, x29, [x1, #SDEIV_SEEN_X + 8 * 28]
	mov	x4, sp
	stp	x30, x4, [x1, #SDEIV_SEEN_X + 8 * 30]
	mov	x19, x1
	ldr	x21, [x19, #SDEIV_SEEN_HVC]
	mrs	x4, nzcv
	mrs	x5, daif
	stp	x4, x5, [x19, #SDEIV_SEEN_NZCV]
	mrs	x4, CurrentEL
	mrs	x5, SPSel
	stp	x4, x5, [x19, #SDEIV_SEEN_EL]
	ldr	x5, [x19, #SDEIV_SEEN_HAS_PAN]
	cbz	x5, 1f
	mrs	x4, S3_0_C4_C2_3
	str	x4, [x19, #SDEIV_SEEN_PAN]
1:	mrs	x4, elr_el1
	mrs	x5, spsr_el1
	str	x4, [x19, #SDEIV_SEEN_ELR]
	str	x5, [x19, #SDEIV_SEEN_SPSR]
	isb
	mrs	x4, cntvct_el0
	str	x4, [x19, #SDEIV_SEEN_AT]

	ldr	x4, [x19, #SDEIV_SEEN_ASK]
	tbz	x4, #SDEIV_ASK_QUERY, 3f
	mov_q	x0, SDEI_1_0_FN_SDEI_EVENT_STATUS
	mov	x1, #0
	firmware
	str	x0, [x19, #SDEIV_SEEN_STATUS]
	mov	x20, #0
2:	mov_q	x0, SDEI_1_0_FN_SDEI_EVENT_CONTEXT
	mov	x1, x20
	firmware
	add	x4, x19, #SDEIV_SEEN_CONTEXT
	str	x0, [x4, x20, lsl #3]
	add	x20, x20, #1
	cmp	x20, #19
	b.ne	2b
3:	ldr	x4, [x19, #SDEIV_SEEN_ASK]
	tbz	x4, #SDEIV_ASK_UNREGISTER, 4f
	mov_q	x0, SDEI_1_0_FN_SDEI_EVENT_UNREGISTER
	mov	x1, #0
	firmware
	str	x0, [x19, #SDEIV_SEEN_UNREGISTER]
	mov_q	x0, SDEI_1_0_FN_SDEI_EVENT_STATUS
	mov	x1, #0
	firmware
	str	x0, [x19, #SDEIV_SEEN_UNREGISTERED]

4:	ldr	x4, [x19, #SDEIV_SEEN_COUNT]
	add	x4, x4, #1
	str	x4, [x19, #SDEIV_SEEN_COUNT]
	ldr	x1, [x19, #SDEIV_SEEN_RESUME]
	/* Resume once: another event before the eret of sdeiv_resumed() would overwrite ELR. */
	str	xzr, [x19, #SDEIV_SEEN_RESUME]
	mov_q	x2, SDEI_1_0_FN_SDEI_EVENT_COMPLETE
	mov_q	x0, SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME
	cmp	x1, #0
	csel	x0, x2, x0, eq
	/* The firmware must restore x0 to x17, so spoil them. */
	mov_q	x2, 0xbad0bad1bad2bad3
	.irp	n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
	mov	x\n, x2
	.endr
	cbnz	x21, 5f
	ldp	x20, x21, [x19, #SDEIV_SEEN_X + 8 * 20]
	ldr	x19, [x19, #SDEIV_SEEN_X + 8 * 19]
	smc	#0
	b	6f
5:	ldp	x20, x21, [x19, #SDEIV_SEEN_X + 8 * 20]
	ldr	x19, [x19, #SDEIV_SEEN_X + 8 * 19]
	hvc	#0
	/* The firmware refused to complete the event, so the PE cannot leave the handler. */
6:	wfe
	b	6b
SYM_CODE_END(sdeiv_entry)

/*
 * The PE continues here after SDEI_EVENT_COMPLETE_AND_RESUME, as after an exception in the loop.
 * The eret returns to the loop.
 */
SYM_CODE_START(sdeiv_resumed)
	stp	x0, x1, [sp, #-16]!
	ldr_l	x0, sdeiv_loop_at
	mrs	x1, daif
	str	x1, [x0, #SDEIV_LOOP_RESUMED_DAIF]
	mrs	x1, elr_el1
	str	x1, [x0, #SDEIV_LOOP_RESUMED_ELR]
	mrs	x1, spsr_el1
	str	x1, [x0, #SDEIV_LOOP_RESUMED_SPSR]
	ldr	x1, [x0, #SDEIV_LOOP_RESUMED]
	add	x1, x1, #1
	str	x1, [x0, #SDEIV_LOOP_RESUMED]
	ldp	x0, x1, [sp], #16
	eret
	sb
SYM_CODE_END(sdeiv_resumed)

/* x0 = sdeiv_loop_at. The loop polls through the register \own until sdeiv_loop_stop is not 0. */
.macro	loop_in	own
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x18, [sp, #96]
	str	x18, [x0, #SDEIV_LOOP_IN + 8 * 18]
	mov	x1, sp
	str	x1, [x0, #SDEIV_LOOP_SP]
	ldr	x1, [x0, #SDEIV_LOOP_IN_NZCV]
	msr	nzcv, x1
	ldp	x2, x3, [x0, #SDEIV_LOOP_IN + 8 * 2]
	ldp	x4, x5, [x0, #SDEIV_LOOP_IN + 8 * 4]
	ldp	x6, x7, [x0, #SDEIV_LOOP_IN + 8 * 6]
	ldp	x8, x9, [x0, #SDEIV_LOOP_IN + 8 * 8]
	ldp	x10, x11, [x0, #SDEIV_LOOP_IN + 8 * 10]
	ldp	x12, x13, [x0, #SDEIV_LOOP_IN + 8 * 12]
	ldp	x14, x15, [x0, #SDEIV_LOOP_IN + 8 * 14]
	ldp	x16, x17, [x0, #SDEIV_LOOP_IN + 8 * 16]
	ldr	x19, [x0, #SDEIV_LOOP_IN + 8 * 19]
	ldp	x20, x21, [x0, #SDEIV_LOOP_IN + 8 * 20]
	ldp	x22, x23, [x0, #SDEIV_LOOP_IN + 8 * 22]
	ldp	x24, x25, [x0, #SDEIV_LOOP_IN + 8 * 24]
	ldp	x26, x27, [x0, #SDEIV_LOOP_IN + 8 * 26]
	ldp	x28, x29, [x0, #SDEIV_LOOP_IN + 8 * 28]
	ldr	x30, [x0, #SDEIV_LOOP_IN + 8 * 30]
	ldp	x0, x1, [x0, #SDEIV_LOOP_IN]
	ldr_l	\own, sdeiv_loop_at
	str	\own, [\own, #SDEIV_LOOP_ENTERED]
1:	ldr_l	\own, sdeiv_loop_stop
	yield
	cbz	\own, 1b

	/* All registers except \own must be unchanged. Store them through \own. */
	ldr_l	\own, sdeiv_loop_at
	stp	x0, x1, [\own, #SDEIV_LOOP_OUT]
	mrs	x0, nzcv
	str	x0, [\own, #SDEIV_LOOP_OUT_NZCV]
	stp	x2, x3, [\own, #SDEIV_LOOP_OUT + 8 * 2]
	stp	x4, x5, [\own, #SDEIV_LOOP_OUT + 8 * 4]
	stp	x6, x7, [\own, #SDEIV_LOOP_OUT + 8 * 6]
	stp	x8, x9, [\own, #SDEIV_LOOP_OUT + 8 * 8]
	stp	x10, x11, [\own, #SDEIV_LOOP_OUT + 8 * 10]
	stp	x12, x13, [\own, #SDEIV_LOOP_OUT + 8 * 12]
	stp	x14, x15, [\own, #SDEIV_LOOP_OUT + 8 * 14]
	stp	x16, x17, [\own, #SDEIV_LOOP_OUT + 8 * 16]
	stp	x18, x19, [\own, #SDEIV_LOOP_OUT + 8 * 18]
	stp	x20, x21, [\own, #SDEIV_LOOP_OUT + 8 * 20]
	stp	x22, x23, [\own, #SDEIV_LOOP_OUT + 8 * 22]
	stp	x24, x25, [\own, #SDEIV_LOOP_OUT + 8 * 24]
	stp	x26, x27, [\own, #SDEIV_LOOP_OUT + 8 * 26]
	stp	x28, x29, [\own, #SDEIV_LOOP_OUT + 8 * 28]
	str	x30, [\own, #SDEIV_LOOP_OUT + 8 * 30]
	mov	x0, sp
	str	x0, [\own, #SDEIV_LOOP_OUT_SP]
	ldr	x0, [\own, #SDEIV_LOOP_SP]
	mov	sp, x0
	ldr	x18, [sp, #96]
	ldp	x27, x28, [sp, #80]
	ldp	x25, x26, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #112
	ret
.endm

SYM_FUNC_START(sdeiv_loop_x16)
	loop_in	x16
SYM_FUNC_END(sdeiv_loop_x16)

SYM_FUNC_START(sdeiv_loop_x10)
	loop_in	x10
SYM_FUNC_END(sdeiv_loop_x10)

/* x0 = buffer for v0 to v31, FPCR and FPSR. */
SYM_FUNC_START(sdeiv_read_vectors)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	q\n, [x0], #16
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	q\n, [x0], #16
	.endr
	mrs	x1, fpcr
	mrs	x2, fpsr
	stp	x1, x2, [x0]
	ret
SYM_FUNC_END(sdeiv_read_vectors)

	.pushsection .data, "aw"
	.balign	8
SYM_DATA(sdeiv_loop_stop, .quad 0)
SYM_DATA(sdeiv_loop_at, .quad 0)
	.popsection
