/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_BACKTRACE_H
#define SDEI_NMI_BACKTRACE_H

#include <linux/cpumask.h>

void backtrace_init(void);
void backtrace_exit(void);
void backtrace_tell_counts(void);
void backtrace_request(const struct cpumask *mask, int exclude_cpu);

#endif
