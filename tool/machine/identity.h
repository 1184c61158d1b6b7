/* SPDX-License-Identifier: GPL-2.0 */
/* The model of the hardware and firmware. No field identifies an individual machine. */
#ifndef TOOL_MACHINE_IDENTITY_H
#define TOOL_MACHINE_IDENTITY_H

#include <stddef.h>

#define IDENTITY_FIELDS 9

struct midr {
	char *value;
	char *cpus;	/* CPU list */
};

struct identity {
	char *field[IDENTITY_FIELDS];	/* in the order of identity_keys; NULL if unknown */
	struct midr *midr;		/* one entry for each value of MIDR_EL1 */
	size_t midrs;
};

extern const char *const identity_keys[IDENTITY_FIELDS];

void identity_read(struct identity *identity);

#endif
