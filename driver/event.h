/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_EVENT_H
#define SDEI_NMI_EVENT_H

#include <linux/ptrace.h>

#include "request.h"

#define SDEI_NMI_WHY_SIZE	192	/* of a buffer for a reason, in characters */

typedef void (*sdei_nmi_event_service_fn)(struct pt_regs *regs);

/**
 * struct sdei_nmi_event_ping - times of one round trip, in nanoseconds
 * @signal_ns: the call that signals
 * @delivery_ns: from before the signal until the target entered the handler
 * @round_ns: from before the signal until the requester saw the answer
 * @floor_ns: the shortest of three calls in which the firmware does nothing
 */
struct sdei_nmi_event_ping {
	u64 signal_ns;
	u64 delivery_ns;
	u64 round_ns;
	u64 floor_ns;
};

int sdei_nmi_event_init(void);
void sdei_nmi_event_exit(void);
int sdei_nmi_event_probe(void);
void sdei_nmi_event_serve(enum sdei_nmi_request request, sdei_nmi_event_service_fn serve);

int sdei_nmi_event_ask(unsigned int cpu, enum sdei_nmi_request request);
int sdei_nmi_event_why(int err, unsigned int ms, char *why, size_t size);
bool sdei_nmi_event_waits(unsigned int cpu, enum sdei_nmi_request request);
bool sdei_nmi_event_drop(unsigned int cpu, enum sdei_nmi_request request);
int sdei_nmi_event_ping(unsigned int cpu, struct sdei_nmi_event_ping *ping);
u64 sdei_nmi_event_longest_held_ns(void);

#endif
