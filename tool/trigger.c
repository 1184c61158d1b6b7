// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "machine/kmsg.h"
#include "tool.h"

#define TRIGGER "/proc/sysrq-trigger"
#define QUIET_MS 1000	/* the log is complete if it does not grow for this time */
#define MOST_MS 15000	/* without the driver, the kernel waits ten seconds for the CPUs */

static const struct argp_option options[] = {
	{ "print", 'p', NULL, 0, "Print the new lines of the kernel log", 0 },
	{ 0 }
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	bool *print = state->input;

	(void)argument;
	if (key != 'p')
		return ARGP_ERR_UNKNOWN;
	*print = true;
	return 0;
}

static int ask(void)
{
	int fd = file_open(TRIGGER, O_WRONLY);

	if (fd >= 0) {
		ssize_t written = write(fd, "l", 1);
		int err = errno;

		close(fd);
		if (written == 1)
			return EXIT_DONE;
		fd = -err;
	}
	if (fd == -EACCES || fd == -EPERM || fd == -EROFS)
		return complain(EXIT_PERMISSION, "no permission to write " TRIGGER "; run the tool as root and outside a container.");
	if (fd == -ENOENT || fd == -EIO)
		return complain(EXIT_UNAVAILABLE,
				TRIGGER " does not exist: this kernel has no sysrq, or /proc is not mounted; use 'sdei-nmi stacks'.");
	return complain(EXIT_FAILED, TRIGGER " could not be written: %s; see the kernel log.", strerror(-fd));
}

static void print_record(struct json_object *list, const struct kmsg *record)
{
	char *text = text_safe(record->text, TEXT_KEEP_BACKSLASH);

	if (list) {
		struct json_object *object = json_object_new_object();

		json_number(object, "time_us", record->time_us);
		json_number(object, "level", record->level);
		json_text(object, "text", text);
		json_object_array_add(list, object);
	} else {
		printf("[%5lld.%06lld] %s\n", (long long)record->time_us / 1000000, (long long)record->time_us % 1000000, text);
	}
	free(text);
}

int trigger_main(int argc, char **argv)
{
	struct json_object *object, *list = NULL;
	bool print = false, serving;
	struct log log = { .fd = -1 };
	int status, err;

	arguments(options, parse,
			"Asks the kernel to print a backtrace of all CPUs to its log, as sysrq-l does.", argc, argv,
		  &print);
	serving = file_there("/sys/kernel/sdei_nmi");
	if (print) {
		err = log_open(&log, true);
		if (err)
			return complain(err == -EPERM || err == -EACCES ? EXIT_PERMISSION : EXIT_FAILED,
					"the kernel log could not be read: %s; run the tool as root, or without --print.", strerror(-err));
	}
	progress("asking all CPUs");
	status = ask();
	progress_end();
	if (status)
		return status;
	if (!serving)
		complain(EXIT_DONE, "the driver is not running, so CPUs that have masked interrupts are missing; 'sdei-nmi status' says why.");
	if (want_json && print)
		list = json_object_new_array();
	if (print) {
		struct piece rest;
		struct kmsg record;

		err = log_read(&log, QUIET_MS, MOST_MS);
		if (err)
			return complain(EXIT_FAILED, "the kernel log could not be read to its end: %s; use dmesg.", strerror(-err));
		rest = (struct piece){ log.text, log.length };
		while (kmsg_next(&rest, &record))
			print_record(list, &record);
		log_close(&log);
	}
	if (want_json) {
		object = json_document("sdei-nmi-trigger");
		json_truth(object, "serving", serving);
		json_object_object_add(object, "log", list);
		json_print(stdout, object);
	} else if (!print) {
		printf("the kernel writes the backtraces to its log; see dmesg\n");
	}
	return EXIT_DONE;
}
