// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/interrupt.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "common/screen.h"
#include "snapshot/blocks.h"
#include "snapshot/folded.h"
#include "snapshot/snapshot_file.h"
#include "snapshot/snapshot_output.h"
#include "snapshot/snapshot_take.h"
#include "snapshot/source_lines.h"
#include "tool.h"

struct stacks {
	bool all, fold, has_cpus, watch;
	struct cpus cpus;
	double seconds;
	int64_t count;		/* 0: until interrupted */
	const char *input, *output;
	struct source_lines lines;
	struct sink sink;
	bool on_screen;
	bool series;		/* the output has several snapshots */
	int64_t printed;	/* so many of them are printed, */
	int64_t silent;		/* and so many of these have a CPU that did not answer */
};

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "Print every CPU in full, idle CPUs as well; do not group", 0 },
	{ "cpus", 'c', "LIST", 0, "Print only these CPUs, e.g. 0-3,8; can be repeated", 0 },
	{ "watch", 'w', "TIME", 0, "Take a snapshot at this interval, e.g. 2, .5 or 100ms, until interrupted. On a terminal it fits the screen, and q ends it", 0 },
	{ "count", 'n', "N", 0, "With --watch: stop after N snapshots", 0 },
	{ "folded", 'f', NULL, 0, "Print one line per stack, for flame graphs: task;outermost;...;innermost COUNT", 0 },
	SOURCE_LINES_ENTRY,
	{ "output", 'o', "FILE", 0, "Write JSON to FILE, replacing it atomically at the end", 0 },
	{ "file", 'F', "FILE", 0, "Print the snapshots that --output has written to FILE; - is the standard input. Needs no driver", 0 },
	{ 0 }
};

static void check(struct argp_state *state, const struct stacks *stacks)
{
	if (stacks->fold && (stacks->all || want_json || stacks->output || stacks->lines.wanted))
		argp_error(state, "--folded can't be combined with --all, --json, --lines or --output.");
	if (stacks->count && !stacks->watch)
		argp_error(state, "--count needs --watch.");
	if (stacks->input && stacks->watch)
		argp_error(state, "--file can't be combined with --watch: the snapshots of a file are taken already.");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct stacks *stacks = state->input;

	switch (key) {
	case 'a':
		stacks->all = true;
		return 0;
	case 'f':
		stacks->fold = true;
		return 0;
	case 'c':
		take_cpus(state, argument, &stacks->cpus);
		stacks->has_cpus = true;
		return 0;
	case 'w':
		stacks->seconds = take_seconds(state, "--watch", argument, 86400);
		stacks->watch = stacks->series = true;
		return 0;
	case 'n':
		stacks->count = take_number(state, "--count", argument, 1, 1000000000);
		return 0;
	case 'o':
		stacks->output = argument;
		return 0;
	case 'F':
		stacks->input = argument;
		return 0;
	case SOURCE_LINES_OPTION:
		source_lines_take(state, argument, &stacks->lines);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --file to print a file, or --cpus to choose CPUs.", shown(argument));
		return 0;
	case ARGP_KEY_END:
		check(state, stacks);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct cpus *chosen(const struct stacks *stacks)
{
	return stacks->has_cpus ? &stacks->cpus : NULL;
}

/* Prints the snapshot below a line with the clock, as far as it fits the terminal. */
static void show(const struct stacks *stacks, const struct snapshot *snapshot)
{
	time_t now = time(NULL);
	char clock[64] = "";
	size_t length;
	char *text;
	FILE *to = open_memstream(&text, &length);

	if (!to)
		exit(complain(EXIT_FAILED, "there is not enough memory; free some and try again."));
	strftime(clock, sizeof(clock), "%F %T", localtime(&now));
	fprintf(to, "%s%s%s  every %g s, %s quits\n\n", colour(BOLD), clock, colour(PLAIN), stacks->seconds,
		screen_has_keys() ? "q" : "Ctrl-C");
	blocks_print(to, snapshot, chosen(stacks), stacks->all);
	fclose(to);
	screen_show(text, length);
}

/* A snapshot from a file begins with its time and its kernel, as far as they are known. */
static void print_people(const struct stacks *stacks, const struct snapshot *snapshot)
{
	FILE *to = stacks->sink.to;

	if (stacks->printed)
		fprintf(to, "\n");
	if (stacks->input && (snapshot->time || snapshot->release))
		fprintf(to, "%s%s%s%s%s%s\n\n", colour(BOLD), snapshot->time ? snapshot->time : "", snapshot->time && snapshot->release ? "  " : "",
			snapshot->release ? "kernel " : "", snapshot->release ? snapshot->release : "", colour(PLAIN));
	blocks_print(to, snapshot, chosen(stacks), stacks->all);
}

static void print_json(const struct stacks *stacks, const struct snapshot *snapshot)
{
	struct json_object *object = snapshot_json(snapshot, chosen(stacks), stacks->all);

	if (stacks->series)
		json_print_line(stacks->sink.to, object);
	else
		json_print(stacks->sink.to, object);
}

static unsigned int silent_cpus(const struct stacks *stacks, const struct snapshot *snapshot)
{
	unsigned int silent = 0;

	for (size_t i = 0; i < snapshot->count; i++)
		silent += snapshot->cpu[i].state == CPU_SILENT && (!stacks->has_cpus || cpus_have(&stacks->cpus, snapshot->cpu[i].number));
	return silent;
}

/* Ends the sentence with where the reason is. Frees its beginning. */
static void complain_of_silence(const struct stacks *stacks, char *sentence)
{
	if (stacks->output)
		complain(EXIT_SILENT, "%s; 'sdei-nmi stacks --file %s' says why.", sentence, stacks->output);
	else if (stacks->fold)
		complain(EXIT_SILENT, "%s; run the tool without --folded to see why.", sentence);
	else
		complain(EXIT_SILENT, "%s; the output says why.", sentence);
	free(sentence);
}

/* Prints the snapshot and frees it. */
static int print(struct stacks *stacks, struct snapshot *snapshot)
{
	/* Later in a series, a CPU may go offline. */
	int status = stacks->printed ? EXIT_DONE : snapshot_check_cpus(snapshot, chosen(stacks), stacks->input);
	unsigned int silent = silent_cpus(stacks, snapshot);

	if (status) {
		snapshot_free(snapshot);
		return status;
	}
	source_lines_add(&stacks->lines, snapshot, chosen(stacks));
	if (stacks->on_screen) {
		show(stacks, snapshot);
	} else if (stacks->fold) {
		char *text = folded_snapshot(snapshot, chosen(stacks));

		fputs(text, stdout);
		free(text);
	} else if (want_json) {
		print_json(stacks, snapshot);
	} else {
		print_people(stacks, snapshot);
	}
	stacks->printed++;
	stacks->silent += !!silent;
	snapshot_free(snapshot);
	if (silent && !stacks->series)
		complain_of_silence(stacks, memory_format("%u CPU%s did not answer", silent, silent > 1 ? "s" : ""));
	return silent ? EXIT_SILENT : EXIT_DONE;
}

static int take(struct stacks *stacks)
{
	struct snapshot snapshot;
	int status = snapshot_take(&snapshot);

	return status ? status : print(stacks, &snapshot);
}

/* Returns false if the user wants no more snapshots. */
static bool pause_watch(const struct stacks *stacks)
{
	const struct timespec pause = { (time_t)stacks->seconds, (long)((stacks->seconds - (double)(time_t)stacks->seconds) * 1e9) };

	if (stacks->on_screen)
		return screen_wait(stacks->seconds);
	progress("next snapshot in %g s; Ctrl-C stops", stacks->seconds);
	if (!interrupted())
		nanosleep(&pause, NULL);
	progress_end();
	return !interrupted();
}

static int watch(struct stacks *stacks)
{
	int status, worst = EXIT_DONE;

	stacks->on_screen = !want_json && !stacks->fold && screen_begin();
	/* A file has its name only at the end, so a signal has to end the series and not the program. */
	if (stacks->output)
		interrupt_catch();
	for (int64_t i = 0; !stacks->count || i < stacks->count; i++) {
		if (i && !pause_watch(stacks))
			break;
		status = take(stacks);
		if (status && status != EXIT_SILENT)
			return status;
		if (status)
			worst = status;
		if (!sink_keep(&stacks->sink))
			return EXIT_FAILED;
	}
	return worst;
}

static int print_file(struct stacks *stacks, struct snapshot_file *file)
{
	struct snapshot snapshot, next;
	bool more = snapshot_file_next(file, &snapshot);
	int status, worst = EXIT_DONE;

	while (more) {
		more = snapshot_file_next(file, &next);
		stacks->series = stacks->series || more;
		status = print(stacks, &snapshot);
		if ((status && status != EXIT_SILENT) || !sink_keep(&stacks->sink)) {
			if (more)
				snapshot_free(&next);
			return status && status != EXIT_SILENT ? status : EXIT_FAILED;
		}
		if (status)
			worst = status;
		snapshot = next;
	}
	return worst;
}

/* The snapshots before a flaw of the file are printed. */
static int print_input(struct stacks *stacks)
{
	struct snapshot_file file;
	int status = snapshot_file_open(&file, stacks->input), end_status;

	if (status)
		return status;
	status = print_file(stacks, &file);
	end_status = snapshot_file_close(&file);
	return end_status ? end_status : status;
}

int stacks_main(int argc, char **argv)
{
	struct stacks stacks = { 0 };
	int status, end_status;

	arguments(options, parse,
		  "Shows the stacks of all CPUs, also with interrupts masked. CPUs with equal stacks share one block, idle CPUs "
		  "share one line. The CPU that has not taken an interrupt for the longest time comes first.",
		  argc, argv, &stacks);
	want_json = want_json || stacks.output;
	status = sink_open(&stacks.sink, stacks.output);
	if (status)
		return status;
	status = stacks.input ? print_input(&stacks) : stacks.watch ? watch(&stacks) : take(&stacks);
	source_lines_free(&stacks.lines);
	/* A series that ends early keeps the snapshots that it has. */
	if (!stacks.printed) {
		sink_drop(&stacks.sink);
		return status;
	}
	if (status == EXIT_SILENT && stacks.series && !stacks.on_screen)
		complain_of_silence(&stacks, memory_format("a CPU did not answer in %lld of %lld snapshots", (long long)stacks.silent,
							   (long long)stacks.printed));
	end_status = sink_close(&stacks.sink);
	return end_status ? end_status : status;
}
