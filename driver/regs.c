// SPDX-License-Identifier: GPL-2.0
/*
 * Out of tree only. Prints saved registers in the words of the kernel's __show_regs(), which a
 * module cannot use: it begins with a line about the CPU and the task that print.
 */
#include <linux/printk.h>

#include "compat.h"
#include "pstate.h"
#include "regs.h"

/* Prints at the level of the kernel's own dumps, which has no pr_ function. */
static __printf(1, 2) void regs_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintk(format, args);
	va_end(args);
}

/* Prints three registers a line, in descending order. Each line ends at a multiple of three. */
static void print_general(const struct pt_regs *regs, int top)
{
	char text[80];
	int i, n = 0;

	for (i = top; i >= 0; i--) {
		n += scnprintf(text + n, sizeof(text) - n, "%sx%-2d: %016llx", n ? " " : "", i,
			       regs->regs[i]);
		if (i % 3 == 0) {
			regs_line(KERN_DEFAULT "%s\n", text);
			n = 0;
		}
	}
}

/**
 * sdei_nmi_regs_print_pstate() - print the line about PSTATE
 * @regs: the saved registers
 *
 * Context: any but SDEI.
 */
void sdei_nmi_regs_print_pstate(const struct pt_regs *regs)
{
	char text[SDEI_NMI_PSTATE_TEXT];

	regs_line(KERN_DEFAULT "pstate: %08llx (%s)\n", regs->pstate,
		  pstate_text(text, regs->pstate));
}

/**
 * sdei_nmi_regs_print() - print saved registers
 * @regs: the registers
 * @has_sp: whether to print sp
 *
 * Context: any but SDEI.
 */
void sdei_nmi_regs_print(const struct pt_regs *regs, bool has_sp)
{
	bool compat = compat_user_mode(regs);
	u64 lr = compat ? regs->compat_lr : regs->regs[30];
	u64 sp = compat ? regs->compat_sp : regs->sp;

	sdei_nmi_regs_print_pstate(regs);
	if (user_mode(regs)) {
		regs_line(KERN_DEFAULT "pc : %016llx\n", regs->pc);
		regs_line(KERN_DEFAULT "lr : %016llx\n", lr);
	} else {
		regs_line(KERN_DEFAULT "pc : %pS\n", (void *)regs->pc);
		regs_line(KERN_DEFAULT "lr : %pS\n", (void *)ptrauth_strip_kernel_insn_pac(lr));
	}
	if (has_sp)
		regs_line(KERN_DEFAULT "sp : %016llx\n", sp);
	if (system_uses_irq_prio_masking())
		regs_line(KERN_DEFAULT SDEI_NMI_PMR_LINE, (u64)SDEI_NMI_PMR(regs));
	print_general(regs, compat ? 12 : 29);
}
