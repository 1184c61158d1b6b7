// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "common/output.h"
#include "snapshot/trace_output.h"
#include "watch/limit.h"
#include "watch/stretches_output.h"

enum { COLUMN_SITE, COLUMN_COUNT, COLUMN_TOTAL, COLUMN_WORST, COLUMN_CPU, COLUMN_TASK, COLUMNS };

static const struct table_column columns[COLUMNS] = {
	[COLUMN_SITE] = { .name = "site", .cut = true },
	[COLUMN_COUNT] = { .name = "count", .number = true },
	[COLUMN_TOTAL] = { .name = "total", .number = true },
	[COLUMN_WORST] = { .name = "worst", .number = true },
	[COLUMN_CPU] = { .name = "CPU", .number = true },
	[COLUMN_TASK] = { .name = "task", .cut = true },
};

const struct table_form stretches_form = { .column = columns, .columns = COLUMNS };

static const char *site_name(const char *name)
{
	return name ? name : "(other functions)";
}

static bool same_site(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : !a && !b;
}

/* Returns the longest stretch of a site, or NULL. */
static const struct stretch *longest(const struct stretches *s, const char *site)
{
	const struct stretch *found = NULL;

	for (size_t i = 0; i < s->count; i++)
		if (same_site(s->stretch[i].site, site) && (!found || stretch_ns(&s->stretch[i]) > stretch_ns(found)))
			found = &s->stretch[i];
	return found;
}

static void print_heading(FILE *to, const struct stretches *s)
{
	bool any = s->sites || s->count;
	char limit[LIMIT_TEXT], buffer[TEXT_DURATION];

	limit_text(s->watch_ns, limit);
	text_duration(s->now_ns > s->started_ns ? s->now_ns - s->started_ns : 0, buffer);
	if (s->watch_ns && any)
		fprintf(to, "interrupts off for longer than %s, recorded for %s\n", limit, buffer);
	else if (s->watch_ns)
		fprintf(to, "no CPU had interrupts off for longer than %s, recorded for %s\n", limit, buffer);
	else if (any)
		fprintf(to, "interrupts off, recorded until the limit was switched off\n");
	else
		fprintf(to, "no CPU had interrupts off for longer than the limit until it was switched off\n");
}

static void print_sites(FILE *to, const struct stretches *s, const struct table_form *form)
{
	struct table *table = table_new(form);

	for (size_t i = 0; i < s->sites; i++) {
		const struct site *site = &s->site[i];
		char buffer[TEXT_DURATION], count[24], cpu[24] = "-";

		snprintf(count, sizeof(count), "%lld", (long long)site->count);
		if (site->cpu >= 0)
			snprintf(cpu, sizeof(cpu), "%lld", (long long)site->cpu);
		table_row(table);
		table_text(table, COLUMN_SITE, site_name(site->name));
		table_number(table, COLUMN_COUNT, site->count, count);
		table_number(table, COLUMN_TOTAL, site->total_ns, text_duration(site->total_ns, buffer));
		table_number(table, COLUMN_WORST, site->worst_ns, text_duration(site->worst_ns, buffer));
		table_number(table, COLUMN_CPU, site->cpu, cpu);
		table_text(table, COLUMN_TASK, site->task ? site->task : "-");
	}
	fprintf(to, "\n");
	table_print(table, to);
}

static void print_stretch(FILE *to, const struct stretches *s, const struct stretch *stretch)
{
	bool lasts = stretch_lasts(s, stretch);
	int64_t ns = lasts && s->now_ns > stretch->since_ns ? s->now_ns - stretch->since_ns : stretch_ns(stretch);
	char buffer[TEXT_DURATION];

	fprintf(to, "%sCPU %lld%s  ", colour(BOLD), (long long)stretch->cpu, colour(PLAIN));
	if (lasts)
		fprintf(to, "%soff now, for %s%s", colour(RED), text_duration(ns, buffer), colour(PLAIN));
	else
		fprintf(to, "%soff for %s", stretch->total_ns < 0 ? "at least " : "", text_duration(ns, buffer));
	fprintf(to, ", in %s", site_name(stretch->site));
	if (stretch->trace.task)
		fprintf(to, ", task %s", stretch->trace.task);
	if (stretch->trace.pid >= 0)
		fprintf(to, "  pid %lld", (long long)stretch->trace.pid);
	if (stretch->total_ns >= 0 && s->now_ns - stretch->since_ns >= stretch->total_ns)
		fprintf(to, ", ended %s ago", text_duration(s->now_ns - stretch->since_ns - stretch->total_ns, buffer));
	fprintf(to, "\n");
}

/* The table of sites has what has ended. A line for each CPU that has interrupts off now follows. */
void stretches_print(FILE *to, const struct stretches *s, const struct table_form *form)
{
	bool any = false;

	print_heading(to, s);
	if (s->sites)
		print_sites(to, s, form);
	for (size_t i = 0; i < s->count; i++) {
		if (!stretch_lasts(s, &s->stretch[i]))
			continue;
		if (!any)
			fprintf(to, "\n");
		any = true;
		print_stretch(to, s, &s->stretch[i]);
	}
	if (s->dropped || s->missed)
		fprintf(to, "\n");
	if (s->dropped)
		fprintf(to, "%lld more have no stack: the driver takes only a few stacks in a second\n", (long long)s->dropped);
	if (s->missed)
		fprintf(to, "%lld stacks are missing: newer ones took their place\n", (long long)s->missed);
	if (s->addresses && !strcmp(s->addresses, "hidden"))
		fprintf(to, "addresses are hidden by kptr_restrict, or because the tool lacks CAP_SYSLOG\n");
}

static void print_with_stack(FILE *to, const struct stretches *s, const struct stretch *stretch)
{
	fprintf(to, "\n");
	print_stretch(to, s, stretch);
	trace_print(to, &stretch->trace);
}

/* The stack of each site's longest stretch. Sites of which no stretch has ended come last. */
void stretches_print_longest(FILE *to, const struct stretches *s)
{
	for (size_t i = 0; i < s->sites; i++) {
		const struct stretch *stretch = longest(s, s->site[i].name);

		if (stretch)
			print_with_stack(to, s, stretch);
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct stretch *stretch = &s->stretch[i];
		bool known = false;

		for (size_t k = 0; k < s->sites && !known; k++)
			known = same_site(s->site[k].name, stretch->site);
		if (!known && longest(s, stretch->site) == stretch)
			print_with_stack(to, s, stretch);
	}
}

void stretches_print_newest(FILE *to, const struct stretches *s, size_t most)
{
	for (size_t i = s->count; i-- && most--; )
		print_with_stack(to, s, &s->stretch[i]);
}

static struct json_object *json_site(const struct site *site)
{
	struct json_object *object = json_object_new_object();

	json_text(object, "site", site->name);
	json_number(object, "count", site->count);
	json_number(object, "total_ns", site->total_ns);
	json_number(object, "worst_ns", site->worst_ns);
	json_number(object, "cpu", site->cpu);
	json_text(object, "task", site->task);
	json_number(object, "pid", site->pid);
	return object;
}

void stretches_json(struct json_object *object, const struct stretches *s)
{
	struct json_object *sites = json_object_new_array(), *list = json_object_new_array();
	bool hidden = s->addresses && !strcmp(s->addresses, "hidden");

	json_number(object, "watch_ns", s->watch_ns);
	json_number(object, "started_ns", s->started_ns);
	json_number(object, "now_ns", s->now_ns);
	json_number(object, "dropped", s->dropped);
	json_number(object, "missed", s->missed);
	json_text(object, "addresses", s->addresses);
	for (size_t i = 0; i < s->sites; i++)
		json_object_array_add(sites, json_site(&s->site[i]));
	json_object_object_add(object, "sites", sites);
	for (size_t i = 0; i < s->count; i++) {
		const struct stretch *stretch = &s->stretch[i];
		struct json_object *one = json_object_new_object();

		json_number(one, "stretch", stretch->number);
		json_number(one, "cpu", stretch->cpu);
		json_text(one, "site", stretch->site);
		json_number(one, "since_ns", stretch->since_ns);
		json_number(one, "seen_ns", stretch->seen_ns);
		json_number(one, "total_ns", stretch->total_ns);
		trace_json(one, &stretch->trace, hidden);
		json_object_array_add(list, one);
	}
	json_object_object_add(object, "stretches", list);
}
