/* SPDX-License-Identifier: GPL-2.0 */
/* Raw calls: what the firmware leaves in x0 is what a check looks at. */
#ifndef SDEI_NMI_VALIDATE_CALL_H
#define SDEI_NMI_VALIDATE_CALL_H

#include <linux/arm_sdei.h>
#include <linux/types.h>

/* DEN0054; the first three are not in the kernel's header. */
#define SDEI_EVENT_SIGNAL	SDEI_1_0_FN(0x0f)
#define SDEI_FEATURES		SDEI_1_0_FN(0x10)
#define SDEI_NO_CALL		SDEI_1_0_FN(0x1f)	/* none is there */
#define SDEI_VERSION		SDEI_1_0_FN_SDEI_VERSION

#define EVENT_SIGNALED		0
#define EVENT_NONE		0x7ffffffe	/* nobody has it: interrupts are bound from below */

int call_init(void);
bool call_by_hvc(void);
u64 call(unsigned long function, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5);
u64 call_signal(u64 mpidr);
void call_signals(bool on);
s64 call_code(u64 x0);
const char *call_says(u64 x0);

#define call0(function)			call(function, 0, 0, 0, 0, 0)
#define call1(function, x1)		call(function, x1, 0, 0, 0, 0)
#define call2(function, x1, x2)		call(function, x1, x2, 0, 0, 0)

#endif
