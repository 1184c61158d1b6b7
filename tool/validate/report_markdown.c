// SPDX-License-Identifier: GPL-2.0
/* Invariant: only text() gets foreign text, and escapes it. All other strings are markup and fixed words. */
#include <stdlib.h>
#include <string.h>

#include "tool.h"
#include "validate/report_markdown.h"

/* Escapes only markup inside a line, because no line begins with foreign text. */
static void text(FILE *to, const char *words)
{
	for (; *words; words++) {
		if (strchr("\\`*_[]<>|~&$", *words))
			putc('\\', to);
		putc(*words, to);
	}
}

static void paragraph(FILE *to, const char *label, const char *words)
{
	fprintf(to, "\n**%s:** ", label);
	text(to, words);
	putc('\n', to);
}

static void cell(FILE *to, const char *words)
{
	putc(' ', to);
	text(to, words ? words : "");
	fputs(" |", to);
}

static void fact(FILE *to, const char *key, const char *value)
{
	putc('|', to);
	cell(to, key);
	cell(to, value);
	putc('\n', to);
}

static void facts(FILE *to, const struct validation *v)
{
	fputs("\n## Firmware and machine\n\n|  |  |\n|---|---|\n", to);
	for (size_t i = 0; i < v->firmware.count; i++)
		fact(to, v->firmware.fact[i].key, v->firmware.fact[i].value);
	for (size_t i = 0; i < v->machine.count; i++)
		fact(to, v->machine.fact[i].key, v->machine.fact[i].value);
	for (size_t i = 0; i < v->midrs.count; i++) {
		fputs("| midr\\_el1 | ", to);
		text(to, v->midrs.fact[i].key);
		fputs(", CPUs ", to);
		text(to, v->midrs.fact[i].value);
		fputs(" |\n", to);
	}
}

/* Writes the observation and then the notes as lines of one cell. */
static void came(FILE *to, const struct check *check)
{
	char *lost = cpulist_format(&check->lost);
	const char *between = "";

	putc(' ', to);
	if (check->came && *check->came) {
		text(to, check->came);
		between = "<br>";
	}
	if (*lost) {
		fprintf(to, "%sCPUs %s no longer take interrupts", between, lost);
		between = "<br>";
	}
	for (size_t i = 0; i < check->notes; i++) {
		fputs(between, to);
		text(to, check->note[i]);
		between = "<br>";
	}
	fputs(" |", to);
	free(lost);
}

static void checks(FILE *to, const struct checks *all)
{
	fputs("\n## Checks\n\n| Check | Result | Grade | Section | Expected | Observed | Consequence for the driver |\n"
	      "|---|---|---|---|---|---|---|\n", to);
	for (size_t i = 0; i < all->count; i++) {
		const struct check *check = &all->check[i];
		bool bad = check->result == RESULT_FAIL || check->result == RESULT_RUNNING;

		if (!check->chosen)
			continue;
		putc('|', to);
		cell(to, check->name);
		cell(to, check->result == RESULT_FAIL ? "FAIL" : result_word(check->result));
		cell(to, grade_word(check->grade));
		cell(to, check->section);
		cell(to, check->expected);
		came(to, check);
		cell(to, bad ? check->means : "");
		putc('\n', to);
	}
}

void report_markdown(FILE *to, const struct validation *validation)
{
	struct verdict verdict;
	char *lost;

	verdict_make(validation, &verdict);
	lost = cpulist_format(&verdict.lost);
	fputs("# Validation of SDEI event 0\n", to);
	paragraph(to, "Verdict", verdict.text);
	fprintf(to, "\n**Checks:** %u of %u passed, %u failed, %u skipped\n", verdict.pass, verdict.chosen, verdict.fail, verdict.skip);
	if (*lost)
		paragraph(to, "CPUs that no longer take interrupts", lost);
	paragraph(to, "Date", validation->date);
	paragraph(to, "Tool", "sdei-nmi " TOOL_VERSION);
	facts(to, validation);
	checks(to, &validation->checks);
	fputs("\n## Grades\n", to);
	for (unsigned int grade = 0; grade < GRADES; grade++)
		paragraph(to, grade_word(grade), grade_meaning(grade));
	free(lost);
	verdict_free(&verdict);
}
