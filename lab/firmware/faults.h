/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What there is to choose from. The guest knows none of these numbers: it says and asks for the names, which only faults.c has.
 * "Ready" is a PE that is on, has SDEI unmasked and event 0 enabled. Where a damage is said to be done to what was interrupted,
 * or by the handler's end, event 0 is meant, and not the other one.
 */
enum fault {
	FAULT_NONE,

	/* Where signals go: signals.c. */
	FAULT_REFUSE,		/* SIGNAL returns INVALID_PARAMETERS, zero-extended from 32 bits as some firmware does */
	FAULT_DROP,		/* SIGNAL returns success and does nothing */
	FAULT_HOLD,		/* SIGNAL returns success, and the signal is sent when the fault is changed */
	FAULT_SLOW,		/* SIGNAL sends the signal half a millisecond after it was called */
	FAULT_WRONG_PE,		/* the next ready PE gets it, by position */
	FAULT_BROADCAST,	/* all PEs that are ready get it, too */
	FAULT_LATE,		/* sent after the next SDEI call of any PE that is no SIGNAL, once the target is ready */
	FAULT_TWICE,		/* the handler runs twice, one run after the other */
	FAULT_NOT_MASKED,	/* delivered only where PSTATE.I is open or a sleep ends; looked for each RETRY_US */
	FAULT_LOST_IN_HANDLER,	/* lost if the target is in a handler */
	FAULT_LOST_BURST,	/* lost if it comes within BURST_US of the one before to that PE */
	FAULT_MASKED_REFUSED,	/* SIGNAL returns INVALID_PARAMETERS where the target is not ready, as TF-A 2.13 does */
	FAULT_MASKED_KEPT,	/* a repair: what arrives on a PE that has SDEI masked is delivered at its unmask */
	FAULT_NOT_REARMED,	/* a PE that was switched on since gets none any more */
	FAULT_OFF_POISONED,	/* a PE that is off gets it when it is ready for the first time */

	/* What calls answer: faults.c. */
	FAULT_ERROR_32,		/* error codes are zero-extended from 32 bits */
	FAULT_WRONG_CODE,	/* EVENT_GET_INFO of an event that does not exist returns NOT_SUPPORTED */
	FAULT_ENABLE_TWICE,	/* EVENT_ENABLE of an enabled event returns DENIED */
	FAULT_STATUS,		/* EVENT_STATUS never has the bit "enabled" for event 0 */
	FAULT_CONTEXT,		/* EVENT_CONTEXT returns the register after the one asked for, x0 after x17 */

	/* What a handler is given, and what it leaves: dispatch.c. */
	FAULT_PSTATE_PARAM,	/* x3, the interrupted PSTATE, is 0 at entry */
	FAULT_DAIF_OPEN,	/* entered with PSTATE.I open */
	FAULT_RESUME,		/* COMPLETE_AND_RESUME goes on where it was interrupted, as COMPLETE does */
	FAULT_NO_EOI,		/* the interrupt is never ended, its priority stays active */
	FAULT_GPR_LOW,		/* bit 0 of x9 is flipped in what was interrupted */
	FAULT_GPR_HIGH,		/* the same for x20 */
	FAULT_FLAGS,		/* PSTATE.Z is */
	FAULT_SP_EL0,		/* bit 4 of SP_EL0 is */
	FAULT_FP,		/* bit 0 of v7 is */
	FAULT_PRIORITY_MASK,	/* ICC_PMR_EL1 is lower, and what Linux uses still passes */
	FAULT_COUNT
};

/* The one that is chosen. Any PE reads it at any time. */
extern volatile enum fault fault;

bool event_exists(uint64_t event);
bool event_enabled(unsigned int pe, uint64_t event);

/* signals.c; all but the first two are about the PE that calls. */
bool signal_lies(uint64_t event, uint64_t target, int64_t *ret);
void signals_end(enum fault old);
void signals_settle(void);
void signals_entered(void);
void signals_left(bool zero);
bool signals_inside(void);

#endif
