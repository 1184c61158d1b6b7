// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "top/filter.h"

enum kind { WORD, LONGER_THAN, CPUS };

struct top_term {
	enum kind kind;
	char *word;
	int64_t ns;
	struct cpus cpus;
};

/* Returns NULL, or a sentence that says what is wrong with the word. */
static char *parse_term(const char *word, struct top_term *term)
{
	enum cpulist_flaw flaw;

	*term = (struct top_term){ .kind = WORD };
	if (*word == '>') {
		term->kind = LONGER_THAN;
		return text_time(word + 1, &term->ns) ? NULL : memory_format("write a time as >10ms or >2s; '%s' has no valid time.", word);
	}
	if (!strncmp(word, "cpu:", 4)) {
		term->kind = CPUS;
		flaw = cpulist_parse((struct piece){ word + 4, strlen(word + 4) }, &term->cpus);
		return flaw ? memory_format("write CPUs as cpu:0-3,8; '%s' is invalid: %s.", word, cpulist_flaw(flaw)) : NULL;
	}
	term->word = memory_format("%s", word);
	return NULL;
}

/*
 * Returns NULL, or a sentence that says what is wrong; the caller frees it, and the filter is empty
 * then. A text without words is a filter that all rows match.
 */
char *top_filter_parse(const char *text, struct top_filter *filter)
{
	char *copy = memory_format("%s", text), *rest = copy, *word, *flaw = NULL;

	*filter = (struct top_filter){ 0 };
	while (!flaw && (word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		filter->term = memory_array(filter->term, filter->count + 1, sizeof(*filter->term));
		flaw = parse_term(word, &filter->term[filter->count]);
		if (!flaw)
			filter->count++;
	}
	free(copy);
	if (flaw)
		top_filter_free(filter);
	else if (filter->count)
		filter->text = memory_format("%s", text);
	return flaw;
}

static bool has(const char *text, const char *word)
{
	return text && strcasestr(text, word);
}

static bool word_matches(const char *word, const struct top_row *row)
{
	if (has(row->cpu[0]->state_word, word) || has(row->function, word))
		return true;
	/* The names of idle tasks are not shown. */
	for (size_t i = 0; top_row_state(row) != CPU_IDLE && i < row->count; i++)
		if (has(row->cpu[i]->trace.task, word))
			return true;
	return false;
}

static bool term_matches(const struct top_term *term, const struct top_row *row)
{
	switch (term->kind) {
	case LONGER_THAN:
		return top_row_waiting(row) > term->ns;
	case CPUS:
		for (size_t i = 0; i < row->count; i++)
			if (cpus_have(&term->cpus, row->cpu[i]->number))
				return true;
		return false;
	default:
		return word_matches(term->word, row);
	}
}

bool top_filter_matches(const struct top_filter *filter, const struct top_row *row)
{
	for (size_t i = 0; i < filter->count; i++)
		if (!term_matches(&filter->term[i], row))
			return false;
	return true;
}

void top_filter_free(struct top_filter *filter)
{
	for (size_t i = 0; i < filter->count; i++)
		free(filter->term[i].word);
	free(filter->term);
	free(filter->text);
	*filter = (struct top_filter){ 0 };
}
