/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_FIRMWARE_H
#define SDEI_NMI_FIRMWARE_H

#include <linux/arm_sdei.h>
#include <linux/types.h>

int sdei_nmi_fw_init(void);
u64 sdei_nmi_fw_identity(void);
const char *sdei_nmi_fw_conduit(void);
int sdei_nmi_fw_event_status(u64 *status);
int sdei_nmi_fw_event_register(u64 handler, u64 argument);
int sdei_nmi_fw_event_enable(void);
int sdei_nmi_fw_event_unregister(void);
int sdei_nmi_fw_event_priority(u64 *priority);
int sdei_nmi_fw_event_leave(void);
int sdei_nmi_fw_cpu_off(void);

#ifdef MODULE
int sdei_nmi_fw_event_signal(u64 mpidr);
#else
#define sdei_nmi_fw_event_signal(mpidr) sdei_event_signal(0, mpidr)
#endif

#endif
