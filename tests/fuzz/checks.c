// SPDX-License-Identifier: GPL-2.0
/* What sdei_nmi_validate says, NUL between list, about and a reply; and what is shown of it: one result a check, no markup. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/common/memory.h"
#include "tool/validate/ktap.h"
#include "tool/validate/report_html.h"
#include "tool/validate/report_markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct piece part(struct piece *rest)
{
	const char *end = rest->length ? memchr(rest->at, 0, rest->length) : NULL;
	struct piece piece = { rest->at, end ? (size_t)(end - rest->at) : rest->length };

	rest->at += piece.length + !!end;
	rest->length -= piece.length + !!end;
	return piece;
}

static void look_at_ktap(const char *text, size_t checks)
{
	struct piece rest = { text, strlen(text) }, line;
	size_t results = 0;

	while (text_line(&rest, &line)) {
		if (text_starts(line, "ok ") || text_starts(line, "not ok "))
			results++;
		else if (!text_starts(line, "# ") && !text_starts(line, "KTAP version 1") && !text_starts(line, "1.."))
			abort();
		for (size_t i = 0; i < line.length; i++)
			if ((unsigned char)line.at[i] < 0x20)
				abort();
	}
	if (results != checks)
		abort();
}

static char *shown(void (*print)(FILE *to, const struct validation *v), const struct validation *v)
{
	char *text;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	print(to, v);
	fclose(to);
	return text;
}

static void print_ktap(FILE *to, const struct validation *v)
{
	ktap_begin(to, v);
	for (size_t i = 0; i < v->checks.count; i++)
		ktap_check(to, (unsigned int)i + 1, &v->checks.check[i]);
	ktap_end(to, v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct piece rest = { (const char *)data, size }, list = part(&rest), about = part(&rest);
	struct validation v = { .date = memory_format("today") };
	char *text;

	/* As large as a reply may be. */
	if (size <= 1 << 16 && checks_parse(list, &v.checks)) {
		checks_choose(&v.checks, NULL);
		checks_order(&v.checks);
		facts_parse(about, &v.firmware);
		for (size_t i = 0; i < v.checks.count; i++)
			if (!check_parse_reply(rest, &v.checks.check[i]))
				check_set(&v.checks.check[i], RESULT_SKIP, memory_format("not understood"));
		text = shown(print_ktap, &v);
		look_at_ktap(text, v.checks.count);
		free(text);
		text = shown(report_html, &v);
		if (strcasestr(text, "<script") || strcasestr(text, "<img"))
			abort();
		free(text);
		free(shown(report_markdown, &v));
	}
	validation_free(&v);
	return 0;
}
