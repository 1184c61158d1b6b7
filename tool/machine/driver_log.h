/* SPDX-License-Identifier: GPL-2.0 */
/* Recognises what the driver, and the kernel's module loader, say about the driver in the kernel log. */
#ifndef TOOL_MACHINE_DRIVER_LOG_H
#define TOOL_MACHINE_DRIVER_LOG_H

#include "common/text.h"

enum driver_says {
	DRIVER_OTHER,
	DRIVER_STARTED,
	DRIVER_UNLOADED,
	DRIVER_LOAD_FAILED,	/* nothing was changed */
	DRIVER_UNLOAD_FAILED,	/* only a reboot helps */
};

/* Why the driver did not start. The remedy depends on it. */
enum driver_reason {
	REASON_OTHER,
	REASON_DISABLED,
	REASON_CAPTURE_KERNEL,
	REASON_PARAMETER,
	REASON_NO_SDEI,
	REASON_CORE,
	REASON_OWN_SDEI_NMI,
	REASON_TAKEN,
	REASON_KPROBES,
	REASON_FUNCTION,
	REASON_FTRACE,
	REASON_FIRMWARE,
	REASON_BUILD,
};

enum driver_says driver_log_parse(struct piece line, enum driver_reason *reason);

#endif
