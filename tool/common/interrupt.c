// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stddef.h>

#include "common/interrupt.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static volatile sig_atomic_t came;

static void on_signal(int number)
{
	(void)number;
	came = 1;
}

static void set_handlers(void (*handler)(int))
{
	/* Without SA_RESTART, a signal ends a pause. */
	const struct sigaction action = { .sa_handler = handler };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		/* nohup ignores SIGHUP. */
		if (signals[i] == SIGHUP && !sigaction(SIGHUP, NULL, &old) && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
	}
}

void interrupt_catch(void)
{
	set_handlers(on_signal);
}

/* From here on, such a signal kills the program. */
void interrupt_release(void)
{
	set_handlers(SIG_DFL);
}

bool interrupted(void)
{
	return came;
}
