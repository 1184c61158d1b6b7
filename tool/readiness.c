// SPDX-License-Identifier: GPL-2.0
/*
 * Grades everything that decides whether this machine can use the driver. Each point is graded by
 * itself, so that one run shows all that has to be done. A fact that is not known never fails: the
 * remedy then says how to make it known.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "files.h"
#include "lockups.h"
#include "memory.h"
#include "output.h"
#include "readiness.h"

static const char *const levels[] = { [LEVEL_OK] = "ok", [LEVEL_WARN] = "warn", [LEVEL_FAIL] = "fail" };

/* The texts become the list's. */
static void add(struct readiness *list, const char *name, enum level level, char *text, char *remedy)
{
	list->point[list->count++] = (struct point){ name, level, text, remedy };
}

/* Adds a point from the step that keeps the driver from running, if it is this one. */
static bool add_step(struct readiness *list, const struct host *m, enum step step, const char *name, enum level level)
{
	if (m->step != step)
		return false;
	add(list, name, level, memory_format("%s", m->cause), memory_format("%s", m->remedy));
	return true;
}

static char *log_remedy(const struct host *m)
{
	if (m->log_error == -EPERM || m->log_error == -EACCES)
		return memory_format("run the tool as root, so that it can read the kernel log");
	return memory_format("look for it in the boot log: journalctl -k -b | grep -i sdei");
}

static void check_machine(struct readiness *list, const struct host *m)
{
	if (add_step(list, m, STEP_MACHINE, "machine", LEVEL_FAIL))
		return;
	if (m->hypervisor)
		add(list, "machine", LEVEL_WARN, memory_format("this is likely a virtual machine of %s", m->hypervisor),
		    memory_format("use the host, unless the hypervisor passes SDEI on"));
	else
		add(list, "machine", LEVEL_OK, memory_format("%s, no virtual machine as far as is known", m->machine ? m->machine : "a server"), NULL);
}

static void check_firmware(struct readiness *list, const struct host *m, const struct service *s)
{
	const char *version = s->version ? s->version : m->core_version;

	if (!add_step(list, m, STEP_FIRMWARE, "firmware", LEVEL_FAIL))
		add(list, "firmware", LEVEL_OK,
		    m->described_by ? memory_format("SDEI is described by %s", m->described_by) : memory_format("has SDEI"), NULL);
	if (m->step == STEP_FIRMWARE)
		return;
	if (add_step(list, m, STEP_CORE, "SDEI core", LEVEL_FAIL))
		return;
	if (version)
		add(list, "SDEI core", LEVEL_OK, memory_format("the kernel uses SDEI %s", version), NULL);
	else
		add(list, "SDEI core", LEVEL_WARN, memory_format("whether the kernel could use the firmware's SDEI is not known"), log_remedy(m));
}

/* The firmware serves the highest exception level that the kernel could run at. */
static void check_level(struct readiness *list, const struct host *m, const struct service *s)
{
	if (m->vhe)
		add(list, "VHE", LEVEL_OK, memory_format("the kernel runs at EL2"), NULL);
	else if (m->started_el == 1)
		add(list, "VHE", LEVEL_OK, memory_format("not needed, because the kernel was started at EL1"), NULL);
	else if (s->there || m->core_version)
		add(list, "VHE", LEVEL_OK, memory_format("the firmware serves this kernel's exception level"), NULL);
	else if (m->started_el == 2 && m->log_whole)
		add(list, "VHE", LEVEL_FAIL, memory_format("the kernel left EL2, which is the level that the firmware serves"),
		    memory_format("use CPUs with VHE, without kvm-arm.mode=nvhe or protected on the kernel command line"));
	else
		add(list, "VHE", LEVEL_WARN, memory_format("whether the kernel runs at EL2 is not known"), log_remedy(m));
}

static void check_event(struct readiness *list, const struct host *m, const struct service *s)
{
	if (s->there)
		add(list, "event 0", LEVEL_OK, memory_format("served by this driver"), NULL);
	else if (m->off_by_default == YES && m->step == STEP_LOADED)
		add(list, "event 0", LEVEL_WARN, memory_format("%s", m->cause), memory_format("%s", m->remedy));
	else if (!add_step(list, m, STEP_EVENT, "event 0", LEVEL_FAIL))
		add(list, "event 0", LEVEL_OK,
		    memory_format("%s", m->own_sdei_nmi == NO ? "free" : "no other owner is known"), NULL);
}

static void check_kernel(struct readiness *list, const struct host *m, const struct service *s)
{
	unsigned int major = 0, minor = 0;
	bool known = m->release && sscanf(m->release, "%5u.%5u", &major, &minor) == 2;

	if (known && !s->there && (major < 6 || (major == 6 && minor < 1)))
		add(list, "kernel", LEVEL_FAIL, memory_format("%s is too old: the module needs Linux 6.1 or newer", m->release),
		    memory_format("install a newer kernel"));
	else if (m->option_missing && !s->there)
		add(list, "kernel", LEVEL_FAIL, memory_format("%s was built without CONFIG_%s, which the module needs", m->release, m->option_missing),
		    memory_format("use a kernel with CONFIG_%s=y", m->option_missing));
	else if (s->there)
		add(list, "kernel", LEVEL_OK, memory_format("%s has what the driver needs", known ? m->release : "it"), NULL);
	else if (m->core_built == YES && known)
		add(list, "kernel", LEVEL_OK, memory_format("%s is new enough and has the options that the module needs", m->release), NULL);
	else if (m->core_built == NO)
		add(list, "kernel", LEVEL_FAIL, memory_format("it was built without CONFIG_ARM_SDE_INTERFACE, so it has no SDEI"),
		    memory_format("use a kernel with CONFIG_ARM_SDE_INTERFACE=y"));
	else
		add(list, "kernel", LEVEL_WARN, memory_format("its configuration is not known"),
		    memory_format("compare the kernel's configuration with docs/install.md"));
}

static void check_ftrace(struct readiness *list, const struct service *s)
{
	char *enabled = file_line("/proc/sys/kernel/ftrace_enabled");

	if (enabled && !strcmp(enabled, "0") && !s->there)
		add(list, "ftrace", LEVEL_FAIL, memory_format("it is switched off, so the module can't hook the kernel's functions"),
		    memory_format("run 'sysctl kernel.ftrace_enabled=1' as root"));
	else if (enabled || s->there)
		add(list, "ftrace", LEVEL_OK, memory_format("%s", enabled && *enabled != '0' ? "on" : "not needed by the driver that runs"), NULL);
	else
		add(list, "ftrace", LEVEL_WARN, memory_format("whether it is on is not known"), memory_format("run 'sysctl kernel.ftrace_enabled'"));
	free(enabled);
}

/* Returns the name of a live patch, or NULL. */
static char *live_patch(void)
{
	char *full = file_path("/sys/kernel/livepatch"), *name = NULL;
	DIR *dir = opendir(full);
	struct dirent *entry;

	while (dir && !name && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			name = text_safe((struct piece){ entry->d_name, strlen(entry->d_name) }, TEXT_DOUBLE_BACKSLASH);
	if (dir)
		closedir(dir);
	free(full);
	return name;
}

static void check_live_patches(struct readiness *list, const struct service *s)
{
	char *name = live_patch();

	if (!name)
		add(list, "live patches", LEVEL_OK, memory_format("none"), NULL);
	else if (s->there)
		add(list, "live patches", LEVEL_OK, memory_format("%s, and the driver runs beside it", name), NULL);
	else
		add(list, "live patches", LEVEL_WARN,
		    memory_format("%s: the module does not load if a live patch has replaced a function that it hooks", name),
		    memory_format("try to load it; if it says 'hooking failed', unload the live patch"));
	free(name);
}

static void check_signing(struct readiness *list, const struct host *m)
{
	bool locked = m->lockdown && strcmp(m->lockdown, "none");

	if (m->loaded || !m->signed_only)
		add(list, "signing", LEVEL_OK,
		    m->lockdown ? memory_format("lockdown is %s%s", m->lockdown, locked ? ", and the module is loaded" : "") :
				  memory_format("no lockdown, and no rejected module in the kernel log"),
		    NULL);
	else
		add(list, "signing", LEVEL_WARN,
		    memory_format("this kernel loads only modules that are signed with a key it knows%s%s%s", locked ? " (lockdown: " : "",
				  locked ? m->lockdown : "", locked ? ")" : ""),
		    memory_format("enrol the key that DKMS signs with (mokutil --import /var/lib/dkms/mok.pub), and reboot"));
}

static void check_module(struct readiness *list, const struct host *m, const struct service *s)
{
	if (s->there)
		add(list, "module", LEVEL_OK, memory_format("%s%s%s", m->loaded ? "loaded" : "built in", m->module_version ? ", version " : "",
			      m->module_version ? m->module_version : ""),
		    NULL);
	else if (m->own_sdei_nmi == YES && m->off_by_default == YES)
		add(list, "module", LEVEL_OK, memory_format("not needed: the driver is built in, and off by default"), NULL);
	else if (m->load_failure && (m->step == STEP_LOAD || m->step == STEP_EVENT))
		add(list, "module", LEVEL_FAIL, memory_format("it could not be loaded (kernel log: '%s')", m->load_failure), cause_load_remedy(m));
	else if (add_step(list, m, STEP_FILES, "module", LEVEL_FAIL))
		return;
	else if (m->installed == NO)
		add(list, "module", LEVEL_WARN, memory_format("not installed for kernel %s", m->release), cause_install_remedy(m));
	else if (m->installed == YES)
		add(list, "module", LEVEL_WARN, memory_format("installed, not loaded"), memory_format("run 'modprobe sdei_nmi' as root"));
	else
		add(list, "module", LEVEL_WARN, memory_format("whether it is installed is not known"), cause_install_remedy(m));
}

static void check_build(struct readiness *list, const struct host *m, const struct service *s)
{
	bool headers = m->release && (file_there("/lib/modules/%s/build/Makefile", m->release) || file_there("/lib/modules/%s/build", m->release));

	if (s->there && !m->loaded)
		return;
	if (!headers && m->installed != YES)
		add(list, "build", LEVEL_WARN, memory_format("the headers of this kernel are not installed, so no module can be built for it"),
		    memory_format("install the headers of kernel %s", m->release ? m->release : "$(uname -r)"));
	else if (!m->dkms)
		add(list, "build", LEVEL_WARN, memory_format("there is no DKMS, so each new kernel needs a module built by hand"),
		    memory_format("install dkms, and the headers with each kernel"));
	else if (!headers)
		add(list, "build", LEVEL_WARN, memory_format("the headers of this kernel are not installed"),
		    memory_format("install the package that brings the headers with each kernel, so that DKMS can build the module"));
	else
		add(list, "build", LEVEL_OK, memory_format("DKMS and the headers of this kernel are installed"), NULL);
}

static void check_others(struct readiness *list, const struct host *m)
{
	if (m->pseudo_nmi)
		add(list, "pseudo-NMI", LEVEL_OK, memory_format("on: masking interrupts costs more, and CPUs that set PSTATE.I are reached only by event 0"),
		    NULL);
	else
		add(list, "pseudo-NMI", LEVEL_OK, memory_format("off: without the driver nothing reaches a CPU that masks interrupts"), NULL);
}

static void check_lockups(struct readiness *list, const struct host *m, const struct service *s)
{
	struct lockups lockups;
	char *sentence;

	lockups_read(&lockups, s, m);
	sentence = lockups_sentence(&lockups);
	if (lockups_detected(&lockups) == YES)
		add(list, "hard lockups", LEVEL_OK, sentence, NULL);
	else
		add(list, "hard lockups", LEVEL_WARN, sentence,
		    s->there ? memory_format("load the driver with lockups=auto, or lockups=all if its log asks for that") :
			       memory_format("load the driver, which then detects them"));
}

static void check_kdump(struct readiness *list)
{
	char *loaded = file_line("/sys/kernel/kexec_crash_loaded"), *size = file_line("/sys/kernel/kexec_crash_size");

	if (!loaded)
		add(list, "kdump", LEVEL_WARN, memory_format("this kernel can't load a capture kernel"), memory_format("use a kernel with CONFIG_CRASH_DUMP=y to save dumps"));
	else if (!strcmp(loaded, "1"))
		add(list, "kdump", LEVEL_OK, memory_format("a capture kernel is loaded"), NULL);
	else if (size && !strcmp(size, "0"))
		add(list, "kdump", LEVEL_WARN, memory_format("no memory is reserved for a capture kernel, so a panic leaves no dump"),
		    memory_format("add crashkernel=512M to the kernel command line, install the distribution's kdump package, and reboot"));
	else
		add(list, "kdump", LEVEL_WARN, memory_format("no capture kernel is loaded, so a panic leaves no dump"),
		    memory_format("install the distribution's kdump package and start its service"));
	free(loaded);
	free(size);
}

static void check_all(struct readiness *list, const struct host *m, const struct service *s)
{
	check_machine(list, m);
	if (m->step == STEP_MACHINE)
		return;
	check_firmware(list, m, s);
	check_level(list, m, s);
	check_event(list, m, s);
	check_kernel(list, m, s);
	check_ftrace(list, s);
	check_live_patches(list, s);
	check_signing(list, m);
	check_module(list, m, s);
	check_build(list, m, s);
	check_others(list, m);
	check_lockups(list, m, s);
	check_kdump(list);
}

static const struct point *first_failure(const struct readiness *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->point[i].level == LEVEL_FAIL)
			return &list->point[i];
	return NULL;
}

/* The host has its cause already (cause_find()), unless the driver is there. */
void readiness_read(struct readiness *list, const struct host *m, const struct service *s)
{
	const struct point *failure;

	*list = (struct readiness){ 0 };
	check_all(list, m, s);
	failure = first_failure(list);
	list->usable = !failure;
	if (failure)
		list->verdict = memory_format("this machine can't use the driver as it is; %s", failure->remedy);
	else if (s->there)
		list->verdict = memory_format("this machine uses the driver");
	else
		list->verdict = memory_format("this machine can use the driver, as far as is known; %s", m->remedy);
}

void readiness_print(FILE *to, const struct readiness *list)
{
	static const enum colour colours[] = { [LEVEL_OK] = GREEN, [LEVEL_WARN] = YELLOW, [LEVEL_FAIL] = RED };

	for (size_t i = 0; i < list->count; i++) {
		const struct point *point = &list->point[i];

		fprintf(to, "%s%-4s%s  %-12s  %s\n", to == stdout ? colour(colours[point->level]) : "", levels[point->level],
			to == stdout ? colour(PLAIN) : "", point->name, point->text);
		if (point->remedy)
			fprintf(to, "%20s-> %s\n", "", point->remedy);
	}
	fprintf(to, "%s.\n", list->verdict);
}

void readiness_json(struct json_object *object, const struct readiness *list)
{
	struct json_object *array = json_object_new_array();

	json_truth(object, "usable", list->usable);
	json_text(object, "verdict", list->verdict);
	for (size_t i = 0; i < list->count; i++) {
		struct json_object *point = json_object_new_object();

		json_text(point, "name", list->point[i].name);
		json_text(point, "level", levels[list->point[i].level]);
		json_text(point, "text", list->point[i].text);
		json_text(point, "remedy", list->point[i].remedy);
		json_object_array_add(array, point);
	}
	json_object_object_add(object, "points", array);
}
