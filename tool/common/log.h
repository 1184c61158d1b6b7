/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the kernel log. The caller limits how long a read waits for further records. */
#ifndef TOOL_COMMON_LOG_H
#define TOOL_COMMON_LOG_H

#include "common/text.h"

struct log {
	int fd;
	char *text;
	size_t length, room;
};

int log_open(struct log *log, bool at_end);
int log_read(struct log *log, int64_t quiet_ms, int64_t most_ms);
void log_close(struct log *log);
int64_t now_ms(void);

#endif
