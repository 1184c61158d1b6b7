/* SPDX-License-Identifier: GPL-2.0 */
/* What the machine may not do while PEs are under test. */
#ifndef SDEI_NMI_VALIDATE_LOCKOUT_H
#define SDEI_NMI_VALIDATE_LOCKOUT_H

int guard_begin(void);
void guard_end(void);

void guard_hotplug_open(void);
void guard_hotplug_shut(void);
void guard_hotplug_hangs(void);

#endif
