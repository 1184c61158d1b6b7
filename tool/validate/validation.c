// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the verdict claims no more than the results show. The firmware is reliable only if
 * every check that the driver relies on has passed, whether chosen or not, no CPU was lost, and no
 * check is running. A running check that the driver relies on counts as failed until its result is
 * known. A check that says nothing about this boot counts only if it ran.
 */
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "validate/validation.h"

static void name(struct names *names, const char *more)
{
	char *list = memory_format("%s%s%s", names->list, names->count ? ", " : "", more);

	free(names->list);
	names->list = list;
	names->count++;
}

static void count(const struct check *check, struct verdict *verdict)
{
	switch (check->result) {
	case RESULT_PASS:
		verdict->pass++;
		break;
	case RESULT_FAIL:
		verdict->fail++;
		break;
	case RESULT_SKIP:
		verdict->skip++;
		break;
	default:
		verdict->pending++;
	}
}

static void weigh(const struct check *check, struct verdict *verdict)
{
	if (check->grade == GRADE_SPEC) {
		if (check->result == RESULT_FAIL)
			name(&verdict->deviations, check->name);
		if (check->result == RESULT_RUNNING)
			name(&verdict->running, check->name);
		return;
	}
	switch (check->result) {
	case RESULT_PASS:
		verdict->relied_passed += check->grade == GRADE_RELIED;
		break;
	case RESULT_FAIL:
		name(&verdict->failed, check->name);
		break;
	case RESULT_RUNNING:
		name(&verdict->running, check->name);
		verdict->relied_runs = true;
		break;
	default:
		name(check->grade == GRADE_RELIED ? &verdict->not_run : &verdict->not_applicable, check->name);
	}
}

static bool has_result(const struct check *check)
{
	return check->result == RESULT_PASS || check->result == RESULT_FAIL;
}

/*
 * Adds the check to the short list if it is relied on and did not run. The first check of a topic
 * that has no result at all adds the topic.
 */
static void shorten(const struct checks *all, const struct check *check, struct verdict *verdict)
{
	size_t topic = strcspn(check->name, ".") + 1;
	bool first = true, any_result = false;
	unsigned int relied = 0;

	if (check->grade != GRADE_RELIED || (check->result != RESULT_SKIP && check->result != RESULT_PENDING))
		return;
	for (const struct check *other = all->check; other != all->check + all->count; other++) {
		if (strncmp(other->name, check->name, topic))
			continue;
		any_result |= has_result(other) || other->result == RESULT_RUNNING;
		relied += other->grade == GRADE_RELIED;
		if (other < check && other->grade == GRADE_RELIED)
			first = false;
	}
	if (any_result || relied == 1) {
		name(&verdict->not_run_short, check->name);
	} else if (first) {
		char *word = memory_format("%.*s", (int)topic - 1, check->name);

		name(&verdict->not_run_short, word);
		free(word);
	}
}

static char *sentence(const struct verdict *v)
{
	const char *also = v->deviations.count ? "; deviations that the driver copes with: " : "";
	const char *word = verdict_word(v->answer);
	char *lost, *text;

	switch (v->answer) {
	case VERDICT_UNRELIABLE:
		if (v->failed.count)
			return memory_format("%s; failed: %s", word, v->failed.list);
		return memory_format("%s if the machine did not come back from %s", word, v->running.list);
	case VERDICT_UNCHECKED:
		return memory_format("%s that the driver relies on%s%s%s%s", word, v->running.count ? "; not ended: " : "", v->running.list,
				     also, v->deviations.list);
	case VERDICT_PARTIAL:
		lost = cpulist_format(&v->lost);
		text = memory_format("%s%s%s%s%s%s%s%s%s%s", word, v->not_run.count ? "; not checked: " : "", v->not_run_short.list,
				     v->running.count ? "; not ended: " : "", v->running.list, *lost ? "; CPUs " : "", lost,
				     *lost ? " no longer take interrupts" : "", also, v->deviations.list);
		free(lost);
		return text;
	default:
		return memory_format("%s%s%s", word, also, v->deviations.list);
	}
}

static enum answer_of_verdict answer(const struct verdict *v)
{
	if (v->failed.count || v->relied_runs)
		return VERDICT_UNRELIABLE;
	if (!v->relied_passed)
		return VERDICT_UNCHECKED;
	return v->not_run.count || v->running.count || cpus_count(&v->lost) ? VERDICT_PARTIAL : VERDICT_RELIABLE;
}

void verdict_make(const struct validation *validation, struct verdict *verdict)
{
	struct names *all[] = {
		&verdict->failed, &verdict->running, &verdict->not_run, &verdict->not_run_short, &verdict->not_applicable,
		&verdict->deviations,
	};

	*verdict = (struct verdict){ 0 };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		all[i]->list = memory_format("%s", "");
	for (size_t i = 0; i < validation->checks.count; i++) {
		const struct check *check = &validation->checks.check[i];

		weigh(check, verdict);
		shorten(&validation->checks, check, verdict);
		if (!check->chosen)
			continue;
		verdict->chosen++;
		count(check, verdict);
		cpus_for_each(cpu, &check->lost)
			cpus_add(&verdict->lost, cpu);
	}
	verdict->answer = answer(verdict);
	verdict->text = sentence(verdict);
}

void verdict_free(struct verdict *verdict)
{
	free(verdict->failed.list);
	free(verdict->running.list);
	free(verdict->not_run.list);
	free(verdict->not_run_short.list);
	free(verdict->not_applicable.list);
	free(verdict->deviations.list);
	free(verdict->text);
}

const char *verdict_word(enum answer_of_verdict answer)
{
	static const char *const words[] = {
		[VERDICT_RELIABLE] = "reliable",
		[VERDICT_PARTIAL] = "reliable as far as checked",
		[VERDICT_UNRELIABLE] = "not reliable",
		[VERDICT_UNCHECKED] = "nothing checked",
	};

	return words[answer];
}

/*
 * Returns the longest time that the chosen checks take, in seconds. Sets left_out to the number of
 * chosen checks that are destructive and must not run.
 */
uint64_t validation_seconds(const struct validation *validation, unsigned int *left_out)
{
	uint64_t seconds = 0;

	*left_out = 0;
	for (size_t i = 0; i < validation->checks.count; i++) {
		const struct check *check = &validation->checks.check[i];

		if (!check->chosen)
			continue;
		if (check->destructive && !validation->destructive)
			++*left_out;
		else
			seconds += check->seconds;
	}
	return seconds;
}

void validation_free(struct validation *validation)
{
	free(validation->date);
	facts_free(&validation->firmware);
	facts_free(&validation->machine);
	facts_free(&validation->midrs);
	checks_free(&validation->checks);
}
