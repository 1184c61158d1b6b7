// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "common/table.h"
#include "machine/cause.h"
#include "machine/service.h"
#include "ping/reply.h"
#include "ping/stats.h"
#include "tool.h"

#define FOLDER "/sys/kernel/debug/sdei_nmi/ping"
#define SAMPLES_MOST 10000000
#define SILENT_MOST 3		/* silent pings in a row; each takes a second */
#define REASONS 8		/* reasons listed per CPU; the last one counts all further ones */
#define ASLEEP "held off: deep idle"
#define BAR 40			/* longest bar of the histogram, in characters */

struct why {
	char *text;
	int64_t times;
};

struct target {
	unsigned int cpu;
	int64_t sent, answered, held_off, refused, silent;
	int64_t asleep;		/* how many of the held-off pings found the CPU in deep idle */
	int silent_in_a_row;
	struct samples round, delivery, signal, floor;
	struct why why[REASONS];
};

struct ping {
	bool has_cpus;
	struct cpus cpus;
	int64_t count;
	double interval;
	struct target *target;
	size_t targets;
	struct table_form form;
};

enum { COLUMN_CPU, COLUMN_ANSWERED, COLUMN_MIN, COLUMN_MEDIAN, COLUMN_P99, COLUMN_MAX, COLUMN_FLOOR, COLUMNS };

static const struct table_column columns[COLUMNS] = {
	[COLUMN_CPU] = { .name = "CPU", .number = true },
	[COLUMN_ANSWERED] = { .name = "answered", .number = true },
	[COLUMN_MIN] = { .name = "min", .number = true },
	[COLUMN_MEDIAN] = { .name = "median", .number = true },
	[COLUMN_P99] = { .name = "p99", .number = true },
	[COLUMN_MAX] = { .name = "max", .number = true },
	[COLUMN_FLOOR] = { .name = "floor", .number = true },
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static const struct argp_option options[] = {
	{ "cpus", 'c', "LIST", 0, "Signal only these CPUs, e.g. 0-3,8; can be repeated (default: all online CPUs)", 0 },
	{ "count", 'n', "N", 0, "Pings per CPU (default: 100)", 0 },
	{ "interval", 'i', "TIME", 0, "Pause between two rounds, e.g. 1, .5 or 20ms (default: 10ms)", 0 },
	{ 0 }
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct ping *ping = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[ARGUMENTS_SHARED] = &ping->form;
		return 0;
	case 'c':
		take_cpus(state, argument, &ping->cpus);
		ping->has_cpus = true;
		return 0;
	case 'n':
		ping->count = take_number(state, "--count", argument, 1, 1000000);
		return 0;
	case 'i':
		ping->interval = take_seconds(state, "--interval", argument, 3600);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --cpus to choose CPUs.", shown(argument));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int choose(struct ping *ping)
{
	struct cpus online, present;

	if (!cpus_read("/sys/devices/system/cpu/online", &online) || !cpus_count(&online))
		return complain(EXIT_FAILED,
				"the list of online CPUs, /sys/devices/system/cpu/online, could not be read; mount sysfs.");
	if (!cpus_read("/sys/devices/system/cpu/present", &present))
		present = online;
	if (!ping->has_cpus)
		ping->cpus = online;
	cpus_for_each(cpu, &ping->cpus) {
		if (!cpus_have(&present, cpu) && !cpus_have(&online, cpu))
			return complain(EXIT_USAGE, "this machine has no CPU %u; leave it out of --cpus.", cpu);
		if (!cpus_have(&online, cpu))
			return complain(EXIT_USAGE, "CPU %u is offline; leave it out of --cpus, or bring it online.", cpu);
	}
	ping->targets = cpus_count(&ping->cpus);
	if ((int64_t)ping->targets * ping->count > SAMPLES_MOST)
		return complain(EXIT_USAGE, "%zu CPUs with %lld pings each are too many for one run; choose fewer CPUs or a smaller --count.",
				ping->targets, (long long)ping->count);
	ping->target = memory_get(ping->targets * sizeof(*ping->target));
	ping->targets = 0;
	cpus_for_each(cpu, &ping->cpus)
		ping->target[ping->targets++].cpu = cpu;
	return EXIT_DONE;
}

static void note(struct target *target, const struct reply *reply)
{
	static const char *const words[] = {
		[REPLY_HELD_OFF] = "held off", [REPLY_REFUSED] = "refused by the firmware", [REPLY_SILENT] = "silent",
	};
	char *text = memory_format("%s%s%s", words[reply->result], reply->reason ? ": " : "", reply->reason ? reply->reason : "");

	for (size_t i = 0; i < REASONS; i++) {
		struct why *why = &target->why[i];

		if (!why->text) {
			why->text = text;
			why->times = 1;
			return;
		}
		if (!strcmp(why->text, text) || i == REASONS - 1) {
			why->times++;
			break;
		}
	}
	free(text);
}

static bool is_asleep(const struct reply *reply)
{
	return reply->result == REPLY_HELD_OFF && reply->reason && !strcmp(reply->reason, "deep idle");
}

static int once(struct target *target)
{
	char *path = memory_format(FOLDER "/%u", target->cpu);
	struct contents contents;
	struct reply reply;
	int err = file_read(path, 4096, &contents), status = EXIT_DONE;

	if (err) {
		status = file_trouble(path, err);
		goto out;
	}
	if (!reply_parse(contents_piece(&contents), &reply)) {
		status = complain(EXIT_FAILED, "%s can't be understood; use the version of the tool that belongs to the driver.", path);
		goto out_contents;
	}
	target->sent++;
	target->silent_in_a_row = reply.result == REPLY_SILENT ? target->silent_in_a_row + 1 : 0;
	if (reply.floor_ns >= 0)
		samples_add(&target->floor, reply.floor_ns);
	if (reply.signal_ns >= 0)
		samples_add(&target->signal, reply.signal_ns);
	switch (reply.result) {
	case REPLY_ANSWERED:
		target->answered++;
		samples_add(&target->round, reply.round_ns);
		if (reply.delivery_ns >= 0)
			samples_add(&target->delivery, reply.delivery_ns);
		break;
	case REPLY_HELD_OFF:
		target->held_off++;
		target->asleep += is_asleep(&reply);
		break;
	case REPLY_REFUSED:
		target->refused++;
		break;
	case REPLY_SILENT:
		target->silent++;
		break;
	}
	if (reply.result != REPLY_ANSWERED)
		note(target, &reply);
	reply_free(&reply);
out_contents:
	free(contents.text);
out:
	free(path);
	return status;
}

/* Ends early when interrupted. The statistics are those of the pings until then. */
static int rounds(struct ping *ping)
{
	const struct timespec pause = { (time_t)ping->interval, (long)((ping->interval - (double)(time_t)ping->interval) * 1e9) };
	int64_t shown = 0;

	for (int64_t i = 0; i < ping->count && !interrupted; i++) {
		bool any = false;

		if (i)
			nanosleep(&pause, NULL);
		for (size_t k = 0; k < ping->targets && !interrupted; k++) {
			struct target *target = &ping->target[k];
			int status;

			if (target->silent_in_a_row >= SILENT_MOST)
				continue;
			any = true;
			if (now_ms() - shown >= 100) {
				progress("round %lld of %lld, CPU %u", (long long)i + 1, (long long)ping->count, target->cpu);
				shown = now_ms();
			}
			status = once(target);
			if (status)
				return status;
		}
		if (!any)
			break;
	}
	progress_end();
	return EXIT_DONE;
}

/*
 * A CPU fails if a ping was refused or silent, or if no ping was answered. A CPU that sleeps in deep
 * idle at every ping is no failure, because the driver does not signal it. Nor is a CPU that was not
 * pinged before an interrupt ended the run.
 */
static bool failed(const struct target *target)
{
	return target->silent || target->refused || (!target->answered && target->asleep < target->sent);
}

static void sort(struct target *target)
{
	samples_sort(&target->round);
	samples_sort(&target->delivery);
	samples_sort(&target->signal);
	samples_sort(&target->floor);
}

static void add_time(struct table *table, size_t column, const struct samples *samples, unsigned int per_mille)
{
	char buffer[TEXT_DURATION];
	int64_t ns = samples_percentile(samples, per_mille);

	table_number(table, column, ns, ns < 0 ? "-" : text_duration(ns, buffer));
}

static void print_histogram(const struct ping *ping)
{
	struct histogram histogram = { 0 };
	size_t most = 0, first = HISTOGRAM_BARS, last = 0;
	char from[TEXT_DURATION], to[TEXT_DURATION];

	for (size_t i = 0; i < ping->targets; i++)
		histogram_add(&histogram, &ping->target[i].round);
	for (size_t i = 0; i < HISTOGRAM_BARS; i++) {
		if (!histogram.below[i])
			continue;
		if (first == HISTOGRAM_BARS)
			first = i;
		last = i;
		if (histogram.below[i] > most)
			most = histogram.below[i];
	}
	if (!most)
		return;
	printf("\nround trips of all CPUs\n");
	for (size_t i = first; i <= last; i++) {
		size_t length = (histogram.below[i] * BAR + most - 1) / most;

		text_duration(i ? histogram_bound(i - 1) : 0, from);
		if (i < HISTOGRAM_BARS - 1)
			text_duration(histogram_bound(i), to);
		else
			strcpy(to, "longer");
		printf("  %8s to %8s  %9zu  %.*s\n", from, to, histogram.below[i], (int)length,
		       "########################################");
	}
}

/* One line for all, because on a server at rest most CPUs sleep. */
static void print_asleep(const struct ping *ping)
{
	struct cpus asleep = { 0 };
	int64_t times = 0;
	char *list;

	for (size_t i = 0; i < ping->targets; i++) {
		if (ping->target[i].asleep)
			cpus_add(&asleep, ping->target[i].cpu);
		times += ping->target[i].asleep;
	}
	if (!times)
		return;
	list = cpulist_format(&asleep);
	printf("\nCPU%s %s  asleep in deep idle, where the driver does not signal a CPU, %lld time%s\n",
	       cpus_count(&asleep) > 1 ? "s" : "", list, (long long)times, times > 1 ? "s" : "");
	free(list);
}

static void print_table(const struct ping *ping)
{
	struct table *table = table_new(&ping->form);

	for (size_t i = 0; i < ping->targets; i++) {
		const struct target *target = &ping->target[i];
		char cpu[16], answered[48] = "asleep";

		snprintf(cpu, sizeof(cpu), "%u", target->cpu);
		if (!target->sent || target->asleep < target->sent)
			snprintf(answered, sizeof(answered), "%lld/%lld", (long long)target->answered, (long long)target->sent);
		table_row(table);
		table_number(table, COLUMN_CPU, target->cpu, cpu);
		table_number(table, COLUMN_ANSWERED, target->answered, answered);
		add_time(table, COLUMN_MIN, &target->round, 0);
		add_time(table, COLUMN_MEDIAN, &target->round, 500);
		add_time(table, COLUMN_P99, &target->round, 990);
		add_time(table, COLUMN_MAX, &target->round, 1000);
		add_time(table, COLUMN_FLOOR, &target->floor, 500);
		if (failed(target)) {
			table_colour(table, COLUMN_CPU, RED);
			table_colour(table, COLUMN_ANSWERED, RED);
		}
	}
	table_print(table, stdout);
}

static void print_people(const struct ping *ping)
{
	print_table(ping);
	print_histogram(ping);
	print_asleep(ping);
	for (size_t i = 0; i < ping->targets; i++) {
		const struct target *target = &ping->target[i];

		for (size_t k = 0; k < REASONS && target->why[k].text; k++)
			if (strcmp(target->why[k].text, ASLEEP))
				printf("CPU %u  %s, %lld time%s\n", target->cpu, target->why[k].text,
				       (long long)target->why[k].times, target->why[k].times > 1 ? "s" : "");
		if (target->silent_in_a_row >= SILENT_MOST && target->sent < ping->count)
			printf("CPU %u  was not pinged again after %d silent pings in a row\n", target->cpu, SILENT_MOST);
	}
}

static struct json_object *json_samples(const struct samples *samples)
{
	struct json_object *object = json_object_new_object();

	json_number(object, "min", samples_percentile(samples, 0));
	json_number(object, "median", samples_percentile(samples, 500));
	json_number(object, "p99", samples_percentile(samples, 990));
	json_number(object, "max", samples_percentile(samples, 1000));
	return object;
}

static struct json_object *json_target(const struct target *target)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	struct histogram histogram = { 0 };

	json_number(object, "cpu", target->cpu);
	json_number(object, "sent", target->sent);
	json_number(object, "answered", target->answered);
	json_number(object, "held_off", target->held_off);
	json_number(object, "asleep", target->asleep);
	json_number(object, "refused", target->refused);
	json_number(object, "silent", target->silent);
	json_truth(object, "failed", failed(target));
	json_object_object_add(object, "round_ns", json_samples(&target->round));
	json_object_object_add(object, "delivery_ns", json_samples(&target->delivery));
	json_object_object_add(object, "signal_ns", json_samples(&target->signal));
	json_object_object_add(object, "floor_ns", json_samples(&target->floor));
	for (size_t i = 0; i < REASONS && target->why[i].text; i++) {
		struct json_object *why = json_object_new_object();

		json_text(why, "why", target->why[i].text);
		json_number(why, "times", target->why[i].times);
		json_object_array_add(list, why);
	}
	json_object_object_add(object, "unanswered", list);

	list = json_object_new_array();
	histogram_add(&histogram, &target->round);
	for (size_t i = 0; i < HISTOGRAM_BARS; i++) {
		struct json_object *bar;

		if (!histogram.below[i])
			continue;
		bar = json_object_new_object();
		json_number(bar, "below_ns", i < HISTOGRAM_BARS - 1 ? histogram_bound(i) : -1);
		json_number(bar, "count", (int64_t)histogram.below[i]);
		json_object_array_add(list, bar);
	}
	json_object_object_add(object, "histogram", list);
	return object;
}

static void print_json(const struct ping *ping)
{
	struct json_object *object = json_document("sdei-nmi-ping"), *list = json_object_new_array();

	for (size_t i = 0; i < ping->targets; i++)
		json_object_array_add(list, json_target(&ping->target[i]));
	json_object_object_add(object, "cpus", list);
	json_print(stdout, object);
}

int ping_main(int argc, char **argv)
{
	/* A second interrupt ends the program. Without SA_RESTART, the first one ends the pause. */
	const struct sigaction interrupt = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND };
	struct ping ping = { .count = 100, .interval = 0.01, .form = { .column = columns, .columns = COLUMNS } };
	struct cpus unanswered = { 0 };
	int status;

	arguments_with(&table_sort_argp, options, parse,
		       "Sends event 0 to CPUs and measures how long the event takes to the CPU and back. The floor is the time of "
		       "a firmware call that does nothing. Ctrl-C ends the run and prints the statistics so far.",
		       argc, argv, &ping);
	if (!file_there("/sys/kernel/sdei_nmi"))
		return unavailable();
	status = choose(&ping);
	sigaction(SIGINT, &interrupt, NULL);
	if (!status)
		status = rounds(&ping);
	if (status)
		return status;
	for (size_t i = 0; i < ping.targets; i++) {
		sort(&ping.target[i]);
		if (failed(&ping.target[i]))
			cpus_add(&unanswered, ping.target[i].cpu);
	}
	if (want_json)
		print_json(&ping);
	else
		print_people(&ping);
	if (!cpus_count(&unanswered))
		return EXIT_DONE;
	return complain(EXIT_SILENT,
			"CPU%s %s did not answer every ping; the output says why.", cpus_count(&unanswered) > 1 ? "s" : "",
			cpulist_format(&unanswered));
}
