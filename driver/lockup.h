/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_LOCKUP_H
#define SDEI_NMI_LOCKUP_H

#include <linux/types.h>

#include "capture.h"

void sdei_nmi_lockup_init(void);
void sdei_nmi_lockup_exit(void);
bool sdei_nmi_lockup_watched(void);
u64 sdei_nmi_lockup_limit_ns(void);
bool sdei_nmi_lockup_due(unsigned int cpu, u64 event, u64 now);
void sdei_nmi_lockup_report(unsigned int cpu, const struct sdei_nmi_record *record,
			    const char *why);
const char *sdei_nmi_lockup_detector(void);
const char *sdei_nmi_lockup_kernel_detector(void);

#endif
