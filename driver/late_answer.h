/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_LATE_ANSWER_H
#define SDEI_NMI_LATE_ANSWER_H

void late_init(void);
void late_exit(void);
void late_watch(void);

#endif
