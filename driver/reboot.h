/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_REBOOT_H
#define SDEI_NMI_REBOOT_H

int sdei_nmi_reboot_init(void);
void sdei_nmi_reboot_exit(void);

#endif
