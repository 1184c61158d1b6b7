/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_EVENT_H
#define SDEI_NMI_EVENT_H

#include <linux/ptrace.h>

#include "request.h"

typedef void (*event_service_fn)(struct pt_regs *regs);

int event_init(void);
void event_exit(void);
int event_probe(void);
void event_serve(enum request request, event_service_fn serve);

int event_ask(unsigned int cpu, enum request request);
bool event_drop(unsigned int cpu, enum request request);

#endif
