// SPDX-License-Identifier: GPL-2.0
/*
 * The plan comes before the first check, so a log that ends early shows which check was lost. Each
 * diagnostic line begins with a fixed word, so the module's text can't become a result or a plan.
 */
#include <stdlib.h>

#include "validate/ktap.h"

void ktap_begin(FILE *to, const struct validation *validation)
{
	unsigned int left_out, chosen = 0;
	uint64_t seconds = validation_seconds(validation, &left_out);

	for (size_t i = 0; i < validation->checks.count; i++)
		chosen += validation->checks.check[i].chosen;
	fprintf(to, "KTAP version 1\n1..%u\n", chosen);
	fprintf(to, "# %u check%s, at most %llu second%s\n", chosen - left_out, chosen - left_out == 1 ? "" : "s",
		(unsigned long long)seconds, seconds == 1 ? "" : "s");
	if (left_out)
		fprintf(to, "# %u skipped, because --destructive was not given\n", left_out);
	for (size_t i = 0; i < validation->firmware.count; i++)
		fprintf(to, "# about: %s: %s\n", validation->firmware.fact[i].key, validation->firmware.fact[i].value);
}

/* If the machine does not come back, this line is the last one in the log. */
void ktap_running(FILE *to, const struct check *check)
{
	fprintf(to, "# running: %s%s\n", check->name,
		check->destructive ? ", which can leave the machine without a CPU; if no line follows, it did so" : "");
}

void ktap_check(FILE *to, unsigned int number, const struct check *check)
{
	char *lost = cpulist_format(&check->lost);

	if (check->result == RESULT_FAIL) {
		fprintf(to, "# expected: %s\n# came: %s\n# section: %s\n# means: %s\n", check->expected, check->came, check->section,
			check->means);
		if (check->grade == GRADE_SPEC)
			fprintf(to, "# grade: a deviation that the driver copes with\n");
	} else if (check->result == RESULT_PASS && check->came && *check->came) {
		fprintf(to, "# came: %s\n", check->came);
	}
	for (size_t i = 0; i < check->notes; i++)
		fprintf(to, "# note: %s\n", check->note[i]);
	if (*lost && check->result == RESULT_FAIL)
		fprintf(to, "# lost: CPUs %s no longer take interrupts\n", lost);
	free(lost);
	fprintf(to, "%s %u %s", check->result == RESULT_FAIL ? "not ok" : "ok", number, check->name);
	if (check->result == RESULT_SKIP)
		fprintf(to, " # SKIP %s", check->came);
	fputc('\n', to);
}

void ktap_end(FILE *to, const struct validation *validation)
{
	struct verdict verdict;
	char *lost;

	verdict_make(validation, &verdict);
	fprintf(to, "# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0\n", verdict.pass, verdict.fail, verdict.skip);
	lost = cpulist_format(&verdict.lost);
	if (*lost)
		fprintf(to, "# lost: CPUs %s no longer take interrupts; restart the machine\n", lost);
	free(lost);
	fprintf(to, "# verdict: %s\n", verdict.text);
	verdict_free(&verdict);
}
