// SPDX-License-Identifier: GPL-2.0
/*
 * The rules for a guest's kernel log. There are two copies: one from /dev/kmsg, which lacks the end
 * if the guest dies, and one from the serial console, where firmware and kernel may write into each
 * other's lines and lines may be cut.
 *
 * Both copies are merged by time, so that a line of one copy belongs to a test even if only the
 * other copy has the test's markers. A line without a time gets the time of the line before it. A
 * line that is in both copies with the same time counts once, even if one of them is cut. The log
 * has to be that of one boot, in which time does not start again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog.h"

#define BEGIN	"sdei-test: begin "
#define END	"sdei-test: end "
#define EXPECT	"sdei-test: expect "
#define DIES	"sdei-test: dies "

#define PANIC	"Kernel panic - not syncing: "

struct klog_rule {
	const char *pattern, *reason;
	const char *dies;	/* for lines that end the run: how it ended */
};

static const struct klog_rule rules[] = {
	{ "Kernel panic", "the kernel panicked", "guest panicked" },
	{ "Unable to handle", "a bad memory access in the kernel", NULL },
	{ "Internal error", "a fatal exception in the kernel", NULL },
	{ "Oops", "a fatal exception in the kernel", NULL },
	{ "kernel BUG at", "a failed assertion in the kernel", NULL },
	{ "unsafe: exception during handler", "the SDEI handler took an exception", NULL },
	{ "Asynchronous SError", "an external abort", NULL },
	{ "SError Interrupt on CPU", "an external abort", NULL },
	{ "Bad mode in", "an unhandled exception in the kernel", NULL },
	{ "Insufficient stack space", "a kernel stack overflowed", NULL },
	{ "possible recursive locking", "lockdep: a lock taken twice", NULL },
	{ "possible circular locking", "lockdep: locks taken in opposite orders", NULL },
	{ "inconsistent lock state", "lockdep: a lock used in incompatible contexts", NULL },
	{ "trying to register non-static key", "lockdep: a lock never initialised", NULL },
	{ "scheduling while atomic", "the kernel slept in atomic context", NULL },
	{ "sleeping function called", "a function that may sleep was called in atomic context", NULL },
	{ "soft lockup", "a CPU did not schedule", NULL },
	{ "hard LOCKUP", "a CPU took no interrupts", NULL },
	{ "INFO: rcu", "RCU stalled", NULL },
	{ "rcu: INFO:", "RCU stalled", NULL },
	{ "INFO: task", "a task hung", NULL },
	{ "nobody cared", "an interrupt without a handler", NULL },
	{ "refcount_t:", "a broken reference count", NULL },
	{ "UBSAN:", "undefined behaviour", NULL },
	{ "new suspected memory leaks", "memory leaked", NULL },
	{ "page allocation failure", "memory ran out", NULL },
	{ "Out of memory", "memory ran out", NULL },
	{ "WARNING:", "a kernel warning", NULL },
	{ "BUG:", "the kernel detected a bug", NULL },
	{ "unregistering event 0 failed", "the driver could not unregister event 0", NULL },
	{ "did not arrive in time", "the driver lost a signal", NULL },
	{ "sdei_nmi: unhooking", "the driver could not restore a kernel function", NULL },
	{ "sdei_nmi: unloading waits", "unloading the driver was delayed", NULL },
	{ "kernel log records were lost", "a part of the kernel log is missing", NULL },
	{ "ASSERT:", "a failed assertion in the firmware", "firmware panicked" },
	{ "PANIC at", "the firmware panicked", "firmware panicked" },
	{ "PANIC in EL3", "the firmware panicked", "firmware panicked" },
	{ "Unhandled Exception", "a fatal exception in the firmware", "firmware panicked" },
	{ "Unhandled External Abort", "an external abort in the firmware", "firmware panicked" },
};

/*
 * Lines that are no errors.
 * - TF-A: its build lacks workarounds for some core, or a call does not exist. sdei-nmi validate makes
 *   such a call on purpose.
 * - The kernel's EFI stub: under Secure Boot, GRUB 2.06 puts the kernel where the stub moves it away.
 */
static const char *const harmless[] = {
	"WARNING: BL",
	"WARNING: Unimplemented SDEI Call",
	"EFI stub: ERROR: FIRMWARE BUG: kernel image not aligned",
	"EFI stub: ERROR: FIRMWARE BUG: Image BSS overlaps",
};

static const struct klog_rule *find_rule(const char *body)
{
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (!strncmp(body, harmless[i], strlen(harmless[i])))
			return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (strstr(body, rules[i].pattern))
			return &rules[i];
	return NULL;
}

static const char *argument(const char *body, const char *marker)
{
	size_t length = strlen(marker);

	return !strncmp(body, marker, length) && body[length] ? body + length : NULL;
}

static bool is_marker(const char *body)
{
	return argument(body, BEGIN) || argument(body, END) || argument(body, EXPECT) ||
	       argument(body, DIES);
}

/* The last line of a panic: before a reboot, without one, or before a capture kernel starts. */
static bool is_panic_end(const char *body)
{
	return argument(body, "Rebooting in ") || argument(body, "---[ end " PANIC) ||
	       !strcmp(body, "Bye!");
}

/*
 * The last line before an orderly end, before a reboot by sysrq-b, or before the driver ends a reboot
 * that hangs.
 */
static bool is_reboot(const char *body)
{
	return argument(body, "reboot: ") || !strcmp(body, "sysrq: Resetting") ||
	       argument(body, "sdei_nmi: this machine has not gone down in ");
}

/*
 * Parses a timestamp, "[   12.345678] ", and a caller after it, such as "[    T1] ". Returns the rest
 * of the string, or NULL if @s does not start with a timestamp.
 */
static char *timestamp(char *s, unsigned long long *usec)
{
	unsigned long long value = 0;
	char *p = s, *dot, *caller;

	if (*p++ != '[')
		return NULL;
	p += strspn(p, " ");
	dot = p + strspn(p, "0123456789");
	if (dot == p || dot - p > 10 || *dot != '.' || strspn(dot + 1, "0123456789") != 6 ||
	    dot[7] != ']')
		return NULL;
	for (; p < dot + 7; p++)
		if (p != dot)
			value = value * 10 + (unsigned long long)(*p - '0');
	p = dot + 8;
	if (*p == '[') {
		caller = p + 1 + strspn(p + 1, " ");
		if (*caller == 'T' || *caller == 'C') {
			caller += 1 + strspn(caller + 1, "0123456789");
			if (*caller == ']')
				p = caller + 1;
		}
	}
	if (*p == ' ')
		p++;
	*usec = value;
	return p;
}

/* Returns -1 if @c is not a digit that /dev/kmsg uses in escapes. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Replaces the escapes of /dev/kmsg by the bytes: "\x0a" becomes a newline. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		int high = !strncmp(s, "\\x", 2) ? hex_digit(s[2]) : -1;
		int low = high >= 0 ? hex_digit(s[3]) : -1;

		if (low >= 0 && (high || low)) {
			*to++ = (char)(high << 4 | low);
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

static void keep(struct klog *klog, enum klog_source source, bool stamped, const char *body)
{
	unsigned long long usec = klog->clock[source];
	const struct klog_rule *rule = NULL;
	struct klog_line *line;

	if (!is_marker(body)) {
		rule = find_rule(body);
		if (!rule && !is_panic_end(body) && !is_reboot(body))
			return;
	}
	klog->line = text_grow(klog->line, klog->lines, &klog->line_room, sizeof(*klog->line));
	line = &klog->line[klog->lines];
	*line = (struct klog_line){
		.usec = usec,
		.source = source,
		.order = klog->lines++,
		.stamped = stamped,
		.rule = rule,
	};
	if (stamped)
		line->text = text_format("[%5llu.%06llu] %s", usec / 1000000, usec % 1000000, body);
	else
		line->text = text_format("%s", body);
	line->body = line->text + strlen(line->text) - strlen(body);
}

/*
 * Splits a line at each timestamp, because other lines may have been written into it. @stamped: the
 * line continues one that had a timestamp. Returns the same for the next line.
 */
static bool take(struct klog *klog, enum klog_source source, char *line, bool stamped)
{
	char *body = line, *p = line;

	while (*p) {
		unsigned long long usec;
		char *next = timestamp(p, &usec);

		if (!next) {
			p++;
			continue;
		}
		*p = '\0';
		keep(klog, source, stamped, body);
		klog->clock[source] = usec;
		klog->seen = true;
		stamped = true;
		body = next;
		p = next;
	}
	keep(klog, source, stamped, body);
	return stamped;
}

/**
 * klog_line() - add the next line of one of the two copies
 * @klog: the state
 * @source: the copy that has the line
 * @line: the line after text_clean(); changed
 *
 * A record of /dev/kmsg that contains newlines is split into lines, as on the console.
 */
void klog_line(struct klog *klog, enum klog_source source, char *line)
{
	bool stamped = false;
	char *end;

	if (source == KLOG_CONSOLE) {
		take(klog, source, line, false);
		return;
	}
	unescape(line);
	for (; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		text_clean(line, end ? (size_t)(end - line) : strlen(line));
		stamped = take(klog, source, line, stamped);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct klog_line *one = a, *two = b;

	if (one->usec != two->usec)
		return one->usec < two->usec ? -1 : 1;
	if (one->source != two->source)
		return one->source < two->source ? -1 : 1;
	return one->order < two->order ? -1 : one->order > two->order;
}

/*
 * Does the other copy have the same line before this one, whole or cut? If the line is bad, the
 * longer version is kept.
 */
static bool is_copy(struct klog *klog, size_t at)
{
	struct klog_line *line = &klog->line[at];

	for (size_t i = at; line->stamped && i-- && klog->line[i].usec == line->usec;) {
		struct klog_line *other = &klog->line[i];
		size_t length = strlen(line->text), other_length = strlen(other->text);

		if (!other->stamped || other->source == line->source ||
		    strncmp(line->text, other->text, length < other_length ? length : other_length))
			continue;
		if (length > other_length && other->rule) {
			struct klog_line longer = *line;

			/* Replace the shorter version, so that later lines are compared with the longer. */
			line->text = other->text;
			other->text = longer.text;
			other->body = longer.body;
			other->rule = longer.rule;
		}
		return true;
	}
	return false;
}

static void drop_copies(struct klog *klog)
{
	for (size_t i = 0; i < klog->lines; i++) {
		if (is_copy(klog, i)) {
			klog->line[i].body = "";
			klog->line[i].rule = NULL;
		}
	}
}

static bool is_expected(const struct text_list *expected, const char *body)
{
	for (size_t i = 0; i < expected->count; i++)
		if (strstr(body, expected->line[i]))
			return true;
	return false;
}

/*
 * After a request to power off, the CPU executes some more instructions, and TF-A panics if it gets so
 * far that the CPU still runs. On a busy host TF-A may have the time to print this.
 */
static bool is_power_off(const struct klog_test *test, const char *body)
{
	return test->died && (!strcmp(test->dies, "reboot: Power down") || strstr(test->dies, ": powering off at once")) &&
	       !strncmp(body, "PANIC in EL3", strlen("PANIC in EL3"));
}

/*
 * Is this the end that the test announced? That is its panic message, once, and then the end of that
 * panic; or, for other ends, the whole line that the test announced.
 */
static bool is_announced(struct klog_test *test, const char *body)
{
	const char *panic = argument(body, PANIC);

	if (test->died && is_panic_end(body)) {
		test->over = true;
		return true;
	}
	if (!test->dies || test->died || strcmp(panic ? panic : body, test->dies))
		return false;
	test->died = true;
	test->over = !panic;
	return true;
}

/**
 * klog_judge() - assign the lines to tests, after all lines of both copies were added
 * @klog: the state; call once
 *
 * A test ends at its own end marker or at the next begin marker. The lines that it expects are
 * expected only until then.
 */
void klog_judge(struct klog *klog)
{
	struct text_list expected = { 0 };
	struct klog_test *test = NULL;

	if (klog->lines)
		qsort(klog->line, klog->lines, sizeof(*klog->line), by_time);
	drop_copies(klog);
	for (size_t i = 0; i < klog->lines; i++) {
		const struct klog_line *line = &klog->line[i];
		const char *begin = argument(line->body, BEGIN);
		const char *end = argument(line->body, END);
		const char *expect = argument(line->body, EXPECT);
		const char *dies = argument(line->body, DIES);

		if (test && !klog->fatal &&
		    (is_announced(test, line->body) || is_power_off(test, line->body))) {
			continue;
		} else if (line->rule) {
			if (is_expected(&expected, line->body))
				continue;
			text_add(test ? &test->bad : &klog->outside,
				 text_format("%.400s (%s)", line->text, line->rule->reason));
			if (line->rule->dies && !klog->fatal)
				klog->fatal = text_format("%s: %.400s", line->rule->dies,
							  line->text);
		} else if (begin) {
			klog->test = text_grow(klog->test, klog->tests, &klog->test_room,
					       sizeof(*klog->test));
			test = &klog->test[klog->tests++];
			*test = (struct klog_test){ .name = text_format("%s", begin) };
			text_free(&expected);
		} else if (end) {
			if (!test || strcmp(end, test->name))
				continue;
			test->ended = true;
			test = NULL;
			text_free(&expected);
		} else if (test && expect) {
			text_add(&expected, text_format("%s", expect));
		} else if (test && dies && !test->dies) {
			test->dies = text_format("%s", dies);
		}
	}
	text_free(&expected);
}

/**
 * klog_init() - start with an empty log
 * @klog: the state; the caller frees it with klog_exit()
 */
void klog_init(struct klog *klog)
{
	*klog = (struct klog){ 0 };
}

/**
 * klog_exit() - free all memory
 * @klog: the state
 */
void klog_exit(struct klog *klog)
{
	for (size_t i = 0; i < klog->lines; i++)
		free(klog->line[i].text);
	for (size_t i = 0; i < klog->tests; i++) {
		free(klog->test[i].name);
		free(klog->test[i].dies);
		text_free(&klog->test[i].bad);
	}
	free(klog->line);
	free(klog->test);
	free(klog->fatal);
	text_free(&klog->outside);
	klog_init(klog);
}
