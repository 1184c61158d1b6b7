/* SPDX-License-Identifier: GPL-2.0 */
/* The delivery checks that signal from every PE. */
#ifndef SDEI_NMI_VALIDATE_SENDERS_H
#define SDEI_NMI_VALIDATE_SENDERS_H

#include "check.h"

enum sdeiv_result sdeiv_to_itself_check(struct sdeiv_report *r, const void *with);
enum sdeiv_result sdeiv_each_to_each_check(struct sdeiv_report *r, const void *with);

#endif
