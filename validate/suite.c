// SPDX-License-Identifier: GPL-2.0
/*
 * The order of the checks isolates faults: a check is skipped if a check that it needs did not
 * pass, so the check that fails names the fault. After each check every PE must take interrupts
 * and event 0 as before.
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "suite.h"

static const struct sdeiv_check * const topics[] = {
	sdeiv_discovery_checks,
	sdeiv_states_checks,
	sdeiv_first_signal_checks,
	sdeiv_survival_checks,
	sdeiv_handler_checks,
	sdeiv_delivery_checks,
	sdeiv_coalescing_checks,
	sdeiv_concurrency_checks,
	sdeiv_kexec_checks,
	sdeiv_hotplug_checks,
	sdeiv_targets_checks,
};

#define CHECKS_MOST 128
#define EACH_PE_MS 250	/* a check's time for each PE, if nothing else slows it down */

static enum sdeiv_result results[CHECKS_MOST];

/* The first check that lost a PE, and whether another task, not the firmware, caused the loss. */
static const char *lost_in;
static bool lost_to_others;

/**
 * sdeiv_ended() - set the result of a check
 * @r: report
 * @how: result
 * @format: format of the observation, or of the reason why the check cannot run here
 *
 * Context: task. Return: @how.
 */
enum sdeiv_result sdeiv_ended(struct sdeiv_report *r, enum sdeiv_result how, const char *format,
			      ...)
{
	va_list args;

	va_start(args, format);
	vscnprintf(r->came, sizeof(r->came), format, args);
	va_end(args);
	return how;
}

/**
 * sdeiv_note() - add a line to the notes of a report
 * @r: report
 * @format: format of the line
 *
 * Context: task.
 */
void sdeiv_note(struct sdeiv_report *r, const char *format, ...)
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
 * sdeiv_check_seconds() - time that a check declares
 * @check: the check
 *
 * Context: task. Return: the longest duration of the check in seconds, with all PEs under test.
 */
unsigned int sdeiv_check_seconds(const struct sdeiv_check *check)
{
	unsigned int each = EACH_PE_MS * cpumask_weight(sdeiv_pe_all());

	return DIV_ROUND_UP(sdeiv_pe_limit(check->seconds * MSEC_PER_SEC) + each, MSEC_PER_SEC);
}

/**
 * sdeiv_arrives() - signal a PE and check that the event arrives in time
 * @r: report, set if the event does not arrive in time
 * @pe: the PE
 * @where: what the PE is doing, for the report
 *
 * Context: task. Return: true if the event arrived in time.
 */
bool sdeiv_arrives(struct sdeiv_report *r, struct sdeiv_pe *pe, const char *where)
{
	u64 before = sdeiv_arrival_count(pe), x0 = sdeiv_signal(pe->mpidr);

	if (x0) {
		sdeiv_failed(r, "SDEI_EVENT_SIGNAL to CPU %u, %s, returned %s", pe->cpu, where,
			     sdeiv_code_name(x0));
		return false;
	}
	switch (sdeiv_await_arrival(pe, before)) {
	case SDEIV_ARRIVED:
		return true;
	case SDEIV_ARRIVED_LATE:
		sdeiv_failed(r,
			     "event 0 reached CPU %u, %s, only after another firmware call",
			     pe->cpu, where);
		return false;
	default:
		sdeiv_failed(r, "event 0 did not reach CPU %u, %s, within %u ms", pe->cpu, where,
			     SDEIV_PROMPT_MS + SDEIV_LATE_MS);
		return false;
	}
}

/**
 * sdeiv_returns() - compare the return value of a firmware call
 * @r: report, set in any case
 * @what: name of the call
 * @x0: x0 after the call
 * @expected: required return value
 *
 * Context: task. Return: SDEIV_PASS or SDEIV_FAIL.
 */
enum sdeiv_result sdeiv_returns(struct sdeiv_report *r, const char *what, u64 x0, s64 expected)
{
	return sdeiv_ended(r, sdeiv_code(x0) == expected ? SDEIV_PASS : SDEIV_FAIL,
			   "%s returned %s", what, sdeiv_code_name(x0));
}

/**
 * sdeiv_suite_check() - find a check by its number
 * @number: from 0
 *
 * Context: any. Return: the check, or NULL if @number is too large.
 */
const struct sdeiv_check *sdeiv_suite_check(unsigned int number)
{
	const struct sdeiv_check *check;
	unsigned int t;

	for (t = 0; t < ARRAY_SIZE(topics); t++)
		for (check = topics[t]; check->name; check++)
			if (!number--)
				return check;
	return NULL;
}

static int number_of(const char *name)
{
	const struct sdeiv_check *check;
	int i;

	for (i = 0; (check = sdeiv_suite_check(i)); i++)
		if (!strcmp(check->name, name))
			return i;
	return -1;
}

/**
 * sdeiv_suite_find() - find a check by its name
 * @name: topic.name
 *
 * Context: any. Return: the check or NULL.
 */
const struct sdeiv_check *sdeiv_suite_find(const char *name)
{
	int number = number_of(name);

	return number < 0 ? NULL : sdeiv_suite_check(number);
}

/**
 * sdeiv_suite_reset() - forget all results
 *
 * Context: task.
 */
void sdeiv_suite_reset(void)
{
	memset(results, 0, sizeof(results));
	lost_in = NULL;
	lost_to_others = false;
	sdeiv_first_signal_reset();
}

static __printf(2, 3) void add(struct sdeiv_report *r, const char *format, ...)
{
	size_t length = strlen(r->came);
	va_list args;

	if (length)
		length += scnprintf(r->came + length, sizeof(r->came) - length, "; ");
	va_start(args, format);
	vscnprintf(r->came + length, sizeof(r->came) - length, format, args);
	va_end(args);
}

/* After every check, each PE must take interrupts and event 0. */
static bool all_go_on(struct sdeiv_report *r)
{
	enum sdeiv_health alive;
	struct sdeiv_pe *pe;
	u64 before;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		alive = sdeiv_health(pe);
		if (alive) {
			add(r, "afterwards CPU %u %s", pe->cpu, sdeiv_health_name(alive));
			return false;
		}
		if (pe->setup != SDEIV_SETUP_KERNEL)
			continue;
		before = sdeiv_arrival_count(pe);
		if (sdeiv_signal(pe->mpidr) || sdeiv_await_arrival(pe, before) != SDEIV_ARRIVED) {
			add(r, "afterwards event 0 did not reach CPU %u", pe->cpu);
			return false;
		}
	}
	return true;
}

static enum sdeiv_result look_after(const struct sdeiv_check *check, enum sdeiv_result result,
				    struct sdeiv_report *r)
{
	if (!check->first_signal && !all_go_on(r))
		result = SDEIV_FAIL;
	if (lost_in || !sdeiv_pe_lost())
		return result;
	/* first_signal.interrupts_go_on tests this; the other first-signal checks need not fail. */
	if (check->first_signal && result != SDEIV_FAIL)
		return result;
	lost_in = check->name;
	lost_to_others = sdeiv_pe_busy(sdeiv_pe_lost());
	if (lost_to_others)
		return sdeiv_skipped(r,
				     "CPU %u takes interrupts but does not run the suite's thread; a task with a higher priority uses the CPU",
				     sdeiv_pe_lost()->cpu);
	if (result != SDEIV_FAIL)
		add(r, "afterwards CPU %u %s", sdeiv_pe_lost()->cpu, sdeiv_pe_lost()->lost);
	return SDEIV_FAIL;
}

/* After a loss, only a destructive check still runs, on the remaining PEs. */
static bool enough_left(const struct sdeiv_check *check)
{
	unsigned int left = 0;
	struct sdeiv_pe *pe;

	if (!lost_in)
		return true;
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe))
		left++;
	return check->destructive && left > 1 && !sdeiv_pe_of(sdeiv_home)->lost;
}

static bool set_up_all(const struct sdeiv_check *check, struct sdeiv_report *r)
{
	struct sdeiv_pe *pe;
	s64 code;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		code = sdeiv_set_up(pe, check->setup);
		if (code < 0) {
			sdeiv_skipped(r,
				      "preparing event 0 (register and enable, or unregister) failed on CPU %u: %s",
				      pe->cpu, sdeiv_code_name(code));
			return false;
		}
	}
	return true;
}

/* Runs a needed check that has not run. The caller overwrites the report of that check. */
static const struct sdeiv_check *needed_fails(const char *name, struct sdeiv_report *r)
{
	const struct sdeiv_check *needed = name ? sdeiv_suite_find(name) : NULL;

	if (!needed)
		return NULL;
	if (results[number_of(name)] == SDEIV_NOT_RUN)
		sdeiv_suite_run(needed, r);
	return results[number_of(name)] == SDEIV_PASS ? NULL : needed;
}

/**
 * sdeiv_suite_run() - run a check, after the checks that it needs
 * @check: the check
 * @r: report
 *
 * Context: task, on the CPU sdeiv_home; sleeps. Return: the result.
 */
enum sdeiv_result sdeiv_suite_run(const struct sdeiv_check *check, struct sdeiv_report *r)
{
	const struct sdeiv_check *fails = needed_fails(check->needs, r);
	enum sdeiv_result result;

	if (!fails)
		fails = needed_fails(check->needs_too, r);
	memset(r, 0, sizeof(*r));
	if (signal_pending(current))
		return sdeiv_skipped(r, "interrupted");
	if (!enough_left(check)) {
		result = sdeiv_skipped(r,
				       lost_to_others
					       ? "a CPU has not run the suite's thread since %s"
					       : "a CPU has taken no interrupts since %s",
				       lost_in);
	} else if (fails) {
		result = sdeiv_skipped(r, "this needs %s to pass first",
				       fails->name);
	} else {
		result = set_up_all(check, r) ? check->run(r, check->with) : SDEIV_SKIP;
		result = look_after(check, result, r);
	}
	results[number_of(check->name)] = result;
	return result;
}
