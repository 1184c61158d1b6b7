/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver's parameter "watch": the length from which on it records stretches of time with
 * interrupts off. limit_begin() lowers it for this run of the tool, and limit_end() sets it back.
 */
#ifndef TOOL_WATCH_LIMIT_H
#define TOOL_WATCH_LIMIT_H

#include <stdint.h>

#define LIMIT_FILE "/sys/module/sdei_nmi/parameters/watch"
#define LIMIT_LEAST_NS 500000LL
#define LIMIT_MOST_NS 10000000000LL
#define LIMIT_TEXT 24

const char *limit_text(int64_t ns, char buffer[static LIMIT_TEXT]);
int limit_begin(int64_t ns);
int limit_end(void);

#endif
