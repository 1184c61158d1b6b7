/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_LATE_ANSWER_H
#define SDEI_NMI_LATE_ANSWER_H

#include <linux/percpu.h>

#include "capture.h"

void sdei_nmi_late_answer_init(struct sdei_nmi_record __percpu *watched);
void sdei_nmi_late_answer_exit(void);
void sdei_nmi_late_answer_watch(void);

#endif
