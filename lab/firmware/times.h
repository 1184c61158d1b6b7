/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TIMES_H
#define TIMES_H

#include <stdbool.h>
#include <stdint.h>

/* The guest's calls: SMC64 in the range for silicon partners. */
#define TIMES_RESET	0xc200ff03U	/* clears the numbers of all PEs */
#define TIMES_READ	0xc200ff04U	/* x1 = affinity of a PE; returns its count, last and longest: see times.c */

/* The calling PE is about to enter a handler, and its handler has completed the event. */
void times_entered(void);
void times_left(void);
bool times_call(uint32_t fid);
uintptr_t times_handler(uint32_t fid, uint64_t x1, void *handle);

#endif
