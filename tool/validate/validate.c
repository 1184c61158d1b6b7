// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the checks of the module sdei_nmi_validate. Only open_device() and ask() use the device. The
 * module owns event 0 while the device is open. The kernel closes the device however the tool ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../cause.h"
#include "../files.h"
#include "../identity.h"
#include "../memory.h"
#include "../options.h"
#include "../output.h"
#include "../tool.h"
#include "ktap.h"
#include "report_html.h"
#include "report_json.h"
#include "report_markdown.h"
#include "runner.h"

#define DEVICE		"/dev/sdei_nmi_validate"
#define REPLY_MOST	(64U << 10)
#define QUICK		10		/* seconds for a command that runs no check */
#define MANY		64		/* most reports, and most choices */

enum { OPTION_DESTRUCTIVE = 0x200, OPTION_CHECK };

struct output {
	const char *path;
	void (*print)(FILE *to, const struct validation *validation);
};

struct request {
	bool destructive;
	struct output output[MANY];
	size_t outputs;
	const char *choice[MANY];
	size_t choices;

	int fd;
	bool unsaved;	/* a report could not be written; the user has been informed */
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Also write a report to FILE, which ends in .json, .md or .html; can be repeated", 0 },
	{ "check", OPTION_CHECK, "NAME", 0, "Run only this check, or the checks of this topic; can be repeated", 0 },
	{ "destructive", OPTION_DESTRUCTIVE, NULL, 0,
	  "Also run, last, the checks that can cost a CPU if the firmware is faulty", 0 },
	{ 0 }
};

static volatile sig_atomic_t interrupted, late;

static void on_signal(int number)
{
	if (number == SIGALRM)
		late = 1;
	else
		interrupted = 1;
}

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
	case ARGP_KEY_ARG:
		argp_error(state, "there is an argument too many, '%s'; use --check to choose checks.", shown(argument));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Explains in one sentence why the device could not be opened. Returns the exit status. */
static int no_device(int err)
{
	struct host host;

	host_read(&host, false);
	cause_find(&host);
	if (err == -EACCES || err == -EPERM)
		return complain(EXIT_PERMISSION, "no permission to open " DEVICE "; run the tool as root.");
	if (host.step == STEP_MACHINE || host.step == STEP_FIRMWARE || host.step == STEP_CORE)
		return complain(EXIT_UNAVAILABLE, "not available: %s; %s.", host.cause, host.remedy);
	if ((err == -EBUSY || err == -ENOENT) && (host.loaded || file_there("/sys/kernel/sdei_nmi")))
		return complain(EXIT_UNAVAILABLE,
				"not available: the driver sdei_nmi owns event 0; %s.",
				host.loaded ? "run 'rmmod sdei_nmi', then 'modprobe sdei_nmi_validate'" :
					      "it is built into the kernel, so boot with sdei_nmi.enable=0");
	switch (err) {
	case -ENOENT:
		return complain(EXIT_UNAVAILABLE,
				"not available: the module sdei_nmi_validate is not loaded; run 'modprobe sdei_nmi_validate' as root.");
	case -EBUSY:
		if (host.own_sdei_nmi == YES)
			return complain(EXIT_UNAVAILABLE,
					"not available: this kernel's built-in SDEI NMI owns event 0; use a kernel without CONFIG_ARM_SDEI_NMI.");
		return complain(EXIT_UNAVAILABLE,
				"not available: event 0 has another owner, or another validation runs; unload the owner, or wait "
				"for the validation to end.");
	case -ENODEV:
	case -ENXIO:
	case -EOPNOTSUPP:
		return complain(EXIT_UNAVAILABLE,
				"not available: the module could not get event 0 from the firmware (%s); see the kernel log.", strerror(-err));
	default:
		return complain(EXIT_FAILED, DEVICE " could not be opened: %s; see the kernel log.", strerror(-err));
	}
}

/* With --root there is no device. The tool then only explains what would prevent a validation. */
static int open_device(int *fd)
{
	if (files_rooted() && file_there(DEVICE))
		return complain(EXIT_UNAVAILABLE,
				"not available: the checks need the firmware of this machine; run the tool without --root.");
	*fd = files_rooted() ? -ENOENT : file_open(DEVICE, O_RDWR);
	return *fd < 0 ? no_device(*fd) : EXIT_DONE;
}

/*
 * Raises SIGALRM after the given seconds and then every second, so that a call that starts just
 * after the first signal is interrupted as well. 0 stops the signals.
 */
static void set_alarm(unsigned int seconds)
{
	const struct itimerval timer = { .it_value.tv_sec = (time_t)seconds, .it_interval.tv_sec = 1 };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static int read_reply(int fd, struct contents *reply)
{
	*reply = (struct contents){ .text = memory_array(NULL, REPLY_MOST + 1, 1) };
	for (;;) {
		ssize_t got = pread(fd, reply->text + reply->length, REPLY_MOST + 1 - reply->length, (off_t)reply->length);
		int err = got < 0 ? -errno : 0;

		if (err == -EINTR)
			continue;
		if (got > 0)
			reply->length += (size_t)got;
		if (!err && reply->length > REPLY_MOST)
			err = -EMSGSIZE;
		if (err)
			free(reply->text);
		if (got <= 0 || err)
			return err;
	}
}

static int ask(void *context, const char *command, unsigned int seconds, struct contents *reply)
{
	const struct request *request = context;
	int err;

	progress("%s", command);
	late = 0;
	set_alarm(seconds);
	do {
		ssize_t written = write(request->fd, command, strlen(command));

		err = written < 0 ? -errno : (size_t)written == strlen(command) ? 0 : -EIO;
	} while (err == -EINTR && !interrupted && !late);
	set_alarm(0);
	progress_end();
	if (!err)
		err = read_reply(request->fd, reply);
	else if (err == -EINTR && !interrupted)
		err = -ETIME;
	/* The alarm interrupted the check, not the user. */
	if (!err && late && !interrupted && memmem(reply->text, reply->length, "\ncame\tinterrupted", strlen("\ncame\tinterrupted"))) {
		free(reply->text);
		err = -ETIME;
	}
	return err;
}

static const char *stop(void *context)
{
	(void)context;
	return interrupted ? "interrupted" : !output_flush() ? "the output could not be written" : NULL;
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

static void danger(void *context, const struct check *check)
{
	(void)context;
	if (want_json)
		return;
	ktap_danger(stdout, check);
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
			return complain(EXIT_USAGE, "the module has neither a check nor a topic '%s'; run the tool without --check to see all "
					"names.",
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
	else if (interrupted)
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

int validate_main(int argc, char **argv)
{
	const struct sigaction end = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND }, alarms = { .sa_handler = on_signal };
	struct request request = { .fd = -1 };
	const struct runner runner = {
		.ask = ask, .stop = stop, .save = save, .danger = danger, .told = told,
		.programs = spinners_start, .programs_end = spinners_stop, .context = &request,
	};
	struct validation validation = { 0 };
	int status;
	bool whole;

	arguments(options, parse,
		  "Checks whether this firmware's event 0 does what the driver relies on and what the specification requires. "
		  "Needs the module sdei_nmi_validate. Prints KTAP.",
		  argc, argv, &request);
	status = open_device(&request.fd);
	if (!status)
		status = try_outputs(&request);
	if (status)
		return status;
	/*
	 * Without SA_RESTART, a signal interrupts a write. A second SIGINT or SIGTERM ends the
	 * tool.
	 */
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGALRM, &alarms, NULL);
	status = prepare(&request, &validation);
	if (status)
		return status;
	if (!want_json) {
		ktap_begin(stdout, &validation);
		output_flush();
	}
	whole = runner_run(&runner, &validation);
	close(request.fd);
	if (want_json)
		report_json(stdout, &validation);
	else
		ktap_end(stdout, &validation);
	output_flush();
	save(&request, &validation);
	status = outcome(&request, &validation, whole);
	validation_free(&validation);
	return status;
}
