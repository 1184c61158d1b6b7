/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_SYSFS_H
#define SDEI_NMI_SYSFS_H

int sdei_nmi_sysfs_init(void);
void sdei_nmi_sysfs_exit(void);

#endif
