// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/files.h"
#include "common/interrupt.h"
#include "common/log.h"
#include "common/options.h"
#include "common/output.h"
#include "common/screen.h"
#include "machine/cause.h"
#include "snapshot/folded.h"
#include "tool.h"
#include "watch/limit.h"
#include "watch/stretches.h"
#include "watch/stretches_output.h"

#define IRQS_OFF "/sys/kernel/debug/sdei_nmi/irqs_off"
#define IRQS_OFF_MOST (16U << 20)
#define INTERVAL_MS 1000
#define STRETCHES_MOST 20000	/* kept in memory; about 2 KB each */
#define NEWEST 32		/* stacks below the live table, of which the screen shows those that fit */

enum { OPTION_OVER = 0x200, OPTION_FOR };

struct watch {
	int64_t over_ns, for_ns;
	bool fold, with_stacks, on_screen;
	struct stretches all;
	struct folded folded;		/* of stretches that are no longer in memory */
	int64_t dropped_before;
	struct table_form form;
};

static const struct argp_option options[] = {
	{ "over", OPTION_OVER, "TIME", 0, "Record what is longer than TIME, from 500us to 10s, e.g. 5ms, and set the driver's limit back at the end", 0 },
	{ "for", OPTION_FOR, "TIME", 0, "With --over: end after this time, e.g. 90, 5m or 1h (default: until interrupted)", 0 },
	{ "stacks", 's', NULL, 0, "Print the stack of each site's longest stretch below the table", 0 },
	{ "folded", 'f', NULL, 0, "Print one line per stack, for flame graphs: task;outermost;...;innermost MICROSECONDS", 0 },
	{ 0 }
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	static const char over_form[] = "a time from 500us to 10s with its unit us, ms or s, such as 5ms";
	static const char for_form[] = "a time from 1ms to 8760h, such as 90, .5, 100ms, 5m or 1h";
	struct watch *watch = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[ARGUMENTS_SHARED] = &watch->form;
		return 0;
	case OPTION_OVER:
		/* A number without a unit may be meant as milliseconds. */
		if (!*argument || argument[strlen(argument) - 1] != 's')
			argp_error(state, "--over must be %s, not '%s'.", over_form, shown(argument));
		watch->over_ns = take_time(state, "--over", argument, LIMIT_LEAST_NS, LIMIT_MOST_NS, over_form) / 1000 * 1000;
		return 0;
	case OPTION_FOR:
		watch->for_ns = take_time(state, "--for", argument, 1000000, 8760 * 3600 * 1000000000LL, for_form);
		return 0;
	case 's':
		watch->with_stacks = true;
		return 0;
	case 'f':
		watch->fold = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --over to give the time.", shown(argument));
		return 0;
	case ARGP_KEY_END:
		if (watch->for_ns && !watch->over_ns)
			argp_error(state, "--for needs --over.");
		if (watch->fold && (watch->with_stacks || want_json))
			argp_error(state, "--folded can't be combined with --stacks or --json.");
		if (watch->fold && watch->form.option)
			argp_error(state, "%s changes a table, so it can't be combined with --folded.", watch->form.option);
		if (watch->over_ns && files_rooted())
			argp_error(state, "--over can't be combined with --root: a copy of a machine's files records nothing.");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int read_stretches(struct stretches *stretches)
{
	struct contents contents;
	struct flaw flaw;
	int err = file_read(IRQS_OFF, IRQS_OFF_MOST, &contents);
	bool fine;

	if (err)
		return file_trouble(IRQS_OFF, err);
	if (contents.cut) {
		free(contents.text);
		return complain(EXIT_FAILED, IRQS_OFF " is longer than it can be; use the version of the tool that belongs to the driver.");
	}
	fine = stretches_parse(contents_piece(&contents), stretches, &flaw);
	free(contents.text);
	if (!fine)
		return complain(EXIT_FAILED, IRQS_OFF " can't be understood in line %zu: %s; use the version of the tool that belongs to the driver.",
				flaw.line, flaw.what);
	return EXIT_DONE;
}

static void fold(struct folded *folded, const struct stretches *stretches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		folded_add(folded, &stretches->stretch[i].trace, "unknown", stretch_ns(&stretches->stretch[i]));
}

/* Reads the driver's record and adds it to the earlier ones. */
static int update(struct watch *watch)
{
	struct stretches now;
	int status = read_stretches(&now);
	char limit[LIMIT_TEXT];

	if (status)
		return status;
	now.dropped -= now.dropped < watch->dropped_before ? now.dropped : watch->dropped_before;
	stretches_merge(&watch->all, &now);
	if (watch->all.count > STRETCHES_MOST) {
		size_t most = watch->all.count - STRETCHES_MOST;

		if (watch->fold)
			fold(&watch->folded, &watch->all, most);
		else
			watch->all.missed += (int64_t)most;
		stretches_forget(&watch->all, most);
	}
	if (watch->over_ns && (!watch->all.watch_ns || watch->all.watch_ns > watch->over_ns))
		return complain(EXIT_FAILED, "another program has changed the limit to %s, so the record is not complete; run the tool again.",
				limit_text(watch->all.watch_ns, limit));
	return EXIT_DONE;
}

static void print_people(FILE *to, const struct watch *watch)
{
	stretches_print(to, &watch->all, &watch->form);
	if (watch->with_stacks)
		stretches_print_longest(to, &watch->all);
	else if (watch->on_screen)
		stretches_print_newest(to, &watch->all, NEWEST);
}

static void print(struct watch *watch)
{
	struct json_object *object;
	char *text;

	if (want_json) {
		object = json_document("sdei-nmi-watch");
		stretches_json(object, &watch->all);
		json_print(stdout, object);
	} else if (watch->fold) {
		fold(&watch->folded, &watch->all, watch->all.count);
		text = folded_text(&watch->folded, 1000);
		fputs(text, stdout);
		free(text);
	} else {
		print_people(stdout, watch);
	}
}

static void show(const struct watch *watch)
{
	time_t now = time(NULL);
	char clock[64] = "";
	size_t length;
	char *text;
	FILE *to = open_memstream(&text, &length);

	if (!to)
		exit(complain(EXIT_FAILED, "there is not enough memory; free some and try again."));
	strftime(clock, sizeof(clock), "%F %T", localtime(&now));
	fprintf(to, "%s%s%s  %s quits\n\n", colour(BOLD), clock, colour(PLAIN), screen_has_keys() ? "q" : "Ctrl-C");
	print_people(to, watch);
	fclose(to);
	screen_show(text, length);
}

/* Returns false if the user ends the run. */
static bool pause_watch(const struct watch *watch, int64_t ms)
{
	const struct timespec pause = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	if (watch->on_screen)
		return screen_wait((double)ms / 1000);
	progress("%zu sites, %zu stretches; Ctrl-C ends the run and prints them", watch->all.sites, watch->all.count);
	if (!interrupted())
		nanosleep(&pause, NULL);
	return !interrupted();
}

/* The last reading comes after the last pause, so that nothing of it is lost. */
static int follow(struct watch *watch)
{
	int64_t begun = now_ms(), left = INTERVAL_MS;
	bool more = true;
	int status;

	for (;;) {
		status = update(watch);
		if (status)
			return status;
		if (watch->on_screen) {
			show(watch);
			if (!output_flush())
				return EXIT_FAILED;
		}
		if (watch->for_ns)
			left = (watch->for_ns + 999999) / 1000000 - (now_ms() - begun);
		if (!more || left <= 0)
			return EXIT_DONE;
		more = pause_watch(watch, left < INTERVAL_MS ? left : INTERVAL_MS);
	}
}

/* Records what is longer than the time, and prints it also if the record ended early. */
static int record(struct watch *watch)
{
	struct stretches before;
	int status = read_stretches(&before), end_status;
	bool begins;

	/* Nothing has been changed so far. */
	if (status)
		return status;
	begins = !before.watch_ns;
	watch->dropped_before = begins ? before.dropped : 0;
	stretches_free(&before);
	watch->on_screen = !want_json && !watch->fold && screen_begin();
	interrupt_catch();
	status = limit_begin(watch->over_ns);
	if (status)
		return status;
	status = follow(watch);
	progress_end();
	end_status = limit_end();
	/* From here on, a second interrupt ends an output that nobody reads. */
	interrupt_release();
	/* A frame has only what fits. */
	if (watch->on_screen) {
		screen_end();
		screen_clear();
		watch->on_screen = false;
	}
	if (watch->all.started_ns >= 0)
		print(watch);
	return status ? status : end_status;
}

static int history(struct watch *watch)
{
	int status = update(watch);

	if (status)
		return status;
	if (want_json || watch->fold || watch->all.started_ns)
		print(watch);
	if (!watch->all.started_ns)
		complain(EXIT_DONE, "nothing is recorded, because the limit of the driver is off; run 'sdei-nmi watch --over 5ms', or write a time such as 5ms to "
			 LIMIT_FILE ".");
	return EXIT_DONE;
}

int watch_main(int argc, char **argv)
{
	struct watch watch = { .all = STRETCHES_EMPTY, .form = stretches_form };

	arguments_with(&table_sort_argp, options, parse,
		       "Shows where CPUs have interrupts off for longer than a time. Without --over, prints what the driver has "
		       "recorded so far, and ends. With --over, a terminal shows the record every second, and q ends it; then the "
		       "whole record is printed. Any other output comes at the end.",
		       argc, argv, &watch);
	return watch.over_ns ? record(&watch) : history(&watch);
}
