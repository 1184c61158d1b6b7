// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the verdict claims no more than the results show. Event 0 can be relied on only if
 * every check that the driver relies on has passed, whether chosen or not. A running check counts
 * as failed until its result is known.
 */
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "validation.h"

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
	if (check->grade != GRADE_RELIED) {
		if (check->result == RESULT_FAIL)
			name(&verdict->deviations, check->name);
		return;
	}
	verdict->relied++;
	switch (check->result) {
	case RESULT_PASS:
		break;
	case RESULT_FAIL:
		name(&verdict->failed, check->name);
		break;
	case RESULT_RUNNING:
		name(&verdict->running, check->name);
		break;
	default:
		name(&verdict->not_run, check->name);
	}
}

static char *sentence(const struct verdict *v)
{
	const char *also = v->deviations.count ? "; deviations that the driver copes with: " : "";

	if (v->failed.count)
		return memory_format("event 0 cannot be relied on: %s", v->failed.list);
	if (v->running.count)
		return memory_format("event 0 cannot be relied on if the machine did not come back from %s", v->running.list);
	if (!v->relied)
		return memory_format("partial: the module has no check that the driver relies on%s%s", also, v->deviations.list);
	if (v->not_run.count)
		return memory_format("partial: no check that the driver relies on failed, but %u such check%s %s not run%s%s",
				     v->not_run.count, v->not_run.count > 1 ? "s" : "", v->not_run.count > 1 ? "were" : "was", also,
				     v->deviations.list);
	return memory_format("event 0 can be relied on%s%s", also, v->deviations.list);
}

void verdict_make(const struct validation *validation, struct verdict *verdict)
{
	struct names *all[] = { &verdict->failed, &verdict->running, &verdict->not_run, &verdict->deviations };

	*verdict = (struct verdict){ 0 };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		all[i]->list = memory_format("%s", "");
	for (size_t i = 0; i < validation->checks.count; i++) {
		const struct check *check = &validation->checks.check[i];

		weigh(check, verdict);
		if (!check->chosen)
			continue;
		verdict->chosen++;
		count(check, verdict);
		cpus_for_each(cpu, &check->lost)
			cpus_add(&verdict->lost, cpu);
	}
	verdict->answer = verdict->failed.count || verdict->running.count ? VERDICT_UNRELIABLE :
			  verdict->not_run.count || !verdict->relied ? VERDICT_PARTIAL : VERDICT_RELIABLE;
	verdict->text = sentence(verdict);
}

void verdict_free(struct verdict *verdict)
{
	free(verdict->failed.list);
	free(verdict->running.list);
	free(verdict->not_run.list);
	free(verdict->deviations.list);
	free(verdict->text);
}

const char *verdict_word(enum answer_of_verdict answer)
{
	static const char *const words[] = {
		[VERDICT_RELIABLE] = "reliable", [VERDICT_PARTIAL] = "partial", [VERDICT_UNRELIABLE] = "unreliable",
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
