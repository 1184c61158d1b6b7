/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_FIRMWARE_H
#define SDEI_NMI_FIRMWARE_H

#include <linux/arm_sdei.h>
#include <linux/types.h>

int fw_init(void);
u64 fw_identity(void);
const char *fw_conduit(void);
int fw_event_leave(void);
int fw_cpu_off(void);

#ifdef MODULE
int fw_event_signal(u64 mpidr);
#else
#define fw_event_signal sdei_event_signal
#endif

#endif
