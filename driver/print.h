/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_PRINT_H
#define SDEI_NMI_PRINT_H

#include <linux/cpumask.h>
#include <linux/percpu.h>

#include "capture.h"

void sdei_nmi_print_header(unsigned int this_cpu, const struct cpumask *mask);
void sdei_nmi_print_lockup(unsigned int cpu, bool named);
void sdei_nmi_print_backtrace(unsigned int cpu, const struct sdei_nmi_record *b,
			      unsigned int *lock_us);
void sdei_nmi_print_callers(const struct sdei_nmi_record *b, char *text, size_t size);
bool sdei_nmi_print_idles(const struct sdei_nmi_record *b);
void sdei_nmi_print_alike(const struct sdei_nmi_record __percpu *records, unsigned int cpu,
			  const struct cpumask *others);

#endif
