/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TIMES_H
#define TIMES_H

#include <stdbool.h>
#include <stdint.h>

/* The guest's calls, SMC64 in the range of silicon partners. */
#define TIMES_RESET	0xc200ff03U	/* forgets all */
#define TIMES_READ	0xc200ff04U	/* x1 = a PE's affinity; returns how many events, when the last ended, the longest */

/* Of the PE that calls: about to enter a handler; told that the handler is through. */
void times_entered(void);
void times_left(void);
bool times_call(uint32_t fid);
uintptr_t times_handler(uint32_t fid, uint64_t x1, void *handle);

#endif
