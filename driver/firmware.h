/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_FIRMWARE_H
#define SDEI_NMI_FIRMWARE_H

#include <linux/types.h>

int fw_init(void);
int fw_event_signal(u64 mpidr);

#endif
