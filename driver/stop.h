/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_STOP_H
#define SDEI_NMI_STOP_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/types.h>

int stop_init(void);
void stop_exit(void);
bool stop_begins(bool crash);
void stop_rest(void);
void stop_ends(void);
void stop_unless(struct cpumask *cpus, const bool __percpu *spared);

#endif
