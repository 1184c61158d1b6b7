/* SPDX-License-Identifier: GPL-2.0 */
/* Switches a PE's CPU off and on. lockout.c blocks all other CPU hotplug. */
#ifndef SDEI_NMI_VALIDATE_HOTPLUG_H
#define SDEI_NMI_VALIDATE_HOTPLUG_H

#include "check.h"

int sdeiv_hotplug_off(struct sdeiv_pe *pe);
int sdeiv_hotplug_on(struct sdeiv_pe *pe);
bool sdeiv_hotplug_back(struct sdeiv_report *r, struct sdeiv_pe *pe, unsigned int cycle);

#endif
