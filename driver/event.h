/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_EVENT_H
#define SDEI_NMI_EVENT_H

#include <linux/ptrace.h>

#include "request.h"

typedef void (*event_service_fn)(struct pt_regs *regs);

/**
 * struct event_ping - how long one round trip took, in nanoseconds
 * @signal_ns: the firmware, over the signal
 * @delivery_ns: from before the signal until the target was in the handler
 * @round_ns: until the requester saw that
 * @floor_ns: a call in which the firmware does nothing
 */
struct event_ping {
	u64 signal_ns;
	u64 delivery_ns;
	u64 round_ns;
	u64 floor_ns;
};

int event_init(void);
void event_exit(void);
int event_probe(void);
void event_serve(enum request request, event_service_fn serve);

int event_ask(unsigned int cpu, enum request request);
int event_why(int err, unsigned int ms, char *why, size_t size);
bool event_drop(unsigned int cpu, enum request request);
int event_ping(unsigned int cpu, struct event_ping *ping);
u64 event_longest_held_ns(void);

#endif
