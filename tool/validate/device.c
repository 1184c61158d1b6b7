// SPDX-License-Identifier: GPL-2.0
/*
 * The device of the module sdei_nmi_validate. The module owns event 0 while the device is open. The
 * kernel closes the device however the tool ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "machine/cause.h"
#include "validate/device.h"

#define DEVICE		"/dev/sdei_nmi_validate"
#define REPLY_MOST	(64U << 10)

static volatile sig_atomic_t interrupted, late;

static void on_signal(int number)
{
	if (number == SIGALRM)
		late = 1;
	else
		interrupted = 1;
}

/*
 * The first SIGINT or SIGTERM interrupts the running check, because without SA_RESTART it interrupts
 * a write. The second one ends the tool, unless the tool has to put something back.
 */
void device_catch_signals(bool second_ends)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction end = { .sa_handler = on_signal, .sa_flags = second_ends ? (int)SA_RESETHAND : 0 };
	const struct sigaction alarms = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		/* nohup ignores SIGHUP. */
		if (signals[i] != SIGHUP || sigaction(SIGHUP, NULL, &old) || old.sa_handler != SIG_IGN)
			sigaction(signals[i], &end, NULL);
	}
	sigaction(SIGALRM, &alarms, NULL);
}

bool device_interrupted(void)
{
	return interrupted;
}

/* Explains in one sentence why the device could not be opened. Returns the exit status. */
static int no_device(int err)
{
	struct host host;

	host_read(&host, false);
	cause_find(&host);
	if (err == -EACCES || err == -EPERM)
		return complain(EXIT_PERMISSION, "no permission to open " DEVICE "; run the tool as root.");
	if (host.step == STEP_MACHINE || host.step == STEP_FIRMWARE || host.step == STEP_CORE)
		return complain(EXIT_UNAVAILABLE, "not available: %s; %s.", host.cause, host.remedy);
	if ((err == -EBUSY || err == -ENOENT) && (host.loaded || file_there("/sys/kernel/sdei_nmi")))
		return complain(EXIT_UNAVAILABLE,
				"not available: the driver sdei_nmi owns event 0; %s.",
				host.loaded ? "give the tool --unload-driver, or run 'rmmod sdei_nmi', then 'modprobe sdei_nmi_validate'" :
					      "it is built into the kernel, so boot with sdei_nmi.enable=0");
	switch (err) {
	case -ENOENT:
		return complain(EXIT_UNAVAILABLE,
				"not available: the module sdei_nmi_validate is not loaded; run 'modprobe sdei_nmi_validate' as root.");
	case -EBUSY:
		if (host.own_sdei_nmi == YES)
			return complain(EXIT_UNAVAILABLE,
					"not available: this kernel's built-in SDEI NMI owns event 0; use a kernel without CONFIG_ARM_SDEI_NMI.");
		return complain(EXIT_UNAVAILABLE,
				"not available: event 0 has another owner, or another validation runs; unload the owner, or wait "
				"for the validation to end.");
	case -ENODEV:
	case -ENXIO:
	case -EOPNOTSUPP:
		return complain(EXIT_UNAVAILABLE,
				"not available: the module could not get event 0 from the firmware (%s); see the kernel log.", strerror(-err));
	default:
		return complain(EXIT_FAILED, DEVICE " could not be opened: %s; see the kernel log.", strerror(-err));
	}
}

/* With --root there is no device. The tool then only explains what would prevent a validation. */
int device_open(int *fd)
{
	if (files_rooted() && file_there(DEVICE))
		return complain(EXIT_UNAVAILABLE,
				"not available: the checks need the firmware of this machine; run the tool without --root.");
	*fd = files_rooted() ? -ENOENT : file_open(DEVICE, O_RDWR);
	return *fd < 0 ? no_device(*fd) : EXIT_DONE;
}

/*
 * Raises SIGALRM after the given seconds and then every second, so that a call that starts just
 * after the first signal is interrupted as well. 0 stops the signals.
 */
static void set_alarm(unsigned int seconds)
{
	const struct itimerval timer = { .it_value.tv_sec = (time_t)seconds, .it_interval.tv_sec = 1 };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static int read_reply(int fd, struct contents *reply)
{
	*reply = (struct contents){ .text = memory_array(NULL, REPLY_MOST + 1, 1) };
	for (;;) {
		ssize_t got = pread(fd, reply->text + reply->length, REPLY_MOST + 1 - reply->length, (off_t)reply->length);
		int err = got < 0 ? -errno : 0;

		if (err == -EINTR)
			continue;
		if (got > 0)
			reply->length += (size_t)got;
		if (!err && reply->length > REPLY_MOST)
			err = -EMSGSIZE;
		if (err)
			free(reply->text);
		if (got <= 0 || err)
			return err;
	}
}

/* Returns 0 or -errno: -ETIME after a timeout, -EINTR if the user interrupted the run. */
int device_ask(int fd, const char *command, unsigned int seconds, struct contents *reply)
{
	int err;

	late = 0;
	set_alarm(seconds);
	do {
		ssize_t written = write(fd, command, strlen(command));

		err = written < 0 ? -errno : (size_t)written == strlen(command) ? 0 : -EIO;
	} while (err == -EINTR && !interrupted && !late);
	set_alarm(0);
	if (!err)
		err = read_reply(fd, reply);
	else if (err == -EINTR && !interrupted)
		err = -ETIME;
	/* The alarm interrupted the check, not the user. */
	if (!err && late && !interrupted && memmem(reply->text, reply->length, "\ncame\tinterrupted", strlen("\ncame\tinterrupted"))) {
		free(reply->text);
		err = -ETIME;
	}
	return err;
}
