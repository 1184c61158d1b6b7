// SPDX-License-Identifier: GPL-2.0
/*
 * Invariants: the parser accepts complete records only: driver_file.c's rules hold, the head is
 * complete, each block has the numbers that the tool shows, and the numbers of stretches rise.
 *
 * The driver keeps the newest stretches only. A merge keeps the older ones, and updates those that
 * had not ended.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/cpulist.h"
#include "common/memory.h"
#include "watch/stretches.h"

/* A block has the keys of a site or those of a stretch. Some are the same. */
struct parser {
	struct stretches *stretches;
	struct stretch block;
	int64_t count, worst_ns;
	bool has_site;
};

static bool of_all(void *into, struct piece key, struct piece value)
{
	struct stretches *s = ((struct parser *)into)->stretches;

	if (text_is(key, "watch_ns"))
		return text_number(value, &s->watch_ns);
	if (text_is(key, "started_ns"))
		return text_number(value, &s->started_ns);
	if (text_is(key, "now_ns"))
		return text_number(value, &s->now_ns);
	if (text_is(key, "dropped"))
		return text_number(value, &s->dropped);
	if (text_is(key, "addresses")) {
		free(s->addresses);
		s->addresses = text_safe(value, TEXT_DOUBLE_BACKSLASH);
	}
	return true;
}

static void begin_block(void *into)
{
	struct parser *p = into;

	p->block = (struct stretch){ .number = -1, .cpu = -1, .since_ns = -1, .seen_ns = -1, .total_ns = -1 };
	p->count = p->worst_ns = -1;
	p->has_site = false;
}

static bool of_block(void *into, struct piece key, struct piece value)
{
	struct parser *p = into;
	const struct {
		const char *key;
		int64_t *number;
	} numbers[] = {
		{ "since_ns", &p->block.since_ns }, { "seen_ns", &p->block.seen_ns }, { "total_ns", &p->block.total_ns },
		{ "count", &p->count }, { "worst_ns", &p->worst_ns },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (text_is(key, numbers[i].key))
			return text_number(value, numbers[i].number);
	if (text_is(key, "stretch"))
		return p->block.number < 0 && text_number(value, &p->block.number) && p->block.number > p->stretches->newest;
	if (text_is(key, "cpu"))
		return text_number(value, &p->block.cpu) && p->block.cpu < CPUS_MAX;
	if (text_is(key, "site")) {
		if (p->has_site || !value.length)
			return false;
		p->has_site = true;
		if (!text_is(value, "?"))
			p->block.site = text_safe(value, TEXT_DOUBLE_BACKSLASH);
	}
	return true;
}

static const char *end_site(struct parser *p, struct trace *trace)
{
	struct stretches *s = p->stretches;

	if (!p->has_site || p->count < 0 || p->block.total_ns < 0 || p->worst_ns < 0)
		return "the block before it is no complete site";
	if (s->sites == s->sites_room) {
		s->sites_room = s->sites_room ? s->sites_room * 2 : 16;
		s->site = memory_array(s->site, s->sites_room, sizeof(*s->site));
	}
	s->site[s->sites++] = (struct site){
		.name = p->block.site, .count = p->count, .total_ns = p->block.total_ns, .worst_ns = p->worst_ns,
		.cpu = p->block.cpu, .pid = trace->pid, .task = trace->task,
	};
	trace->task = NULL;
	trace_free(trace);
	return NULL;
}

static void append(struct stretches *s, const struct stretch *stretch)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->stretch = memory_array(s->stretch, s->room, sizeof(*s->stretch));
	}
	s->stretch[s->count++] = *stretch;
}

static const char *end_stretch(struct parser *p, struct trace *trace)
{
	struct stretches *s = p->stretches;

	if (!p->has_site || p->block.cpu < 0 || p->block.since_ns < 0 || p->block.seen_ns < 0)
		return "the block before it is no complete stretch";
	p->block.trace = *trace;
	append(s, &p->block);
	s->newest = p->block.number;
	if (!s->oldest)
		s->oldest = s->newest;
	return NULL;
}

static const char *end_block(void *into, struct trace *trace)
{
	struct parser *p = into;
	const char *flaw = p->block.number < 0 ? end_site(p, trace) : end_stretch(p, trace);

	if (!flaw)
		p->block.site = NULL;
	return flaw;
}

static int by_total(const void *one, const void *two)
{
	const struct site *a = one, *b = two;

	if (a->total_ns != b->total_ns)
		return a->total_ns > b->total_ns ? -1 : 1;
	return strcmp(a->name ? a->name : "", b->name ? b->name : "");
}

/* The caller frees the stretches only if this returns true. */
bool stretches_parse(struct piece text, struct stretches *stretches, struct flaw *flaw)
{
	struct parser p = { .stretches = stretches };
	const struct driver_file file = {
		.form = STRETCHES_FORM,
		.another_form = "it does not begin with \"" STRETCHES_FORM "\", the format that this tool reads",
		.head = of_all, .begin = begin_block, .field = of_block, .end = end_block, .into = &p,
	};

	*stretches = STRETCHES_EMPTY;
	if (!driver_file_parse(&file, text, flaw))
		goto fail;
	flaw->what = "the text ends, and its head lacks watch_ns, started_ns, now_ns or dropped";
	if (stretches->watch_ns < 0 || stretches->started_ns < 0 || stretches->now_ns < 0 || stretches->dropped < 0)
		goto fail;
	if (stretches->sites)
		qsort(stretches->site, stretches->sites, sizeof(*stretches->site), by_total);
	return true;

fail:
	free(p.block.site);
	stretches_free(stretches);
	return false;
}

static void stretch_free(struct stretch *stretch)
{
	free(stretch->site);
	trace_free(&stretch->trace);
}

static void free_sites(struct stretches *stretches)
{
	for (size_t i = 0; i < stretches->sites; i++) {
		free(stretches->site[i].name);
		free(stretches->site[i].task);
	}
	free(stretches->site);
	free(stretches->addresses);
}

/* Drops the oldest stretches. */
void stretches_forget(struct stretches *stretches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		stretch_free(&stretches->stretch[i]);
	stretches->count -= count;
	if (count)
		memmove(stretches->stretch, stretches->stretch + count, stretches->count * sizeof(*stretches->stretch));
}

void stretches_free(struct stretches *stretches)
{
	stretches_forget(stretches, stretches->count);
	free(stretches->stretch);
	free_sites(stretches);
	*stretches = STRETCHES_EMPTY;
}

static struct stretch *find(const struct stretches *stretches, int64_t number)
{
	size_t low = 0, high = stretches->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stretches->stretch[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < stretches->count && stretches->stretch[low].number == number ? &stretches->stretch[low] : NULL;
}

/*
 * Adds a later reading, and frees it. The first reading is merged into STRETCHES_EMPTY. If the
 * driver started a new record in between, the sums begin anew, and so do the stretches.
 */
void stretches_merge(struct stretches *all, struct stretches *more)
{
	struct stretches merged = *more;

	if (all->started_ns != more->started_ns) {
		stretches_free(all);
		*all = *more;
		*more = STRETCHES_EMPTY;
		return;
	}
	merged.stretch = all->stretch;
	merged.count = all->count;
	merged.room = all->room;
	merged.missed = all->missed;
	if (all->newest && more->oldest > all->newest + 1)
		merged.missed += more->oldest - all->newest - 1;
	if (!more->newest)
		merged.newest = all->newest;
	for (size_t i = 0; i < more->count; i++) {
		struct stretch *known = find(&merged, more->stretch[i].number);

		if (known) {
			stretch_free(known);
			*known = more->stretch[i];
		} else if (more->stretch[i].number > all->newest) {
			append(&merged, &more->stretch[i]);
		} else {
			stretch_free(&more->stretch[i]);	/* forgotten */
		}
	}
	free_sites(all);
	free(more->stretch);
	*all = merged;
	*more = STRETCHES_EMPTY;
}

/* The length of a stretch, as far as it is known. */
int64_t stretch_ns(const struct stretch *stretch)
{
	return stretch->total_ns >= 0 ? stretch->total_ns : stretch->seen_ns;
}

/* Returns whether the stretch had not ended when the driver's file was read last. */
bool stretch_lasts(const struct stretches *stretches, const struct stretch *stretch)
{
	return stretches->watch_ns && stretch->total_ns < 0 && stretches->oldest && stretch->number >= stretches->oldest;
}
