/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_STOP_H
#define SDEI_NMI_STOP_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/types.h>

int sdei_nmi_stop_init(void);
void sdei_nmi_stop_exit(void);
bool sdei_nmi_stop_claim(bool crash);
void sdei_nmi_stop_online(void);
void sdei_nmi_stop_note_self(void);
bool sdei_nmi_stop_takes_ipi(unsigned int cpu, void (*then)(void *info), void *info);
void sdei_nmi_stop_unless(struct cpumask *cpus, const bool __percpu *spared);

#endif
