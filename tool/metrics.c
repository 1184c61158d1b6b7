// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "machine/lockups.h"
#include "machine/service.h"
#include "tool.h"

static bool ends(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

static void head(FILE *to, const char *name, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, ends(name, "_total") ? "counter" : "gauge");
}

static void sample(FILE *to, const char *name, const char *label, int64_t value, bool is_ns)
{
	fprintf(to, "%s%s%s%s ", name, label ? "{" : "", label ? label : "", label ? "}" : "");
	if (is_ns)
		fprintf(to, "%lld.%09lld\n", (long long)value / 1000000000, (long long)value % 1000000000);
	else
		fprintf(to, "%lld\n", (long long)value);
}

/* Escapes quotes and backslashes, as Prometheus requires. text_safe() has escaped newlines. */
static void label(FILE *to, const char *before, const char *name, const char *value)
{
	fprintf(to, "%s%s=\"", before, name);
	for (; value && *value; value++) {
		if (*value == '"' || *value == '\\')
			putc('\\', to);
		putc(*value, to);
	}
	putc('"', to);
}

static void print_lockups(FILE *to, const struct lockups *l)
{
	enum answer detected = lockups_detected(l);

	if (detected != UNKNOWN) {
		head(to, "sdei_nmi_lockup_detector", "1 if the kernel's own detector of hard lockups or the driver's works on this machine, else 0.");
		fprintf(to, "sdei_nmi_lockup_detector %d\n", detected == YES);
	}
	head(to, "sdei_nmi_lockup_detector_info",
	     "State of the kernel's own detector of hard lockups, and the lockups that the driver reports; empty if not known.");
	label(to, "sdei_nmi_lockup_detector_info{", "kernel", l->kernel_word);
	label(to, ",", "driver", l->driver_word);
	fprintf(to, "} 1\n");
}

/* Returns how many rows of the table from this one on are those of a histogram. */
static size_t histogram_rows(size_t first)
{
	size_t rows = 0;

	while (first + rows < COUNTERS && ends(counters[first + rows].metric, "_bucket"))
		rows++;
	return rows ? rows + 1 : 0;
}

/*
 * The driver changes the counters while the tool reads them, so a bucket can lag behind the one
 * before. An exporter needs ascending numbers.
 */
static void print_histogram(FILE *to, const struct service *s, size_t first, size_t rows)
{
	const struct counter *c = &counters[first];
	char *name = memory_format("%.*s", (int)(strlen(c->metric) - strlen("_bucket")), c->metric);
	int64_t count = 0;

	fprintf(to, "# HELP %s %s\n# TYPE %s histogram\n", name, c->help, name);
	for (size_t i = first; i < first + rows - 1; i++) {
		if (s->counter[i] > count)
			count = s->counter[i];
		sample(to, counters[i].metric, counters[i].label, count, false);
	}
	sample(to, counters[first + rows - 1].metric, NULL, s->counter[first + rows - 1], true);
	fprintf(to, "%s_count %lld\n", name, (long long)count);
	free(name);
}

static bool all_known(const struct service *s, size_t first, size_t rows)
{
	for (size_t i = first; i < first + rows; i++)
		if (s->counter[i] < 0)
			return false;
	return true;
}

static void print_counters(FILE *to, const struct service *s)
{
	const char *last = "";
	size_t rows;

	for (size_t i = 0; i < COUNTERS; i += rows ? rows : 1) {
		const struct counter *c = &counters[i];

		rows = histogram_rows(i);
		if (rows && all_known(s, i, rows))
			print_histogram(to, s, i, rows);
		if (rows || s->counter[i] < 0)
			continue;
		if (strcmp(last, c->metric))
			head(to, c->metric, c->help);
		last = c->metric;
		sample(to, c->metric, c->label, s->counter[i], ends(c->file, "_ns"));
	}
}

static void print_metrics(FILE *to, const struct service *s, const struct lockups *l)
{
	bool serving = s->there && s->state && !strcmp(s->state, "serving");

	head(to, "sdei_nmi_up", "1 if the driver is loaded, else 0.");
	fprintf(to, "sdei_nmi_up %d\n", s->there);
	print_lockups(to, l);
	if (!s->there)
		return;
	head(to, "sdei_nmi_serving", "1 if CPUs can be signalled, 0 in suspend and reboot.");
	fprintf(to, "sdei_nmi_serving %d\n", serving);
	head(to, "sdei_nmi_info", "Version and vendor of the firmware's SDEI, and how it is called.");
	label(to, "sdei_nmi_info{", "version", s->version);
	label(to, ",", "vendor", s->vendor);
	label(to, ",", "conduit", s->conduit);
	fprintf(to, "} 1\n");
	if (s->has_cpus) {
		head(to, "sdei_nmi_cpus", "Number of CPUs that event 0 may be sent to, that are in deep idle, and that are offline or lack event 0.");
		fprintf(to, "sdei_nmi_cpus{reach=\"reachable\"} %u\n", cpus_count(&s->reachable));
		fprintf(to, "sdei_nmi_cpus{reach=\"idle\"} %u\n", cpus_count(&s->idle));
		fprintf(to, "sdei_nmi_cpus{reach=\"down\"} %u\n", cpus_count(&s->down));
	}
	print_counters(to, s);
}

static void print_json(FILE *to, const struct service *s, const struct lockups *l)
{
	struct json_object *object = json_document("sdei-nmi-metrics");

	json_truth(object, "up", s->there);
	json_text(object, "state", s->there ? s->state : NULL);
	json_object_object_add(object, "cpus", service_json_cpus(s));
	json_object_object_add(object, "counters", service_json_counters(s));
	json_object_object_add(object, "lockup_detector", lockups_json(l));
	json_print(to, object);
}

/* Reads the facts about the host only if the driver's files do not suffice: the kernel log can be long. */
static void read_lockups(struct lockups *l, const struct service *s)
{
	struct host host;

	if (lockups_need_host(s))
		host_read(&host, s->there);
	lockups_read(l, s, lockups_need_host(s) ? &host : NULL);
}

static const struct argp_option options[] = { OUTPUT_OPTION, { 0 } };

static error_t parse(int key, char *argument, struct argp_state *state)
{
	return parse_output(key, argument, state, state->input);
}

/* Succeeds without the driver as well: sdei_nmi_up then reports 0. */
int metrics_main(int argc, char **argv)
{
	const char *path = NULL;
	struct service service;
	struct lockups lockups;
	struct sink sink;
	int status;

	arguments(options, parse,
		  "Prints state and counters for the textfile collector of Prometheus' node exporter.", argc, argv, &path);
	service_read(&service);
	read_lockups(&lockups, &service);
	status = sink_open_public(&sink, path);
	if (status)
		return status;
	if (want_json)
		print_json(sink.to, &service, &lockups);
	else
		print_metrics(sink.to, &service, &lockups);
	return sink_close(&sink);
}
