/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_FIRMWARE_H
#define SDEI_NMI_FIRMWARE_H

#include <linux/types.h>

#ifdef MODULE

int fw_init(void);
int fw_event_signal(u64 mpidr);

#else

#include <linux/arm_sdei.h>
#include <linux/errno.h>

/* A kernel that has this built in runs on machines without SDEI, too: no line of log about that. */
static inline int fw_init(void)
{
	u64 unused;

	return sdei_api_event_context(0, &unused) == -EIO ? -ENODEV : 0;
}

#define fw_event_signal sdei_event_signal

#endif

#endif
