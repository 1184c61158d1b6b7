/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table at the top of capture_state.h as data for tests. kunit.c takes every step from every
 * state. tests/unit/ also lets other parties change the record in the middle of a step. A step is
 * refused in every state that has no entry in its @from.
 */
#ifndef SDEI_NMI_CAPTURE_STEPS_H
#define SDEI_NMI_CAPTURE_STEPS_H

#include "../capture_state.h"

#define CAPTURE_STATES	(SDEI_NMI_CAPTURE_TELLING + 1)

static const char *const capture_names[CAPTURE_STATES] = {
	[SDEI_NMI_CAPTURE_FREE] = "FREE",
	[SDEI_NMI_CAPTURE_ASKED] = "ASKED",
	[SDEI_NMI_CAPTURE_TAKING] = "TAKING",
	[SDEI_NMI_CAPTURE_TAKEN] = "TAKEN",
	[SDEI_NMI_CAPTURE_OVERDUE] = "OVERDUE",
	[SDEI_NMI_CAPTURE_TAKING_LATE] = "TAKING_LATE",
	[SDEI_NMI_CAPTURE_LATE] = "LATE",
	[SDEI_NMI_CAPTURE_TELLING] = "TELLING",
};

enum capture_party {
	CAPTURE_REQUESTER,
	CAPTURE_TARGET,
	CAPTURE_TELLER,
};

struct capture_step {
	const char *name;
	bool (*take)(atomic_t *state);
	enum capture_party party;
	bool owner;	/* only the party that owns the record may take the step */
	struct {
		bool granted;
		int to;
	} from[CAPTURE_STATES];
};

static bool capture_step_end(atomic_t *state)
{
	capture_end(state);
	return true;
}

static bool capture_step_done(atomic_t *state)
{
	capture_done(state);
	return true;
}

static bool capture_step_taken(atomic_t *state)
{
	return capture_taken(state);
}

static bool capture_step_late(atomic_t *state)
{
	return capture_late(state);
}

static const struct capture_step capture_steps[] = {
	{ "ask", capture_ask, CAPTURE_REQUESTER, false, {
		[SDEI_NMI_CAPTURE_FREE] = { true, SDEI_NMI_CAPTURE_ASKED },
		[SDEI_NMI_CAPTURE_OVERDUE] = { true, SDEI_NMI_CAPTURE_ASKED },
		[SDEI_NMI_CAPTURE_LATE] = { true, SDEI_NMI_CAPTURE_ASKED },
	} },
	{ "cancel", capture_cancel, CAPTURE_REQUESTER, false, {
		[SDEI_NMI_CAPTURE_ASKED] = { true, SDEI_NMI_CAPTURE_FREE },
	} },
	{ "give_up", capture_give_up, CAPTURE_REQUESTER, false, {
		[SDEI_NMI_CAPTURE_ASKED] = { true, SDEI_NMI_CAPTURE_OVERDUE },
	} },
	{ "leave", capture_leave, CAPTURE_REQUESTER, false, {
		[SDEI_NMI_CAPTURE_TAKING] = { true, SDEI_NMI_CAPTURE_TAKING_LATE },
	} },
	{ "taken", capture_step_taken, CAPTURE_REQUESTER, false, {
		[SDEI_NMI_CAPTURE_TAKEN] = { true, SDEI_NMI_CAPTURE_TAKEN },
	} },
	{ "done", capture_step_done, CAPTURE_REQUESTER, true, {
		[SDEI_NMI_CAPTURE_TAKEN] = { true, SDEI_NMI_CAPTURE_FREE },
	} },
	{ "begin", capture_begin, CAPTURE_TARGET, false, {
		[SDEI_NMI_CAPTURE_ASKED] = { true, SDEI_NMI_CAPTURE_TAKING },
		[SDEI_NMI_CAPTURE_OVERDUE] = { true, SDEI_NMI_CAPTURE_TAKING_LATE },
	} },
	{ "end", capture_step_end, CAPTURE_TARGET, true, {
		[SDEI_NMI_CAPTURE_TAKING] = { true, SDEI_NMI_CAPTURE_TAKEN },
		[SDEI_NMI_CAPTURE_TAKING_LATE] = { true, SDEI_NMI_CAPTURE_LATE },
	} },
	{ "tell", capture_tell, CAPTURE_TELLER, false, {
		[SDEI_NMI_CAPTURE_LATE] = { true, SDEI_NMI_CAPTURE_TELLING },
	} },
	{ "late", capture_step_late, CAPTURE_TELLER, false, {
		[SDEI_NMI_CAPTURE_OVERDUE] = { true, SDEI_NMI_CAPTURE_OVERDUE },
		[SDEI_NMI_CAPTURE_TAKING_LATE] = { true, SDEI_NMI_CAPTURE_TAKING_LATE },
		[SDEI_NMI_CAPTURE_LATE] = { true, SDEI_NMI_CAPTURE_LATE },
	} },
	{ "forget", capture_forget, CAPTURE_TELLER, false, {
		[SDEI_NMI_CAPTURE_OVERDUE] = { true, SDEI_NMI_CAPTURE_FREE },
	} },
	{ "done", capture_step_done, CAPTURE_TELLER, true, {
		[SDEI_NMI_CAPTURE_TELLING] = { true, SDEI_NMI_CAPTURE_FREE },
	} },
};

#endif
