/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_REGS_H
#define SDEI_NMI_REGS_H

#include <linux/ptrace.h>
#include <linux/types.h>

#ifdef MODULE

void sdei_nmi_regs_print(const struct pt_regs *regs, bool has_sp);
void sdei_nmi_regs_print_pstate(const struct pt_regs *regs);

#else

#include <asm/system_misc.h>

#define sdei_nmi_regs_print		arm64_print_regs
#define sdei_nmi_regs_print_pstate	arm64_print_pstate

#endif

#endif
