/* SPDX-License-Identifier: GPL-2.0 */
/* All checks in their order, and what came of them since the device was opened. */
#ifndef SDEI_NMI_VALIDATE_SUITE_H
#define SDEI_NMI_VALIDATE_SUITE_H

#include "check.h"

const struct check *suite_check(unsigned int number);
const struct check *suite_find(const char *name);
void suite_reset(void);
enum result suite_run(const struct check *check, struct report *r);

#endif
