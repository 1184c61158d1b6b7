/* SPDX-License-Identifier: GPL-2.0 */
/* The handler of event 0 behind the kernel's entry code, and waits for events. */
#ifndef SDEI_NMI_VALIDATE_ARRIVALS_H
#define SDEI_NMI_VALIDATE_ARRIVALS_H

#include <linux/atomic.h>
#include <asm/ptrace.h>

#include "pe.h"

#define SDEIV_BETWEEN_US	500	/* pause between signals that must not merge */

enum sdeiv_arrival { SDEIV_ARRIVED, SDEIV_ARRIVED_LATE, SDEIV_NOT_ARRIVED };

extern atomic64_t sdeiv_signal_number;

int sdeiv_arrived(u32 event, struct pt_regs *regs, void *arg);
u64 sdeiv_arrival_count(const struct sdeiv_pe *pe);
enum sdeiv_arrival sdeiv_await_arrival(const struct sdeiv_pe *pe, u64 before);
bool sdeiv_seen_last(const struct sdeiv_pe *pe);
void sdeiv_pause(unsigned int us);
void sdeiv_quiet(void);

#endif
