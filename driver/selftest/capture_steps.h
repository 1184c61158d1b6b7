/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table at the top of capture_state.h as data, for tests: kunit.c takes every step from every state,
 * tests/unit/ lets others come between. Every step is refused where the table says nothing.
 */
#ifndef SDEI_NMI_CAPTURE_STEPS_H
#define SDEI_NMI_CAPTURE_STEPS_H

#include "../capture_state.h"

#define CAPTURE_STATES	(CAPTURE_TELLING + 1)

static const char *const capture_names[CAPTURE_STATES] = {
	[CAPTURE_FREE] = "FREE",
	[CAPTURE_ASKED] = "ASKED",
	[CAPTURE_TAKING] = "TAKING",
	[CAPTURE_TAKEN] = "TAKEN",
	[CAPTURE_OVERDUE] = "OVERDUE",
	[CAPTURE_TAKING_LATE] = "TAKING_LATE",
	[CAPTURE_LATE] = "LATE",
	[CAPTURE_TELLING] = "TELLING",
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
	bool owner;	/* nobody but who has the record takes it */
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
		[CAPTURE_FREE] = { true, CAPTURE_ASKED },
		[CAPTURE_OVERDUE] = { true, CAPTURE_ASKED },
		[CAPTURE_LATE] = { true, CAPTURE_ASKED },
	} },
	{ "cancel", capture_cancel, CAPTURE_REQUESTER, false, {
		[CAPTURE_ASKED] = { true, CAPTURE_FREE },
	} },
	{ "give_up", capture_give_up, CAPTURE_REQUESTER, false, {
		[CAPTURE_ASKED] = { true, CAPTURE_OVERDUE },
	} },
	{ "leave", capture_leave, CAPTURE_REQUESTER, false, {
		[CAPTURE_TAKING] = { true, CAPTURE_TAKING_LATE },
	} },
	{ "taken", capture_step_taken, CAPTURE_REQUESTER, false, {
		[CAPTURE_TAKEN] = { true, CAPTURE_TAKEN },
	} },
	{ "done", capture_step_done, CAPTURE_REQUESTER, true, {
		[CAPTURE_TAKEN] = { true, CAPTURE_FREE },
	} },
	{ "begin", capture_begin, CAPTURE_TARGET, false, {
		[CAPTURE_ASKED] = { true, CAPTURE_TAKING },
		[CAPTURE_OVERDUE] = { true, CAPTURE_TAKING_LATE },
	} },
	{ "end", capture_step_end, CAPTURE_TARGET, true, {
		[CAPTURE_TAKING] = { true, CAPTURE_TAKEN },
		[CAPTURE_TAKING_LATE] = { true, CAPTURE_LATE },
	} },
	{ "tell", capture_tell, CAPTURE_TELLER, false, {
		[CAPTURE_LATE] = { true, CAPTURE_TELLING },
	} },
	{ "late", capture_step_late, CAPTURE_TELLER, false, {
		[CAPTURE_OVERDUE] = { true, CAPTURE_OVERDUE },
		[CAPTURE_TAKING_LATE] = { true, CAPTURE_TAKING_LATE },
		[CAPTURE_LATE] = { true, CAPTURE_LATE },
	} },
	{ "forget", capture_forget, CAPTURE_TELLER, false, {
		[CAPTURE_OVERDUE] = { true, CAPTURE_FREE },
	} },
	{ "done", capture_step_done, CAPTURE_TELLER, true, {
		[CAPTURE_TELLING] = { true, CAPTURE_FREE },
	} },
};

#endif
