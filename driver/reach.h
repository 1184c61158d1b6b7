/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_REACH_H
#define SDEI_NMI_REACH_H

#include <linux/types.h>

/**
 * enum sdei_nmi_reach_state - whether a CPU may be signalled
 * @SDEI_NMI_REACH_UP: yes
 * @SDEI_NMI_REACH_IDLE: no: the CPU is in a deep idle state, with SDEI masked
 * @SDEI_NMI_REACH_DOWN: no: the CPU is offline, on the way up or down, or has event 0 disabled
 */
enum sdei_nmi_reach_state {
	SDEI_NMI_REACH_UP,
	SDEI_NMI_REACH_IDLE,
	SDEI_NMI_REACH_DOWN,
};

int sdei_nmi_reach_init(void);
void sdei_nmi_reach_exit(void);
int sdei_nmi_reach_signal(unsigned int cpu, bool stops);
void sdei_nmi_reach_only_stops(void);
void sdei_nmi_reach_cpu_ends(void);
enum sdei_nmi_reach_state sdei_nmi_reach_of(unsigned int cpu);
const char *sdei_nmi_reach_service(void);
bool sdei_nmi_reach_serving(void);
void sdei_nmi_reach_suspend(void);
void sdei_nmi_reach_resume(void);

#endif
