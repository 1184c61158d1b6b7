/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_STOP_H
#define SDEI_NMI_STOP_H

#include <linux/types.h>

int stop_init(void);
void stop_exit(void);
bool stop_begins(bool crash);
void stop_rest(void);
void stop_ends(void);

#endif
