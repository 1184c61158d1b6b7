/* SPDX-License-Identifier: GPL-2.0 */
/* Facts about this machine that need no driver: whether it has SDEI, and which software uses SDEI. */
#ifndef TOOL_MACHINE_HOST_H
#define TOOL_MACHINE_HOST_H

#include <json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/config.h"
#include "machine/driver_log.h"

/* The first step on the way to a running driver that failed. A comment states a step's success. */
enum step {
	STEP_NONE,	/* no step is known to have failed */
	STEP_MACHINE,	/* the machine is arm64 */
	STEP_FIRMWARE,	/* the firmware describes SDEI */
	STEP_CORE,	/* the kernel's SDEI core came up */
	STEP_EVENT,	/* event 0 is free */
	STEP_LOAD,	/* the module could be loaded */
	STEP_INSTALLED,	/* the module is installed */
	STEP_LOADED,	/* the module was loaded */
	STEP_FILES,	/* the module shows its files */
};

struct log_line {
	int64_t time_us;
	char *text;
};

struct host {
	const char *described_by;	/* "device tree", "ACPI", or NULL */
	char *method;			/* of the firmware call, from the device tree */
	int log_error;			/* why the kernel log could not be read: 0, or -errno */
	bool log_whole;			/* the log starts at boot */
	char *core_version, *core_vendor;
	enum answer core_built;		/* CONFIG_ARM_SDE_INTERFACE */
	bool no_core_line;		/* a log line that only a kernel without the SDEI core prints */
	char *core_failure;		/* log line by which the kernel's SDEI core gave up */
	char *core_down;		/* log line that shows that the core never came up */
	char *load_failure;		/* log line of the driver or of the module loader */
	enum driver_reason load_reason;	/* valid with load_failure */
	char *unload_failure;		/* log line of the driver; only a reboot helps */
	const char *option_missing;	/* an option that the module needs and that the configuration has off, or NULL */
	const char *option_unset;	/* the same, or the configuration does not mention it; also the SDEI core */
	bool config_known;
	bool vhe;			/* a log line says that the CPUs have VHE and that the kernel uses it */
	int started_el;			/* the exception level that the log says the CPUs were started at; 0: not known */
	char *psci;
	struct log_line *line;		/* the newest log lines of SDEI, PSCI and the driver */
	size_t lines, lines_left_out;
	char *cmdline;			/* the kernel's parameters that may be shown, or NULL if not known */
	char *release, *lockdown, *machine;
	bool signed_only;
	bool pseudo_nmi;
	enum answer own_sdei_nmi;	/* CONFIG_ARM_SDEI_NMI */
	enum answer off_by_default;	/* CONFIG_ARM_SDEI_NMI_DEFAULT_OFF */
	enum answer lockup_detector;	/* CONFIG_HARDLOCKUP_DETECTOR; the next two are kinds of it */
	enum answer lockup_buddy, lockup_perf;
	bool lockup_gave_up;		/* a log line by which the kernel gives up its detector of hard lockups */
	char *hypervisor;		/* the likely hypervisor if this is a guest, or NULL */
	bool loaded;
	bool coming, going;		/* it is being loaded, or unloaded */
	char *module_version, *module_srcversion;
	enum answer installed;
	bool dkms;
	char *dkms_source;		/* version of the module's source for DKMS, or NULL */

	/* Set by cause_find(). */
	enum step step;
	char *cause, *remedy;
};

enum answer host_has_module(const char *release, const char *name);
void host_read(struct host *host, bool serving);

#endif
