/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_HOOK_H
#define SDEI_NMI_HOOK_H

int sdei_nmi_hook_init(void);
void sdei_nmi_hook_exit(void);

#endif
