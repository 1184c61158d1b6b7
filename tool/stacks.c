// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "blocks.h"
#include "folded.h"
#include "group.h"
#include "memory.h"
#include "options.h"
#include "output.h"
#include "screen.h"
#include "snapshot_file.h"
#include "tool.h"
#include "trace_output.h"

struct stacks {
	bool all, fold, has_cpus, watch;
	struct cpus cpus;
	double seconds;
	int64_t count;	/* 0: until interrupted */
};

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "Print every CPU in full, idle CPUs as well; do not group", 0 },
	{ "cpus", 'c', "LIST", 0, "Print only these CPUs, e.g. 0-3,8; can be repeated", 0 },
	{ "watch", 'w', "TIME", 0, "Take a snapshot at this interval, e.g. 2, .5 or 100ms, until interrupted. On a terminal it fits the screen, and q ends it", 0 },
	{ "count", 'n', "N", 0, "With --watch: stop after N snapshots", 0 },
	{ "folded", 'f', NULL, 0, "Print one line per stack, for flame graphs: task;outermost;...;innermost COUNT", 0 },
	{ 0 }
};

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
		stacks->watch = true;
		return 0;
	case 'n':
		stacks->count = take_number(state, "--count", argument, 1, 1000000000);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --cpus to choose CPUs.", shown(argument));
		return 0;
	case ARGP_KEY_END:
		if (stacks->fold && (stacks->all || want_json))
			argp_error(state, "--folded can't be combined with --all or --json.");
		if (stacks->count && !stacks->watch)
			argp_error(state, "--count needs --watch.");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct cpus *chosen(const struct stacks *stacks)
{
	return stacks->has_cpus ? &stacks->cpus : NULL;
}

static bool wanted(const struct stacks *stacks, const struct cpu *cpu)
{
	return !stacks->has_cpus || cpus_have(&stacks->cpus, cpu->number);
}

static struct json_object *json_cpu(const struct cpu *cpu, bool hidden)
{
	struct json_object *object = json_object_new_object();

	json_number(object, "cpu", cpu->number);
	json_text(object, "state", cpu->state_word);
	json_text(object, "reason", cpu->reason);
	json_text(object, "by", cpu->by);
	json_text(object, "interrupts", cpu->interrupts);
	json_number(object, "waiting_ns", cpu->waiting_ns);
	json_number(object, "answered_ns", cpu->answered_ns);
	json_number(object, "held_ns", cpu->held_ns);
	json_number(object, "uid", cpu->uid);
	trace_json(object, &cpu->trace, hidden);
	return object;
}

/* Prints every CPU in the kernel's order, and the groups of CPUs with equal stacks. */
static void print_json(const struct stacks *stacks, const struct snapshot *snapshot)
{
	struct json_object *object = json_document("sdei-nmi-stacks"), *list = json_object_new_array();
	bool hidden = snapshot->addresses && !strcmp(snapshot->addresses, "hidden");
	struct groups groups;
	char *online = snapshot->has_online ? cpulist_format(&snapshot->online) : NULL;

	json_number(object, "taken_ns", snapshot->taken_ns);
	json_text(object, "online", online);
	json_text(object, "addresses", snapshot->addresses);
	free(online);
	for (size_t i = 0; i < snapshot->count; i++)
		if (wanted(stacks, &snapshot->cpu[i]))
			json_object_array_add(list, json_cpu(&snapshot->cpu[i], hidden));
	json_object_object_add(object, "cpus", list);
	list = json_object_new_array();
	groups_make(snapshot, chosen(stacks), stacks->all, &groups);
	for (size_t i = 0; i < groups.count; i++) {
		struct json_object *group = json_object_new_array();

		for (size_t k = 0; k < groups.group[i].count; k++)
			json_object_array_add(group, json_object_new_int64(groups.group[i].cpu[k]->number));
		json_object_array_add(list, group);
	}
	groups_free(&groups);
	json_object_object_add(object, "groups", list);
	if (stacks->watch)
		json_print_line(stdout, object);
	else
		json_print(stdout, object);
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

static int one(const struct stacks *stacks, bool on_screen)
{
	struct snapshot snapshot;
	int status = snapshot_read(&snapshot);
	unsigned int silent = 0;

	if (status)
		return status;
	status = snapshot_check_cpus(&snapshot, chosen(stacks));
	if (status) {
		snapshot_free(&snapshot);
		return status;
	}
	if (on_screen) {
		show(stacks, &snapshot);
	} else if (stacks->fold) {
		char *text = folded_snapshot(&snapshot, chosen(stacks));

		fputs(text, stdout);
		free(text);
	} else if (want_json) {
		print_json(stacks, &snapshot);
	} else {
		blocks_print(stdout, &snapshot, chosen(stacks), stacks->all);
	}
	for (size_t i = 0; i < snapshot.count; i++)
		silent += wanted(stacks, &snapshot.cpu[i]) && snapshot.cpu[i].state == CPU_SILENT;
	if (silent && !stacks->watch)
		complain(EXIT_SILENT, "%u CPU%s did not answer; %s.", silent, silent > 1 ? "s" : "",
			 stacks->fold ? "run the tool without --folded to see why" : "the output says why");
	snapshot_free(&snapshot);
	return silent ? EXIT_SILENT : EXIT_DONE;
}

/* Returns false if the user wants no more snapshots. */
static bool pause_watch(const struct stacks *stacks, bool on_screen)
{
	const struct timespec pause = { (time_t)stacks->seconds, (long)((stacks->seconds - (double)(time_t)stacks->seconds) * 1e9) };

	if (on_screen)
		return screen_wait(stacks->seconds);
	progress("next snapshot in %g s; Ctrl-C stops", stacks->seconds);
	nanosleep(&pause, NULL);
	progress_end();
	return true;
}

/* Ends also when the output can't be written any more. */
static int watch(const struct stacks *stacks)
{
	bool for_people = !want_json && !stacks->fold, on_screen = for_people && screen_begin();
	int status, worst = EXIT_DONE;

	for (int64_t i = 0; !stacks->count || i < stacks->count; i++) {
		if (i && !pause_watch(stacks, on_screen))
			break;
		if (i && for_people && !on_screen)
			printf("\n");
		status = one(stacks, on_screen);
		if (status && status != EXIT_SILENT)
			return status;
		if (status)
			worst = status;
		if (!output_flush())
			return EXIT_FAILED;
	}
	return worst;
}

int stacks_main(int argc, char **argv)
{
	struct stacks stacks = { 0 };

	arguments(options, parse,
		  "Shows the stacks of all CPUs, also with interrupts masked. CPUs with equal stacks share one block, idle CPUs "
		  "share one line. The CPU that has not taken an interrupt for the longest time comes first.",
		  argc, argv, &stacks);
	return stacks.watch ? watch(&stacks) : one(&stacks, false);
}
