/* SPDX-License-Identifier: GPL-2.0 */
/* Tests whether a PE takes ordinary interrupts. */
#ifndef SDEI_NMI_VALIDATE_HEALTH_H
#define SDEI_NMI_VALIDATE_HEALTH_H

#include "pe.h"

enum sdeiv_health {
	SDEIV_HEALTHY,
	SDEIV_NO_IPI,
	SDEIV_NO_TIMER,
	SDEIV_NO_THREAD,
	SDEIV_PRIORITY_STAYS,
};

void sdeiv_health_init(struct sdeiv_pe *pe);
enum sdeiv_health sdeiv_health(struct sdeiv_pe *pe);
bool sdeiv_pe_busy(struct sdeiv_pe *pe);
const char *sdeiv_health_name(enum sdeiv_health health);
bool sdeiv_has_gic_registers(void);

#endif
