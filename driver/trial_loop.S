/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A handler of event 0 that needs nothing of the kernel but its mapping, and a loop in which each
 * register has a known value. DEN0054: at completion the firmware restores x0 to x17, and the
 * handler keeps the other registers.
 */
#include <linux/linkage.h>
#include <uapi/linux/arm_sdei.h>
#include <asm/asm-extable.h>
#include <asm/assembler.h>

#include "trial.h"

/* x0 = event, x1 = argument, x2 = interrupted PC, x3 = interrupted PSTATE. */
SYM_CODE_START(sdei_nmi_trial_entry)
	mrs	x5, daif
	msr	daifset, #0xf
	adr_l	x4, sdei_nmi_trial_data
	ldr	x6, [x4, #SDEI_NMI_TRIAL_COUNT]
	/* A second delivery may come after the loop. */
	cbnz	x6, 1f
	add	x7, x4, #SDEI_NMI_TRIAL_SEEN
	stp	x0, x1, [x7]
	stp	x2, x3, [x7, #16]
	str	x5, [x4, #SDEI_NMI_TRIAL_DAIF]
1:	add	x6, x6, #1
	str	x6, [x4, #SDEI_NMI_TRIAL_COUNT]
	ldr	x4, [x4, #SDEI_NMI_TRIAL_HVC]
	/* The firmware must restore x0 to x17, so spoil them. */
	mov_q	x5, 0xbad0bad1bad2bad3
	.irp	n, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
	mov	x\n, x5
	.endr
	mov_q	x0, SDEI_1_0_FN_SDEI_EVENT_COMPLETE
	mov	x1, #0
	cbnz	x4, 2f
	smc	#0
	b	3f
2:	hvc	#0
	/* The firmware refused to complete the event, so the CPU cannot leave the handler. */
3:	wfe
	b	3b
SYM_CODE_END(sdei_nmi_trial_entry)

/*
 * Returns when the handler has run, or at the deadline. The loop changes only its registers \a and
 * \b. In the few instructions before the load it relies on \a. If the firmware does not keep that,
 * the fixup starts anew.
 */
.macro	loop	a, b
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x18, [sp, #96]
	adr_l	x0, sdei_nmi_trial_data
	str	x18, [x0, #SDEI_NMI_TRIAL_IN + 8 * 18]
	mov	x1, sp
	str	x1, [x0, #SDEI_NMI_TRIAL_SP]
	ldr	x1, [x0, #SDEI_NMI_TRIAL_IN_NZCV]
	msr	nzcv, x1
	ldp	x2, x3, [x0, #SDEI_NMI_TRIAL_IN + 8 * 2]
	ldp	x4, x5, [x0, #SDEI_NMI_TRIAL_IN + 8 * 4]
	ldp	x6, x7, [x0, #SDEI_NMI_TRIAL_IN + 8 * 6]
	ldp	x8, x9, [x0, #SDEI_NMI_TRIAL_IN + 8 * 8]
	ldp	x10, x11, [x0, #SDEI_NMI_TRIAL_IN + 8 * 10]
	ldp	x12, x13, [x0, #SDEI_NMI_TRIAL_IN + 8 * 12]
	ldp	x14, x15, [x0, #SDEI_NMI_TRIAL_IN + 8 * 14]
	ldp	x16, x17, [x0, #SDEI_NMI_TRIAL_IN + 8 * 16]
	ldr	x19, [x0, #SDEI_NMI_TRIAL_IN + 8 * 19]
	ldp	x20, x21, [x0, #SDEI_NMI_TRIAL_IN + 8 * 20]
	ldp	x22, x23, [x0, #SDEI_NMI_TRIAL_IN + 8 * 22]
	ldp	x24, x25, [x0, #SDEI_NMI_TRIAL_IN + 8 * 24]
	ldp	x26, x27, [x0, #SDEI_NMI_TRIAL_IN + 8 * 26]
	ldp	x28, x29, [x0, #SDEI_NMI_TRIAL_IN + 8 * 28]
	ldr	x30, [x0, #SDEI_NMI_TRIAL_IN + 8 * 30]
	ldp	x0, x1, [x0, #SDEI_NMI_TRIAL_IN]
	/* The sender signals once it sees this store. */
	adr_l	\a, sdei_nmi_trial_data + SDEI_NMI_TRIAL_ENTERED
	mov	\b, #1
	stlr	\b, [\a]

1:	yield
	isb
	adr_l	\a, sdei_nmi_trial_data + SDEI_NMI_TRIAL_COUNT
2:	ldp	\a, \b, [\a]		/* the count and the deadline */
	cbnz	\a, 3f
	mrs	\a, cntvct_el0
	sub	\a, \a, \b
	tbnz	\a, #63, 1b
	_asm_extable_uaccess 2b, 1b

3:	adr_l	\a, sdei_nmi_trial_data
	stp	x0, x1, [\a, #SDEI_NMI_TRIAL_OUT]
	mrs	x0, nzcv
	mrs	x1, daif
	str	x0, [\a, #SDEI_NMI_TRIAL_OUT_NZCV]
	str	x1, [\a, #SDEI_NMI_TRIAL_OUT_DAIF]
	stp	x2, x3, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 2]
	stp	x4, x5, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 4]
	stp	x6, x7, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 6]
	stp	x8, x9, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 8]
	stp	x10, x11, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 10]
	stp	x12, x13, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 12]
	stp	x14, x15, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 14]
	stp	x16, x17, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 16]
	stp	x18, x19, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 18]
	stp	x20, x21, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 20]
	stp	x22, x23, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 22]
	stp	x24, x25, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 24]
	stp	x26, x27, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 26]
	stp	x28, x29, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 28]
	str	x30, [\a, #SDEI_NMI_TRIAL_OUT + 8 * 30]
	mov	x0, sp
	str	x0, [\a, #SDEI_NMI_TRIAL_OUT_SP]
	ldr	x0, [\a, #SDEI_NMI_TRIAL_SP]
	mov	sp, x0
	msr	daifset, #0xf
	ldr	x18, [sp, #96]
	ldp	x27, x28, [sp, #80]
	ldp	x25, x26, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #112
	ret
.endm

SYM_FUNC_START(sdei_nmi_trial_run_x16)
	loop	x16, x17
SYM_FUNC_END(sdei_nmi_trial_run_x16)

SYM_FUNC_START(sdei_nmi_trial_run_x10)
	loop	x10, x11
SYM_INNER_LABEL(sdei_nmi_trial_run_end, SYM_L_GLOBAL)
SYM_FUNC_END(sdei_nmi_trial_run_x10)

/* x0 = buffer for v0 to v31, FPCR and FPSR. */
SYM_FUNC_START(sdei_nmi_trial_read_vectors)
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
SYM_FUNC_END(sdei_nmi_trial_read_vectors)

SYM_FUNC_START(sdei_nmi_trial_write_vectors)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	q\n, [x0], #16
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ldr	q\n, [x0], #16
	.endr
	ldp	x1, x2, [x0]
	msr	fpcr, x1
	msr	fpsr, x2
	ret
SYM_FUNC_END(sdei_nmi_trial_write_vectors)
