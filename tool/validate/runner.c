// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: every chosen check gets a result. A check that could not run is skipped with a reason,
 * and a check that overran its time has failed. A destructive check starts only after the reports,
 * which name it as running, are saved.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "validate/runner.h"

#define GRACE 10	/* seconds that a check may overrun its declared time */
#define QUICK 10	/* seconds for a command that runs no check */

struct run {
	const struct runner *runner;
	struct validation *validation;
	bool allowed;		/* the module has accepted the command "destructive" */
	bool trouble;		/* something failed that the firmware did not cause */
};

static void skip(struct check *check, const char *why)
{
	check_set(check, RESULT_SKIP, memory_format("%s", why));
}

/* Skips a check for a reason that says nothing about the firmware. */
static void not_run(struct run *run, struct check *check, const char *why)
{
	skip(check, why);
	run->trouble = true;
}

static void not_answered(struct run *run, struct check *check, int err)
{
	switch (err) {
	case -EINTR:
		skip(check, "interrupted");
		break;
	case -ETIME:
		check_set(check, RESULT_FAIL, memory_format("it did not end within its declared time"));
		break;
	case -EINVAL:
		not_run(run, check, "the module no longer knows this check");
		break;
	default:
		not_run(run, check, strerror(-err));
	}
}

/*
 * The module first runs the checks that this check depends on, if they have not run yet. They all
 * come earlier in the list.
 */
static unsigned int seconds_most(const struct validation *v, const struct check *check)
{
	unsigned int seconds = check->seconds + GRACE;

	for (const struct check *other = v->checks.check; other != check; other++)
		if (other->result == RESULT_PENDING)
			seconds += other->seconds;
	return seconds;
}

static void ask(struct run *run, struct check *check)
{
	const struct runner *r = run->runner;
	char *command = memory_format("run %s", check->name);
	struct contents reply;
	int err = r->ask(r->context, command, seconds_most(run->validation, check), &reply);

	free(command);
	if (err) {
		not_answered(run, check, err);
		return;
	}
	if (!check_parse_reply((struct piece){ reply.text, reply.length }, check))
		not_run(run, check, "the module's answer can't be understood; use the version of the tool that belongs to the module");
	free(reply.text);
}

/* Programs can run on the CPUs under test, except those that an earlier check lost. */
static bool program_cpus(const struct validation *v, struct cpus *cpus)
{
	const char *list = facts_get(&v->firmware, "cpus");

	if (!list || cpulist_parse((struct piece){ list, strlen(list) }, cpus))
		return false;
	for (size_t i = 0; i < v->checks.count; i++)
		for (size_t k = 0; k < CPUS_MAX / 64; k++)
			cpus->bits[k] &= ~v->checks.check[i].lost.bits[k];
	return true;
}

/* A changed register is a failure, even if the module reports a pass or a skip. */
static void ask_with_programs(struct run *run, struct check *check)
{
	const struct runner *r = run->runner;
	struct spinners *spinners;
	struct spun spun = { 0 };
	struct cpus cpus;
	char *why = NULL;

	if (!program_cpus(run->validation, &cpus)) {
		skip(check, "the module does not say which CPUs are tested");
		return;
	}
	spinners = r->programs(&cpus, &why);
	if (!spinners) {
		skip(check, why);
		free(why);
		return;
	}
	ask(run, check);
	r->programs_end(spinners, &spun);
	if (spun.note)
		check_note(check, spun.note);
	if (spun.unclear && check->result == RESULT_PASS)
		not_run(run, check, spun.unclear);
	free(spun.unclear);
	if (!spun.wrong)
		return;
	if (check->result == RESULT_FAIL)
		check_note(check, spun.wrong);
	else
		check_set(check, RESULT_FAIL, spun.wrong);
}

/* Returns false, after setting a result, if the check must not run. */
static bool allow(struct run *run, struct check *check)
{
	const struct runner *r = run->runner;
	struct contents reply;
	int err;

	if (!run->validation->destructive) {
		skip(check, "can leave the machine without a CPU on faulty firmware; --destructive runs it");
		return false;
	}
	if (!run->allowed) {
		err = r->ask(r->context, "destructive", QUICK, &reply);
		if (err) {
			not_answered(run, check, err == -ETIME ? -EIO : err);
			return false;
		}
		free(reply.text);
		run->allowed = true;
	}
	check_set(check, RESULT_RUNNING, memory_format("the check did not end: the machine did not come back, or the check still runs"));
	if (!r->save(r->context, run->validation)) {
		not_run(run, check, "the reports could not be written before the check");
		return false;
	}
	return true;
}

static void one(struct run *run, struct check *check)
{
	const struct runner *r = run->runner;
	const char *why = r->stop(r->context);

	if (why) {
		skip(check, why);
		return;
	}
	if (check->destructive && !allow(run, check))
		return;
	r->starts(r->context, check);
	if (check->program)
		ask_with_programs(run, check);
	else
		ask(run, check);
	if (check->destructive && !r->save(r->context, run->validation))
		run->trouble = true;
}

/*
 * Runs the checks in the order of the list, which checks_order() must have sorted. Returns false if
 * something failed that the firmware did not cause.
 */
bool runner_run(const struct runner *runner, struct validation *validation)
{
	struct run run = { .runner = runner, .validation = validation };
	unsigned int number = 0;

	for (size_t i = 0; i < validation->checks.count; i++) {
		struct check *check = &validation->checks.check[i];

		if (!check->chosen)
			continue;
		one(&run, check);
		runner->told(runner->context, ++number, check);
	}
	return !run.trouble;
}
