// SPDX-License-Identifier: GPL-2.0
/*
 * The order of the checks is the order in which faults are told apart: a check that needs another
 * one is skipped where that did not pass, so that what fails names the fault and not all that
 * follows from it. After each check every PE has to take interrupts and event 0 as before.
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "suite.h"

static const struct check * const topics[] = {
	discovery_checks, states_checks, contact_checks, survival_checks, delivery_checks,
	counting_checks, kexec_checks, hotplug_checks, targets_checks,
};

#define CHECKS_MOST 128

static enum result results[CHECKS_MOST];

/* The first check after which a PE was lost, and whether the firmware is to blame. */
static const char *lost_in;
static bool lost_to_others;

/**
 * ended() - end a check
 * @r: report
 * @how: with which result
 * @format: what came, or why it can't be made here
 *
 * Context: task. Return: @how.
 */
enum result ended(struct report *r, enum result how, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vscnprintf(r->came, sizeof(r->came), format, args);
	va_end(args);
	return how;
}

/**
 * note() - write down a figure
 * @r: report
 * @format: a line
 *
 * Context: task.
 */
void note(struct report *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->notes_size += vscnprintf(r->notes + r->notes_size, sizeof(r->notes) - r->notes_size,
				    format, args);
	va_end(args);
	r->notes_size += scnprintf(r->notes + r->notes_size, sizeof(r->notes) - r->notes_size,
				   "\n");
}

/**
 * arrives() - signal a PE, and see that the event arrives
 * @r: report; what came is told if it does not
 * @pe: the PE
 * @where: what it is doing
 *
 * Context: task. Return: true if it did, in time.
 */
bool arrives(struct report *r, struct pe *pe, const char *where)
{
	u64 before = pe_count(pe), x0 = call_signal(pe->mpidr);

	if (x0) {
		failed(r, "SDEI_EVENT_SIGNAL to CPU %u, %s, returned %s", pe->cpu, where,
		       call_says(x0));
		return false;
	}
	switch (pe_await(pe, before)) {
	case ARRIVED:
		return true;
	case ARRIVED_LATE:
		failed(r, "event 0 came to CPU %u, %s, only when the firmware was called again",
		       pe->cpu, where);
		return false;
	default:
		failed(r, "event 0 did not come to CPU %u, %s, in %u ms", pe->cpu, where,
		       PROMPT_MS + LATE_MS);
		return false;
	}
}

/**
 * returns() - a check that is one call
 * @r: report
 * @what: the call
 * @x0: what it left
 * @expected: the value
 *
 * Context: task. Return: PASS or FAIL.
 */
enum result returns(struct report *r, const char *what, u64 x0, s64 expected)
{
	return ended(r, call_code(x0) == expected ? PASS : FAIL, "%s returned %s", what,
		     call_says(x0));
}

/**
 * suite_check() - a check by its number
 * @number: from 0
 *
 * Context: any. Return: the check, or NULL behind the last one.
 */
const struct check *suite_check(unsigned int number)
{
	const struct check *check;
	unsigned int t;

	for (t = 0; t < ARRAY_SIZE(topics); t++)
		for (check = topics[t]; check->name; check++)
			if (!number--)
				return check;
	return NULL;
}

static int number_of(const char *name)
{
	const struct check *check;
	int i;

	for (i = 0; (check = suite_check(i)); i++)
		if (!strcmp(check->name, name))
			return i;
	return -1;
}

/**
 * suite_find() - a check by its name
 * @name: topic and name
 *
 * Context: any. Return: the check or NULL.
 */
const struct check *suite_find(const char *name)
{
	int number = number_of(name);

	return number < 0 ? NULL : suite_check(number);
}

/**
 * suite_reset() - no check has been run
 *
 * Context: task.
 */
void suite_reset(void)
{
	memset(results, 0, sizeof(results));
	lost_in = NULL;
	lost_to_others = false;
	contact_reset();
}

static __printf(2, 3) void add(struct report *r, const char *format, ...)
{
	size_t length = strlen(r->came);
	va_list args;

	if (length)
		length += scnprintf(r->came + length, sizeof(r->came) - length, "; ");
	va_start(args, format);
	vscnprintf(r->came + length, sizeof(r->came) - length, format, args);
	va_end(args);
}

/* What all PEs have to do after every check. */
static bool all_go_on(struct report *r)
{
	enum alive alive;
	struct pe *pe;
	u64 before;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe)) {
		alive = pe_alive(pe);
		if (alive) {
			add(r, "after it CPU %u %s", pe->cpu, pe_alive_says(alive));
			return false;
		}
		if (pe->setup != SETUP_KERNEL)
			continue;
		before = pe_count(pe);
		if (call_signal(pe->mpidr) || pe_await(pe, before) != ARRIVED) {
			add(r, "after it event 0 did not come to CPU %u any more", pe->cpu);
			return false;
		}
	}
	return true;
}

static enum result look_after(const struct check *check, enum result result, struct report *r)
{
	if (!check->contact && !all_go_on(r))
		result = FAIL;
	if (lost_in || !pe_lost())
		return result;
	/* Of the first events one check is about this. */
	if (check->contact && result != FAIL)
		return result;
	lost_in = check->name;
	lost_to_others = pe_busy(pe_lost());
	if (lost_to_others)
		return skipped(r,
			       "CPU %u takes interrupts and lets none of our threads run: a real-time task goes before them",
			       pe_lost()->cpu);
	if (result != FAIL)
		add(r, "after it CPU %u %s", pe_lost()->cpu, pe_lost()->lost);
	return FAIL;
}

/* A destructive one may go on with those PEs that are left. */
static bool enough_left(const struct check *check)
{
	unsigned int left = 0;
	struct pe *pe;

	if (!lost_in)
		return true;
	for (pe = pe_next(NULL); pe; pe = pe_next(pe))
		left++;
	return check->destructive && left > 1 && !pe_of(pe_home)->lost;
}

static bool set_up_all(const struct check *check, struct report *r)
{
	struct pe *pe;
	s64 code;

	for (pe = pe_next(NULL); pe; pe = pe_next(pe)) {
		code = pe_set_up(pe, check->setup);
		if (code < 0) {
			skipped(r,
				"event 0 could not be registered and enabled, or unregistered, on CPU %u: %s",
				pe->cpu, call_says(code));
			return false;
		}
	}
	return true;
}

/* Runs it if it was not; what it tells is told when its own turn comes. */
static const struct check *needed_fails(const char *name, struct report *r)
{
	const struct check *needed = name ? suite_find(name) : NULL;

	if (!needed)
		return NULL;
	if (results[number_of(name)] == NOT_RUN)
		suite_run(needed, r);
	return results[number_of(name)] == PASS ? NULL : needed;
}

/**
 * suite_run() - run a check, and before it those that it needs
 * @check: which
 * @r: report
 *
 * Context: task, on the CPU pe_home; sleeps. Return: what came of it.
 */
enum result suite_run(const struct check *check, struct report *r)
{
	const struct check *fails = needed_fails(check->needs, r);
	enum result result;

	if (!fails)
		fails = needed_fails(check->needs_too, r);
	memset(r, 0, sizeof(*r));
	if (signal_pending(current))
		return skipped(r, "interrupted");
	if (!enough_left(check)) {
		result = skipped(r, lost_to_others ? "a CPU has run none of our threads since %s" :
						     "a CPU has taken no interrupts since %s",
				 lost_in);
	} else if (fails) {
		result = skipped(r, "it makes no sense as long as %s does not pass", fails->name);
	} else {
		result = set_up_all(check, r) ? check->run(r, check->with) : SKIP;
		result = look_after(check, result, r);
	}
	results[number_of(check->name)] = result;
	return result;
}
