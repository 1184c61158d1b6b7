/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_DEBUGFS_H
#define SDEI_NMI_DEBUGFS_H

void sdei_nmi_debugfs_init(void);
void sdei_nmi_debugfs_exit(void);

#endif
