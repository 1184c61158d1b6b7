// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: text() and name() write all text that is not fixed, and escape it. The page needs no
 * other file. What matters comes first: the verdict, the failures, what did not run; then the
 * counts, the machine and every check by topic. A word is broken only if it is wider than the page.
 */
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "tool.h"
#include "validate/report_html.h"

static const char style[] =
	":root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --dim: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0550ae;\n"
	"  --good: #116329; --good-back: #dafbe1; --part: #7a4100; --part-back: #fff1c2; --bad: #a40e26; --bad-back: #ffe3e0;\n"
	"  --none: #424a53; --none-back: #eaeef2 }\n"
	"@media screen and (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --dim: #9198a1; --line: #3d444d;\n"
	"  --panel: #161b22; --link: #79c0ff; --good: #7ee787; --good-back: #12301c; --part: #f2cc60; --part-back: #3a2d0a; --bad: #ffa198;\n"
	"  --bad-back: #4b1216; --none: #c9d1d9; --none-back: #262c36 } }\n"
	"* { box-sizing: border-box }\n"
	"body { margin: 0 auto; max-width: 84rem; padding: 1rem; background: var(--page); color: var(--ink);\n"
	"  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: break-word }\n"
	"h1, h2, h3, p, dl, dd { margin: 0 }\n"
	"h2 { margin: 2rem 0 .6rem; font-size: 1.25rem } h3 { margin: 1.4rem 0 .4rem; font-size: 1.05rem }\n"
	"a { color: var(--link) } code { font: .92em ui-monospace, monospace }\n"
	".pass { --ink-of: var(--good); --back-of: var(--good-back) } .part { --ink-of: var(--part); --back-of: var(--part-back) }\n"
	".fail { --ink-of: var(--bad); --back-of: var(--bad-back) } .none { --ink-of: var(--none); --back-of: var(--none-back) }\n"
	".banner, .badge { color: var(--ink-of); background: var(--back-of); print-color-adjust: exact; -webkit-print-color-adjust: exact }\n"
	".banner { padding: 1rem 1.25rem; border: 1px solid; border-left-width: .6rem; border-radius: .4rem }\n"
	".banner h1 { font-size: 1.7rem; line-height: 1.2 } .banner p, .banner dl { margin-top: .5rem }\n"
	".banner dd, .banner p { color: var(--ink) }\n"
	".badge { padding: .05rem .45rem; border-radius: .3rem; font-weight: 600; font-size: .9rem; white-space: nowrap } .whole { white-space: nowrap }\n"
	".note { color: var(--dim); font-size: .9rem } .meta { margin-top: .7rem; color: var(--dim) }\n"
	".card { margin: .7rem 0; padding: .7rem 1rem; border: 1px solid var(--line); border-left: .4rem solid var(--ink-of);\n"
	"  border-radius: .4rem; background: var(--panel); break-inside: avoid }\n"
	".card h3 { margin: 0 0 .4rem } .card h3 code { font-size: 1em }\n"
	"dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem }\n"
	"dt { color: var(--dim) } .banner dt { color: inherit; font-weight: 600 }\n"
	".facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 0 2rem }\n"
	"table { border-collapse: collapse } .checks { width: 100%; table-layout: fixed }\n"
	"th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }\n"
	"thead th { color: var(--dim); font-weight: 600 } tbody th { font-weight: 400 } tr { break-inside: avoid }\n"
	".counts td, .counts thead th + th { text-align: right } .counts .zero { color: var(--dim) }\n"
	".counts .some { color: var(--ink-of); font-weight: 600 }\n"
	".checks thead th:nth-child(1) { width: 5.5em } .checks thead th:nth-child(2) { width: 22em } .checks th .note { display: block }\n"
	"@media screen and (max-width: 50rem) {\n"
	"  header dl, .card dl { grid-template-columns: minmax(0, 1fr); gap: 0 } header dd, .card dd { margin-bottom: .5rem }\n"
	"  .checks, .checks tbody { display: block } .checks thead { display: none }\n"
	"  .checks tr { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .6rem; padding: .5rem 0;\n"
	"    border-bottom: 1px solid var(--line) }\n"
	"  .checks th, .checks td { padding: 0; border: 0 }\n"
	"  .checks td + td, .checks th + td { grid-column: 1 / -1 } .checks td:empty { display: none }\n"
	"  .checks td[data-label]::before { content: attr(data-label) ': '; color: var(--dim) } }\n"
	"@page { margin: 12mm }\n"
	"@media print { :root { font-size: 8pt } body { max-width: none; padding: 0 } a { color: inherit; text-decoration: none }\n"
	"  h2, h3 { break-after: avoid } }\n";

/* What a person should see of each verdict. */
static const struct {
	const char *class, *says;
} banners[] = {
	[VERDICT_RELIABLE] = { "pass", "Every check that the driver relies on ran and passed." },
	[VERDICT_PARTIAL] = { "part", "No check that the driver relies on failed, but not everything was checked." },
	[VERDICT_UNRELIABLE] = { "fail", "A check that the driver relies on failed, or did not end." },
	[VERDICT_UNCHECKED] = { "none", "No check that the driver relies on passed, and none failed." },
};

static void text(FILE *to, const char *words)
{
	for (; *words; words++)
		switch (*words) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			putc(*words, to);
		}
}

/* Writes the name of a check, or several names. */
static void name(FILE *to, const char *words)
{
	fputs("<code>", to);
	text(to, words);
	fputs("</code>", to);
}

static void term(FILE *to, const char *label, const char *words)
{
	fprintf(to, "<dt>%s</dt><dd>", label);
	text(to, words);
	fputs("</dd>\n", to);
}

static void names(FILE *to, const char *label, const struct names *list)
{
	if (!list->count)
		return;
	fprintf(to, "<dt>%s</dt><dd>", label);
	name(to, list->list);
	fputs("</dd>\n", to);
}

static bool is_bad(const struct check *check)
{
	return check->result == RESULT_FAIL || check->result == RESULT_RUNNING;
}

static const char *badge(const struct check *check)
{
	if (is_bad(check))
		return check->grade == GRADE_SPEC ? "part" : "fail";
	return check->result == RESULT_PASS ? "pass" : "none";
}

static void banner(FILE *to, const struct validation *v, const struct verdict *verdict)
{
	char *lost = cpulist_format(&verdict->lost);

	fprintf(to, "<header>\n<div class=\"banner %s\">\n<h1>SDEI event 0: %s</h1>\n<p>%s</p>\n", banners[verdict->answer].class,
		verdict_word(verdict->answer), banners[verdict->answer].says);
	if (verdict->failed.count || verdict->running.count || verdict->not_run.count || verdict->deviations.count || *lost) {
		fputs("<dl>\n", to);
		names(to, "Failed", &verdict->failed);
		names(to, "Not known to have ended", &verdict->running);
		if (*lost)
			term(to, "CPUs that no longer take interrupts", lost);
		names(to, "Not checked", &verdict->not_run_short);
		names(to, "Deviations that the driver copes with", &verdict->deviations);
		fputs("</dl>\n", to);
	}
	fprintf(to, "</div>\n<p class=\"meta\">%u checks: %u passed, %u failed, %u skipped", verdict->chosen, verdict->pass, verdict->fail,
		verdict->skip);
	if (verdict->pending)
		fprintf(to, ", %u without a result", verdict->pending);
	fputs(". Validated at ", to);
	text(to, v->date);
	fputs(" by <span class=\"whole\">sdei-nmi " TOOL_VERSION "</span>.</p>\n</header>\n", to);
	free(lost);
}

/* Writes the observation, the lost CPUs and the notes, with a line for each. */
static void came(FILE *to, const struct check *check)
{
	char *lost = cpulist_format(&check->lost);
	const char *between = "";

	if (check->came && *check->came) {
		text(to, check->came);
		between = "<br>";
	}
	if (*lost) {
		fprintf(to, "%sCPUs %s no longer take interrupts", between, lost);
		between = "<br>";
	}
	for (size_t i = 0; i < check->notes; i++) {
		fprintf(to, "%s<span class=\"note\">", between);
		text(to, check->note[i]);
		fputs("</span>", to);
		between = "<br>";
	}
	free(lost);
}

static void card(FILE *to, const struct check *check)
{
	fprintf(to, "<article class=\"card %s\">\n<h3>", badge(check));
	name(to, check->name);
	fprintf(to, " <span class=\"badge\">%s</span></h3>\n<dl>\n", check->result == RESULT_FAIL ? "failed" : "did not end");
	term(to, "Expected", check->expected);
	fputs("<dt>Observed</dt><dd>", to);
	came(to, check);
	fputs("</dd>\n", to);
	term(to, "Consequence for the driver", check->means);
	term(to, "Section", check->section);
	fputs("</dl>\n</article>\n", to);
}

/* Writes a card for each failed check of these grades. */
static void failures(FILE *to, const struct checks *all, const char *heading, unsigned int grades)
{
	bool any = false;

	for (size_t i = 0; i < all->count; i++) {
		const struct check *check = &all->check[i];

		if (!check->chosen || !is_bad(check) || !(grades >> check->grade & 1))
			continue;
		if (!any)
			fprintf(to, "<section>\n<h2>%s</h2>\n", heading);
		any = true;
		card(to, check);
	}
	if (any)
		fputs("</section>\n", to);
}

/* The reason why a check has neither passed nor failed, or NULL. */
static const char *reason(const struct check *check)
{
	if (!check->chosen)
		return check->grade == GRADE_RELIED ? "not chosen, but the driver relies on it" : NULL;
	if (check->result == RESULT_SKIP)
		return check->came;
	return check->result == RESULT_PENDING ? "not run yet" : NULL;
}

/* Checks with the same reason share an entry. */
static void not_run(FILE *to, const struct checks *all)
{
	bool *done = memory_array(NULL, all->count, sizeof(*done));
	bool any = false;

	memset(done, 0, all->count * sizeof(*done));
	for (size_t i = 0; i < all->count; i++) {
		const char *why = reason(&all->check[i]), *between = "";

		if (!why || done[i])
			continue;
		if (!any)
			fputs("<section>\n<h2>Checks that did not run</h2>\n", to);
		any = true;
		fputs("<article class=\"card none\">\n<p>", to);
		text(to, why);
		fputs("</p>\n<p class=\"note\">", to);
		for (size_t k = i; k < all->count; k++) {
			const char *other = reason(&all->check[k]);

			if (!other || strcmp(other, why))
				continue;
			done[k] = true;
			fputs(between, to);
			name(to, all->check[k].name);
			between = ", ";
		}
		fputs("</p>\n</article>\n", to);
	}
	if (any)
		fputs("</section>\n", to);
	free(done);
}

static size_t topic_length(const struct check *check)
{
	return strcspn(check->name, ".");
}

static bool same_topic(const struct check *a, const struct check *b)
{
	return topic_length(a) == topic_length(b) && !strncmp(a->name, b->name, topic_length(a));
}

/* True for the first chosen check of each topic. */
static bool opens_topic(const struct checks *all, const struct check *check)
{
	if (!check->chosen)
		return false;
	for (const struct check *other = all->check; other != check; other++)
		if (other->chosen && same_topic(other, check))
			return false;
	return true;
}

static void number(FILE *to, unsigned int count, const char *class)
{
	fprintf(to, "<td class=\"%s%s\">%u</td>", count ? "some " : "zero", count ? class : "", count);
}

static void counts(FILE *to, const struct checks *all)
{
	fputs("<section>\n<h2>Topics</h2>\n<table class=\"counts\">\n<thead><tr><th scope=\"col\">Topic</th><th scope=\"col\">Passed</th>"
	      "<th scope=\"col\">Failed</th><th scope=\"col\">Not run</th></tr></thead>\n<tbody>\n", to);
	for (const struct check *check = all->check; check != all->check + all->count; check++) {
		unsigned int passed = 0, failed = 0, other = 0;

		if (!opens_topic(all, check))
			continue;
		for (const struct check *one = check; one != all->check + all->count; one++) {
			if (!one->chosen || !same_topic(one, check))
				continue;
			if (one->result == RESULT_PASS)
				passed++;
			else if (is_bad(one))
				failed++;
			else
				other++;
		}
		fprintf(to, "<tr><th scope=\"row\"><a href=\"#%.*s\">%.*s</a></th>", (int)topic_length(check), check->name,
			(int)topic_length(check), check->name);
		number(to, passed, "pass");
		number(to, failed, "fail");
		number(to, other, "none");
		fputs("</tr>\n", to);
	}
	fputs("</tbody>\n</table>\n</section>\n", to);
}

static void fact_list(FILE *to, const char *heading, const struct facts *facts, const struct facts *midrs)
{
	fprintf(to, "<div>\n<h3>%s</h3>\n", heading);
	if (facts->count || (midrs && midrs->count)) {
		fputs("<dl>\n", to);
		for (size_t i = 0; i < facts->count; i++) {
			fputs("<dt>", to);
			text(to, facts->fact[i].key);
			fputs("</dt><dd>", to);
			text(to, facts->fact[i].value);
			fputs("</dd>\n", to);
		}
		for (size_t i = 0; midrs && i < midrs->count; i++) {
			fputs("<dt>midr_el1</dt><dd>", to);
			text(to, midrs->fact[i].key);
			fputs(", CPUs ", to);
			text(to, midrs->fact[i].value);
			fputs("</dd>\n", to);
		}
		fputs("</dl>\n", to);
	}
	fputs("</div>\n", to);
}

static void row(FILE *to, const struct check *check)
{
	fprintf(to, "<tr><td><span class=\"badge %s\">%s</span></td><th scope=\"row\">", badge(check),
		check->result == RESULT_FAIL ? "FAIL" : result_word(check->result));
	name(to, check->name);
	fprintf(to, "<span class=\"note\">%s; ", grade_word(check->grade));
	text(to, check->section);
	fputs("</span></th><td data-label=\"Expected\">", to);
	text(to, check->expected);
	fputs("</td><td data-label=\"Observed\">", to);
	came(to, check);
	fputs("</td></tr>\n", to);
}

static void topics(FILE *to, const struct checks *all)
{
	fputs("<section>\n<h2>All checks</h2>\n", to);
	for (const struct check *check = all->check; check != all->check + all->count; check++) {
		if (!opens_topic(all, check))
			continue;
		fprintf(to,
			"<h3 id=\"%.*s\">%.*s</h3>\n<table class=\"checks\">\n<thead><tr><th scope=\"col\">Result</th>"
			"<th scope=\"col\">Check</th><th scope=\"col\">Expected</th><th scope=\"col\">Observed</th></tr></thead>\n<tbody>\n",
			(int)topic_length(check), check->name, (int)topic_length(check), check->name);
		for (const struct check *one = check; one != all->check + all->count; one++)
			if (one->chosen && same_topic(one, check))
				row(to, one);
		fputs("</tbody>\n</table>\n", to);
	}
	fputs("</section>\n", to);
}

void report_html(FILE *to, const struct validation *validation)
{
	struct verdict verdict;

	verdict_make(validation, &verdict);
	fprintf(to,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>SDEI event 0: %s</title>\n"
		"<style>\n%s</style>\n</head>\n<body>\n",
		verdict_word(verdict.answer), style);
	banner(to, validation, &verdict);
	fputs("<main>\n", to);
	failures(to, &validation->checks, "Failed checks that the driver relies on", 1 << GRADE_RELIED | 1 << GRADE_CONDITIONAL);
	failures(to, &validation->checks, "Deviations that the driver copes with", 1 << GRADE_SPEC);
	not_run(to, &validation->checks);
	counts(to, &validation->checks);
	fputs("<section>\n<h2>Firmware and machine</h2>\n<div class=\"facts\">\n", to);
	fact_list(to, "Firmware", &validation->firmware, NULL);
	fact_list(to, "Machine", &validation->machine, &validation->midrs);
	fputs("</div>\n</section>\n", to);
	topics(to, &validation->checks);
	fputs("<section>\n<h2>Grades</h2>\n<dl>\n", to);
	for (unsigned int grade = 0; grade < GRADES; grade++)
		term(to, grade_word(grade), grade_meaning(grade));
	fputs("</dl>\n</section>\n</main>\n</body>\n</html>\n", to);
	verdict_free(&verdict);
}
