// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/memory.h"

#define LOG_MOST	(32U << 20)	/* bytes */
#define RECORD_MOST	(16U << 10)	/* bytes, more than the kernel's longest record */

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Returns 0 or -errno. */
int log_open(struct log *log, bool at_end)
{
	*log = (struct log){ .fd = file_open("/dev/kmsg", O_RDONLY) };
	if (log->fd < 0)
		return log->fd;
	if (at_end && lseek(log->fd, 0, SEEK_END) < 0) {
		int err = -errno;

		close(log->fd);
		return err;
	}
	return 0;
}

/* Appends records until none has come for quiet_ms or most_ms have passed. Returns 0 or -errno. */
int log_read(struct log *log, int64_t quiet_ms, int64_t most_ms)
{
	int64_t begun = now_ms(), last = begun;

	while (log->length < LOG_MOST && now_ms() - begun <= most_ms) {
		const struct timespec nap = { .tv_nsec = 20 * 1000 * 1000 };
		ssize_t got;

		if (log->room - log->length < RECORD_MOST) {
			log->room = log->room ? log->room * 2 : 16 * RECORD_MOST;
			log->text = memory_array(log->text, log->room, 1);
		}
		got = read(log->fd, log->text + log->length, log->room - log->length);
		if (got > 0) {
			log->length += (size_t)got;
			last = now_ms();
			continue;
		}
		/* EPIPE: the kernel overwrote unread records. The next read skips them. */
		if (got < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (got < 0 && errno != EAGAIN)
			return -errno;
		if (now_ms() - last >= quiet_ms)
			return 0;
		nanosleep(&nap, NULL);
	}
	return 0;
}

void log_close(struct log *log)
{
	close(log->fd);
	free(log->text);
}
