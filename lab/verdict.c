// SPDX-License-Identifier: GPL-2.0
/*
 * verdict [-n NAME] [-o SUMMARY] DIR: prints the verdict on one run of a guest, from the run's files in
 * DIR. With -o it appends the numbers of passed, failed and skipped tests to SUMMARY.
 *
 *	result	the guest's result channel, KTAP version 1 (ktap.c)
 *	kmsg	the guest's kernel log (klog.c)
 *	console	the serial console from power-on (klog.c)
 *	secure	the console of EL3, where the firmware prints exceptions; usually empty
 *	exit	how the run ended: end | timeout SECONDS | qemu STATUS | start MESSAGE; missing if
 *		the runner itself ended
 *
 * A test may announce in the kernel log that it ends with a panic or with a reboot's last line. Such
 * a test passes only if the announced line is the only error, the kernel finished its panic, and QEMU
 * ended with the guest's reboot.
 *
 * Anything unexpected is a failure. Each planned test counts once. Errors outside tests count as one
 * more failure for each of "result" (the protocol), "kernel log" and "run". Without a plan there is
 * one failure, "run".
 *
 * Exit status: 0 pass, 1 fail, 2 no verdict.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "klog.h"
#include "ktap.h"

#define SHOWN_BAD_LINES	20

struct run {
	struct ktap ktap;
	struct klog klog;
	struct text_list exit;	/* the first line of the file exit */
	bool console;		/* the file console exists */
	unsigned int passed, failed, skipped;
};

static void take_result(void *to, char *line, bool whole)
{
	ktap_line(to, line, whole);
}

static void take_kmsg(void *to, char *line, bool whole)
{
	(void)whole;
	klog_line(to, KLOG_KMSG, line);
}

static void take_console(void *to, char *line, bool whole)
{
	(void)whole;
	klog_line(to, KLOG_CONSOLE, line);
}

static void take_exit(void *to, char *line, bool whole)
{
	struct text_list *lines = to;

	(void)whole;
	if (!lines->count)
		text_add(lines, text_format("%s", line));
}

/* Returns 0, -ENOENT if there is no such file, or another negative errno after printing an error. */
static int read_part(const char *dir, const char *name,
		     void (*take)(void *to, char *line, bool whole), void *to)
{
	char *path = text_format("%s/%s", dir, name);
	int err = text_read(path, take, to);

	if (err && err != -ENOENT)
		fprintf(stderr, "verdict: can't read %s: %s\n", path, strerror(-err));
	free(path);
	return err;
}

static int read_run(struct run *run, const char *dir)
{
	struct stat st;
	int err = stat(dir, &st) ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;

	if (err) {
		fprintf(stderr, "verdict: can't judge %s: %s\n", dir, strerror(err));
		return -1;
	}
	err = read_part(dir, "exit", take_exit, &run->exit);
	if (!err || err == -ENOENT)
		err = read_part(dir, "result", take_result, &run->ktap);
	if (!err || err == -ENOENT)
		err = read_part(dir, "kmsg", take_kmsg, &run->klog);
	if (!err || err == -ENOENT)
		err = read_part(dir, "console", take_console, &run->klog);
	if (err && err != -ENOENT)
		return -1;
	run->console = !err;
	err = read_part(dir, "secure", take_console, &run->klog);
	if (err && err != -ENOENT)
		return -1;
	klog_judge(&run->klog);
	return 0;
}

/* Returns the rest of the exit line if its first word is @word. */
static const char *ended_by(const struct run *run, const char *word)
{
	const char *line = run->exit.count ? run->exit.line[0] : "";
	size_t length = strlen(word);

	if (strncmp(line, word, length) || (line[length] && line[length] != ' '))
		return NULL;
	return line + length + (line[length] == ' ');
}

static char *how_far(const struct run *run)
{
	const struct ktap *ktap = &run->ktap;

	if (!ktap->planned)
		return text_format("result channel has no plan%s%s", ktap->errors.count ? ": " : "",
				   ktap->errors.count ? ktap->errors.line[0] : "");
	if (!ktap->last)
		return text_format("result ends before the first of %u tests", ktap->planned);
	if (ktap->last < ktap->planned)
		return text_format("result ends after test %u of %u", ktap->last, ktap->planned);
	return text_format("result ends after the last of %u tests, %s the end line", ktap->planned,
			   ktap->ended ? "with" : "without");
}

/* Returns one sentence on how the run ended and how far it came. */
static char *story(const struct run *run)
{
	const char *start = ended_by(run, "start"), *timeout = ended_by(run, "timeout");
	const char *qemu = ended_by(run, "qemu");
	char *far = how_far(run), *text;

	if (!run->exit.count || !*run->exit.line[0])
		text = text_format("the runner ended without an exit line; %s", far);
	else if (ended_by(run, "end"))
		text = text_format("%s", far);
	else if (start)
		text = text_format("QEMU could not start: %s", *start ? start : "no reason given");
	else if (run->klog.fatal && (timeout || qemu))
		text = text_format("%s; %s", run->klog.fatal, far);
	else if (timeout && !run->ktap.heard)
		text = text_format("the guest reported nothing until the limit of %s s", timeout);
	else if (timeout)
		text = text_format("the limit of %s s was reached; %s", timeout, far);
	else if (qemu)
		text = text_format("QEMU ended by itself with status %s; %s", qemu, far);
	else
		text = text_format("the runner wrote an unknown exit line, \"%.100s\"; %s",
				   run->exit.line[0], far);
	free(far);
	return text;
}

static void show_lines(const struct text_list *lines, size_t from, size_t most, const char *prefix)
{
	for (size_t i = from; i < lines->count && i - from < most; i++)
		printf("    %s%.400s\n", prefix, lines->line[i]);
	if (lines->count > from && lines->count - from > most)
		printf("    %sand %zu more\n", prefix, lines->count - from - most);
}

static void show_fail(struct run *run, const char *name, const char *reason)
{
	run->failed++;
	printf("  FAIL  %.400s: %.800s\n", name, reason);
}

/* Moves a test's bad lines to @bad. If the name began twice in the log, it moves the lines of both. */
static void claim(struct run *run, const char *name, struct text_list *bad)
{
	for (size_t i = 0; i < run->klog.tests; i++)
		if (!strcmp(run->klog.test[i].name, name))
			text_move(bad, &run->klog.test[i].bad);
}

static bool is_reported(const struct ktap *ktap, const char *name)
{
	for (unsigned int i = 0; i < ktap->planned; i++)
		if (ktap->test[i].name && !strcmp(ktap->test[i].name, name))
			return true;
	return false;
}

/* Returns the next test that began in the kernel log but was not reported, or NULL. */
static struct klog_test *next_unreported(struct run *run, size_t *at)
{
	while (*at < run->klog.tests) {
		struct klog_test *test = &run->klog.test[(*at)++];

		if (!is_reported(&run->ktap, test->name))
			return test;
	}
	return NULL;
}

/* Returns why a test did not end as it announced, or NULL if it did. */
static char *why_alive(const struct run *run, const struct klog_test *test, const char *why)
{
	const char *qemu = ended_by(run, "qemu");

	if (!test->died)
		return text_format("announced to end with \"%s\", which is not in the log; %s",
				   test->dies, why);
	if (test->bad.count)
		return text_format("ended as announced, but the log has other errors");
	if (!test->over)
		return text_format("ended as announced, but the panic did not finish; %s", why);
	if (!qemu || strcmp(qemu, "0") || run->ktap.ended)
		return text_format("ended as announced, but the guest did not reboot; %s", why);
	return NULL;
}

static void show_dying(struct run *run, const struct klog_test *test, const char *why)
{
	char *reason = why_alive(run, test, why);

	if (reason) {
		show_fail(run, test->name, reason);
	} else {
		run->passed++;
		printf("  ok    %.400s (ended as announced)\n", test->name);
	}
	free(reason);
}

/* Returns the end that a test announced, or NULL if it announced none. */
static const char *announced(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->klog.tests; i++)
		if (run->klog.test[i].dies && !strcmp(run->klog.test[i].name, name))
			return run->klog.test[i].dies;
	return NULL;
}

static void show_missing(struct run *run, unsigned int n, size_t *at, const char *why,
			 struct text_list *bad)
{
	struct klog_test *began = next_unreported(run, at);
	char *name = began ? text_format("%s", began->name) : text_format("test %u", n);
	const char *state = began && !began->ended ? "was running" : "never reported";
	bool gap = n < run->ktap.last;

	if (began && began->dies && !gap) {
		show_dying(run, began, why);
	} else {
		char *reason = text_format("%s; %s", state,
					   gap ? "later tests were reported" : why);

		show_fail(run, name, reason);
		free(reason);
	}
	if (began)
		text_move(bad, &began->bad);
	free(name);
}

static void show_test(struct run *run, unsigned int n, size_t *at, const char *why)
{
	struct ktap_test *test = &run->ktap.test[n - 1];
	bool named = test->name && *test->name;
	char *name = named ? text_format("%s", test->name) : text_format("test %u", n);
	struct text_list bad = { 0 };
	unsigned int failed = run->failed;
	size_t shown = 0;

	if (named)
		claim(run, test->name, &bad);
	if (test->status == KTAP_MISSING) {
		show_missing(run, n, at, why, &bad);
	} else if (test->fault) {
		show_fail(run, name, test->fault);
	} else if (test->status == KTAP_NOT_OK) {
		show_fail(run, name, test->why ? test->why : "not ok");
	} else if (announced(run, name)) {
		char *reason = text_format("announced to end with \"%s\", but went on",
					   announced(run, name));

		show_fail(run, name, reason);
		free(reason);
	} else if (bad.count) {
		char *reason = text_format("kernel log: %s", bad.line[shown++]);

		show_fail(run, name, reason);
		free(reason);
	} else if (test->status == KTAP_SKIP && !test->why) {
		show_fail(run, name, "skipped without a reason");
	} else if (test->status == KTAP_SKIP) {
		run->skipped++;
		printf("  skip  %.400s: %.400s\n", name, test->why);
	} else {
		run->passed++;
		printf("  ok    %.400s\n", name);
	}
	show_lines(&bad, shown, SHOWN_BAD_LINES, "kernel log: ");
	for (size_t i = 0; i < test->notes.count; i++)
		if (run->failed > failed || !ktap_is_diagnostic(test->notes.line[i]))
			printf("    %.400s\n", test->notes.line[i]);
	text_free(&bad);
	free(name);
}

static void show_list(struct run *run, const char *name, const struct text_list *faults)
{
	if (!faults->count)
		return;
	show_fail(run, name, faults->line[0]);
	show_lines(faults, 1, SHOWN_BAD_LINES, "");
}

/* Collects bad lines outside tests, and of tests without a result. */
static void collect_rest(struct run *run, struct text_list *rest)
{
	text_move(rest, &run->klog.outside);
	for (size_t i = 0; i < run->klog.tests; i++)
		text_move(rest, &run->klog.test[i].bad);
}

static void show_planned(struct run *run)
{
	struct ktap *ktap = &run->ktap;
	struct text_list faults = { 0 }, rest = { 0 };
	char *why = story(run);
	bool end = ended_by(run, "end"), missing = false;
	size_t at = 0;

	for (unsigned int n = 1; n <= ktap->planned; n++) {
		missing |= ktap->test[n - 1].status == KTAP_MISSING;
		show_test(run, n, &at, why);
	}
	show_list(run, "result", &ktap->errors);
	collect_rest(run, &rest);
	show_list(run, "kernel log", &rest);

	/* Each missing test was shown with the reason already. */
	if ((!end || !ktap->ended) && !missing)
		text_add(&faults, text_format("%s", why));
	if (!run->passed && !run->failed)
		text_add(&faults, text_format("every test was skipped"));
	if (!ended_by(run, "start") && !run->console)
		text_add(&faults, text_format("there is no console log"));
	if (end && !run->klog.seen)
		text_add(&faults, text_format("the kernel log is empty"));
	show_list(run, "run", &faults);
	show_lines(&ktap->notes, 0, (size_t)-1, "");
	text_free(&faults);
	text_free(&rest);
	free(why);
}

static void show_unplanned(struct run *run)
{
	struct text_list rest = { 0 };
	struct text_list *errors = &run->ktap.errors;
	char *why = story(run);
	bool told = errors->count && strstr(why, errors->line[0]);

	show_fail(run, "run", why);
	show_lines(errors, told, SHOWN_BAD_LINES, "");
	collect_rest(run, &rest);
	show_lines(&rest, 0, SHOWN_BAD_LINES, "kernel log: ");
	for (size_t i = 0; i < run->klog.tests; i++)
		if (!run->klog.test[i].ended)
			printf("    was running: %.400s\n", run->klog.test[i].name);
	show_lines(&run->ktap.notes, 0, (size_t)-1, "");
	text_free(&rest);
	free(why);
}

static int append_summary(const char *path, const struct run *run)
{
	char *line = text_format("%u %u %u\n", run->passed, run->failed, run->skipped);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	int err = 0;

	if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		err = errno ? errno : EIO;
	if (fd >= 0 && close(fd) && !err)
		err = errno;
	if (err)
		fprintf(stderr, "verdict: can't append to %s: %s\n", path, strerror(err));
	free(line);
	return err;
}

static char *name_of(const char *dir)
{
	char *real = realpath(dir, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;
	char *name = text_format("%s", slash && slash[1] ? slash + 1 : dir);

	free(real);
	return name;
}

static int judge(struct run *run, const char *dir, const char *name, const char *summary)
{
	char *own = NULL;

	if (read_run(run, dir))
		return 2;
	if (!name) {
		own = name_of(dir);
		name = own;
	}
	if (run->ktap.planned)
		show_planned(run);
	else
		show_unplanned(run);
	printf("%s: %u passed, %u failed, %u skipped\n", name, run->passed, run->failed,
	       run->skipped);
	free(own);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "verdict: can't write the verdict: %s\n", strerror(errno));
		return 2;
	}
	if (summary && append_summary(summary, run))
		return 2;
	return run->failed || !run->passed;
}

int main(int argc, char **argv)
{
	static const char usage[] = "usage: verdict [-n NAME] [-o SUMMARY] DIR";
	const char *name = NULL, *summary = NULL;
	struct run run = { 0 };
	int option, status;

	while ((option = getopt(argc, argv, ":n:o:")) != -1) {
		if (option == 'n')
			name = optarg;
		else if (option == 'o')
			summary = optarg;
		else
			break;
	}
	if (option != -1 || optind != argc - 1) {
		fprintf(stderr, "%s\n", usage);
		return 2;
	}
	ktap_init(&run.ktap);
	klog_init(&run.klog);
	status = judge(&run, argv[optind], name, summary);
	ktap_exit(&run.ktap);
	klog_exit(&run.klog);
	text_free(&run.exit);
	return status;
}
