/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_HOOK_H
#define SDEI_NMI_HOOK_H

int hook_init(void);
void hook_exit(void);

#endif
