/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_BACKTRACE_H
#define SDEI_NMI_BACKTRACE_H

#include <linux/cpumask.h>

typedef void (*sdei_nmi_backtrace_raise_fn)(struct cpumask *cpus);

void sdei_nmi_backtrace_init(void);
void sdei_nmi_backtrace_exit(void);
void sdei_nmi_backtrace_log_stats(void);
void sdei_nmi_backtrace_set_raise(sdei_nmi_backtrace_raise_fn raise);
void sdei_nmi_backtrace_request(const struct cpumask *mask, int exclude_cpu);

#endif
