// SPDX-License-Identifier: GPL-2.0
/*
 * This is the only place that has texts of the driver. A test of the tool compares them with the
 * driver's source, in both directions (tests/tool/host/status.sh).
 */
#include <stddef.h>

#include "machine/driver_log.h"

struct known_line {
	const char *text;
	enum driver_says says;
	enum driver_reason reason;
};

/* The first row whose text is in the line counts. */
static const struct known_line driver_lines[] = {
	{ "backtraces and stops reach CPUs", DRIVER_STARTED, REASON_OTHER },
	{ "unloaded; ", DRIVER_UNLOADED, REASON_OTHER },
	{ "unregistering event 0 failed", DRIVER_UNLOAD_FAILED, REASON_OTHER },
	{ "the module cannot be unloaded before the next reboot", DRIVER_UNLOAD_FAILED, REASON_OTHER },
	{ "not starting: enable=0", DRIVER_LOAD_FAILED, REASON_DISABLED },
	{ "not starting: enable=probe", DRIVER_LOAD_FAILED, REASON_DISABLED },
	{ "not starting: this kernel saves a crash dump", DRIVER_LOAD_FAILED, REASON_CAPTURE_KERNEL },
	{ "not starting: event 0 of this machine's firmware must not be used", DRIVER_LOAD_FAILED, REASON_FIRMWARE },
	{ "enable has to be 1, 0 or probe", DRIVER_LOAD_FAILED, REASON_PARAMETER },
	{ "stop_ending has to be park or off", DRIVER_LOAD_FAILED, REASON_PARAMETER },
	{ "quirks has to be auto, none, or a list", DRIVER_LOAD_FAILED, REASON_PARAMETER },
	{ "lockups has to be auto, all or off", DRIVER_LOAD_FAILED, REASON_PARAMETER },
	{ "watch has to be off or a time", DRIVER_LOAD_FAILED, REASON_PARAMETER },
	{ "finding SDEI failed", DRIVER_LOAD_FAILED, REASON_NO_SDEI },
	{ "using SDEI failed", DRIVER_LOAD_FAILED, REASON_CORE },
	{ "this kernel's own ARM_SDEI_NMI", DRIVER_LOAD_FAILED, REASON_OWN_SDEI_NMI },
	{ "another part of this kernel", DRIVER_LOAD_FAILED, REASON_TAKEN },
	{ "this kernel allows no kprobe", DRIVER_LOAD_FAILED, REASON_KPROBES },
	{ "this kernel has no function", DRIVER_LOAD_FAILED, REASON_FUNCTION },
	{ "kernel.ftrace_enabled=0", DRIVER_LOAD_FAILED, REASON_FTRACE },
	{ "registering event 0 failed", DRIVER_LOAD_FAILED, REASON_FIRMWARE },
	{ "enabling event 0 failed", DRIVER_LOAD_FAILED, REASON_FIRMWARE },
	{ "trying event 0 failed", DRIVER_LOAD_FAILED, REASON_OTHER },
	{ "probing event 0 failed", DRIVER_LOAD_FAILED, REASON_FIRMWARE },
	{ "nothing was changed", DRIVER_LOAD_FAILED, REASON_OTHER },
};

/* The module loader prints these lines with the name of the module. */
static const struct known_line loader_lines[] = {
	{ "version magic", DRIVER_LOAD_FAILED, REASON_BUILD },
	{ "disagrees about version", DRIVER_LOAD_FAILED, REASON_BUILD },
	{ "Unknown symbol", DRIVER_LOAD_FAILED, REASON_BUILD },
};

static const struct known_line *find(const struct known_line *lines, size_t count, struct piece line)
{
	for (size_t i = 0; i < count; i++)
		if (text_has(line, lines[i].text))
			return &lines[i];
	return NULL;
}

/* Sets the reason only for DRIVER_LOAD_FAILED. */
enum driver_says driver_log_parse(struct piece line, enum driver_reason *reason)
{
	const struct known_line *known;

	if (!text_starts(line, "sdei_nmi: "))
		return DRIVER_OTHER;
	known = find(driver_lines, sizeof(driver_lines) / sizeof(driver_lines[0]), line);
	if (!known)
		known = find(loader_lines, sizeof(loader_lines) / sizeof(loader_lines[0]), line);
	if (!known)
		return DRIVER_OTHER;
	if (known->says == DRIVER_LOAD_FAILED)
		*reason = known->reason;
	return known->says;
}
