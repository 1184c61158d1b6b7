// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/memory.h"
#include "common/output.h"
#include "machine/service.h"

#define FOLDER "/sys/kernel/sdei_nmi"
#define DEBUG_FOLDER "/sys/kernel/debug/sdei_nmi"

#define REFUSED(code) \
	{ "signals_refused_" code, \
	  "sdei_nmi_signals_refused_total", "reason=\"" code "\"", "Signals of event 0 that the firmware refused." }

#define IRQS_OFF(file, part, label) \
	{ file, "sdei_nmi_irqs_off_seconds" part, label, "Times in which a CPU had interrupts off for longer than the parameter watch." }
#define IRQS_OFF_LE(time, seconds) IRQS_OFF("irqs_off_le_" time, "_bucket", "le=\"" seconds "\"")

/*
 * Rows of one metric are adjacent, because print_metrics() prints HELP and TYPE once for each
 * metric. It prints *_ns files in seconds. The rows of a histogram are its buckets, in ascending
 * order up to +Inf, and then its sum.
 */
const struct counter counters[COUNTERS] = {
	{ "signals_sent", "sdei_nmi_signals_sent_total", NULL, "Signals of event 0 that the firmware accepted." },
	{ "signals_held_off", "sdei_nmi_signals_held_off_total", NULL, "Signals not sent, because the CPU had masked SDEI or may have done so." },
	REFUSED("not_supported"),
	REFUSED("invalid_parameters"),
	REFUSED("denied"),
	REFUSED("pending"),
	REFUSED("out_of_resource"),
	REFUSED("unknown"),
	{ "deliveries", "sdei_nmi_deliveries_total", NULL, "Runs of the handler of event 0." },
	{ "deliveries_stray", "sdei_nmi_deliveries_stray_total", NULL, "Runs of the handler that found no request." },
	{ "ipi_fallbacks", "sdei_nmi_ipi_fallbacks_total", NULL, "Ordinary interrupts sent because event 0 could not be used or was not answered." },
	{ "late_answers", "sdei_nmi_late_answers_total", NULL, "Backtraces that came after the driver had stopped waiting for them." },
	{ "requests", "sdei_nmi_requests_total", NULL, "Requests for backtraces that the kernel made." },
	{ "requests_queued", "sdei_nmi_requests_queued_total", NULL, "Requests served after another request that was running." },
	{ "requests_turned_away", "sdei_nmi_requests_turned_away_total", NULL, "Times that queued requests were dropped because there were too many." },
	{ "cpus_asked", "sdei_nmi_cpus_asked_total", NULL, "CPUs that the requests named." },
	{ "cpus_answered", "sdei_nmi_cpus_answered_total", NULL, "CPUs that answered a request." },
	{ "cpus_named", "sdei_nmi_cpus_named_total", NULL, "CPUs that did not answer; the kernel log has the reason." },
	{ "snapshots", "sdei_nmi_snapshots_total", NULL, "Snapshots taken of all CPUs." },
	{ "longest_held_ns", "sdei_nmi_longest_held_seconds", NULL, "Longest time that a CPU spent in the handler." },
	{ "looks", "sdei_nmi_looks_total", NULL, "Looks of the watchers at a CPU." },
	{ "looks_ns", "sdei_nmi_looks_seconds_total", NULL, "Time that the watchers spent on looks." },
	{ "lockups", "sdei_nmi_lockups_total", NULL, "Hard lockups that the driver reported." },
	{ "irqs_off_dropped", "sdei_nmi_irqs_off_dropped_total", NULL,
	  "Times with interrupts off that were not looked into, or have no stack, because of a rate limit." },
	{ "samples", "sdei_nmi_samples_total", NULL, "Samples that the PMU sdei_nmi gave to perf." },
	{ "samples_missed", "sdei_nmi_samples_missed_total", NULL, "Periods of the PMU's events that passed without a sample." },
	{ "samples_coalesced", "sdei_nmi_samples_coalesced_total", NULL, "Signals for a sample that were not sent because an earlier one had not arrived." },
	{ "samples_skipped", "sdei_nmi_samples_skipped_total", NULL, "Signals for a sample that were not sent because the CPU had masked SDEI, or that the firmware refused." },
	{ "samples_refused", "sdei_nmi_samples_refused_total", NULL, "Samples that were not given because the event had a BPF program, or perf would have shown them as a guest's." },
	{ "samples_throttled", "sdei_nmi_samples_throttled_total", NULL, "Times that perf stopped an event of the PMU after a sample, for the rest of a tick or for good." },
	IRQS_OFF_LE("1ms", "0.001"),
	IRQS_OFF_LE("2ms", "0.002"),
	IRQS_OFF_LE("5ms", "0.005"),
	IRQS_OFF_LE("10ms", "0.01"),
	IRQS_OFF_LE("20ms", "0.02"),
	IRQS_OFF_LE("50ms", "0.05"),
	IRQS_OFF_LE("100ms", "0.1"),
	IRQS_OFF_LE("200ms", "0.2"),
	IRQS_OFF_LE("500ms", "0.5"),
	IRQS_OFF_LE("1000ms", "1"),
	IRQS_OFF_LE("10000ms", "10"),
	IRQS_OFF("irqs_off", "_bucket", "le=\"+Inf\""),
	IRQS_OFF("irqs_off_ns", "_sum", NULL),
};

bool cpus_read(const char *path, struct cpus *cpus)
{
	struct contents contents;
	enum cpulist_flaw flaw;

	*cpus = (struct cpus){ 0 };
	if (file_read(path, 1 << 17, &contents))
		return false;
	flaw = cpulist_parse(contents_piece(&contents), cpus);
	free(contents.text);
	return flaw == CPULIST_FINE || flaw == CPULIST_EMPTY;
}

void service_read(struct service *service)
{
	*service = (struct service){ .there = file_there(FOLDER) };
	for (size_t i = 0; i < COUNTERS; i++) {
		char *line = file_line(FOLDER "/counters/%s", counters[i].file);

		if (!line)
			line = file_line(DEBUG_FOLDER "/counters/%s", counters[i].file);
		service->counter[i] = -1;
		if (line && !text_number((struct piece){ line, strlen(line) }, &service->counter[i]))
			service->counter[i] = -1;
		free(line);
	}
	if (!service->there)
		return;
	service->state = file_line(FOLDER "/state");
	service->version = file_line(FOLDER "/version");
	service->vendor = file_line(FOLDER "/vendor");
	service->conduit = file_line(FOLDER "/conduit");
	service->priority = file_line(FOLDER "/priority");
	service->quirks = file_line(FOLDER "/quirks");
	service->kernel_detector = file_line(FOLDER "/kernel_detector");
	service->lockup_detector = file_line(FOLDER "/lockup_detector");
	service->has_cpus = cpus_read(FOLDER "/cpus_reachable", &service->reachable) && cpus_read(FOLDER "/cpus_idle", &service->idle) &&
			    cpus_read(FOLDER "/cpus_down", &service->down);
}

/* Adds all counters that this tool knows. A counter that the driver lacks is null. */
struct json_object *service_json_counters(const struct service *service)
{
	struct json_object *object;

	if (!service->there)
		return NULL;
	object = json_object_new_object();
	for (size_t i = 0; i < COUNTERS; i++)
		json_number(object, counters[i].file, service->counter[i]);
	return object;
}

static void add_cpus(struct json_object *object, const char *key, const struct cpus *cpus)
{
	char *list = cpulist_format(cpus);

	json_text(object, key, list);
	free(list);
}

struct json_object *service_json_cpus(const struct service *service)
{
	struct json_object *object;

	if (!service->has_cpus)
		return NULL;
	object = json_object_new_object();
	add_cpus(object, "reachable", &service->reachable);
	add_cpus(object, "idle", &service->idle);
	add_cpus(object, "down", &service->down);
	return object;
}

void service_print_counters(FILE *to, const struct service *service)
{
	for (size_t i = 0; i < COUNTERS; i++)
		if (service->counter[i] >= 0)
			fprintf(to, "  %-35s %lld\n", counters[i].file, (long long)service->counter[i]);
}
