/* SPDX-License-Identifier: GPL-2.0 */
/* Which hardware and firmware this is; nothing that tells one machine from the next of its kind. */
#ifndef TOOL_IDENTITY_H
#define TOOL_IDENTITY_H

#include <stddef.h>

#define IDENTITY_FIELDS 9

struct midr {
	char *value;
	char *cpus;	/* a list */
};

struct identity {
	char *field[IDENTITY_FIELDS];	/* as identity_keys; NULL if there is none */
	struct midr *midr;		/* CPUs of a kind together */
	size_t midrs;
};

extern const char *const identity_keys[IDENTITY_FIELDS];

void identity_read(struct identity *identity);

#endif
