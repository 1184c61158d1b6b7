// SPDX-License-Identifier: GPL-2.0
/*
 * All that belongs into a bug report, and nothing that names the machine or its user: no serial numbers, no host name, no
 * command line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "files.h"
#include "memory.h"
#include "output.h"
#include "status.h"
#include "tool.h"

#define VALIDATION "/var/lib/sdei-nmi/validation.json"
#define VALIDATION_MOST (1U << 20)

struct field {
	const char *key;
	const char *path;
};

static const struct field identity[] = {
	{ "bios_vendor", "/sys/class/dmi/id/bios_vendor" },	{ "bios_version", "/sys/class/dmi/id/bios_version" },
	{ "bios_date", "/sys/class/dmi/id/bios_date" },		{ "sys_vendor", "/sys/class/dmi/id/sys_vendor" },
	{ "product_name", "/sys/class/dmi/id/product_name" },	{ "board_name", "/sys/class/dmi/id/board_name" },
	{ "model", "/proc/device-tree/model" },			{ "compatible", "/proc/device-tree/compatible" },
	{ "psci_compatible", "/proc/device-tree/psci/compatible" },
};

#define FIELDS (sizeof(identity) / sizeof(identity[0]))

struct report {
	struct machine machine;
	struct service service;
	char *field[FIELDS];
	char *kernel;
	struct json_object *midrs;	/* MIDR: list of CPUs */
	struct json_object *validation;
	const char *validation_trouble;
};

/* CPUs of a kind together. */
static struct json_object *read_midrs(void)
{
	struct json_object *midrs = json_object_new_object();
	struct cpus present, same, done = { 0 };

	if (!cpus_read("/sys/devices/system/cpu/present", &present))
		return midrs;
	cpus_for_each(cpu, &present) {
		char *midr = cpus_have(&done, cpu) ? NULL : file_line("/sys/devices/system/cpu/cpu%u/regs/identification/midr_el1", cpu);
		char *list;

		if (!midr)
			continue;
		same = (struct cpus){ 0 };
		for (unsigned int other = cpu; other < CPUS_MAX; other = cpus_next(&present, other + 1)) {
			char *of_other = cpus_have(&done, other) ? NULL :
					 file_line("/sys/devices/system/cpu/cpu%u/regs/identification/midr_el1", other);

			if (of_other && !strcmp(midr, of_other)) {
				cpus_add(&same, other);
				cpus_add(&done, other);
			}
			free(of_other);
		}
		list = cpulist_format(&same);
		json_text(midrs, midr, list);
		free(list);
		free(midr);
	}
	return midrs;
}

static void read_validation(struct report *r)
{
	struct json_tokener *tokener;
	struct contents contents;
	int err = file_read(VALIDATION, VALIDATION_MOST, &contents);

	if (err) {
		r->validation_trouble = err == -ENOENT ? "there is none" : strerror(-err);
		return;
	}
	tokener = json_tokener_new_ex(32);
	if (tokener && !contents.cut) {
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		r->validation = json_tokener_parse_ex(tokener, contents.text, (int)contents.length + 1);
	}
	if (!r->validation)
		r->validation_trouble = VALIDATION " can't be read as JSON";
	if (tokener)
		json_tokener_free(tokener);
	free(contents.text);
}

static void read_all(struct report *r)
{
	service_read(&r->service);
	machine_read(&r->machine, r->service.there);
	for (size_t i = 0; i < FIELDS; i++)
		r->field[i] = file_line("%s", identity[i].path);
	r->kernel = file_line("/proc/version");
	r->midrs = read_midrs();
	read_validation(r);
}

static void print_text(FILE *to, const struct report *r)
{
	fprintf(to, "== sdei-nmi report\n");
	fprintf(to, "tool       %s\nkernel     %s\n\n== status\n", TOOL_VERSION, r->kernel ? r->kernel : "not known");
	status_print(to, &r->machine, &r->service);
	fprintf(to, "\n== machine\n");
	for (size_t i = 0; i < FIELDS; i++)
		if (r->field[i])
			fprintf(to, "%-16s %s\n", identity[i].key, r->field[i]);
	if (r->machine.psci)
		fprintf(to, "%-16s %s\n", "psci", r->machine.psci);
	json_object_object_foreach(r->midrs, midr, list)
		fprintf(to, "%-16s %s: CPUs %s\n", "midr_el1", midr, json_object_get_string(list));
	fprintf(to, "\n== kernel log\n");
	if (r->machine.log_error)
		fprintf(to, "not readable: %s\n", strerror(-r->machine.log_error));
	else if (!r->machine.log_whole)
		fprintf(to, "it does not go back to the boot any more\n");
	for (size_t i = 0; i < r->machine.lines; i++)
		fprintf(to, "[%5lld.%06lld] %s\n", (long long)r->machine.line[i].time_us / 1000000,
			(long long)r->machine.line[i].time_us % 1000000, r->machine.line[i].text);
	fprintf(to, "\n== last validation\n");
	if (r->validation)
		fprintf(to, "%s\n", json_object_to_json_string_ext(r->validation, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		fprintf(to, "%s\n", r->validation_trouble);
	fprintf(to, "\n== the same as JSON\n");
}

static void print_json(FILE *to, struct report *r)
{
	struct json_object *object = json_document("sdei-nmi-report"), *part;

	part = json_object_new_object();
	json_text(part, "tool", TOOL_VERSION);
	json_text(part, "kernel", r->kernel);
	json_text(part, "release", r->machine.release);
	json_object_object_add(object, "versions", part);

	part = json_object_new_object();
	status_json(part, &r->machine, &r->service);
	json_object_object_add(object, "status", part);

	part = json_object_new_object();
	for (size_t i = 0; i < FIELDS; i++)
		json_text(part, identity[i].key, r->field[i]);
	json_text(part, "psci", r->machine.psci);
	json_text(part, "lockdown", r->machine.lockdown);
	json_object_object_add(part, "midr_el1", r->midrs);
	json_object_object_add(object, "machine", part);

	part = json_object_new_object();
	json_text(part, "trouble", r->machine.log_error ? strerror(-r->machine.log_error) : NULL);
	json_truth(part, "from_boot", r->machine.log_whole);
	json_object_object_add(object, "kernel_log", part);
	if (part) {
		struct json_object *lines = json_object_new_array();

		for (size_t i = 0; i < r->machine.lines; i++) {
			struct json_object *line = json_object_new_object();

			json_number(line, "time_us", r->machine.line[i].time_us);
			json_text(line, "text", r->machine.line[i].text);
			json_object_array_add(lines, line);
		}
		json_object_object_add(part, "lines", lines);
	}
	json_object_object_add(object, "validation", r->validation);
	json_print(to, object);
}

int report_main(int argc, char **argv)
{
	const char *path = NULL;
	struct report report = { 0 };
	struct sink sink;
	int status;

	arguments(output_options, parse_output,
		  "All that belongs into a bug report, as text and behind it as JSON; with --json as JSON only. It names "
		  "neither the host nor its users.",
		  argc, argv, &path);
	status = sink_open(&sink, path);
	if (status)
		return status;
	read_all(&report);
	if (!want_json)
		print_text(sink.to, &report);
	print_json(sink.to, &report);
	return sink_close(&sink);
}
