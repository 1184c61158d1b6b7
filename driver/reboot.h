/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_REBOOT_H
#define SDEI_NMI_REBOOT_H

int reboot_init(void);
void reboot_exit(void);

#endif
