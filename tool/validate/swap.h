/* SPDX-License-Identifier: GPL-2.0 */
/* Unloads the driver for a validation, and loads it again with the same parameters. */
#ifndef TOOL_VALIDATE_SWAP_H
#define TOOL_VALIDATE_SWAP_H

#include <stdbool.h>
#include <stddef.h>

#define SWAP_PARAMETERS 64

struct swap {
	bool driver;		/* the driver was loaded, and is to be loaded again */
	bool checks;		/* the module of the checks was loaded here */
	char *parameter[SWAP_PARAMETERS];	/* "name=value", as they were */
	size_t parameters;
};

int swap_begin(struct swap *swap);
int swap_end(struct swap *swap, bool reload);

#endif
