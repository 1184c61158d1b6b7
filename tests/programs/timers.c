// SPDX-License-Identifier: GPL-2.0
/*
 * timers COUNT: has COUNT timers that all expire at each full second, so that the kernel serves them in one interrupt. Prints "timers"
 * when they run, and goes on until it is killed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1, poll = epoll_create1(0);
	const struct rlimit files = { (rlim_t)count + 16, (rlim_t)count + 16 };
	struct itimerspec each_second = { .it_interval.tv_sec = 1 };
	struct epoll_event events[EVENTS];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	each_second.it_value.tv_sec = now.tv_sec + 5;
	if (poll < 0 || setrlimit(RLIMIT_NOFILE, &files)) {
		perror("timers");
		return 1;
	}
	for (int i = 0; i < count; i++) {
		int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
		struct epoll_event event = { .events = EPOLLIN, .data.fd = timer };

		if (timer < 0 || timerfd_settime(timer, TFD_TIMER_ABSTIME, &each_second, NULL) ||
		    epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event)) {
			perror("timers");
			return 1;
		}
	}
	puts("timers");
	fflush(stdout);
	for (;;) {
		int ready = epoll_wait(poll, events, EVENTS, -1);

		for (int i = 0; i < ready; i++) {
			uint64_t expired;

			if (read(events[i].data.fd, &expired, sizeof(expired)) < 0)
				continue;
		}
	}
}
