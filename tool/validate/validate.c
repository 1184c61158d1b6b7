// SPDX-License-Identifier: GPL-2.0
/* Runs the checks of the module sdei_nmi_validate, and reports them. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "common/table.h"
#include "machine/host.h"
#include "machine/identity.h"
#include "tool.h"
#include "validate/device.h"
#include "validate/ktap.h"
#include "validate/report_html.h"
#include "validate/report_json.h"
#include "validate/report_markdown.h"
#include "validate/runner.h"
#include "validate/swap.h"

#define QUICK	10	/* seconds for a command that runs no check */
#define MANY	256	/* most reports, and most choices: more than there are checks, so that each can be named */

enum { OPTION_DESTRUCTIVE = 0x200, OPTION_CHECK, OPTION_LIST, OPTION_UNLOAD };

struct output {
	const char *path;
	void (*print)(FILE *to, const struct validation *validation);
};

struct request {
	bool destructive, list, unload;
	struct output output[MANY];
	size_t outputs;
	const char *choice[MANY];
	size_t choices;
	struct table_form form;

	int fd;
	const struct validation *validation;	/* for the progress */
	bool unsaved;	/* a report could not be written; the user has been informed */
};

enum { COLUMN_CHECK, COLUMN_GRADE, COLUMN_DESTRUCTIVE, COLUMN_SECONDS, COLUMN_SECTION, COLUMNS };

/* The order of the rows is that in which the checks run. */
static const struct table_column columns[COLUMNS] = {
	[COLUMN_CHECK] = { .name = "check" },
	[COLUMN_GRADE] = { .name = "grade" },
	[COLUMN_DESTRUCTIVE] = { .name = "destructive" },
	[COLUMN_SECONDS] = { .name = "seconds", .number = true },
	[COLUMN_SECTION] = { .name = "section", .cut = true },
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Also write a report to FILE, which ends in .json, .md or .html; can be repeated", 0 },
	{ "check", OPTION_CHECK, "NAME", 0, "Run only this check, or the checks of this topic; can be repeated", 0 },
	{ "destructive", OPTION_DESTRUCTIVE, NULL, 0,
	  "Also run, last, the checks that can cost a CPU if the firmware is faulty", 0 },
	{ "list", OPTION_LIST, NULL, 0, "List the checks of the module that is loaded, and run none", 0 },
	{ "unload-driver", OPTION_UNLOAD, NULL, 0,
	  "Unload the driver before and load it again afterwards, unless the firmware turned out to be unreliable", 0 },
	{ 0 }
};

static void take_output(struct argp_state *state, struct request *request, const char *path)
{
	static const struct {
		const char *suffix;
		void (*print)(FILE *to, const struct validation *validation);
	} forms[] = { { ".json", report_json }, { ".md", report_markdown }, { ".html", report_html } };
	const char *dot = strrchr(path, '.');

	if (request->outputs == MANY)
		argp_error(state, "--output was given more than %d times.", MANY);
	for (size_t i = 0; dot && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!strcmp(dot, forms[i].suffix)) {
			request->output[request->outputs++] = (struct output){ path, forms[i].print };
			return;
		}
	argp_error(state, "the name of a report must end in .json, .md or .html, but it is '%s'.", shown(path));
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[ARGUMENTS_SHARED] = &request->form;
		return 0;
	case 'o':
		take_output(state, request, argument);
		return 0;
	case OPTION_CHECK:
		if (request->choices == MANY)
			argp_error(state, "--check was given more than %d times.", MANY);
		if (!check_name_fine((struct piece){ argument, strlen(argument) }))
			argp_error(state, "'%s' is not the name of a check or a topic; a name has the form delivery.in_program.", shown(argument));
		request->choice[request->choices++] = argument;
		return 0;
	case OPTION_DESTRUCTIVE:
		request->destructive = true;
		return 0;
	case OPTION_LIST:
		request->list = true;
		return 0;
	case OPTION_UNLOAD:
		request->unload = true;
		return 0;
	case ARGP_KEY_END:
		if (request->list && (request->outputs || request->destructive || request->unload))
			argp_error(state, "--list runs no check, so it can't be combined with --output, --destructive or --unload-driver.");
		if (request->form.option && !request->list)
			argp_error(state, "%s changes the table of --list; give both.", request->form.option);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --check to choose checks.", shown(argument));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void show_progress(const struct validation *v, const char *command)
{
	unsigned int total = 0, done = 0;
	uint64_t seconds = 0;

	for (size_t i = 0; i < v->checks.count; i++) {
		const struct check *check = &v->checks.check[i];

		if (!check->chosen || (check->destructive && !v->destructive))
			continue;
		total++;
		if (check->result == RESULT_PENDING)
			seconds += check->seconds;
		else
			done++;
	}
	if (total)
		progress("%u of %u, at most %llu s left: %s", done < total ? done + 1 : total, total, (unsigned long long)seconds, command);
	else
		progress("%s", command);
}

static int ask(void *context, const char *command, unsigned int seconds, struct contents *reply)
{
	const struct request *request = context;
	int err;

	show_progress(request->validation, command);
	err = device_ask(request->fd, command, seconds, reply);
	progress_end();
	return err;
}

static const char *stop(void *context)
{
	(void)context;
	return device_interrupted() ? "interrupted" : !output_flush() ? "the output could not be written" : NULL;
}

static bool save(void *context, const struct validation *validation)
{
	struct request *request = context;
	bool saved = true;

	for (size_t i = 0; i < request->outputs; i++) {
		struct sink sink;

		if (sink_open(&sink, request->output[i].path)) {
			saved = false;
			continue;
		}
		request->output[i].print(sink.to, validation);
		if (sink_close(&sink))
			saved = false;
	}
	if (!saved)
		request->unsaved = true;
	return saved;
}

/* Tests before the first check whether every report can be written. */
static int try_outputs(const struct request *request)
{
	struct sink sink;

	for (size_t i = 0; i < request->outputs; i++) {
		int status = sink_open(&sink, request->output[i].path);

		if (status)
			return status;
		sink_drop(&sink);
	}
	return EXIT_DONE;
}

/* On a terminal, the progress names the check. */
static void starts(void *context, const struct check *check)
{
	(void)context;
	if (want_json || (!check->destructive && isatty(STDOUT_FILENO)))
		return;
	ktap_running(stdout, check);
	output_flush();
	/* A file must keep the line in a crash. On a pipe or terminal fsync() only fails. */
	fsync(STDOUT_FILENO);
}

static void told(void *context, unsigned int number, const struct check *check)
{
	(void)context;
	if (want_json)
		return;
	ktap_check(stdout, number, check);
	output_flush();
}

static void read_machine(struct validation *v)
{
	struct identity identity;
	struct host host;
	char date[sizeof("2026-01-01T00:00:00Z") + 8];
	time_t now = time(NULL);
	struct tm utc;

	v->date = memory_format("%s", gmtime_r(&now, &utc) && strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc) ? date : "not known");
	host_read(&host, true);
	identity_read(&identity);
	facts_add(&v->machine, "kernel_release", host.release);
	facts_add(&v->machine, "kernel_version", file_line("/proc/sys/kernel/version"));
	facts_add(&v->machine, "described_by", host.described_by ? memory_format("%s", host.described_by) : NULL);
	facts_add(&v->machine, "likely_guest_of", host.hypervisor);
	for (size_t i = 0; i < IDENTITY_FIELDS; i++)
		facts_add(&v->machine, identity_keys[i], identity.field[i]);
	for (size_t i = 0; i < identity.midrs; i++)
		facts_add(&v->midrs, identity.midr[i].value, identity.midr[i].cpus);
}

static int trouble(const char *what, int err)
{
	if (err == -EINTR)
		return complain(EXIT_FAILED, "interrupted before the first check; run the tool again.");
	return complain(EXIT_FAILED, "the module did not deliver %s: %s; see the kernel log.", what, strerror(-err));
}

static int prepare(struct request *request, struct validation *v)
{
	struct contents reply;
	bool fine;
	int err = ask(request, "list", QUICK, &reply);

	if (err)
		return trouble("its list of checks", err);
	fine = checks_parse(contents_piece(&reply), &v->checks);
	free(reply.text);
	if (!fine)
		return complain(EXIT_FAILED, "the module's list of checks can't be understood; use the version of the tool that belongs to the module.");
	err = ask(request, "about", QUICK, &reply);
	if (err)
		return trouble("its facts about the firmware", err);
	fine = facts_parse(contents_piece(&reply), &v->firmware);
	free(reply.text);
	if (!fine)
		return complain(EXIT_FAILED, "the module's facts about the firmware can't be understood; use the version of the tool "
				"that belongs to the module.");
	if (!request->choices)
		checks_choose(&v->checks, NULL);
	for (size_t i = 0; i < request->choices; i++)
		if (!checks_choose(&v->checks, request->choice[i]))
			return complain(EXIT_USAGE, "the module has neither a check nor a topic '%s'; 'sdei-nmi validate --list' has "
					"all names.",
					request->choice[i]);
	checks_order(&v->checks);
	v->destructive = request->destructive;
	read_machine(v);
	return EXIT_DONE;
}

/* Says what to do about relied checks that did not run. */
static const char *remedy(const struct request *request)
{
	if (request->choices)
		return "run the tool without --check to check everything";
	return request->destructive ? "the output says why" : "run the tool with --destructive, or see in the output why";
}

/* A failed check that the driver relies on decides, even if the user interrupted the run later. */
static int outcome(const struct request *request, const struct validation *v, bool whole)
{
	struct verdict verdict;
	int status = EXIT_DONE;

	verdict_make(v, &verdict);
	if (request->unsaved)
		status = EXIT_FAILED;
	else if (verdict.answer == VERDICT_UNRELIABLE)
		status = complain(EXIT_UNRELIABLE, "checks failed that the driver relies on: %s; ask the vendor for firmware that passes them.",
				  verdict.failed.list);
	else if (device_interrupted())
		status = complain(EXIT_FAILED, "interrupted: %u of %u checks were skipped; the results of the others are in the output.", verdict.skip,
				  verdict.chosen);
	else if (!whole)
		status = complain(EXIT_FAILED, "some checks could not be run, which is not a fault of the firmware; the output says why each was skipped.");
	else if (verdict.answer == VERDICT_UNCHECKED)
		status = complain(EXIT_UNCHECKED, "nothing was checked that the driver relies on; %s.", remedy(request));
	else if (verdict.not_run.count)
		status = complain(EXIT_PARTIAL, "some checks that the driver relies on did not run: %s; %s.", verdict.not_run_short.list,
				  remedy(request));
	else if (verdict.answer == VERDICT_PARTIAL)
		status = complain(EXIT_PARTIAL, "a CPU no longer takes interrupts, so the later checks did not cover it; restart the machine.");
	verdict_free(&verdict);
	return status;
}

static void print_list(const struct table_form *form, const struct validation *v)
{
	struct table *table = table_new(form);

	for (size_t i = 0; i < v->checks.count; i++) {
		const struct check *check = &v->checks.check[i];
		char seconds[16];

		if (!check->chosen)
			continue;
		snprintf(seconds, sizeof(seconds), "%u", check->seconds);
		table_row(table);
		table_text(table, COLUMN_CHECK, check->name);
		table_text(table, COLUMN_GRADE, grade_word(check->grade));
		table_text(table, COLUMN_DESTRUCTIVE, check->destructive ? "yes" : "-");
		table_number(table, COLUMN_SECONDS, check->seconds, seconds);
		table_text(table, COLUMN_SECTION, check->section);
	}
	table_print(table, stdout);
}

/* Runs the chosen checks and reports them. Returns the exit status. */
static int check_firmware(struct request *request, struct validation *validation)
{
	const struct runner runner = {
		.ask = ask, .stop = stop, .save = save, .starts = starts, .told = told,
		.programs = spinners_start, .programs_end = spinners_stop, .context = request,
	};
	bool whole;

	if (!want_json) {
		ktap_begin(stdout, validation);
		output_flush();
	}
	whole = runner_run(&runner, validation);
	close(request->fd);
	request->fd = -1;
	if (want_json)
		report_json(stdout, validation);
	else
		ktap_end(stdout, validation);
	output_flush();
	save(request, validation);
	return outcome(request, validation, whole);
}

static int open_and_prepare(struct request *request, struct validation *validation)
{
	int status = device_interrupted() ? complain(EXIT_FAILED, "interrupted before the first check; run the tool again.") : EXIT_DONE;

	if (!status)
		status = device_open(&request->fd);
	if (!status)
		status = try_outputs(request);
	return status ? status : prepare(request, validation);
}

static int validate(struct request *request, struct validation *validation)
{
	int status = open_and_prepare(request, validation);

	if (status)
		return status;
	if (!request->list)
		return check_firmware(request, validation);
	/* A check that was not run is pending in the report. */
	if (want_json)
		report_json(stdout, validation);
	else
		print_list(&request->form, validation);
	return EXIT_DONE;
}

/* The driver must not come back to firmware that it can't rely on, or to a machine that has lost a CPU. */
static bool may_load(const struct validation *v)
{
	struct verdict verdict;
	char *lost;
	bool fine;

	verdict_make(v, &verdict);
	lost = cpulist_format(&verdict.lost);
	fine = verdict.answer != VERDICT_UNRELIABLE && !*lost;
	if (*lost)
		complain(EXIT_DONE, "the driver was not loaded again, because CPUs %s no longer take interrupts; restart the machine.", lost);
	else if (!fine)
		complain(EXIT_DONE, "the driver was not loaded again, because this firmware failed checks that it relies on; keep it unloaded "
			 "until there is newer firmware.");
	free(lost);
	verdict_free(&verdict);
	return fine;
}

/* Validates between unloading the driver and loading it again. */
static int validate_in_service(struct request *request, struct validation *validation)
{
	struct swap swap;
	int status;

	if (files_rooted())
		return complain(EXIT_USAGE, "--unload-driver changes this machine; give it without --root.");
	/* What is wrong in the arguments must not cost the driver. The names of checks are known only to the module. */
	status = try_outputs(request);
	if (!status)
		status = swap_begin(&swap);
	if (status)
		return status;
	status = validate(request, validation);
	if (request->fd >= 0)
		close(request->fd);
	request->fd = -1;
	if (swap_end(&swap, !swap.driver || may_load(validation)) && status != EXIT_UNRELIABLE)
		status = EXIT_FAILED;
	return status;
}

int validate_main(int argc, char **argv)
{
	struct validation validation = { 0 };
	struct request request = { .fd = -1, .validation = &validation, .form = { .column = columns, .columns = COLUMNS } };
	int status;

	arguments_with(&table_argp, options, parse,
		       "Checks whether this firmware's event 0 does what the driver relies on and what the specification requires. "
		       "Needs the module sdei_nmi_validate. Prints KTAP.",
		       argc, argv, &request);
	device_catch_signals(!request.unload);
	status = request.unload ? validate_in_service(&request, &validation) : validate(&request, &validation);
	if (request.fd >= 0)
		close(request.fd);
	validation_free(&validation);
	return status;
}
