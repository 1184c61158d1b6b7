// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "machine/cause.h"
#include "machine/lockups.h"
#include "status.h"
#include "tool.h"

static const char *yes_no(enum answer answer)
{
	return answer == YES ? "yes" : answer == NO ? "no" : "not known";
}

static const char *or_unknown(const char *text)
{
	return text ? text : "not known";
}

static void print_firmware(FILE *to, const struct host *m, const struct service *s)
{
	const char *version = s->version ? s->version : m->core_version, *vendor = s->vendor ? s->vendor : m->core_vendor;
	const char *conduit = s->conduit ? s->conduit : m->method;

	if (!version && !m->described_by) {
		fprintf(to, "firmware   no SDEI\n");
		return;
	}
	fprintf(to, "firmware   SDEI %s, vendor's part %s, called by %s, described by %s\n", or_unknown(version), or_unknown(vendor),
		or_unknown(conduit), m->described_by ? m->described_by : "an unknown source");
	if (s->quirks && strcmp(s->quirks, "none"))
		fprintf(to, "quirks     %s\n", s->quirks);
}

static void print_list(FILE *to, const char *before, const struct cpus *cpus)
{
	char *list = cpulist_format(cpus);

	fprintf(to, "%s %s", before, *list ? list : "none");
	free(list);
}

static void print_lockups(FILE *to, const struct host *m, const struct service *s)
{
	struct lockups lockups;
	char *sentence;

	lockups_read(&lockups, s, m);
	sentence = lockups_sentence(&lockups);
	fprintf(to, "lockups    %s\n", sentence);
	free(sentence);
}

void status_print(FILE *to, const struct host *m, const struct service *s)
{
	const char *event0 = host_event0(m, s->there), *failures[] = { m->core_failure, m->core_down, m->load_failure, m->unload_failure };

	if (s->there && (!s->state || !strcmp(s->state, "serving")))
		fprintf(to, "%s%s%s\n", to == stdout ? colour(GREEN) : "", "serving", to == stdout ? colour(PLAIN) : "");
	else if (s->there)
		fprintf(to, "not serving just now: %s\n", s->state);
	else
		fprintf(to, "%snot available%s: %s\nremedy     %s\n", to == stdout ? colour(RED) : "", to == stdout ? colour(PLAIN) : "",
			m->cause, m->remedy);
	print_firmware(to, m, s);
	fprintf(to, "event 0    %s\n", !strcmp(event0, "ours")  ? "served by us" :
				       !s->there && m->unload_failure ? "not released when the driver was unloaded" :
				       !strcmp(event0, "taken") ? "taken by another owner" :
				       !strcmp(event0, "free")	? "free" :
				       !strcmp(event0, "none")	? "does not exist" :
								  "not known");
	if (s->has_cpus) {
		print_list(to, "CPUs       reachable", &s->reachable);
		print_list(to, ", in deep idle", &s->idle);
		print_list(to, ", down", &s->down);
		fprintf(to, "\n");
	}
	print_lockups(to, m, s);
	fprintf(to, "module     loaded: %s, installed: %s",
		m->coming ? "not yet" : m->going ? "not for long" : m->loaded ? "yes" : s->there ? "built in" : "no", yes_no(m->installed));
	if (m->module_version)
		fprintf(to, ", version %s", m->module_version);
	if (m->module_srcversion)
		fprintf(to, ", srcversion %s", m->module_srcversion);
	fprintf(to, "\nother NMI  pseudo-NMI: %s, the kernel's own SDEI NMI: %s\n", m->pseudo_nmi ? "yes" : "no",
		s->there ? "no" : yes_no(m->own_sdei_nmi));
	if (m->hypervisor)
		fprintf(to, "machine    likely a virtual machine of %s\n", m->hypervisor);
	if (m->log_error)
		fprintf(to, "kernel log not readable: %s%s\n", strerror(-m->log_error), m->log_error == -EPERM ? "; run the tool as root" : "");
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i])
			fprintf(to, "kernel log %s\n", failures[i]);
	if (s->there) {
		fprintf(to, "counters\n");
		service_print_counters(to, s);
	}
}

void status_json(struct json_object *object, const struct host *m, const struct service *s)
{
	struct json_object *part;
	struct lockups lockups;

	json_truth(object, "available", s->there);
	json_text(object, "state", s->there ? s->state : NULL);

	part = NULL;
	if (!s->there) {
		part = json_object_new_object();
		json_text(part, "step", step_name(m->step));
		json_text(part, "cause", m->cause);
		json_text(part, "remedy", m->remedy);
	}
	json_object_object_add(object, "problem", part);

	part = json_object_new_object();
	json_text(part, "described_by", m->described_by);
	json_text(part, "version", s->version ? s->version : m->core_version);
	json_text(part, "vendor", s->vendor ? s->vendor : m->core_vendor);
	json_text(part, "conduit", s->conduit ? s->conduit : m->method);
	json_text(part, "priority", s->priority);
	json_text(part, "quirks", s->quirks);
	json_text(part, "failure", m->core_failure ? m->core_failure : m->core_down);
	json_object_object_add(object, "firmware", part);

	json_text(object, "event0", host_event0(m, s->there));
	json_object_object_add(object, "cpus", service_json_cpus(s));
	json_object_object_add(object, "counters", service_json_counters(s));
	lockups_read(&lockups, s, m);
	json_object_object_add(object, "lockup_detector", lockups_json(&lockups));

	part = json_object_new_object();
	json_truth(part, "loaded", m->loaded && !m->coming && !m->going);
	json_truth(part, "built_in", s->there && !m->loaded);
	json_answer(part, "installed", m->installed);
	json_text(part, "version", m->module_version);
	json_text(part, "srcversion", m->module_srcversion);
	json_text(part, "load_failure", m->load_failure);
	json_text(part, "unload_failure", m->unload_failure);
	json_truth(part, "signed_only", m->signed_only);
	json_object_object_add(object, "module", part);

	part = json_object_new_object();
	json_truth(part, "pseudo_nmi", m->pseudo_nmi);
	json_answer(part, "kernel_sdei_nmi", s->there ? NO : m->own_sdei_nmi);
	json_object_object_add(object, "others", part);

	json_text(object, "likely_guest_of", m->hypervisor);
	json_truth(object, "kernel_log_readable", !m->log_error);
}

int status_main(int argc, char **argv)
{
	struct service service;
	struct host host;

	arguments(NULL, NULL,
			"Shows whether the driver is running. If it is not, shows which step failed and exits with 3.",
		  argc, argv, NULL);
	service_read(&service);
	host_read(&host, service.there);
	if (!service.there)
		cause_find(&host);
	if (want_json) {
		struct json_object *object = json_document("sdei-nmi-status");

		status_json(object, &host, &service);
		json_print(stdout, object);
	} else {
		status_print(stdout, &host, &service);
	}
	return service.there ? EXIT_DONE : EXIT_UNAVAILABLE;
}
