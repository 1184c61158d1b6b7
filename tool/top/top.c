// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the first snapshot comes before the display, so the terminal is not touched if the
 * driver is missing or the arguments are wrong.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/interrupt.h"
#include "common/log.h"
#include "common/options.h"
#include "common/output.h"
#include "snapshot/snapshot_take.h"
#include "tool.h"
#include "top/model.h"
#include "top/screen.h"

#define PROMPT 128
#define PAUSE_MS 60000	/* how long a paused display waits for a key before it waits again */

/* At most 40 columns, so that it fits a small terminal. */
#define KEYS \
	"  q           quit\n" \
	"  space, p    pause, go on\n" \
	"  s           next sort order\n" \
	"  r           reverse the order\n" \
	"  up, down    move; also k, j, PgUp,\n" \
	"              PgDn, Home and End\n" \
	"  Enter, e    expand, collapse the row\n" \
	"  a           expand, collapse all rows\n" \
	"  /           filter: words, >10ms,\n" \
	"              cpu:0-3; empty clears it\n" \
	"  +, -        longer, shorter interval\n" \
	"  h, ?        list the keys\n"

struct top {
	struct top_model model;
	struct top_view view;
	bool has_cpus, ends;
	struct cpus cpus;
	int64_t count;			/* snapshots to take; 0: no limit */
	int64_t taken, taken_ms;	/* how many, and when the last one was */
	size_t height;			/* lines of the model on the screen */
	char clock[32], prompt[PROMPT];
	char *message;
	int worst;
};

static const struct argp_option options[] = {
	{ "delay", 'd', "TIME", 0, "Take a snapshot at this interval, e.g. 2, .5 or 100ms (default: 1)", 0 },
	{ "cpus", 'c', "LIST", 0, "Show only these CPUs, e.g. 0-3,8; can be repeated", 0 },
	{ "count", 'n', "N", 0, "End after N snapshots", 0 },
	{ 0 }
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct top *top = state->input;

	switch (key) {
	case 'd':
		top->view.seconds = take_seconds(state, "--delay", argument, 86400);
		return 0;
	case 'c':
		take_cpus(state, argument, &top->cpus);
		top->has_cpus = true;
		return 0;
	case 'n':
		top->count = take_number(state, "--count", argument, 1, 1000000000);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --cpus to choose CPUs.", shown(argument));
		return 0;
	case ARGP_KEY_END:
		if (want_json)
			argp_error(state, "top shows a display and has no JSON; use 'sdei-nmi stacks -w 1 --json'.");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int take(struct top *top)
{
	struct snapshot snapshot;
	int status = snapshot_take(&snapshot);
	time_t now = time(NULL);

	if (status)
		return status;
	if (!top->taken)
		status = snapshot_check_cpus(&snapshot, top->model.chosen, NULL);
	if (status) {
		snapshot_free(&snapshot);
		return status;
	}
	top_model_take(&top->model, &snapshot);
	strftime(top->clock, sizeof(top->clock), "%T", localtime(&now));
	top->view.clock = top->clock;
	top->taken++;
	top->taken_ms = now_ms();
	if (top->model.counts.silent)
		top->worst = EXIT_SILENT;
	return EXIT_DONE;
}

static void say(struct top *top, char *message)
{
	free(top->message);
	top->message = message;
	top->view.message = message;
}

/* Goes to the next longer or shorter of these times. */
static void change_interval(struct top *top, bool longer)
{
	static const double times[] = { .1, .2, .5, 1, 2, 5, 10, 30, 60 };
	const size_t count = sizeof(times) / sizeof(times[0]);

	for (size_t i = 0; i < count; i++) {
		double time = times[longer ? i : count - 1 - i];

		if (longer ? time > top->view.seconds : time < top->view.seconds) {
			top->view.seconds = time;
			return;
		}
	}
}

static void delete_character(char *text)
{
	size_t length = strlen(text);

	while (length && ((unsigned char)text[--length] & 0xc0) == 0x80)
		;
	text[length] = '\0';
}

static void end_prompt(struct top *top)
{
	top->view.prompt = NULL;
}

static void key_in_prompt(struct top *top, int key)
{
	size_t length = strlen(top->prompt);

	if (key == TOP_ENTER) {
		say(top, top_model_filter(&top->model, top->prompt));
		end_prompt(top);
	} else if (key == TOP_ESCAPE) {
		end_prompt(top);
	} else if (key == TOP_BACKSPACE) {
		delete_character(top->prompt);
	} else if (key == ('U' & 0x1f)) {
		top->prompt[0] = '\0';
	} else if (key >= ' ' && length + 1 < sizeof(top->prompt)) {
		top->prompt[length] = (char)key;
		top->prompt[length + 1] = '\0';
	}
}

static void key_in_help(struct top *top, int key)
{
	if (key == TOP_DOWN || key == 'j' || key == TOP_PAGE_DOWN)
		top->view.help_first++;
	else if (key == TOP_UP || key == 'k' || key == TOP_PAGE_UP)
		top->view.help_first -= !!top->view.help_first;
	else
		top->view.help = NULL;
}

static void key_moves(struct top *top, int key)
{
	long page = top->height > 1 ? (long)top->height - 1 : 1;

	switch (key) {
	case TOP_UP:
	case 'k':
		top_model_move(&top->model, -1);
		break;
	case TOP_DOWN:
	case 'j':
		top_model_move(&top->model, 1);
		break;
	case TOP_PAGE_UP:
		top_model_move(&top->model, -page);
		break;
	case TOP_PAGE_DOWN:
		top_model_move(&top->model, page);
		break;
	case TOP_HOME:
		top_model_home(&top->model);
		break;
	case TOP_END:
		top_model_last(&top->model);
		break;
	}
}

static void key_in_list(struct top *top, int key)
{
	switch (key) {
	case 'q':
		top->ends = true;
		break;
	case ' ':
	case 'p':
		top->view.paused = !top->view.paused;
		break;
	case 's':
		top_model_sort(&top->model);
		break;
	case 'r':
		top_model_reverse(&top->model);
		break;
	case TOP_ENTER:
	case 'e':
		top_model_expand(&top->model);
		break;
	case 'a':
		top_model_expand_all(&top->model);
		break;
	case '/':
		top->prompt[0] = '\0';
		top->view.prompt = top->prompt;
		break;
	case '+':
	case '-':
		change_interval(top, key == '+');
		break;
	case 'h':
	case '?':
		top->view.help = KEYS;
		top->view.help_first = 0;
		break;
	default:
		key_moves(top, key);
	}
}

static void handle(struct top *top, int key)
{
	if (key == TOP_REDRAW) {
		top_screen_clear();
		return;
	}
	say(top, NULL);
	if (top->view.help)
		key_in_help(top, key);
	else if (top->view.prompt)
		key_in_prompt(top, key);
	else
		key_in_list(top, key);
}

/* Ends with the last snapshot, with q, with a signal, or with the terminal. */
static int follow(struct top *top)
{
	for (;;) {
		int64_t left = (int64_t)(top->view.seconds * 1000) - (now_ms() - top->taken_ms);
		int key, status;

		top->height = top_screen_draw(&top->model, &top->view);
		if (top->count && top->taken >= top->count)
			return EXIT_DONE;
		key = top_screen_key(top->view.paused ? PAUSE_MS : left);
		if (interrupted() || key == TOP_GONE)
			return EXIT_DONE;
		if (key != TOP_NONE) {
			handle(top, key);
		} else if (!top->view.paused) {
			status = take(top);
			if (status)
				return status;
		}
		if (top->ends)
			return EXIT_DONE;
	}
}

int top_main(int argc, char **argv)
{
	struct top top = { .view.seconds = 1 };
	int status;

	help_without_json();
	arguments(options, parse,
		  "Shows on the terminal where all CPUs are, also with interrupts masked. CPUs at the same place share one row, idle "
		  "CPUs share one. CPUs that did not answer come first, then the CPU that has not taken an interrupt for the longest "
		  "time.\n\nKeys:\n" KEYS,
		  argc, argv, &top);
	top_model_begin(&top.model, top.has_cpus ? &top.cpus : NULL);
	status = take(&top);
	if (!status)
		status = top_screen_begin();
	if (!status)
		status = follow(&top);
	top_screen_end();
	say(&top, NULL);
	top_model_end(&top.model);
	if (!status && top.worst)
		complain(top.worst, "a CPU did not answer in one of the snapshots; run 'sdei-nmi stacks' to see why.");
	return status ? status : top.worst;
}
