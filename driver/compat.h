/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels, with one probe for each fact. The code elsewhere is written for
 * the newest kernel. Versions in brackets are Debian's versions that were examined.
 *
 * Functions that a kernel may lack are declared here, so that they have a type. SDEI_NMI_HAS()
 * says whether the kernel has one.
 */
#ifndef SDEI_NMI_COMPAT_H
#define SDEI_NMI_COMPAT_H

#include <linux/context_tracking_state.h>
#include <linux/ftrace.h>
#include <linux/hrtimer.h>
#include <asm/pointer_auth.h>
#include <asm/ptrace.h>

/*
 * The reasons of a taint, in a line of their own (not 6.1; 6.12). The UID in a dump's first line
 * came together with it, and leaves no trace of its own that could be looked for.
 */
const char *print_tainted_verbose(void);

/*
 * The kernel's preemption model, which stands in a dump's first line where the kernel has a
 * function to tell it (not 6.12; 7.3).
 */
const char *preempt_model_str(void);

/* Stripping a return address of its signature, by another name (6.1). */
#ifndef ptrauth_strip_kernel_insn_pac
#define ptrauth_strip_kernel_insn_pac(lr) ptrauth_strip_insn_pac(lr)
#endif

/* The saved priority mask, and its line in a dump (6.12; another in 7.3). Kbuild looks. */
#ifdef SDEI_NMI_PMR_SAVE
#define SDEI_NMI_PMR(regs)	((regs)->pmr_save)
#define SDEI_NMI_PMR_LINE	"pmr_save: %08llx\n"
#else
#define SDEI_NMI_PMR(regs)	((regs)->pmr)
#define SDEI_NMI_PMR_LINE	"pmr: %08llx\n"
#endif

/* Each entry of a trace tells where it is from (not 6.12; 7.3). Kbuild looks for frame records. */
#ifdef SDEI_NMI_FRAME_META
#define SDEI_NMI_TRACE_SOURCES	true
#else
#define SDEI_NMI_TRACE_SOURCES	false
#endif

/* A timer made ready in one step (not 6.12; 7.3, which has nothing else). Kbuild looks. */
#ifndef SDEI_NMI_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *timer),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* One more in this part of a CPU's state, and RCU sees the CPU idle; by another name (6.1). */
#ifndef CT_RCU_WATCHING
#define CT_RCU_WATCHING RCU_DYNTICKS_IDX
#endif

/* Before DYNAMIC_FTRACE_WITH_ARGS a callback that redirects needs all of the registers (6.1). */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#define SDEI_NMI_FTRACE_FLAGS	FTRACE_OPS_FL_IPMODIFY
#define sdei_nmi_ftrace_redirect(fregs, to) ftrace_regs_set_instruction_pointer(fregs, to)
#else
#define SDEI_NMI_FTRACE_FLAGS	(FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_SAVE_REGS)
#define sdei_nmi_ftrace_redirect(fregs, to) instruction_pointer_set(ftrace_get_regs(fregs), to)
#endif

#endif
