/* SPDX-License-Identifier: GPL-2.0 */
/* Finds out whether something on this machine detects hard lockups: the kernel's own detector, or the driver. */
#ifndef TOOL_MACHINE_LOCKUPS_H
#define TOOL_MACHINE_LOCKUPS_H

#include <json.h>

#include "machine/host.h"
#include "machine/service.h"

enum lockups_kernel { LOCKUPS_KERNEL_UNKNOWN, LOCKUPS_KERNEL_NONE, LOCKUPS_KERNEL_GAVE_UP, LOCKUPS_KERNEL_WORKS };

/* The last two and LOCKUPS_DRIVER_OFF are what the driver's file says. */
enum lockups_driver {
	LOCKUPS_DRIVER_UNKNOWN,		/* a word that this tool does not know */
	LOCKUPS_DRIVER_ABSENT,		/* not loaded */
	LOCKUPS_DRIVER_OLD,		/* without a detector */
	LOCKUPS_DRIVER_UNSERVED,	/* with a detector, but the driver does not serve */
	LOCKUPS_DRIVER_OFF,
	LOCKUPS_DRIVER_UNSEEN,
	LOCKUPS_DRIVER_ALL,
};

struct lockups {
	enum lockups_kernel kernel;
	enum answer kernel_on;		/* UNKNOWN unless the kernel's detector works */
	const char *kernel_switch;	/* the sysctl that switches the kernel's detector off; NULL unless kernel_on is NO */
	enum lockups_driver driver;
	const char *kernel_word;	/* the words of the driver's files; NULL if not known */
	const char *driver_word;
};

bool lockups_need_host(const struct service *service);
void lockups_read(struct lockups *lockups, const struct service *service, const struct host *host);
enum answer lockups_detected(const struct lockups *lockups);
char *lockups_sentence(const struct lockups *lockups);
struct json_object *lockups_json(const struct lockups *lockups);

#endif
