// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "memory.h"
#include "options.h"
#include "output.h"
#include "service.h"
#include "tool.h"

static bool ends(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

static void head(FILE *to, const char *name, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, ends(name, "_total") ? "counter" : "gauge");
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

static void print_metrics(FILE *to, const struct service *s)
{
	bool serving = s->there && s->state && !strcmp(s->state, "serving");
	const char *last = "";

	head(to, "sdei_nmi_up", "1 if the driver is loaded, else 0.");
	fprintf(to, "sdei_nmi_up %d\n", s->there);
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
	for (size_t i = 0; i < COUNTERS; i++) {
		const struct counter *c = &counters[i];

		if (s->counter[i] < 0)
			continue;
		if (strcmp(last, c->metric))
			head(to, c->metric, c->help);
		last = c->metric;
		fprintf(to, "%s%s%s%s ", c->metric, c->label ? "{" : "", c->label ? c->label : "", c->label ? "}" : "");
		if (ends(c->file, "_ns"))
			fprintf(to, "%lld.%09lld\n", (long long)s->counter[i] / 1000000000, (long long)s->counter[i] % 1000000000);
		else
			fprintf(to, "%lld\n", (long long)s->counter[i]);
	}
}

static void print_json(FILE *to, const struct service *s)
{
	struct json_object *object = json_document("sdei-nmi-metrics");

	json_truth(object, "up", s->there);
	json_text(object, "state", s->there ? s->state : NULL);
	json_object_object_add(object, "cpus", service_json_cpus(s));
	json_object_object_add(object, "counters", service_json_counters(s));
	json_print(to, object);
}

/* Succeeds without the driver as well: sdei_nmi_up then reports 0. */
int metrics_main(int argc, char **argv)
{
	const char *path = NULL;
	struct service service;
	struct sink sink;
	int status;

	arguments(output_options, parse_output,
		  "Prints state and counters for the textfile collector of Prometheus' node exporter.", argc, argv, &path);
	service_read(&service);
	status = sink_open_public(&sink, path);
	if (status)
		return status;
	if (want_json)
		print_json(sink.to, &service);
	else
		print_metrics(sink.to, &service);
	return sink_close(&sink);
}
