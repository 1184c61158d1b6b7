/* SPDX-License-Identifier: GPL-2.0 */
/* Blocks operations of the kernel that would disturb PEs under test. */
#ifndef SDEI_NMI_VALIDATE_LOCKOUT_H
#define SDEI_NMI_VALIDATE_LOCKOUT_H

int sdeiv_lockout_begin(void);
void sdeiv_lockout_end(void);

void sdeiv_lockout_hotplug_open(void);
void sdeiv_lockout_hotplug_shut(void);
void sdeiv_lockout_hotplug_hangs(void);

#endif
