/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_WATCH_H
#define SDEI_NMI_WATCH_H

#include <linux/types.h>

int sdei_nmi_watch_serve(void);
int sdei_nmi_watch_init(void);
void sdei_nmi_watch_exit(void);
void sdei_nmi_watch_free(void);
void sdei_nmi_watch_replan(void);
u64 sdei_nmi_watch_late_since(unsigned int cpu);
u64 sdei_nmi_watch_stretch_ns(void);

#endif
