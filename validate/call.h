/* SPDX-License-Identifier: GPL-2.0 */
/* Raw firmware calls: a check examines x0 as the firmware returned it. */
#ifndef SDEI_NMI_VALIDATE_CALL_H
#define SDEI_NMI_VALIDATE_CALL_H

#include <linux/arm_sdei.h>
#include <linux/types.h>

/* DEN0054. The kernel's header does not define the first three. */
#define SDEIV_FN_EVENT_SIGNAL	SDEI_1_0_FN(0x0f)
#define SDEIV_FN_FEATURES		SDEI_1_0_FN(0x10)
#define SDEIV_FN_NONE		SDEI_1_0_FN(0x1f)	/* unused function */
#define SDEIV_FN_VERSION		SDEI_1_0_FN_SDEI_VERSION

#define SDEIV_EVENT_SIGNALED		0
#define SDEIV_EVENT_NONE		0x7ffffffe	/* no event: Linux binds low numbers */

int sdeiv_call_init(void);
bool sdeiv_call_by_hvc(void);
u64 sdeiv_call(unsigned long function, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5);
u64 sdeiv_signal(u64 mpidr);
void sdeiv_allow_signals(bool on);
s64 sdeiv_code(u64 x0);
bool sdeiv_signal_accepted(u64 x0);
const char *sdeiv_code_name(u64 x0);

#define sdeiv_call0(function)			sdeiv_call(function, 0, 0, 0, 0, 0)
#define sdeiv_call1(function, x1)		sdeiv_call(function, x1, 0, 0, 0, 0)
#define sdeiv_call2(function, x1, x2)		sdeiv_call(function, x1, x2, 0, 0, 0)

#endif
