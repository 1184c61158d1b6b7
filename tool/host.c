// SPDX-License-Identifier: GPL-2.0
/*
 * Finds out why the driver is not running. The steps from the firmware to a running driver have a
 * fixed order. The tool reports the first step that is known to have failed, because that failure
 * causes the later ones.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmdline.h"
#include "files.h"
#include "host.h"
#include "kmsg.h"
#include "log.h"
#include "memory.h"
#include "options.h"
#include "output.h"
#include "service.h"

#define LINES_MOST 1000	/* in a bug report */
#define KMSG_MS 3000

static bool has(struct piece text, const char *words)
{
	return memmem(text.at, text.length, words, strlen(words));
}

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
		if (has(text, lines[i]))
			return true;
	return false;
}

static void read_line(struct host *m, struct piece text)
{
	if (text_starts(text, "sdei: ")) {
		if (has(text, "detected in firmware"))
			core_detected(m, text);
		else if (!m->core_failure && ends_core(text))
			replace(&m->core_failure, text);
	} else if (text_starts(text, "sdei_nmi: module verification failed")) {
		/* The kernel gets tainted, but the module is loaded. */
	} else if (text_starts(text, "sdei_nmi: ")) {
		/* A later attempt to load the module overrides an earlier one. */
		if (has(text, " failed") || text_starts(text, "sdei_nmi: version magic") || text_starts(text, "sdei_nmi: disagrees") ||
		    text_starts(text, "sdei_nmi: Unknown symbol"))
			replace(&m->load_failure, text);
		else if (text_starts(text, "sdei_nmi: backtraces reach") || text_starts(text, "sdei_nmi: unloaded")) {
			free(m->load_failure);
			m->load_failure = NULL;
		}
	} else if ((has(text, "Loading of ") && has(text, "module") && has(text, " is rejected")) ||
		   (has(text, "Lockdown: ") && has(text, "unsigned module loading"))) {
		/* The line may be about another module, so it counts only without a known cause. */
		m->signed_only = true;
	} else if (text_starts(text, "psci: PSCIv") && has(text, "detected")) {
		replace(&m->psci, text);
	}
}

/*
 * Other lines can contain the word sdei, too, with passwords, users and hosts: the command line, or
 * audit's record of a command. So a bug report has only lines by these authors.
 */
static bool is_public(struct piece text)
{
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

static bool file_has(const char *path, size_t most, const char *line_start)
{
	struct contents contents;
	struct piece rest, line;
	bool found = false;

	if (file_read(path, most, &contents))
		return false;
	rest = contents_piece(&contents);
	while (!found && text_line(&rest, &line))
		found = text_starts(line, line_start);
	free(contents.text);
	return found;
}

static void read_kernel(struct host *m)
{
	struct contents contents;
	struct utsname name;
	char *path, *enforce;

	m->release = file_line("/proc/sys/kernel/osrelease");
	if (!uname(&name)) {
		if (!m->release && !files_rooted())
			m->release = memory_format("%s", name.release);
		if (!files_rooted())
			m->machine = memory_format("%s", name.machine);
	}
	if (!file_read("/proc/cmdline", 1 << 16, &contents)) {
		m->pseudo_nmi = has(contents_piece(&contents), "irqchip.gicv3_pseudo_nmi=1") ||
				has(contents_piece(&contents), "irqchip.gicv3_pseudo_nmi=y") ||
				has(contents_piece(&contents), "irqchip.gicv3_pseudo_nmi=on");
		m->cmdline = cmdline_public(contents_piece(&contents));
		free(contents.text);
	}
	m->own_sdei_nmi = UNKNOWN;
	path = memory_format("/boot/config-%s", m->release ? m->release : "");
	if (m->release && file_there("%s", path))
		m->own_sdei_nmi = file_has(path, 4 << 20, "CONFIG_ARM_SDEI_NMI=y") ? YES : NO;
	free(path);

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

static void read_module(struct host *m)
{
	static const char *const lists[] = { "modules.dep", "modules.builtin" };
	char *line;

	line = file_line("/sys/module/sdei_nmi/initstate");
	m->loaded = line;
	free(line);
	m->module_version = file_line("/sys/module/sdei_nmi/version");
	m->module_srcversion = file_line("/sys/module/sdei_nmi/srcversion");
	m->installed = UNKNOWN;
	for (size_t i = 0; m->release && i < sizeof(lists) / sizeof(lists[0]) && m->installed != YES; i++) {
		char *path = memory_format("/lib/modules/%s/%s", m->release, lists[i]);
		struct contents contents;

		if (!file_read(path, 16 << 20, &contents)) {
			struct piece rest = contents_piece(&contents), of;

			m->installed = NO;
			while (text_line(&rest, &of)) {
				const char *colon = memchr(of.at, ':', of.length);

				if (colon)
					of.length = (size_t)(colon - of.at);
				if (has(of, "/sdei_nmi.ko"))
					m->installed = YES;
			}
			free(contents.text);
		}
		free(path);
	}
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

static void blame(struct host *m, enum step step, char *cause, char *remedy)
{
	m->step = step;
	m->cause = cause;
	m->remedy = remedy;
}

/* The log line of the driver or the module loader is the cause, so only a remedy is needed. */
static char *load_remedy(const struct host *m)
{
	const char *line = m->load_failure;

	if (strstr(line, "version magic") || strstr(line, "disagrees about version") || strstr(line, "Unknown symbol"))
		return memory_format("build the module for %s with 'make module' and load it", m->release ? m->release : "this kernel");
	if (strstr(line, "ftrace_enabled"))
		return memory_format("set kernel.ftrace_enabled=1 or unload the live patch, then run 'modprobe sdei_nmi'");
	if (strstr(line, "the firmware"))
		return memory_format("ask the machine's vendor for newer firmware, and attach 'sdei-nmi report'");
	return memory_format("remove this cause, then run 'modprobe sdei_nmi'");
}

static char *firmware_remedy(const struct host *m)
{
	if (m->hypervisor)
		return memory_format("use the host, because virtual machines have no SDEI");
	return memory_format("switch SDEI on in the firmware's setup menu if the menu offers it, or ask the vendor for firmware with SDEI");
}

static void find_step(struct host *m)
{
	if (m->machine && strcmp(m->machine, "aarch64"))
		return blame(m, STEP_MACHINE, memory_format("this machine is %s, but SDEI exists on arm64 only", m->machine),
			     memory_format("run the tool on an arm64 server"));
	if (m->core_failure)
		return blame(m, STEP_CORE, memory_format("the kernel could not use the firmware's SDEI (kernel log: '%s')", m->core_failure),
			     memory_format("%s", strstr(m->core_failure, "Not supported on this") ? "start the kernel at EL1, or use CPUs with VHE" :
			     "ask the machine's vendor for newer firmware, and attach 'sdei-nmi report'"));
	if (!m->described_by && !m->core_version)
		return blame(m, STEP_FIRMWARE,
			     m->hypervisor ? memory_format("the firmware has no SDEI, and this is likely a virtual machine of %s", m->hypervisor) :
					     memory_format("neither device tree nor ACPI describes SDEI, so the firmware has no SDEI or has "
							   "switched it off"),
			     firmware_remedy(m));
	if (m->loaded)
		return blame(m, STEP_FILES,
				memory_format("the module is loaded but /sys/kernel/sdei_nmi does not exist, so the module is an older "
					   "version or is still loading"),
			     memory_format("run 'rmmod sdei_nmi', then load the version of the module that belongs to this tool"));
	if (m->own_sdei_nmi == YES && !m->load_failure)
		return blame(m, STEP_EVENT, memory_format("this kernel's built-in SDEI NMI owns event 0"),
			     memory_format("use the kernel's own reports, or a kernel without CONFIG_ARM_SDEI_NMI"));
	if (m->load_failure)
		return blame(m, strstr(m->load_failure, "owns it") || strstr(m->load_failure, "already,") ? STEP_EVENT : STEP_LOAD,
			     memory_format("the module could not be loaded (kernel log: '%s')", m->load_failure), load_remedy(m));
	if (m->installed == NO)
		return blame(m, STEP_INSTALLED, memory_format("the module is not installed for kernel %s", m->release),
			     memory_format("build the module with 'make module' and run 'insmod out/module/sdei_nmi.ko'"));
	if (m->signed_only)
		return blame(m, STEP_LOAD,
			     memory_format("the module is not loaded, and this kernel rejects modules that are not signed with a known key%s%s%s",
					   m->lockdown && strcmp(m->lockdown, "none") ? " (lockdown: " : "",
					   m->lockdown && strcmp(m->lockdown, "none") ? m->lockdown : "",
					   m->lockdown && strcmp(m->lockdown, "none") ? ")" : ""),
			     memory_format("sign the module with an enrolled key (mokutil --import), then run 'modprobe sdei_nmi'"));
	blame(m, STEP_LOADED, memory_format("the module is not loaded"), memory_format("run 'modprobe sdei_nmi' as root"));
}

void host_read(struct host *host, bool serving)
{
	*host = (struct host){ 0 };
	read_firmware(host);
	read_kernel(host);
	read_log(host);
	read_module(host);
	read_hypervisor(host);
	if (!serving)
		find_step(host);
}

const char *step_name(enum step step)
{
	static const char *const names[] = {
		[STEP_NONE] = NULL, [STEP_MACHINE] = "machine", [STEP_FIRMWARE] = "firmware", [STEP_CORE] = "kernel core",
		[STEP_EVENT] = "event 0", [STEP_LOAD] = "load", [STEP_INSTALLED] = "installed", [STEP_LOADED] = "loaded",
		[STEP_FILES] = "files",
	};

	return names[step];
}

/* Deduced from other facts, because the firmware does not report the owner of an event. */
const char *host_event0(const struct host *m, bool serving)
{
	if (serving)
		return "ours";
	switch (m->step) {
	case STEP_MACHINE:
	case STEP_FIRMWARE:
	case STEP_CORE:
		return "none";
	case STEP_EVENT:
		return "taken";
	case STEP_FILES:
		return "ours";
	default:
		return m->core_version && m->own_sdei_nmi == NO ? "free" : "unknown";
	}
}

/* Explains in one sentence why the driver is not running. Returns the exit status. */
int unavailable(void)
{
	struct host host;

	host_read(&host, false);
	return complain(EXIT_UNAVAILABLE, "not available: %s; %s.", host.cause, host.remedy);
}

static bool debugfs_mounted(void)
{
	struct contents contents;
	bool mounted = true;

	if (!file_read("/proc/mounts", 4 << 20, &contents)) {
		mounted = has(contents_piece(&contents), " /sys/kernel/debug debugfs ");
		free(contents.text);
	}
	return mounted;
}

/* Explains in one sentence why a file of the driver could not be read. Returns the exit status. */
int file_trouble(const char *path, int err)
{
	char *lockdown = NULL;
	struct contents contents;

	if (err == -EACCES || err == -EPERM) {
		if (!file_there("/sys/kernel/sdei_nmi"))
			return unavailable();
		if (!file_read("/sys/kernel/security/lockdown", 4096, &contents)) {
			if (has(contents_piece(&contents), "[confidentiality]"))
				lockdown = "lockdown";
			free(contents.text);
		}
		if (lockdown && !geteuid())
			return complain(EXIT_PERMISSION,
					"no permission to read %s: lockdown=confidentiality forbids it, even to root; boot with lockdown=integrity.",
					path);
		return complain(EXIT_PERMISSION, "no permission to read %s; run the tool as root.", path);
	}
	if (err == -ENOENT || err == -ENODEV || err == -ENXIO) {
		if (!file_there("/sys/kernel/sdei_nmi"))
			return unavailable();
		if (!debugfs_mounted())
			return complain(EXIT_UNAVAILABLE, "debugfs is not mounted; run 'mount -t debugfs none /sys/kernel/debug'.");
		return complain(EXIT_UNAVAILABLE,
				"the driver is running, but %s does not exist; load a newer module, or boot without debugfs=off.", path);
	}
	return complain(EXIT_FAILED, "%s could not be read: %s; see the kernel log.", path, strerror(-err));
}
