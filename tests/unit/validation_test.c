// SPDX-License-Identifier: GPL-2.0
/*
 * Tests tool/validate/validation.c, ktap.c, report_html.c, report_json.c and report_markdown.c: the
 * verdict of a validation, and its output in each form.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json.h>

#include "tool/common/memory.h"
#include "tool/tool.h"
#include "tool/validate/ktap.h"
#include "tool/validate/report_html.h"
#include "tool/validate/report_json.h"
#include "tool/validate/report_markdown.h"

bool want_json;

/*
 * Makes a validation with one check per letter. Grades are R (relied), C (conditional) and S (spec).
 * The first topic is t; a slash in grades begins the next one. Results are p (pass), f (fail),
 * s (skip), r (running), d (pending and destructive) and P (pending and not chosen).
 */
static struct validation made(const char *grades, const char *results)
{
	struct validation v = { .date = memory_format("2026-11-23T10:00:00Z") };
	char *list = memory_format("%s", ""), topic = 't';

	for (size_t i = 0; *grades; grades++) {
		const char *flag = results[i] == 'd' ? "destructive" : *grades == 'C' ? "conditional" : "-";
		char *more;

		if (*grades == '/') {
			topic++;
			continue;
		}
		more = memory_format("%s%c.c%zu\t%s\t%s\t%zu\tDEN0054 <%zu>\tit | comes\t*no* backtraces\n", list, topic, i,
				     *grades == 'S' ? "spec" : "relied", flag, i + 1, i);
		free(list);
		list = more;
		i++;
	}
	assert_true(checks_parse((struct piece){ list, strlen(list) }, &v.checks));
	free(list);
	for (size_t i = 0; results[i]; i++) {
		struct check *check = &v.checks.check[i];

		check->chosen = results[i] != 'P';
		switch (results[i]) {
		case 'p':
			check_set(check, RESULT_PASS, NULL);
			break;
		case 'f':
			check_set(check, RESULT_FAIL, memory_format("<nothing> & \"no\" _one_"));
			break;
		case 's':
			check_set(check, RESULT_SKIP, memory_format("why not"));
			break;
		case 'r':
			check_set(check, RESULT_RUNNING, memory_format("it runs"));
			break;
		}
	}
	facts_add(&v.firmware, "sdei_version", memory_format("1.0"));
	facts_add(&v.firmware, "cpus", memory_format("0-3"));
	facts_add(&v.machine, "kernel_release", memory_format("6.12"));
	facts_add(&v.machine, "bios_vendor", memory_format("<script>alert('x')</script>"));
	facts_add(&v.machine, "model", NULL);
	facts_add(&v.midrs, "0x410fd0c1", memory_format("0-3"));
	return v;
}

static void assert_verdict(const char *grades, const char *results, enum answer_of_verdict answer, const char *text)
{
	struct validation v = made(grades, results);
	struct verdict verdict;

	verdict_make(&v, &verdict);
	assert_string_equal(verdict.text, text);
	assert_int_equal(verdict.answer, answer);
	verdict_free(&verdict);
	validation_free(&v);
}

static void the_verdict_claims_no_more_than_was_seen(void **state)
{
	(void)state;
	assert_verdict("RRS", "ppp", VERDICT_RELIABLE, "reliable");
	assert_verdict("RRS", "pps", VERDICT_RELIABLE, "reliable");
	assert_verdict("RRSS", "ppff", VERDICT_RELIABLE, "reliable; deviations that the driver copes with: t.c2, t.c3");
	assert_verdict("RRRS", "fpff", VERDICT_UNRELIABLE, "not reliable; failed: t.c0, t.c2");
	assert_verdict("RR", "fr", VERDICT_UNRELIABLE, "not reliable; failed: t.c0");
	assert_verdict("RR", "pr", VERDICT_UNRELIABLE, "not reliable if the machine did not come back from t.c1");
	assert_verdict("RS", "pr", VERDICT_PARTIAL, "reliable as far as checked; not ended: t.c1");
	assert_verdict("RRSS", "pdrf", VERDICT_PARTIAL,
		       "reliable as far as checked; not checked: t.c1; not ended: t.c2; deviations that the driver copes with: t.c3");
	assert_verdict("RS", "Pr", VERDICT_UNCHECKED, "nothing checked that the driver relies on; not ended: t.c1");
	assert_verdict("RRR", "psd", VERDICT_PARTIAL, "reliable as far as checked; not checked: t.c1, t.c2");
	assert_verdict("RRS", "pPf", VERDICT_PARTIAL,
		       "reliable as far as checked; not checked: t.c1; deviations that the driver copes with: t.c2");
}

static void what_does_not_apply_in_this_boot_is_not_missing(void **state)
{
	(void)state;
	assert_verdict("RC", "ps", VERDICT_RELIABLE, "reliable");
	assert_verdict("RC", "pP", VERDICT_RELIABLE, "reliable");
	assert_verdict("RC", "pf", VERDICT_UNRELIABLE, "not reliable; failed: t.c1");
	assert_verdict("RC", "pr", VERDICT_UNRELIABLE, "not reliable if the machine did not come back from t.c1");
	assert_verdict("RC", "sp", VERDICT_UNCHECKED, "nothing checked that the driver relies on");
}

static void a_topic_stands_for_its_checks_if_none_ran(void **state)
{
	(void)state;
	assert_verdict("R/RRS/R", "psdsP", VERDICT_PARTIAL, "reliable as far as checked; not checked: u, v.c4");
	assert_verdict("R/RRS", "psdp", VERDICT_PARTIAL, "reliable as far as checked; not checked: u.c1, u.c2");
	assert_verdict("R/SRR", "psss", VERDICT_PARTIAL, "reliable as far as checked; not checked: u");
}

static void nothing_checked_is_not_a_good_verdict(void **state)
{
	(void)state;
	assert_verdict("S", "p", VERDICT_UNCHECKED, "nothing checked that the driver relies on");
	assert_verdict("RRC", "sds", VERDICT_UNCHECKED, "nothing checked that the driver relies on");
	assert_verdict("RS", "Pf", VERDICT_UNCHECKED, "nothing checked that the driver relies on; deviations that the driver copes with: t.c1");
}

static void a_lost_cpu_is_never_a_good_verdict(void **state)
{
	struct validation v = made("RS", "pf");
	struct verdict verdict;

	(void)state;
	cpus_add(&v.checks.check[1].lost, 3);
	verdict_make(&v, &verdict);
	assert_int_equal(verdict.answer, VERDICT_PARTIAL);
	assert_string_equal(verdict.text, "reliable as far as checked; CPUs 3 no longer take interrupts; "
			    "deviations that the driver copes with: t.c1");
	verdict_free(&verdict);
	validation_free(&v);
}

struct text {
	char *at;
	size_t length;
	FILE *to;
};

static struct text begin(void)
{
	return (struct text){ 0 };
}

static void assert_text(struct text *text, const char *wanted)
{
	fclose(text->to);
	assert_string_equal(text->at, wanted);
	free(text->at);
}

static void ktap_is_a_flat_list_with_its_plan_first(void **state)
{
	struct validation v = made("RRSd", "pfdP");
	struct text text = begin();

	(void)state;
	text.to = open_memstream(&text.at, &text.length);
	check_note(&v.checks.check[0], memory_format("p99 2 us"));
	cpus_add(&v.checks.check[1].lost, 2);
	ktap_begin(text.to, &v);
	check_set(&v.checks.check[2], RESULT_SKIP, memory_format("it may hurt"));
	for (unsigned int i = 0; i < 3; i++)
		ktap_check(text.to, i + 1, &v.checks.check[i]);
	ktap_end(text.to, &v);
	assert_text(&text,
		    "KTAP version 1\n1..3\n"
		    "# 2 checks, at most 3 seconds\n"
		    "# 1 skipped, because --destructive was not given\n"
		    "# about: sdei_version: 1.0\n# about: cpus: 0-3\n"
		    "# note: p99 2 us\nok 1 t.c0\n"
		    "# expected: it | comes\n# came: <nothing> & \"no\" _one_\n# section: DEN0054 <1>\n# means: *no* backtraces\n"
		    "# lost: CPUs 2 no longer take interrupts\nnot ok 2 t.c1\n"
		    "ok 3 t.c2 # SKIP it may hurt\n"
		    "# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0\n"
		    "# lost: CPUs 2 no longer take interrupts; restart the machine\n"
		    "# verdict: not reliable; failed: t.c1\n");
	validation_free(&v);
}

static void ktap_says_what_a_deviation_is(void **state)
{
	struct validation v = made("S", "f");
	struct text text = begin();

	(void)state;
	text.to = open_memstream(&text.at, &text.length);
	ktap_check(text.to, 1, &v.checks.check[0]);
	ktap_running(text.to, &v.checks.check[0]);
	v.checks.check[0].destructive = true;
	ktap_running(text.to, &v.checks.check[0]);
	assert_text(&text,
		    "# expected: it | comes\n# came: <nothing> & \"no\" _one_\n# section: DEN0054 <0>\n# means: *no* backtraces\n"
		    "# grade: a deviation that the driver copes with\nnot ok 1 t.c0\n"
		    "# running: t.c0\n"
		    "# running: t.c0, which can leave the machine without a CPU; if no line follows, it did so\n");
	validation_free(&v);
}

static char *page(void (*print)(FILE *to, const struct validation *v), const struct validation *v)
{
	struct text text = begin();

	text.to = open_memstream(&text.at, &text.length);
	print(text.to, v);
	fclose(text.to);
	return text.at;
}

static void assert_has(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("not there: %s\nin: %s", words, text);
}

static void markdown_is_escaped(void **state)
{
	struct validation v = made("RS", "fp");
	char *text;

	(void)state;
	check_note(&v.checks.check[0], memory_format("a|b"));
	cpus_add(&v.checks.check[0].lost, 1);
	text = page(report_markdown, &v);
	assert_has(text, "# Validation of SDEI event 0\n\n**Verdict:** not reliable; failed: t.c0\n\n**Checks:** 1 of 2 passed, 1 failed, 0 skipped\n");
	assert_has(text, "\n|  |  |\n|---|---|\n| sdei\\_version | 1.0 |\n");
	assert_has(text, "| bios\\_vendor | \\<script\\>alert('x')\\</script\\> |\n");
	assert_has(text, "| midr\\_el1 | 0x410fd0c1, CPUs 0-3 |\n");
	assert_has(text, "\n| t.c0 | FAIL | relied | DEN0054 \\<0\\> | it \\| comes | \\<nothing\\> \\& \"no\" \\_one\\_"
			 "<br>CPUs 1 no longer take interrupts<br>a\\|b | \\*no\\* backtraces |\n"
			 "| t.c1 | pass | spec | DEN0054 \\<1\\> | it \\| comes |  |  |\n");
	free(text);
	validation_free(&v);
}

static void html_is_escaped(void **state)
{
	struct validation v = made("RS", "fs");
	char *text = page(report_html, &v);

	(void)state;
	assert_has(text, "<!DOCTYPE html>\n");
	assert_has(text, "<dt>bios_vendor</dt><dd>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</dd>\n");
	assert_has(text, "<dt>Observed</dt><dd>&lt;nothing&gt; &amp; &quot;no&quot; _one_</dd>\n"
			 "<dt>Consequence for the driver</dt><dd>*no* backtraces</dd>\n"
			 "<dt>Section</dt><dd>DEN0054 &lt;0&gt;</dd>\n");
	assert_has(text, "<tr><td><span class=\"badge fail\">FAIL</span></td><th scope=\"row\"><code>t.c0</code>"
			 "<span class=\"note\">relied; DEN0054 &lt;0&gt;</span></th><td data-label=\"Expected\">it | comes</td>"
			 "<td data-label=\"Observed\">&lt;nothing&gt; &amp; &quot;no&quot; _one_</td></tr>\n");
	assert_has(text, "<p>why not</p>\n<p class=\"note\"><code>t.c1</code></p>\n");
	assert_has(text, "</body>\n</html>\n");
	assert_null(strstr(text, "<script"));
	free(text);
	validation_free(&v);
}

static void assert_order(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *found = strstr(text, words[i]);

		if (!found)
			fail_msg("not there, or too early: %s", words[i]);
		text = found + strlen(words[i]);
	}
}

static void html_begins_with_what_is_wrong(void **state)
{
	static const char *const order[] = {
		"<div class=\"banner fail\">\n<h1>SDEI event 0: not reliable</h1>", "<dt>Failed</dt><dd><code>u.c2</code></dd>",
		"<dt>CPUs that no longer take interrupts</dt><dd>1</dd>", "<dt>Not checked</dt><dd><code>u.c3</code></dd>",
		"<dt>Deviations that the driver copes with</dt><dd><code>t.c1</code></dd>",
		"4 checks: 1 passed, 2 failed, 1 skipped.", ">Failed checks that the driver relies on<", "<h3><code>u.c2</code>",
		">Deviations that the driver copes with<", "<h3><code>t.c1</code>", ">Checks that did not run<",
		">Topics<", ">t</a></th><td class=\"some pass\">1</td><td class=\"some fail\">1</td><td class=\"zero\">0</td>",
		">u</a></th><td class=\"zero\">0</td><td class=\"some fail\">1</td><td class=\"some none\">1</td>",
		">Firmware and machine<", ">All checks<", "<h3 id=\"t\">", "<code>t.c0</code>", "<h3 id=\"u\">",
	};
	struct validation v = made("RS/RR", "pffs");
	char *text;

	(void)state;
	cpus_add(&v.checks.check[2].lost, 1);
	text = page(report_html, &v);
	assert_order(text, order, sizeof(order) / sizeof(order[0]));
	free(text);
	validation_free(&v);
}

static void html_shows_each_verdict_in_its_colour(void **state)
{
	static const struct {
		const char *results, *banner;
	} cases[] = {
		{ "pp", "\"banner pass\">\n<h1>SDEI event 0: reliable</h1>" },
		{ "ps", "\"banner part\">\n<h1>SDEI event 0: reliable as far as checked</h1>" },
		{ "pr", "\"banner fail\">\n<h1>SDEI event 0: not reliable</h1>" },
		{ "sP", "\"banner none\">\n<h1>SDEI event 0: nothing checked</h1>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct validation v = made("RR", cases[i].results);
		char *text = page(report_html, &v);

		assert_has(text, cases[i].banner);
		free(text);
		validation_free(&v);
	}
}

static const char *get(struct json_object *object, const char *path)
{
	char *copy = strdup(path);

	for (char *key = strtok(copy, "."); key && object; key = strtok(NULL, "."))
		object = json_object_is_type(object, json_type_array) ? json_object_array_get_idx(object, (size_t)atoi(key)) :
									json_object_object_get(object, key);
	free(copy);
	return object ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE) : "null";
}

static void json_has_it_all(void **state)
{
	struct validation v = made("RRRSSCS", "fsrfPsr");
	struct json_object *object;
	char *text;

	(void)state;
	check_note(&v.checks.check[0], memory_format("p99 2 us"));
	cpus_add(&v.checks.check[0].lost, 1);
	text = page(report_json, &v);
	object = json_tokener_parse(text);
	assert_non_null(object);
	assert_string_equal(get(object, "format"), "\"sdei-nmi-validate\"");
	assert_string_equal(get(object, "version"), "2");
	assert_string_equal(get(object, "verdict.answer"), "\"not reliable\"");
	assert_string_equal(get(object, "verdict.failed"), "[\"t.c0\"]");
	assert_string_equal(get(object, "verdict.not_run"), "[\"t.c1\"]");
	assert_string_equal(get(object, "verdict.not_applicable"), "[\"t.c5\"]");
	assert_string_equal(get(object, "verdict.running"), "[\"t.c2\",\"t.c6\"]");
	assert_string_equal(get(object, "verdict.deviations"), "[\"t.c3\"]");
	assert_string_equal(get(object, "verdict.lost"), "\"1\"");
	assert_string_equal(get(object, "verdict.totals"), "{\"chosen\":6,\"pass\":0,\"fail\":2,\"skip\":2,\"pending\":2}");
	assert_string_equal(get(object, "firmware"), "{\"sdei_version\":\"1.0\",\"cpus\":\"0-3\"}");
	assert_string_equal(get(object, "machine.midr_el1"), "{\"0x410fd0c1\":\"0-3\"}");
	assert_string_equal(get(object, "machine.model"), "null");
	assert_string_equal(get(object, "checks.0"),
			    "{\"name\":\"t.c0\",\"result\":\"fail\",\"grade\":\"relied\",\"destructive\":false,\"program\":false,\"seconds\":1,"
			    "\"section\":\"DEN0054 <0>\",\"expected\":\"it | comes\",\"came\":\"<nothing> & \\\"no\\\" _one_\","
			    "\"means\":\"*no* backtraces\",\"notes\":[\"p99 2 us\"],\"lost\":\"1\"}");
	assert_string_equal(get(object, "checks.2.result"), "\"running\"");
	assert_string_equal(get(object, "checks.4.grade"), "\"conditional\"");
	assert_string_equal(get(object, "checks.6"), "null");
	json_object_put(object);
	free(text);
	validation_free(&v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_claims_no_more_than_was_seen),
		cmocka_unit_test(what_does_not_apply_in_this_boot_is_not_missing),
		cmocka_unit_test(a_topic_stands_for_its_checks_if_none_ran),
		cmocka_unit_test(nothing_checked_is_not_a_good_verdict),
		cmocka_unit_test(a_lost_cpu_is_never_a_good_verdict),
		cmocka_unit_test(ktap_is_a_flat_list_with_its_plan_first),
		cmocka_unit_test(ktap_says_what_a_deviation_is),
		cmocka_unit_test(markdown_is_escaped),
		cmocka_unit_test(html_is_escaped),
		cmocka_unit_test(html_begins_with_what_is_wrong),
		cmocka_unit_test(html_shows_each_verdict_in_its_colour),
		cmocka_unit_test(json_has_it_all),
	};

	return cmocka_run_group_tests_name("validation", tests, NULL, NULL);
}
