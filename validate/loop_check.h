/* SPDX-License-Identifier: GPL-2.0 */
/* A check of what one event does to a PE in the loop of entry.S. */
#ifndef SDEI_NMI_VALIDATE_LOOP_CHECK_H
#define SDEI_NMI_VALIDATE_LOOP_CHECK_H

#include "busy_loop.h"
#include "check.h"

/**
 * struct sdeiv_loop_check - what is looked at when a PE has met an event
 * @ask: what entry.S is to do in the handler
 * @resume: where it is to resume, or NULL
 * @twice: once with either register as the loop's own
 * @at: what came of it
 */
struct sdeiv_loop_check {
	u64 ask;
	void (*resume)(void);
	bool twice;
	enum sdeiv_result (*at)(struct sdeiv_report *r, struct sdeiv_pe *pe,
				struct sdeiv_busy_loop *m);
};

enum sdeiv_result sdeiv_loop_check_run(struct sdeiv_report *r, const void *with);
unsigned int sdeiv_loop_check_own(const struct sdeiv_busy_loop *m);
enum sdeiv_result sdeiv_loop_check_registers(struct sdeiv_report *r, struct sdeiv_pe *pe,
					     const struct sdeiv_busy_loop *m, unsigned int from,
					     unsigned int to);

#endif
