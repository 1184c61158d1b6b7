/* SPDX-License-Identifier: GPL-2.0 */
/* A PE's CPU is switched off and on; lockout.h keeps everybody else from that. */
#ifndef SDEI_NMI_VALIDATE_HOTPLUG_H
#define SDEI_NMI_VALIDATE_HOTPLUG_H

#include "check.h"

int hotplug_off(struct pe *pe);
int hotplug_on(struct pe *pe);
bool hotplug_back(struct report *r, struct pe *pe, unsigned int cycle);

#endif
