/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_REACH_H
#define SDEI_NMI_REACH_H

#include <linux/types.h>

/**
 * enum reach_state - whether a CPU may be signalled
 * @REACH_UP: it may
 * @REACH_IDLE: it is in a deep idle state, with SDEI masked
 * @REACH_DOWN: it is offline, or on the way up or down
 */
enum reach_state {
	REACH_UP,
	REACH_IDLE,
	REACH_DOWN,
};

int reach_init(void);
void reach_exit(void);
int reach_signal(unsigned int cpu, bool stops);
void reach_only_stops(void);
void reach_ends(void);
enum reach_state reach_of(unsigned int cpu);
const char *reach_service(void);

#endif
