/* SPDX-License-Identifier: GPL-2.0 */
/* All checks in their order, and their results since the device was opened. */
#ifndef SDEI_NMI_VALIDATE_SUITE_H
#define SDEI_NMI_VALIDATE_SUITE_H

#include "check.h"

const struct sdeiv_check *sdeiv_suite_check(unsigned int number);
const struct sdeiv_check *sdeiv_suite_find(const char *name);
void sdeiv_suite_reset(void);
enum sdeiv_result sdeiv_suite_run(const struct sdeiv_check *check, struct sdeiv_report *r);

#endif
