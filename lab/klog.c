// SPDX-License-Identifier: GPL-2.0
/*
 * The rules for a guest's kernel log, which comes twice: by /dev/kmsg, where the end of a dying
 * guest is missing, and on the serial console, where firmware and kernel write over each other
 * and lines are cut.
 *
 * Both are merged by time, so a line of one is inside a test whose markers only the other has; a
 * line without a time stands where the line before it stood. A line of the same time in both
 * counts once, cut at its end or not. One boot: time that starts again is not understood.
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
	const char *dies;	/* who is gone after such a line */
};

static const struct klog_rule rules[] = {
	{ "Kernel panic", "the kernel panicked", "guest panicked" },
	{ "Unable to handle", "a bad memory access of the kernel", NULL },
	{ "Internal error", "an exception that the kernel does not survive", NULL },
	{ "Oops", "an exception that the kernel does not survive", NULL },
	{ "kernel BUG at", "an assertion of the kernel does not hold", NULL },
	{ "unsafe: exception during handler", "the SDEI handler took an exception", NULL },
	{ "Asynchronous SError", "an external abort", NULL },
	{ "SError Interrupt on CPU", "an external abort", NULL },
	{ "Bad mode in", "an exception that the kernel has no handler for", NULL },
	{ "Insufficient stack space", "a kernel stack overflowed", NULL },
	{ "possible recursive locking", "lockdep: a lock taken twice", NULL },
	{ "possible circular locking", "lockdep: locks taken in both orders", NULL },
	{ "inconsistent lock state", "lockdep: a lock not safe in its contexts", NULL },
	{ "trying to register non-static key", "lockdep: a lock never initialised", NULL },
	{ "scheduling while atomic", "slept where it must not", NULL },
	{ "sleeping function called", "may sleep where it must not", NULL },
	{ "soft lockup", "a CPU did not schedule", NULL },
	{ "hard LOCKUP", "a CPU took no interrupts", NULL },
	{ "INFO: rcu", "RCU stalled", NULL },
	{ "rcu: INFO:", "RCU stalled", NULL },
	{ "INFO: task", "a task hung", NULL },
	{ "nobody cared", "an interrupt without a handler", NULL },
	{ "refcount_t:", "a reference count went wrong", NULL },
	{ "UBSAN:", "undefined behaviour", NULL },
	{ "new suspected memory leaks", "memory leaked", NULL },
	{ "page allocation failure", "memory ran out", NULL },
	{ "Out of memory", "memory ran out", NULL },
	{ "WARNING:", "a warning of the kernel", NULL },
	{ "BUG:", "a bug that the kernel found", NULL },
	{ "unregistering event 0 failed", "the driver could not give event 0 back", NULL },
	{ "did not arrive in time", "the driver lost a signal", NULL },
	{ "sdei_nmi: unhooking", "the driver could not give a function back", NULL },
	{ "sdei_nmi: unloading waits", "the driver's unload was held up", NULL },
	{ "kernel log records were lost", "a part of the log that nobody saw", NULL },
	{ "ASSERT:", "an assertion of the firmware does not hold", "firmware panicked" },
	{ "PANIC at", "the firmware panicked", "firmware panicked" },
	{ "PANIC in EL3", "the firmware panicked", "firmware panicked" },
	{ "Unhandled Exception", "an exception that the firmware does not survive",
	  "firmware panicked" },
	{ "Unhandled External Abort", "an external abort in the firmware", "firmware panicked" },
};

/*
 * TF-A's words for what is no fault: that a build lacks workarounds for some core, for one; and that
 * it has not the call by which sdei-nmi validate looks at how it says so.
 */
static const char *const firmware_warnings[] = { "WARNING: BL", "WARNING: Unimplemented SDEI Call" };

static const struct klog_rule *find_rule(const char *body)
{
	for (size_t i = 0; i < ARRAY_SIZE(firmware_warnings); i++)
		if (!strncmp(body, firmware_warnings[i], strlen(firmware_warnings[i])))
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

/* The last line of a panic: with a reboot to follow, or without, or with a capture kernel. */
static bool is_panic_end(const char *body)
{
	return argument(body, "Rebooting in ") || argument(body, "---[ end " PANIC) ||
	       !strcmp(body, "Bye!");
}

/* The kernel's last line on its way out in good order, or by sysrq-b. */
static bool is_reboot(const char *body)
{
	return argument(body, "reboot: ") || !strcmp(body, "sysrq: Resetting");
}

/*
 * Reads "[   12.345678] " and a caller as "[    T1] " behind it. Returns what follows, NULL if @s
 * is no timestamp.
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

/* Returns -1 for what is no digit of /dev/kmsg's escapes. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes the escapes of /dev/kmsg. "\x0a" becomes the newline that it is. */
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
 * Takes a line apart at each timestamp: others may have been written into it. @stamped: it goes on
 * a line that had one.
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
 * klog_line() - take the next line of one of the two logs
 * @klog: the state
 * @source: which log
 * @line: the line after text_clean(); changed
 *
 * A record of /dev/kmsg that has newlines in it is taken as the lines that the console shows.
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
 * Is the same line among those before it, from the other log, whole or cut? Of two bad ones the
 * longer stays.
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

			/* In the place of the other, so that a second copy still finds it. */
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
 * A machine that switches itself off goes on for some instructions, and TF-A takes it for a panic
 * that it is still there. On a busy host they are enough to say so.
 */
static bool is_power_off(const struct klog_test *test, const char *body)
{
	return test->died && !strcmp(test->dies, "reboot: Power down") &&
	       !strncmp(body, "PANIC in EL3", strlen("PANIC in EL3"));
}

/*
 * The death that the test announced: its panic, once, and then that panic's end; or, where it is no
 * panic, the whole line with which the kernel leaves.
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
 * klog_judge() - sort the lines into tests, when all lines of both logs have been taken
 * @klog: the state; call once
 *
 * A test goes on until its own end marker or the next begin marker. What it expects is forgotten
 * then.
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
 * klog_init() - nothing seen yet
 * @klog: to be given to klog_exit()
 */
void klog_init(struct klog *klog)
{
	*klog = (struct klog){ 0 };
}

/**
 * klog_exit() - free what was kept
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
