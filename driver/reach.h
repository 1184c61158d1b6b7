/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_REACH_H
#define SDEI_NMI_REACH_H

#include <linux/types.h>

int reach_init(void);
void reach_exit(void);
int reach_signal(unsigned int cpu);

#endif
