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

#include "common/files.h"
#include "common/memory.h"
#include "common/output.h"
#include "machine/cause.h"
#include "machine/lockups.h"
#include "machine/readiness.h"

/* The kernel's level of warnings. */
#define CONSOLE_LEVEL_OF_STACKS 4

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
	return memory_format("look for it in the boot log: journalctl -k -b | grep -iE 'sdei|started at EL|Virtualization Host'");
}

/* A driver that is built in needs no kprobes, no ftrace and no signature. */
static bool needs_module(const struct host *m, const struct service *s)
{
	return s->there ? m->loaded : m->own_sdei_nmi != YES || m->off_by_default != YES;
}

static void check_machine(struct readiness *list, const struct host *m)
{
	if (add_step(list, m, STEP_MACHINE, "machine", LEVEL_FAIL))
		return;
	if (m->hypervisor)
		add(list, "machine", LEVEL_WARN, memory_format("this is likely a virtual machine of %s", m->hypervisor),
		    memory_format("use the host, unless the hypervisor passes SDEI on"));
	else
		add(list, "machine", LEVEL_OK, memory_format("%s, and nothing shows a hypervisor", m->machine ? m->machine : "a server"), NULL);
}

static void check_firmware(struct readiness *list, const struct host *m, const struct service *s)
{
	const char *version = s->version ? s->version : m->core_version;

	if (add_step(list, m, STEP_FIRMWARE, "firmware", LEVEL_FAIL))
		return;
	add(list, "firmware", LEVEL_OK,
	    m->described_by ? memory_format("SDEI is described by %s", m->described_by) : memory_format("the kernel found SDEI"), NULL);
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
	bool refused = m->core_failure && strstr(m->core_failure, "Not supported on this");

	if (!s->there && (cause_without_el2(m) || refused || (m->started_el == 2 && m->log_whole && !m->vhe && !m->core_version)))
		add(list, "VHE", LEVEL_FAIL, memory_format("the kernel left EL2, which is the level that the firmware serves"), cause_core_remedy(m));
	else if (m->vhe)
		add(list, "VHE", LEVEL_OK, memory_format("the kernel runs at EL2"), NULL);
	else if (m->started_el == 1)
		add(list, "VHE", LEVEL_OK, memory_format("not needed, because the kernel was started at EL1"), NULL);
	else if (s->there || (m->core_version && !m->core_failure))
		add(list, "VHE", LEVEL_OK, memory_format("the firmware serves this kernel's exception level"), NULL);
	else
		add(list, "VHE", LEVEL_WARN, memory_format("whether the kernel runs at EL2 is not known"), log_remedy(m));
}

static void check_event(struct readiness *list, const struct host *m, const struct service *s)
{
	if (s->there)
		add(list, "event 0", LEVEL_OK, memory_format("served by this driver"), NULL);
	else if (m->own_sdei_nmi == YES && m->off_by_default == YES)
		add(list, "event 0", LEVEL_WARN, memory_format("this kernel's built-in driver is off by default"),
		    memory_format("try sdei_nmi.enable=probe on the kernel command line, and then sdei_nmi.enable=1"));
	else if (m->own_sdei_nmi == YES)
		add(list, "event 0", LEVEL_FAIL, memory_format("this kernel's built-in SDEI NMI owns event 0"),
		    memory_format("use the kernel's own reports, or a kernel without CONFIG_ARM_SDEI_NMI"));
	else if (m->load_failure && m->load_reason == REASON_TAKEN && m->step == STEP_EVENT)
		add(list, "event 0", LEVEL_WARN, memory_format("it had another owner when the module was loaded last"), cause_load_remedy(m));
	else if (add_step(list, m, STEP_EVENT, "event 0", LEVEL_FAIL) || m->step == STEP_FIRMWARE || m->step == STEP_CORE)
		return;
	else if (m->step == STEP_FILES)
		add(list, "event 0", LEVEL_OK, memory_format("not free: the module %s", m->going ? "has it still" : "has it or is about to take it"), NULL);
	else if (m->own_sdei_nmi == NO)
		add(list, "event 0", LEVEL_OK, memory_format("free, as far as the kernel's options and its log say"), NULL);
	else
		add(list, "event 0", LEVEL_WARN, memory_format("whether the kernel has a driver of its own for it is not known"),
		    memory_format("look for CONFIG_ARM_SDEI_NMI in the kernel's configuration"));
}

static void check_kernel(struct readiness *list, const struct host *m)
{
	const char *name = m->release ? m->release : "this kernel";
	unsigned int major = 0, minor = 0;
	bool numbered = m->release && sscanf(m->release, "%5u.%5u", &major, &minor) == 2;

	if (numbered && (major < 6 || (major == 6 && minor < 1)))
		add(list, "kernel", LEVEL_FAIL, memory_format("%s is too old: the module needs Linux 6.1 or newer", name),
		    memory_format("install a newer kernel"));
	else if (m->option_unset)
		add(list, "kernel", LEVEL_FAIL, memory_format("%s was built without CONFIG_%s, which the module needs", name, m->option_unset),
		    memory_format("use a kernel with CONFIG_%s=y", m->option_unset));
	else if (m->config_known && numbered)
		add(list, "kernel", LEVEL_OK, memory_format("%s is new enough and has the options that the module needs", name), NULL);
	else if (m->core_built == NO)
		add(list, "kernel", LEVEL_FAIL, memory_format("%s was built without CONFIG_ARM_SDE_INTERFACE, so it has no SDEI", name),
		    memory_format("use a kernel with CONFIG_ARM_SDE_INTERFACE=y"));
	else
		add(list, "kernel", LEVEL_WARN, memory_format("the configuration of %s is not known", name),
		    memory_format("look in the kernel's configuration for CONFIG_ARM_SDE_INTERFACE=y, CONFIG_KPROBES=y, CONFIG_KALLSYMS=y and "
				  "CONFIG_DYNAMIC_FTRACE=y"));
}

static void check_ftrace(struct readiness *list, const struct host *m)
{
	char *enabled = file_line("/proc/sys/kernel/ftrace_enabled");

	if (enabled && strcmp(enabled, "0"))
		add(list, "ftrace", LEVEL_OK, memory_format("on"), NULL);
	else if (enabled)
		add(list, "ftrace", LEVEL_FAIL, memory_format("it is switched off, so the module can't hook the kernel's functions"),
		    memory_format("run 'sysctl kernel.ftrace_enabled=1' as root"));
	else if (m->release && file_there("/proc/sys/kernel/osrelease"))
		add(list, "ftrace", LEVEL_FAIL, memory_format("this kernel has no function tracer, by which the module hooks the kernel's functions"),
		    memory_format("use a kernel with CONFIG_FUNCTION_TRACER=y and CONFIG_DYNAMIC_FTRACE=y"));
	else
		add(list, "ftrace", LEVEL_WARN, memory_format("whether it is on is not known"), memory_format("look at the sysctl kernel.ftrace_enabled"));
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
		    memory_format("try to load the module; if the log says 'hooking ... failed', unload the live patch"));
	free(name);
}

static void check_signing(struct readiness *list, const struct host *m)
{
	bool locked = m->lockdown && strcmp(m->lockdown, "none");

	if (m->coming || m->going)
		add(list, "signing", LEVEL_OK, memory_format("the kernel has accepted the module"), NULL);
	else if (m->loaded)
		add(list, "signing", LEVEL_OK, memory_format("the module is loaded"), NULL);
	else if (m->signed_only)
		add(list, "signing", LEVEL_WARN,
		    memory_format("this kernel loads only modules that are signed with a key it knows%s%s%s", locked ? " (lockdown: " : "",
				  locked ? m->lockdown : "", locked ? ")" : ""),
		    cause_signing_remedy());
	else if (m->lockdown)
		add(list, "signing", LEVEL_OK, memory_format("lockdown is none"), NULL);
	else if (!m->log_error)
		add(list, "signing", LEVEL_OK, memory_format("the kernel log shows no module that was rejected"), NULL);
	else
		add(list, "signing", LEVEL_WARN, memory_format("whether this kernel loads unsigned modules is not known"), log_remedy(m));
}

/* The cause of such a failure is gone, or goes with the next attempt. */
static bool is_past(const struct host *m)
{
	return m->load_reason == REASON_DISABLED || m->load_reason == REASON_CAPTURE_KERNEL || m->load_reason == REASON_PARAMETER ||
	       m->load_reason == REASON_TAKEN || m->load_reason == REASON_FTRACE;
}

static void check_running(struct readiness *list, const struct host *m, const struct service *s)
{
	const char *how = m->loaded ? "loaded" : "built in";

	if (s->state && strcmp(s->state, "serving"))
		add(list, "module", LEVEL_WARN, memory_format("%s, but it does not serve just now: %s", how, s->state),
		    memory_format("run 'sdei-nmi status' again when the machine has resumed, and see the kernel log"));
	else
		add(list, "module", LEVEL_OK, memory_format("%s%s%s", how, m->module_version ? ", version " : "",
				m->module_version ? m->module_version : ""),
		    NULL);
}

static void check_module(struct readiness *list, const struct host *m, const struct service *s)
{
	if (s->there)
		check_running(list, m, s);
	else if (!needs_module(m, s))
		add(list, "module", LEVEL_OK, memory_format("not needed: the driver is built in, and off by default"), NULL);
	else if (m->load_failure && (m->step == STEP_LOAD || m->step == STEP_EVENT))
		add(list, "module", is_past(m) ? LEVEL_WARN : LEVEL_FAIL,
		    memory_format("it did not start when it was loaded last (kernel log: '%s')", m->load_failure), cause_load_remedy(m));
	else if (add_step(list, m, STEP_FILES, "module", m->coming || m->going ? LEVEL_WARN : LEVEL_FAIL) ||
		 (m->own_sdei_nmi == YES && m->step == STEP_EVENT))
		return;
	else if (m->installed == NO)
		add(list, "module", LEVEL_WARN, memory_format("not installed for kernel %s", m->release), cause_install_remedy(m));
	else if (m->installed == YES)
		add(list, "module", LEVEL_WARN, memory_format("installed, not loaded"), memory_format("run 'modprobe sdei_nmi' as root"));
	else
		add(list, "module", LEVEL_WARN, memory_format("whether it is installed is not known"), cause_install_remedy(m));
}

static void check_build(struct readiness *list, const struct host *m)
{
	bool headers = m->release && file_there("/lib/modules/%s/build/Makefile", m->release);
	const char *release = m->release ? m->release : "$(uname -r)";

	if (!headers && m->installed != YES && !m->loaded)
		add(list, "build", LEVEL_WARN, memory_format("the headers of this kernel are not installed, so no module can be built for it"),
		    memory_format("install the headers of kernel %s", release));
	else if (!m->dkms)
		add(list, "build", LEVEL_WARN, memory_format("there is no DKMS, so somebody has to build the module for each new kernel"),
		    memory_format("install dkms, and the headers with each kernel"));
	else if (!headers)
		add(list, "build", LEVEL_WARN, memory_format("the headers of this kernel are not installed"),
		    memory_format("install the package that brings the headers with each kernel, so that DKMS can build the module"));
	else
		add(list, "build", LEVEL_OK, memory_format("DKMS and the headers of this kernel are installed"), NULL);
}

static void check_pseudo_nmi(struct readiness *list, const struct host *m, const struct service *s)
{
	if (m->pseudo_nmi)
		add(list, "pseudo-NMI", LEVEL_OK, memory_format("on: it does not reach a CPU that has set PSTATE.I, which event 0 does"), NULL);
	else if (m->cmdline)
		add(list, "pseudo-NMI", LEVEL_OK,
		    s->there ? memory_format("off: CPUs that mask interrupts are reached by event 0") :
			       memory_format("off: without the driver nothing reaches a CPU that masks interrupts"),
		    NULL);
	else
		add(list, "pseudo-NMI", LEVEL_WARN, memory_format("whether it is on is not known"),
		    memory_format("look for irqchip.gicv3_pseudo_nmi=1 in /proc/cmdline"));
}

static char *lockups_remedy(const struct lockups *lockups, const struct service *s, bool usable)
{
	if (!usable && lockups->kernel_switch)
		return memory_format("run 'sysctl %.*s=%s'", (int)strcspn(lockups->kernel_switch, "="), lockups->kernel_switch,
				     strstr(lockups->kernel_switch, "thresh") ? "10" : "1");
	if (!usable)
		return memory_format("use a kernel with a detector of its own, because this machine can't use the driver's");
	if (lockups->kernel_switch)
		return memory_format("run 'sysctl %.*s=%s', or load the driver with lockups=all", (int)strcspn(lockups->kernel_switch, "="),
				     lockups->kernel_switch, strstr(lockups->kernel_switch, "thresh") ? "10" : "1");
	if (!s->there)
		return memory_format("load the driver, which then detects them");
	if (lockups->driver == LOCKUPS_DRIVER_OLD)
		return memory_format("install a newer driver");
	if (lockups->driver == LOCKUPS_DRIVER_UNSERVED)
		return memory_format("see why the driver does not serve: sdei-nmi status");
	return memory_format("load the driver with lockups=auto, or with lockups=all if its log asks for that");
}

static void check_lockups(struct readiness *list, const struct host *m, const struct service *s, bool usable)
{
	struct lockups lockups;
	char *sentence;

	lockups_read(&lockups, s, m);
	sentence = lockups_sentence(&lockups);
	if (lockups_detected(&lockups) == YES)
		add(list, "hard lockups", LEVEL_OK, sentence, NULL);
	else
		add(list, "hard lockups", LEVEL_WARN, sentence, lockups_remedy(&lockups, s, usable));
}

#define KDUMP_PACKAGES "kdump-tools (Ubuntu: linux-crashdump; Fedora: kdump-utils; RHEL: kexec-tools or kdump-utils; SUSE: kdump)"

static void check_kdump(struct readiness *list)
{
	char *loaded = file_line("/sys/kernel/kexec_crash_loaded"), *size = file_line("/sys/kernel/kexec_crash_size");

	if (!loaded)
		add(list, "kdump", LEVEL_WARN, memory_format("this kernel can't load a capture kernel"), memory_format("use a kernel with CONFIG_CRASH_DUMP=y to save dumps"));
	else if (!strcmp(loaded, "1"))
		add(list, "kdump", LEVEL_OK, memory_format("a capture kernel is loaded"), NULL);
	else if (size && !strcmp(size, "0"))
		add(list, "kdump", LEVEL_WARN, memory_format("no memory is reserved for a capture kernel, so a panic leaves no dump"),
		    memory_format("install " KDUMP_PACKAGES ", reserve the memory that it asks for (crashkernel=), and reboot"));
	else
		add(list, "kdump", LEVEL_WARN, memory_format("no capture kernel is loaded, so a panic leaves no dump"),
		    memory_format("install " KDUMP_PACKAGES " and start its service"));
	free(loaded);
	free(size);
}

/* A console shows the stacks of a report, which have the level of a warning, if its own level is higher. */
static void check_console(struct readiness *list)
{
	char *printk = file_line("/proc/sys/kernel/printk"), *ignore = file_line("/sys/module/printk/parameters/ignore_loglevel"), *end = NULL;
	long level = printk ? strtol(printk, &end, 10) : 0;
	bool known = end != printk;

	if (ignore && !strcmp(ignore, "Y"))
		add(list, "console", LEVEL_OK, memory_format("shows stacks: the kernel's parameter ignore_loglevel is set"), NULL);
	else if (known && level > CONSOLE_LEVEL_OF_STACKS)
		add(list, "console", LEVEL_OK, memory_format("shows stacks: kernel.printk begins with %ld", level), NULL);
	else if (known)
		add(list, "console", LEVEL_WARN, memory_format("shows only the first line of a report, without stacks: kernel.printk begins with %ld", level),
		    memory_format("write 'kernel.printk = 7 4 1 7' to a file in /etc/sysctl.d, and run 'sysctl --system'"));
	free(printk);
	free(ignore);
}

static const struct point *first_failure(const struct readiness *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->point[i].level == LEVEL_FAIL)
			return &list->point[i];
	return NULL;
}

static void check_all(struct readiness *list, const struct host *m, const struct service *s)
{
	bool has_sysfs = file_there("/sys/kernel"), usable;

	check_machine(list, m);
	if (m->step == STEP_MACHINE)
		return;
	check_firmware(list, m, s);
	if (m->step != STEP_FIRMWARE)
		check_level(list, m, s);
	check_event(list, m, s);
	/* A driver that is loaded has what it needs. */
	if (needs_module(m, s) && !s->there)
		check_kernel(list, m);
	/* Where the module can't work, nobody is told to install it. */
	usable = !first_failure(list);
	if (needs_module(m, s)) {
		if (!s->there)
			check_ftrace(list, m);
		if (has_sysfs)
			check_live_patches(list, s);
		check_signing(list, m);
	}
	if (usable || s->there)
		check_module(list, m, s);
	if (usable && needs_module(m, s))
		check_build(list, m);
	check_pseudo_nmi(list, m, s);
	check_lockups(list, m, s, usable);
	if (has_sysfs)
		check_kdump(list);
	check_console(list);
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
	else if (s->there && (!s->state || !strcmp(s->state, "serving")))
		list->verdict = memory_format("this machine uses the driver");
	else if (s->there)
		list->verdict = memory_format("this machine can use the driver, which does not serve just now: %s", s->state);
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
