/* SPDX-License-Identifier: GPL-2.0 */
/* A check of what one event does to a PE in the loop of entry.S. */
#ifndef SDEI_NMI_VALIDATE_LOOP_CHECK_H
#define SDEI_NMI_VALIDATE_LOOP_CHECK_H

#include "busy_loop.h"
#include "check.h"

/**
 * struct sdeiv_loop_check - the event and the test of a check in the loop
 * @ask: calls that the handler makes, in bits SDEIV_ASK_*
 * @resume: address for SDEI_EVENT_COMPLETE_AND_RESUME; NULL for SDEI_EVENT_COMPLETE
 * @twice: run the loop twice, each time with another register as the loop's own
 * @at: tests one PE after its event, in task context, and sets the report if the test fails
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
