/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_WATCH_H
#define SDEI_NMI_WATCH_H

#include <linux/types.h>

int sdei_nmi_watch_serve(void);
int sdei_nmi_watch_init(void);
void sdei_nmi_watch_exit(void);
void sdei_nmi_watch_free(void);
void sdei_nmi_watch_replan(void);
void sdei_nmi_watch_follow(void (*follower)(unsigned int leaves));
u64 sdei_nmi_watch_late_since(unsigned int cpu);
bool sdei_nmi_watch_is_watcher(unsigned int cpu);
unsigned int sdei_nmi_watch_watcher_of(unsigned int cpu);
unsigned int sdei_nmi_watch_next(unsigned int watcher);
unsigned int sdei_nmi_watch_group(unsigned int watcher, unsigned int *end);
unsigned int sdei_nmi_watch_listed(unsigned int index);
u64 sdei_nmi_watch_stretch_ns(void);

#endif
