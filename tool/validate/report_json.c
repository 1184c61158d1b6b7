// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "common/options.h"
#include "common/output.h"
#include "tool.h"
#include "validate/report_json.h"

static struct json_object *json_facts(const struct facts *facts)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < facts->count; i++)
		json_text(object, facts->fact[i].key, facts->fact[i].value);
	return object;
}

static void json_cpus(struct json_object *object, const char *key, const struct cpus *cpus)
{
	char *list = cpulist_format(cpus);

	json_text(object, key, list);
	free(list);
}

static struct json_object *json_names(const struct validation *validation, unsigned int grades, unsigned int results)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < validation->checks.count; i++) {
		const struct check *check = &validation->checks.check[i];

		if (grades >> check->grade & 1 && results >> check->result & 1)
			json_object_array_add(list, json_object_new_string(check->name));
	}
	return list;
}

static struct json_object *json_verdict(const struct validation *validation)
{
	const unsigned int weighed = 1 << GRADE_RELIED | 1 << GRADE_CONDITIONAL, not_run = 1 << RESULT_SKIP | 1 << RESULT_PENDING;
	struct json_object *object = json_object_new_object(), *part = json_object_new_object();
	struct verdict verdict;

	verdict_make(validation, &verdict);
	json_text(object, "answer", verdict_word(verdict.answer));
	json_text(object, "text", verdict.text);
	json_object_object_add(object, "failed", json_names(validation, weighed, 1 << RESULT_FAIL));
	json_object_object_add(object, "running", json_names(validation, weighed | 1 << GRADE_SPEC, 1 << RESULT_RUNNING));
	json_object_object_add(object, "not_run", json_names(validation, 1 << GRADE_RELIED, not_run));
	json_object_object_add(object, "not_applicable", json_names(validation, 1 << GRADE_CONDITIONAL, not_run));
	json_object_object_add(object, "deviations", json_names(validation, 1 << GRADE_SPEC, 1 << RESULT_FAIL));
	json_cpus(object, "lost", &verdict.lost);
	json_number(part, "chosen", verdict.chosen);
	json_number(part, "pass", verdict.pass);
	json_number(part, "fail", verdict.fail);
	json_number(part, "skip", verdict.skip);
	json_number(part, "pending", verdict.pending);
	json_object_object_add(object, "totals", part);
	verdict_free(&verdict);
	return object;
}

static struct json_object *json_check(const struct check *check)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();

	json_text(object, "name", check->name);
	json_text(object, "result", result_word(check->result));
	json_text(object, "grade", grade_word(check->grade));
	json_truth(object, "destructive", check->destructive);
	json_truth(object, "program", check->program);
	json_number(object, "seconds", check->seconds);
	json_text(object, "section", check->section);
	json_text(object, "expected", check->expected);
	json_text(object, "came", check->came);
	json_text(object, "means", check->means);
	for (size_t i = 0; i < check->notes; i++)
		json_object_array_add(list, json_object_new_string(check->note[i]));
	json_object_object_add(object, "notes", list);
	json_cpus(object, "lost", &check->lost);
	return object;
}

void report_json(FILE *to, const struct validation *validation)
{
	struct json_object *object = json_document("sdei-nmi-validate"), *part;

	json_number(object, "version", 2);
	json_text(object, "date", validation->date);
	json_text(object, "tool", TOOL_VERSION);
	json_object_object_add(object, "verdict", json_verdict(validation));
	json_object_object_add(object, "firmware", json_facts(&validation->firmware));
	part = json_facts(&validation->machine);
	json_object_object_add(part, "midr_el1", json_facts(&validation->midrs));
	json_object_object_add(object, "machine", part);
	part = json_object_new_array();
	for (size_t i = 0; i < validation->checks.count; i++)
		if (validation->checks.check[i].chosen)
			json_object_array_add(part, json_check(&validation->checks.check[i]));
	json_object_object_add(object, "checks", part);
	json_print(to, object);
}
