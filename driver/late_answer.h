/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_LATE_ANSWER_H
#define SDEI_NMI_LATE_ANSWER_H

#include <linux/percpu.h>

#include "capture.h"

void late_init(struct backtrace __percpu *watched);
void late_exit(void);
void late_watch(void);

#endif
