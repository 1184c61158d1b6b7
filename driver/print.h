/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_PRINT_H
#define SDEI_NMI_PRINT_H

#include <linux/cpumask.h>
#include <linux/percpu.h>

#include "capture.h"

void print_header(unsigned int this_cpu, const struct cpumask *mask);
void print_backtrace(unsigned int cpu, const struct backtrace *b);
bool print_idles(const struct backtrace *b);
void print_alike(const struct backtrace __percpu *records, unsigned int cpu,
		 const struct cpumask *others);

#endif
