/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_PRINT_H
#define SDEI_NMI_PRINT_H

#include "backtrace.h"

void print_header(unsigned int this_cpu, const struct cpumask *mask);
void print_backtrace(unsigned int cpu, const struct backtrace *b);
bool print_idles(const struct backtrace *b);
void print_alike(unsigned int cpu, const struct cpumask *others);

#endif
