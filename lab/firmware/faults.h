/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The faults. The guest uses only their names, which faults.c has. A PE is "ready" if it is on, has SDEI unmasked and event 0
 * enabled. Faults of the handler's entry and of the interrupted context apply to event 0 only.
 */
enum fault {
	FAULT_NONE,

	/* Signals: signals.c. */
	FAULT_REFUSE,		/* SIGNAL returns INVALID_PARAMETERS, zero-extended from 32 bits as on some firmware */
	FAULT_DROP,		/* SIGNAL returns success and does nothing */
	FAULT_HOLD,		/* SIGNAL returns success; the signal is sent when another fault is chosen */
	FAULT_SLOW,		/* SIGNAL waits SLOW_US before it sends the signal */
	FAULT_WRONG_PE,		/* the signal goes to the next ready PE, by position */
	FAULT_BROADCAST,	/* the signal also goes to all other ready PEs */
	FAULT_LATE,		/* the signal is sent after the next SDEI call other than SIGNAL, by any PE, once the target is ready */
	FAULT_TWICE,		/* the handler runs twice, one run after the other */
	FAULT_NOT_MASKED,	/* delivery waits until PSTATE.I is clear or the PE sleeps; tried every RETRY_US */
	FAULT_LOST_IN_HANDLER,	/* a signal to a PE in a handler is lost */
	FAULT_LOST_BURST,	/* a signal within BURST_US after the previous one to the same PE is lost */
	FAULT_LOST_BESIDE,	/* a signal is lost while a signal to another PE is pending */
	FAULT_ASLEEP,		/* a PE that is in WFI with its timer masked gets the event when its timer is unmasked; tried every RETRY_US */
	FAULT_MASKED_REFUSED,	/* SIGNAL returns INVALID_PARAMETERS if the target is not ready, as TF-A 2.13 does */
	FAULT_MASKED_KEPT,	/* a repair: a signal to a PE with SDEI masked is delivered when the PE unmasks SDEI */
	FAULT_NOT_REARMED,	/* a PE that was switched on after the fault was chosen gets no more signals */
	FAULT_OFF_POISONED,	/* a signal to a PE that is off is delivered when the PE first becomes ready */

	/* Return values of PSCI calls: signals.c. */
	FAULT_CPU_OFF_REFUSED,	/* CPU_OFF returns DENIED, and the PE stays on */
	FAULT_CPU_ON_REFUSED,	/* CPU_ON of a PE that was switched off returns INTERNAL_FAILURE */
	FAULT_OFF_IN_USE,	/* the same, but only if event 0 was enabled on the PE when it was switched off */

	/* Return values of calls: faults.c. */
	FAULT_ERROR_32,		/* error codes are zero-extended from 32 bits */
	FAULT_WRONG_CODE,	/* EVENT_GET_INFO of an event that does not exist returns NOT_SUPPORTED */
	FAULT_ENABLE_TWICE,	/* EVENT_ENABLE of an enabled event returns DENIED */
	FAULT_ENABLE_REFUSED,	/* EVENT_ENABLE of event 0 returns DENIED, so the event stays registered and disabled */
	FAULT_STATUS,		/* EVENT_STATUS never reports event 0 as enabled */
	FAULT_CRITICAL,		/* EVENT_GET_INFO reports critical priority for event 0, as some hypervisors do; its priority is normal */
	FAULT_CONTEXT,		/* EVENT_CONTEXT returns the register after the requested one, and x0 for x17 */

	/* Registers that the firmware sets up, from the PE's next SDEI call on: faults.c. */
	FAULT_COUNTER_RATE,	/* CNTFRQ_EL0 is 0 */

	/* The handler's entry, and the context after it: dispatch.c. */
	FAULT_PSTATE_PARAM,	/* at entry x3, the interrupted PSTATE, is 0 */
	FAULT_DAIF_OPEN,	/* at entry PSTATE.I is clear */
	FAULT_RESUME,		/* COMPLETE_AND_RESUME returns to the interrupted instruction, as COMPLETE does */
	FAULT_NO_EOI,		/* the firmware does not end the interrupt, so its priority stays active */
	FAULT_GPR_LOW,		/* bit 0 of the interrupted x9 is flipped */
	FAULT_GPR_HIGH,		/* bit 0 of the interrupted x20 is flipped */
	FAULT_FLAGS,		/* the interrupted PSTATE.Z is flipped */
	FAULT_SP_EL0,		/* bit 4 of the interrupted SP_EL0 is flipped */
	FAULT_FP,		/* bit 0 of the interrupted v7 is flipped */
	FAULT_PRIORITY_MASK,	/* ICC_PMR_EL1 is lowered, but stays above the priorities that Linux uses */
	FAULT_COUNT
};

/* The active fault. Any PE may read it at any time. */
extern volatile enum fault fault;

bool event_exists(uint64_t event);
bool event_enabled(unsigned int pe, uint64_t event);

/* signals.c. Handles a SIGNAL: true if the call is done, with its return value in *ret; false to call TF-A. */
bool signal_lies(uint64_t event, uint64_t target, int64_t *ret);
/* Another fault was chosen instead of @old. */
void signals_end(enum fault old);
/* The calling PE makes or has made an SDEI call. */
void signals_settle(void);
/* The calling PE enters and leaves a handler; @zero: that of event 0. */
void signals_entered(void);
void signals_left(bool zero);
/* Is the calling PE in a handler? */
bool signals_inside(void);

#endif
