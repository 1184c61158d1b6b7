// SPDX-License-Identifier: GPL-2.0
/* Collects the facts. Which of them keeps the driver from running is decided in cause.c. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/memory.h"
#include "machine/cmdline.h"
#include "machine/config.h"
#include "machine/driver_log.h"
#include "machine/host.h"
#include "machine/kmsg.h"

#define LINES_MOST 1000	/* in a bug report */
#define KMSG_MS 3000

/* Returns whether a property that is a list of strings contains word. */
static bool property_has(const char *path, const char *word)
{
	struct contents contents;
	bool found = false;

	if (file_read(path, 4096, &contents))
		return false;
	for (size_t at = 0; at < contents.length && !found; at += strlen(contents.text + at) + 1)
		found = !strcmp(contents.text + at, word);
	free(contents.text);
	return found;
}

/* Like the kernel, looks for a compatible node directly below /firmware. */
static void read_tree(struct host *m, const char *tree)
{
	char *folder = memory_format("%s/firmware", tree), *full = file_path(folder);
	DIR *dir = opendir(full);
	struct dirent *entry;

	while (dir && !m->described_by && (entry = readdir(dir))) {
		char *path = memory_format("%s/%s/compatible", folder, entry->d_name);

		if (entry->d_name[0] != '.' && property_has(path, "arm,sdei-1.0")) {
			m->described_by = "device tree";
			m->method = file_line("%s/%s/method", folder, entry->d_name);
		}
		free(path);
	}
	if (dir)
		closedir(dir);
	free(folder);
	free(full);
}

static void read_firmware(struct host *m)
{
	read_tree(m, "/proc/device-tree");
	if (!m->described_by)
		read_tree(m, "/sys/firmware/devicetree/base");
	if (!m->described_by && file_there("/sys/firmware/acpi/tables/SDEI"))
		m->described_by = "ACPI";
}

static void replace(char **text, struct piece with)
{
	free(*text);
	*text = text_safe(with, TEXT_KEEP_BACKSLASH);
}

/* "sdei: SDEIv1.0 (0x0) detected in firmware." */
static void core_detected(struct host *m, struct piece text)
{
	char *line = text_safe(text, TEXT_KEEP_BACKSLASH);
	unsigned int major, minor, vendor;

	if (sscanf(line, "sdei: SDEIv%5u.%5u (0x%8x)", &major, &minor, &vendor) == 3) {
		free(m->core_version);
		free(m->core_vendor);
		free(m->core_down);
		m->core_down = NULL;
		m->core_version = memory_format("%u.%u", major, minor);
		m->core_vendor = memory_format("0x%x", vendor);
	}
	free(line);
}

/*
 * Recognises the lines by which the kernel's SDEI core says that SDEI is unusable. Lines about a
 * single event are not among them.
 */
static bool ends_core(struct piece text)
{
	static const char *const lines[] = {
		"Failed to get SDEI version", "Conflicting SDEI version", "Not supported on this", "Failed to reset platform",
		"Failed to register CPU", "Failed to register reboot", "Failed to register ACPI", "Failed to get ACPI",
		"Failed to re-register shared", "missing \"method\"", "invalid \"method\"", "disabling SDEI",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (text_has(text, lines[i]))
			return true;
	return false;
}

/*
 * The core gives events -EIO only if it has no way to call the firmware. No answer of the firmware
 * becomes -EIO. Events have their own users, such as firmware-first errors.
 */
static bool core_is_down(struct piece text)
{
	static const char end[] = ": -5";
	size_t length = sizeof(end) - 1;

	return text_starts(text, "sdei: Failed to create event ") && !memcmp(text.at + text.length - length, end, length);
}

static void forget_load(struct host *m)
{
	free(m->load_failure);
	m->load_failure = NULL;
}

/* A later attempt to load the module overrides an earlier one. */
static void read_driver_line(struct host *m, struct piece text)
{
	switch (driver_log_parse(text, &m->load_reason)) {
	case DRIVER_STARTED:
		free(m->unload_failure);
		m->unload_failure = NULL;
		forget_load(m);
		break;
	case DRIVER_UNLOADED:
		forget_load(m);
		break;
	case DRIVER_LOAD_FAILED:
		replace(&m->load_failure, text);
		break;
	case DRIVER_UNLOAD_FAILED:
		replace(&m->unload_failure, text);
		break;
	case DRIVER_OTHER:
		break;
	}
}

static void read_line(struct host *m, struct piece text)
{
	if (text_starts(text, "sdei: ")) {
		if (text_has(text, "detected in firmware"))
			core_detected(m, text);
		else if (!m->core_failure && ends_core(text))
			replace(&m->core_failure, text);
		else if (!m->core_down && core_is_down(text))
			replace(&m->core_down, text);
	} else if (text_starts(text, "sdei_nmi: ")) {
		read_driver_line(m, text);
	} else if ((text_has(text, "Loading of ") && text_has(text, "module") && text_has(text, " is rejected")) ||
		   (text_has(text, "Lockdown: ") && text_has(text, "unsigned module loading"))) {
		/* The line may be about another module, so it counts only without a known cause. */
		m->signed_only = true;
	} else if (text_starts(text, "psci: PSCIv") && text_has(text, "detected")) {
		replace(&m->psci, text);
	} else if (text_starts(text, "CPU: All CPU(s) started at EL")) {
		m->started_el = text_has(text, "EL2") ? 2 : text_has(text, "EL1") ? 1 : 0;
	} else if (text_starts(text, "CPU features: detected: Virtualization Host Extensions")) {
		m->vhe = true;
	} else if (text_starts(text, "GHES: ") && text_has(text, "notified via SDE Interface is not supported")) {
		/* Only a kernel without CONFIG_ARM_SDE_INTERFACE prints this. */
		m->no_core_line = true;
	} else if (text_starts(text, "watchdog: ") &&
		   (text_has(text, "Hard watchdog permanently disabled") || text_has(text, "Perf NMI watchdog permanently disabled"))) {
		m->lockup_gave_up = true;
	}
}

/*
 * Other lines can contain the word sdei, too, with passwords, users and hosts: the command line, or
 * audit's record of a command. So a bug report has only lines by these authors. One of the driver's
 * own lines, which stands for a block of a backtrace, names a task.
 */
static bool is_public(struct piece text)
{
	if (text_has(text, " has the same stack, in "))
		return false;
	return text_starts(text, "sdei:") || text_starts(text, "sdei_nmi") || text_starts(text, "psci:");
}

/* Keeps the newest lines for a bug report. */
static void keep_lines(struct host *m, struct piece log, size_t total)
{
	struct kmsg record;

	m->lines_left_out = total > LINES_MOST ? total - LINES_MOST : 0;
	m->line = memory_array(NULL, total - m->lines_left_out, sizeof(*m->line));
	for (size_t i = 0; kmsg_next(&log, &record);) {
		if (!is_public(record.text) || i++ < m->lines_left_out)
			continue;
		m->line[m->lines++] = (struct log_line){ record.time_us, text_safe(record.text, TEXT_KEEP_BACKSLASH) };
	}
}

static void read_log(struct host *m)
{
	struct log log;
	struct piece rest;
	struct kmsg record;
	bool first = true;
	size_t total = 0;

	m->log_error = log_open(&log, false);
	if (m->log_error)
		return;
	m->log_error = log_read(&log, 0, KMSG_MS);
	rest = (struct piece){ log.text, log.length };
	while (kmsg_next(&rest, &record)) {
		if (first)
			m->log_whole = record.sequence == 0;
		first = false;
		read_line(m, record.text);
		total += is_public(record.text);
	}
	keep_lines(m, (struct piece){ log.text, log.length }, total);
	log_close(&log);
}

/* The module needs these options. Without the first one the kernel has no SDEI. */
static const char *const options[] = { "ARM_SDE_INTERFACE", "KPROBES", "KALLSYMS", "FTRACE", "DYNAMIC_FTRACE" };

/* An option that a configuration does not mention is off, unlike in config_has(). */
static enum answer is_set(const struct config *config, const char *option)
{
	return !config->known ? UNKNOWN : config_has(config, option) == YES ? YES : NO;
}

static void read_config(struct host *m)
{
	struct config config;

	config_read(&config, m->release);
	m->core_built = config_has(&config, options[0]);
	if (m->core_built == UNKNOWN && m->no_core_line)
		m->core_built = NO;
	m->config_known = config.known;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]) && config.known && !m->option_unset; i++)
		if (config_has(&config, options[i]) != YES)
			m->option_unset = options[i];
	for (size_t i = 1; i < sizeof(options) / sizeof(options[0]) && !m->option_missing; i++)
		if (config_has(&config, options[i]) == NO)
			m->option_missing = options[i];
	m->own_sdei_nmi = is_set(&config, "ARM_SDEI_NMI");
	m->off_by_default = is_set(&config, "ARM_SDEI_NMI_DEFAULT_OFF");
	m->lockup_detector = is_set(&config, "HARDLOCKUP_DETECTOR");
	m->lockup_buddy = is_set(&config, "HARDLOCKUP_DETECTOR_BUDDY");
	m->lockup_perf = is_set(&config, "HARDLOCKUP_DETECTOR_PERF");
	config_free(&config);
}

static void read_kernel(struct host *m)
{
	struct contents contents;
	struct utsname name;
	char *enforce;

	m->release = file_line("/proc/sys/kernel/osrelease");
	if (!uname(&name)) {
		if (!m->release && !files_rooted())
			m->release = memory_format("%s", name.release);
		if (!files_rooted())
			m->machine = memory_format("%s", name.machine);
	}
	if (!file_read("/proc/cmdline", 1 << 16, &contents)) {
		m->pseudo_nmi = cmdline_truth(contents_piece(&contents), "irqchip.gicv3_pseudo_nmi");
		m->cmdline = cmdline_public(contents_piece(&contents));
		free(contents.text);
	}
	/* "none [integrity] confidentiality" */
	if (!file_read("/sys/kernel/security/lockdown", 4096, &contents)) {
		const char *open = memchr(contents.text, '[', contents.length);
		const char *close = open ? strchr(open, ']') : NULL;

		if (close)
			m->lockdown = text_safe((struct piece){ open + 1, (size_t)(close - open - 1) }, TEXT_DOUBLE_BACKSLASH);
		free(contents.text);
	}
	enforce = file_line("/sys/module/module/parameters/sig_enforce");
	if ((m->lockdown && strcmp(m->lockdown, "none")) || (enforce && !strcmp(enforce, "Y")))
		m->signed_only = true;
	free(enforce);
}

/* Returns whether modprobe finds the module, or the kernel has it built in. */
enum answer host_has_module(const char *release, const char *name)
{
	static const char *const lists[] = { "modules.dep", "modules.builtin" };
	char *file = memory_format("/%s.ko", name);
	enum answer answer = UNKNOWN;

	for (size_t i = 0; release && i < sizeof(lists) / sizeof(lists[0]) && answer != YES; i++) {
		char *path = memory_format("/lib/modules/%s/%s", release, lists[i]);
		struct contents contents;

		if (!file_read(path, 16 << 20, &contents)) {
			struct piece rest = contents_piece(&contents), of;

			answer = NO;
			while (text_line(&rest, &of)) {
				const char *colon = memchr(of.at, ':', of.length);

				if (colon)
					of.length = (size_t)(colon - of.at);
				if (text_has(of, file))
					answer = YES;
			}
			free(contents.text);
		}
		free(path);
	}
	free(file);
	return answer;
}

static void read_module(struct host *m)
{
	char *line;

	line = file_line("/sys/module/sdei_nmi/initstate");
	m->loaded = line;
	m->coming = line && !strcmp(line, "coming");
	m->going = line && !strcmp(line, "going");
	free(line);
	m->module_version = file_line("/sys/module/sdei_nmi/version");
	m->module_srcversion = file_line("/sys/module/sdei_nmi/srcversion");
	m->installed = host_has_module(m->release, "sdei_nmi");
}

/* Finds DKMS, and the version of the module's source that DKMS can build. */
static void read_dkms(struct host *m)
{
	static const char prefix[] = "sdei-nmi-";
	char *full = file_path("/usr/src");
	DIR *dir = opendir(full);
	struct dirent *entry;

	m->dkms = file_there("/usr/sbin/dkms") || file_there("/usr/bin/dkms");
	while (dir && (entry = readdir(dir))) {
		const char *version = entry->d_name + sizeof(prefix) - 1;

		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) || *version < '0' || *version > '9' ||
		    (m->dkms_source && strverscmp(version, m->dkms_source) < 0))
			continue;
		free(m->dkms_source);
		m->dkms_source = text_safe((struct piece){ version, strlen(version) }, TEXT_DOUBLE_BACKSLASH);
	}
	if (dir)
		closedir(dir);
	free(full);
}

static void read_hypervisor(struct host *m)
{
	static const struct {
		const char *file, *word, *name;
	} signs[] = {
		{ "sys_vendor", "QEMU", "QEMU" },	   { "product_name", "KVM", "KVM" },
		{ "sys_vendor", "VMware", "VMware" },	   { "product_name", "VMware", "VMware" },
		{ "product_name", "Virtual Machine", "a hypervisor" }, { "product_name", "VirtualBox", "VirtualBox" },
		{ "sys_vendor", "Xen", "Xen" },		   { "product_name", "Google Compute Engine", "Google's cloud" },
		{ "sys_vendor", "Alibaba Cloud", "Alibaba's cloud" }, { "product_name", "OpenStack", "OpenStack" },
	};
	char *line = file_line("/sys/hypervisor/type");

	if (line)
		m->hypervisor = line;
	for (size_t i = 0; !m->hypervisor && i < sizeof(signs) / sizeof(signs[0]); i++) {
		line = file_line("/sys/class/dmi/id/%s", signs[i].file);
		if (line && strstr(line, signs[i].word))
			m->hypervisor = memory_format("%s", signs[i].name);
		free(line);
	}
	if (m->hypervisor)
		return;
	line = file_line("/sys/class/dmi/id/sys_vendor");
	if (line && !strcmp(line, "Amazon EC2")) {
		char *product = file_line("/sys/class/dmi/id/product_name");

		/* The product names of bare-metal instances contain "metal". */
		if (product && !strstr(product, "metal"))
			m->hypervisor = memory_format("Amazon's cloud");
		free(product);
	}
	free(line);
	if (!m->hypervisor && (property_has("/proc/device-tree/compatible", "linux,dummy-virt") ||
			       property_has("/sys/firmware/devicetree/base/compatible", "linux,dummy-virt")))
		m->hypervisor = memory_format("QEMU");
	if (!m->hypervisor && file_there("/proc/device-tree/hypervisor"))
		m->hypervisor = memory_format("a hypervisor");
}

/* A driver that serves has proved the failures in the log to be past, except a failed attempt to unload it. */
static void forget_failures(struct host *m)
{
	free(m->core_failure);
	free(m->core_down);
	m->core_failure = NULL;
	m->core_down = NULL;
	forget_load(m);
}

/* Serving means that the driver shows its files. */
void host_read(struct host *host, bool serving)
{
	*host = (struct host){ 0 };
	read_firmware(host);
	read_kernel(host);
	read_log(host);
	read_config(host);
	read_module(host);
	read_dkms(host);
	read_hypervisor(host);
	if (serving)
		forget_failures(host);
}
