// SPDX-License-Identifier: GPL-2.0
/*
 * Finds out why the driver is not running. The steps from the firmware to a running driver have a
 * fixed order. The tool reports the first step that is known to have failed, because that failure
 * causes the later ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "machine/cause.h"
#include "tool.h"

static void blame(struct host *m, enum step step, char *cause, char *remedy)
{
	m->step = step;
	m->cause = cause;
	m->remedy = remedy;
}

/*
 * Says how to build and install the module for this kernel. On a machine without DKMS nothing of it
 * was there yet.
 */
char *cause_install_remedy(const struct host *m)
{
	const char *release = m->release ? m->release : "$(uname -r)";

	if (m->dkms && m->dkms_source)
		return memory_format("install the headers of kernel %s, and run 'dkms install sdei-nmi/%s -k %s' and 'modprobe sdei_nmi' as root",
				     release, m->dkms_source, release);
	if (m->dkms)
		return memory_format("install the headers of kernel %s and the package sdei-nmi-dkms, or run 'make dkms-install' in the source "
				     "folder of this tool and 'dkms install sdei-nmi/%s -k %s', and then 'modprobe sdei_nmi', as root",
				     release, TOOL_VERSION, release);
	return memory_format("install dkms, the headers of kernel %s (Debian and Ubuntu: linux-headers-%s; Fedora and RHEL: kernel-devel-%s; SUSE: "
			     "kernel-default-devel) and the package sdei-nmi-dkms (or, without the package, run 'make dkms-install' in the source "
			     "folder of this tool and 'dkms install sdei-nmi/%s'),%s and run 'modprobe sdei_nmi' as root, the first time on a "
			     "server that you can reset",
			     release, release, release, TOOL_VERSION, m->signed_only ? " enrol the key that DKMS makes (mokutil --import, then reboot)," : "");
}

static char *firmware_remedy(const struct host *m)
{
	if (m->hypervisor)
		return memory_format("use the host, because virtual machines have no SDEI");
	return memory_format("switch SDEI on in the firmware's setup menu if the menu offers it, or ask the vendor for firmware with SDEI");
}

/* The log line of the driver or the module loader is the cause, so only a remedy is needed. */
char *cause_load_remedy(const struct host *m)
{
	switch (m->load_reason) {
	case REASON_DISABLED:
		if (m->own_sdei_nmi == YES)
			return memory_format("put sdei_nmi.enable=1 on the kernel command line");
		return memory_format("remove enable= from /etc/modprobe.d or the kernel command line, and run 'modprobe sdei_nmi' as root");
	case REASON_CAPTURE_KERNEL:
		return memory_format("do nothing: the driver starts when the machine boots its own kernel again");
	case REASON_PARAMETER:
		return memory_format("correct this parameter in /etc/modprobe.d, and run 'modprobe sdei_nmi' as root");
	case REASON_NO_SDEI:
		return firmware_remedy(m);
	case REASON_CORE:
		return memory_format("read the boot log's lines that begin with 'sdei:', and ask the machine's vendor for newer firmware");
	case REASON_OWN_SDEI_NMI:
		return memory_format("use the kernel's own reports, or a kernel without CONFIG_ARM_SDEI_NMI");
	case REASON_TAKEN:
		return memory_format("unload the module that owns event 0, such as sdei_nmi_validate, and run 'modprobe sdei_nmi' as root");
	case REASON_KPROBES:
		return memory_format("use a kernel with CONFIG_KPROBES=y and CONFIG_KALLSYMS=y");
	case REASON_FUNCTION:
		return memory_format("use another kernel, and attach 'sdei-nmi report' to a bug report");
	case REASON_FTRACE:
		return memory_format("set kernel.ftrace_enabled=1 or unload the live patch, and run 'modprobe sdei_nmi' as root");
	case REASON_FIRMWARE:
		return memory_format("ask the machine's vendor for newer firmware, and attach 'sdei-nmi report'");
	case REASON_BUILD:
		if (!m->dkms)
			return memory_format("run 'make module-install' on this kernel in the source folder of the module, and then 'modprobe "
					     "sdei_nmi', as root");
		return cause_install_remedy(m);
	case REASON_OTHER:
		break;
	}
	return memory_format("remove this cause, and run 'modprobe sdei_nmi' as root");
}

static enum step load_step(const struct host *m)
{
	switch (m->load_reason) {
	case REASON_NO_SDEI:
		return STEP_FIRMWARE;
	case REASON_CORE:
		return STEP_CORE;
	case REASON_OWN_SDEI_NMI:
	case REASON_TAKEN:
		return STEP_EVENT;
	default:
		return STEP_LOAD;
	}
}

/* Returns the parameter that leaves EL2 to KVM, or NULL. */
const char *cause_without_el2(const struct host *m)
{
	/* The kernel takes both spellings. */
	static const char *const parameters[] = { "kvm-arm.mode=nvhe", "kvm_arm.mode=nvhe", "kvm-arm.mode=protected", "kvm_arm.mode=protected" };

	for (size_t i = 0; m->cmdline && i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (strstr(m->cmdline, parameters[i]))
			return parameters[i];
	return NULL;
}

/* The firmware serves the highest exception level. A kernel that leaves EL2 to KVM has no SDEI. */
char *cause_core_remedy(const struct host *m)
{
	const char *parameter = cause_without_el2(m);

	if (parameter)
		return memory_format("start the kernel without %s: in this mode only KVM runs at EL2, and the firmware serves no other", parameter);
	if (!m->core_failure || strstr(m->core_failure, "Not supported on this") || strstr(m->core_failure, "SDEI version: -95"))
		return memory_format("use CPUs with VHE or start the kernel at EL1; on such CPUs ask the machine's vendor for newer firmware, "
				     "and attach 'sdei-nmi report'");
	return memory_format("ask the machine's vendor for newer firmware, and attach 'sdei-nmi report'");
}

/* DKMS signs with a key that the firmware has to know. Ubuntu keeps it in another place. */
char *cause_signing_remedy(void)
{
	static const char *const keys[] = { "/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (file_there("%s", keys[i]))
			return memory_format("enrol the key that DKMS signs with ('mokutil --import %s', then reboot), and run 'modprobe sdei_nmi' as root",
					     keys[i]);
	return memory_format("install the module by DKMS, which makes a key and signs with it, enrol that key ('mokutil --import "
			     "/var/lib/dkms/mok.pub', then reboot), and run 'modprobe sdei_nmi' as root");
}

/* Sets the step, the cause and the remedy of a driver that is not running. */
void cause_find(struct host *m)
{
	if (m->machine && strcmp(m->machine, "aarch64"))
		return blame(m, STEP_MACHINE, memory_format("this machine is %s, but SDEI exists on arm64 only", m->machine),
			     memory_format("run the tool on an arm64 server"));
	if (m->core_failure)
		return blame(m, STEP_CORE, memory_format("the kernel could not use the firmware's SDEI (kernel log: '%s')", m->core_failure),
			     cause_core_remedy(m));
	if (!m->described_by && !m->core_version)
		return blame(m, STEP_FIRMWARE,
			     m->hypervisor ? memory_format("the firmware has no SDEI, and this is likely a virtual machine of %s", m->hypervisor) :
					     memory_format("neither device tree nor ACPI describes SDEI, so the firmware has no SDEI or has "
							   "switched it off"),
			     firmware_remedy(m));
	if (m->core_built == NO && !m->core_version)
		return blame(m, STEP_CORE, memory_format("this kernel was built without CONFIG_ARM_SDE_INTERFACE, so it has no SDEI"),
			     memory_format("use a kernel with CONFIG_ARM_SDE_INTERFACE=y"));
	if (m->core_down)
		return blame(m, STEP_CORE,
			     memory_format("the kernel's SDEI core is not running, because it could not use the firmware's SDEI (kernel log: '%s')",
					   m->core_down),
			     memory_format("ask the machine's vendor for newer firmware, and attach 'sdei-nmi report'"));
	if (m->unload_failure)
		return blame(m, STEP_EVENT,
			     memory_format("the driver was not unloaded completely, so event 0 may still be registered (kernel log: '%s')",
					   m->unload_failure),
			     memory_format("reboot the machine, and run 'modprobe sdei_nmi' as root"));
	if (m->coming || m->going)
		return blame(m, STEP_FILES, memory_format("the module is being %s just now", m->coming ? "loaded" : "unloaded"),
			     memory_format("wait, and if this takes longer than a minute, find the CPU that hangs in the kernel log: %s waits until each "
					   "CPU has taken an interrupt", m->coming ? "modprobe" : "rmmod"));
	if (m->loaded)
		return blame(m, STEP_FILES,
			     memory_format("the module is loaded but /sys/kernel/sdei_nmi does not exist, so the module is an older version"),
			     memory_format("run 'rmmod sdei_nmi', then load the version of the module that belongs to this tool"));
	if (m->off_by_default == YES && !m->load_failure)
		return blame(m, STEP_LOADED, memory_format("this kernel's built-in driver is off by default"),
			     memory_format("try sdei_nmi.enable=probe on the kernel command line, and then sdei_nmi.enable=1"));
	if (m->own_sdei_nmi == YES && (!m->load_failure || m->load_reason == REASON_BUILD || m->load_reason == REASON_OTHER))
		return blame(m, STEP_EVENT, memory_format("this kernel's built-in SDEI NMI owns event 0"),
			     memory_format("use the kernel's own reports, or a kernel without CONFIG_ARM_SDEI_NMI"));
	if (m->option_missing && m->own_sdei_nmi != YES)
		return blame(m, STEP_LOAD, memory_format("this kernel was built without CONFIG_%s, which the module needs", m->option_missing),
			     memory_format("use a kernel with CONFIG_%s=y", m->option_missing));
	if (m->load_failure)
		return blame(m, load_step(m), memory_format("the module could not be loaded (kernel log: '%s')", m->load_failure),
			     cause_load_remedy(m));
	if (m->installed == NO)
		return blame(m, STEP_INSTALLED, memory_format("the module is not installed for kernel %s", m->release), cause_install_remedy(m));
	if (m->signed_only)
		return blame(m, STEP_LOAD,
			     memory_format("the module is not loaded, and this kernel rejects modules that are not signed with a known key%s%s%s",
					   m->lockdown && strcmp(m->lockdown, "none") ? " (lockdown: " : "",
					   m->lockdown && strcmp(m->lockdown, "none") ? m->lockdown : "",
					   m->lockdown && strcmp(m->lockdown, "none") ? ")" : ""),
			     cause_signing_remedy());
	/* modprobe waits until each CPU has taken an interrupt. */
	blame(m, STEP_LOADED, memory_format("the module is not loaded"),
	      memory_format("run 'modprobe sdei_nmi' as root, but not while a CPU hangs"));
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
		return m->coming || m->going ? "unknown" : "ours";
	default:
		return m->core_version && m->own_sdei_nmi == NO ? "free" : "unknown";
	}
}

/* Explains in one sentence why the driver is not running. Returns the exit status. */
int unavailable(void)
{
	struct host host;

	host_read(&host, false);
	cause_find(&host);
	return complain(EXIT_UNAVAILABLE, "not available: %s; %s.", host.cause, host.remedy);
}

static bool debugfs_mounted(void)
{
	struct contents contents;
	bool mounted = true;

	if (!file_read("/proc/mounts", 4 << 20, &contents)) {
		mounted = text_has(contents_piece(&contents), " /sys/kernel/debug debugfs ");
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
			if (text_has(contents_piece(&contents), "[confidentiality]"))
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
	if (err == -ENFILE)
		return complain(EXIT_FAILED, "%s could not be read: too many programs hold a snapshot of the stacks; close them and try again.", path);
	return complain(EXIT_FAILED, "%s could not be read: %s; see the kernel log.", path, strerror(-err));
}
