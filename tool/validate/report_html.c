// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "report_html.h"
#include "../tool.h"

/* Only text() gets foreign text, and escapes it. Other callbacks write markup and fixed words. */
struct form {
	void (*begin)(FILE *to, const char *title);
	void (*heading)(FILE *to, const char *words);
	void (*paragraph)(FILE *to, const char *label);
	void (*paragraph_end)(FILE *to);
	void (*table)(FILE *to, const char *const *heads, size_t count);
	void (*row)(FILE *to, const char *kind);
	void (*cell)(FILE *to);
	void (*cell_end)(FILE *to);
	void (*row_end)(FILE *to);
	void (*table_end)(FILE *to);
	void (*end)(FILE *to);
	void (*text)(FILE *to, const char *text);
};

static void nothing(FILE *to)
{
	(void)to;
}

/* Escapes only markup inside a line, because no line begins with foreign text. */
static void markdown_text(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*_[]<>|~&$", *text))
			putc('\\', to);
		putc(*text, to);
	}
}

static void markdown_begin(FILE *to, const char *title)
{
	fprintf(to, "# %s\n", title);
}

static void markdown_heading(FILE *to, const char *words)
{
	fprintf(to, "\n## %s\n", words);
}

static void markdown_paragraph(FILE *to, const char *label)
{
	fprintf(to, "\n**%s:** ", label);
}

static void markdown_newline(FILE *to)
{
	putc('\n', to);
}

static void markdown_table(FILE *to, const char *const *heads, size_t count)
{
	fputs("\n|", to);
	for (size_t i = 0; i < count; i++)
		fprintf(to, " %s |", heads[i]);
	fputs("\n|", to);
	for (size_t i = 0; i < count; i++)
		fputs("---|", to);
	putc('\n', to);
}

static void markdown_row(FILE *to, const char *kind)
{
	(void)kind;
	putc('|', to);
}

static void markdown_cell(FILE *to)
{
	putc(' ', to);
}

static void markdown_cell_end(FILE *to)
{
	fputs(" |", to);
}

static const struct form markdown = {
	.begin = markdown_begin, .heading = markdown_heading, .paragraph = markdown_paragraph, .paragraph_end = markdown_newline,
	.table = markdown_table, .row = markdown_row, .cell = markdown_cell, .cell_end = markdown_cell_end, .row_end = markdown_newline,
	.table_end = nothing, .end = nothing, .text = markdown_text,
};

static void html_text(FILE *to, const char *text)
{
	for (; *text; text++)
		switch (*text) {
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
			putc(*text, to);
		}
}

static void html_begin(FILE *to, const char *title)
{
	fprintf(to,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n<style>\n"
		"@page { size: A4 landscape; margin: 8mm }\n"
		"body { font: 9pt/1.25 sans-serif; margin: 1em auto; max-width: 80em }\n"
		"h1 { font-size: 1.4em } h2 { font-size: 1.1em }\n"
		"table { border-collapse: collapse; width: 100%% }\n"
		"th, td { border: 1px solid #999; padding: 1px 4px; text-align: left; vertical-align: top; overflow-wrap: anywhere }\n"
		"tr { break-inside: avoid } .fail, .running { background: #fcc } .skip, .pending { color: #666 }\n"
		"@media print { body { font-size: 6.5pt; margin: 0; max-width: none } }\n"
		"</style>\n</head>\n<body>\n<h1>%s</h1>\n", title, title);
}

static void html_heading(FILE *to, const char *words)
{
	fprintf(to, "<h2>%s</h2>\n", words);
}

static void html_paragraph(FILE *to, const char *label)
{
	fprintf(to, "<p><b>%s:</b> ", label);
}

static void html_paragraph_end(FILE *to)
{
	fputs("</p>\n", to);
}

static void html_table(FILE *to, const char *const *heads, size_t count)
{
	fputs("<table>\n<tr>", to);
	for (size_t i = 0; i < count; i++)
		fprintf(to, "<th>%s</th>", heads[i]);
	fputs("</tr>\n", to);
}

static void html_row(FILE *to, const char *kind)
{
	fprintf(to, "<tr class=\"%s\">", kind);
}

static void html_cell(FILE *to)
{
	fputs("<td>", to);
}

static void html_cell_end(FILE *to)
{
	fputs("</td>", to);
}

static void html_row_end(FILE *to)
{
	fputs("</tr>\n", to);
}

static void html_table_end(FILE *to)
{
	fputs("</table>\n", to);
}

static void html_end(FILE *to)
{
	fputs("</body>\n</html>\n", to);
}

static const struct form html = {
	.begin = html_begin, .heading = html_heading, .paragraph = html_paragraph, .paragraph_end = html_paragraph_end,
	.table = html_table, .row = html_row, .cell = html_cell, .cell_end = html_cell_end, .row_end = html_row_end,
	.table_end = html_table_end, .end = html_end, .text = html_text,
};

static void paragraph(FILE *to, const struct form *form, const char *label, const char *text)
{
	form->paragraph(to, label);
	form->text(to, text);
	form->paragraph_end(to);
}

static void cell(FILE *to, const struct form *form, const char *text)
{
	form->cell(to);
	form->text(to, text ? text : "");
	form->cell_end(to);
}

static void row(FILE *to, const struct form *form, const char *key, const char *value)
{
	form->row(to, "fact");
	cell(to, form, key);
	cell(to, form, value);
	form->row_end(to);
}

static void facts(FILE *to, const struct form *form, const struct validation *v)
{
	static const char *const heads[] = { "", "" };

	form->heading(to, "Firmware and machine");
	form->table(to, heads, 2);
	for (size_t i = 0; i < v->firmware.count; i++)
		row(to, form, v->firmware.fact[i].key, v->firmware.fact[i].value);
	for (size_t i = 0; i < v->machine.count; i++)
		row(to, form, v->machine.fact[i].key, v->machine.fact[i].value);
	for (size_t i = 0; i < v->midrs.count; i++) {
		char *text = memory_format("%s, CPUs %s", v->midrs.fact[i].key, v->midrs.fact[i].value);

		row(to, form, "midr_el1", text);
		free(text);
	}
	form->table_end(to);
}

/* Writes the observation and then the notes as lines of one cell. Both forms support <br>. */
static void came(FILE *to, const struct form *form, const struct check *check)
{
	char *lost = cpulist_format(&check->lost);
	const char *between = "";

	form->cell(to);
	if (check->came && *check->came) {
		form->text(to, check->came);
		between = "<br>";
	}
	if (*lost) {
		fprintf(to, "%sCPUs %s no longer take interrupts", between, lost);
		between = "<br>";
	}
	for (size_t i = 0; i < check->notes; i++) {
		fputs(between, to);
		form->text(to, check->note[i]);
		between = "<br>";
	}
	form->cell_end(to);
	free(lost);
}

static void checks(FILE *to, const struct form *form, const struct checks *all)
{
	static const char *const heads[] = { "Check", "Result", "Grade", "Section", "Expected", "Observed", "Consequence for the driver" };

	form->heading(to, "Checks");
	form->table(to, heads, sizeof(heads) / sizeof(heads[0]));
	for (size_t i = 0; i < all->count; i++) {
		const struct check *check = &all->check[i];
		bool bad = check->result == RESULT_FAIL || check->result == RESULT_RUNNING;

		if (!check->chosen)
			continue;
		form->row(to, result_word(check->result));
		cell(to, form, check->name);
		cell(to, form, check->result == RESULT_FAIL ? "FAIL" : result_word(check->result));
		cell(to, form, grade_word(check->grade));
		cell(to, form, check->section);
		cell(to, form, check->expected);
		came(to, form, check);
		cell(to, form, bad ? check->means : "");
		form->row_end(to);
	}
	form->table_end(to);
}

static void walk(FILE *to, const struct form *form, const struct validation *v)
{
	struct verdict verdict;
	char *totals, *lost;

	verdict_make(v, &verdict);
	totals = memory_format("%u of %u passed, %u failed, %u skipped", verdict.pass, verdict.chosen, verdict.fail, verdict.skip);
	lost = cpulist_format(&verdict.lost);
	form->begin(to, "Validation of SDEI event 0");
	paragraph(to, form, "Verdict", verdict.text);
	paragraph(to, form, "Checks", totals);
	if (*lost)
		paragraph(to, form, "CPUs that no longer take interrupts", lost);
	paragraph(to, form, "Date", v->date);
	paragraph(to, form, "Tool", "sdei-nmi " TOOL_VERSION);
	facts(to, form, v);
	checks(to, form, &v->checks);
	form->heading(to, "Grades");
	paragraph(to, form, "relied", "the driver relies on it");
	paragraph(to, form, "conditional", "the driver relies on it in another kind of boot, for example after kexec");
	paragraph(to, form, "spec", "the specification requires it; the driver copes with a failure");
	form->end(to);
	free(totals);
	free(lost);
	verdict_free(&verdict);
}

void report_markdown(FILE *to, const struct validation *validation)
{
	walk(to, &markdown, validation);
}

void report_html(FILE *to, const struct validation *validation)
{
	walk(to, &html, validation);
}
