// SPDX-License-Identifier: GPL-2.0
/*
 * Collects the facts for a bug report. Invariant: the report does not identify the machine, its
 * users or the builder of its kernel. It has no serial numbers and no host name. It has only those
 * log lines and kernel parameters that a fixed list allows (host.c, cmdline.c). It has names of
 * tasks only if the user asks for stacks.
 */
#include <errno.h>
#include <json_visit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/files.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "machine/cause.h"
#include "machine/identity.h"
#include "machine/readiness.h"
#include "snapshot/blocks.h"
#include "snapshot/snapshot_file.h"
#include "snapshot/snapshot_output.h"
#include "snapshot/snapshot_take.h"
#include "status.h"
#include "tool.h"

#define VALIDATION "/var/lib/sdei-nmi/validation.json"
#define VALIDATION_MOST (1U << 20)

struct report {
	const char *path;
	bool want_stacks, has_stacks;
	struct snapshot stacks;
	struct host host;
	struct service service;
	struct readiness readiness;
	struct identity identity;
	char *kernel;
	struct json_object *validation;
	const char *validation_trouble;
};

static const struct argp_option options[] = {
	OUTPUT_OPTION,
	{ "stacks", 's', NULL, 0, "Take a snapshot of all CPUs and add it. It has the names and the PIDs of the tasks that are on a CPU", 0 },
	{ 0 }
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct report *report = state->input;

	if (key == 's') {
		report->want_stacks = true;
		return 0;
	}
	return parse_output(key, argument, state, &report->path);
}

/* json-c reads NaN and Infinity, which are not JSON. */
static int find_unreal(struct json_object *object, int flags, struct json_object *parent, const char *key, size_t *index, void *found)
{
	(void)flags, (void)parent, (void)key, (void)index;
	if (!json_object_is_type(object, json_type_double) || isfinite(json_object_get_double(object)))
		return JSON_C_VISIT_RETURN_CONTINUE;
	*(bool *)found = true;
	return JSON_C_VISIT_RETURN_STOP;
}

static void read_validation(struct report *r)
{
	bool unreal = false;
	struct json_tokener *tokener;
	struct contents contents;
	int err = file_read(VALIDATION, VALIDATION_MOST, &contents);

	if (err) {
		r->validation_trouble = err == -ENOENT ? "there is no file " VALIDATION : strerror(-err);
		return;
	}
	tokener = json_tokener_new_ex(32);
	if (tokener && !contents.cut) {
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		r->validation = json_tokener_parse_ex(tokener, contents.text, (int)contents.length + 1);
	}
	if (r->validation)
		json_c_visit(r->validation, 0, find_unreal, &unreal);
	if (unreal) {
		json_object_put(r->validation);
		r->validation = NULL;
	}
	if (!r->validation)
		r->validation_trouble = VALIDATION " is not valid JSON";
	if (tokener)
		json_tokener_free(tokener);
	free(contents.text);
}

/*
 * Removes who built the kernel: "Linux version 6.12.1 (user@host) (gcc ...) #1 SMP ...". A text of
 * another form is cut at the first bracket.
 */
static char *without_builder(const char *version)
{
	size_t before = strcspn(version, "(");
	const char *after = strstr(version + before, ") (");

	while (before && version[before - 1] == ' ')
		before--;
	if (!after || strchr(after, '@'))
		after = ")";
	return memory_format("%.*s%s", (int)before, version, after + 1);
}

static void read_all(struct report *r)
{
	char *version = file_line("/proc/version");

	service_read(&r->service);
	host_read(&r->host, r->service.there);
	if (!r->service.there)
		cause_find(&r->host);
	readiness_read(&r->readiness, &r->host, &r->service);
	identity_read(&r->identity);
	if (version)
		r->kernel = without_builder(version);
	free(version);
	read_validation(r);
}

static void print_stacks(FILE *to, const struct report *r)
{
	fprintf(to, "\n== stacks\n");
	if (r->has_stacks)
		blocks_print(to, &r->stacks, NULL, false);
	else
		fprintf(to, "not taken; the tool said why on standard error\n");
}

static void print_text(FILE *to, const struct report *r)
{
	fprintf(to, REPORT_BEGINS);
	fprintf(to, "tool       %s\nkernel     %s\n", TOOL_VERSION, r->kernel ? r->kernel : "not known");
	fprintf(to, "parameters %s\n\n== status\n", !r->host.cmdline ? "not known" : *r->host.cmdline ? r->host.cmdline : "none that matter");
	status_print(to, &r->host, &r->service);
	fprintf(to, "\n== check\n");
	readiness_print(to, &r->readiness);
	fprintf(to, "\n== machine\n");
	for (size_t i = 0; i < IDENTITY_FIELDS; i++)
		if (r->identity.field[i])
			fprintf(to, "%-16s %s\n", identity_keys[i], r->identity.field[i]);
	if (r->host.psci)
		fprintf(to, "%-16s %s\n", "psci", r->host.psci);
	for (size_t i = 0; i < r->identity.midrs; i++)
		fprintf(to, "%-16s %s: CPUs %s\n", "midr_el1", r->identity.midr[i].value, r->identity.midr[i].cpus);
	fprintf(to, "\n== kernel log\n");
	if (r->host.log_error)
		fprintf(to, "not readable: %s\n", strerror(-r->host.log_error));
	else if (!r->host.log_whole)
		fprintf(to, "the oldest lines since boot are missing\n");
	if (r->host.lines_left_out)
		fprintf(to, "the oldest %zu lines are left out\n", r->host.lines_left_out);
	for (size_t i = 0; i < r->host.lines; i++)
		fprintf(to, "[%5lld.%06lld] %s\n", (long long)r->host.line[i].time_us / 1000000,
			(long long)r->host.line[i].time_us % 1000000, r->host.line[i].text);
	if (r->want_stacks)
		print_stacks(to, r);
	fprintf(to, "\n== last validation\n");
	if (r->validation)
		json_print_line(to, json_object_get(r->validation));
	else
		fprintf(to, "%s\n", r->validation_trouble);
	fprintf(to, "\n" REPORT_JSON_BEGINS);
}

static void print_json(FILE *to, struct report *r)
{
	struct json_object *object = json_document("sdei-nmi-report"), *part, *midrs;

	part = json_object_new_object();
	json_text(part, "tool", TOOL_VERSION);
	json_text(part, "kernel", r->kernel);
	json_text(part, "release", r->host.release);
	json_text(part, "parameters", r->host.cmdline);
	json_object_object_add(object, "versions", part);

	part = json_object_new_object();
	status_json(part, &r->host, &r->service);
	json_object_object_add(object, "status", part);

	part = json_object_new_object();
	readiness_json(part, &r->readiness);
	json_object_object_add(object, "check", part);

	part = json_object_new_object();
	for (size_t i = 0; i < IDENTITY_FIELDS; i++)
		json_text(part, identity_keys[i], r->identity.field[i]);
	json_text(part, "psci", r->host.psci);
	json_text(part, "lockdown", r->host.lockdown);
	midrs = json_object_new_object();
	for (size_t i = 0; i < r->identity.midrs; i++)
		json_text(midrs, r->identity.midr[i].value, r->identity.midr[i].cpus);
	json_object_object_add(part, "midr_el1", midrs);
	json_object_object_add(object, "machine", part);

	part = json_object_new_object();
	json_text(part, "trouble", r->host.log_error ? strerror(-r->host.log_error) : NULL);
	json_truth(part, "from_boot", r->host.log_whole);
	json_number(part, "left_out", (int64_t)r->host.lines_left_out);
	json_object_object_add(object, "kernel_log", part);
	if (part) {
		struct json_object *lines = json_object_new_array();

		for (size_t i = 0; i < r->host.lines; i++) {
			struct json_object *line = json_object_new_object();

			json_number(line, "time_us", r->host.line[i].time_us);
			json_text(line, "text", r->host.line[i].text);
			json_object_array_add(lines, line);
		}
		json_object_object_add(part, "lines", lines);
	}
	json_object_object_add(object, "stacks", r->has_stacks ? snapshot_json(&r->stacks, NULL, false) : NULL);
	json_truth(object, "stacks_failed", r->want_stacks && !r->has_stacks);
	json_object_object_add(object, "validation", r->validation);
	json_print(to, object);
}

int report_main(int argc, char **argv)
{
	struct report report = { 0 };
	int status, stacks_status = EXIT_DONE;
	struct sink sink;

	arguments(options, parse,
		  "Prints what a bug report needs, first as text and then as JSON; with --json only JSON. It does not name the "
		  "host, its users or the builder of its kernel.",
		  argc, argv, &report);
	status = sink_open(&sink, report.path);
	if (status)
		return status;
	/* The moment counts for the stacks, so they come first. A report without them is still of use. */
	if (report.want_stacks)
		stacks_status = snapshot_take(&report.stacks);
	report.has_stacks = report.want_stacks && !stacks_status;
	read_all(&report);
	if (!want_json)
		print_text(sink.to, &report);
	print_json(sink.to, &report);
	status = sink_close(&sink);
	return status ? status : stacks_status;
}
