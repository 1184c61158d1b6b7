/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_EVENT_H
#define SDEI_NMI_EVENT_H

#include "request.h"

int event_init(void);
void event_exit(void);
int event_probe(void);

int event_ask(unsigned int cpu, enum request request);
bool event_drop(unsigned int cpu, enum request request);
bool event_waiting(unsigned int cpu);

#endif
