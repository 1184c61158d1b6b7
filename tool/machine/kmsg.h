/* SPDX-License-Identifier: GPL-2.0 */
/* Parses records of /dev/kmsg. No I/O. */
#ifndef TOOL_MACHINE_KMSG_H
#define TOOL_MACHINE_KMSG_H

#include <stdint.h>

#include "common/text.h"

struct kmsg {
	unsigned int level;	/* 0 to 7, as in syslog(2) */
	int64_t sequence;
	int64_t time_us;
	struct piece text;	/* with the kernel's escapes; text_safe() makes it safe to show */
};

bool kmsg_next(struct piece *rest, struct kmsg *record);

#endif
