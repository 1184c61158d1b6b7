// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's files say which detector works. Without them, the kernel's options, its sysctls and
 * its log do: the "buddy" detector always works, perf's needs an NMI. kernel.nmi_watchdog reads as 1
 * only if the kernel's detector works and is switched on.
 */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/memory.h"
#include "common/output.h"
#include "machine/lockups.h"

#define SYSCTL "/proc/sys/kernel"

static const char *const kernel_words[] = {
	[LOCKUPS_KERNEL_NONE] = "none", [LOCKUPS_KERNEL_GAVE_UP] = "gave-up", [LOCKUPS_KERNEL_WORKS] = "works",
};

static const char *const driver_words[] = {
	[LOCKUPS_DRIVER_OFF] = "off", [LOCKUPS_DRIVER_UNSEEN] = "unseen", [LOCKUPS_DRIVER_ALL] = "all",
};

/* Returns the place of the word in the list, or 0. */
static size_t find_word(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; word && i < count; i++)
		if (words[i] && !strcmp(words[i], word))
			return i;
	return 0;
}

static bool is_zero(const char *path)
{
	char *line = file_line("%s", path);
	bool zero = line && !strcmp(line, "0");

	free(line);
	return zero;
}

/* Returns whether the sysctls switch the kernel's detector on. If not, sets the one that does not. */
static enum answer read_switch(const char **off)
{
	*off = is_zero(SYSCTL "/nmi_watchdog") ? "kernel.nmi_watchdog=0" : is_zero(SYSCTL "/watchdog_thresh") ? "kernel.watchdog_thresh=0" : NULL;
	return *off ? NO : file_there(SYSCTL "/nmi_watchdog") ? YES : UNKNOWN;
}

/* A kernel with the detector has the sysctl hardlockup_panic, also if the detector gave up. */
static enum answer detector_built(const struct host *m)
{
	if (m->lockup_detector != UNKNOWN)
		return m->lockup_detector;
	return file_there(SYSCTL "/hardlockup_panic") ? YES : file_there(SYSCTL "/watchdog") ? NO : UNKNOWN;
}

static enum lockups_kernel deduce_kernel(const struct host *m, enum answer on)
{
	enum answer built = detector_built(m);

	if (built == NO)
		return LOCKUPS_KERNEL_NONE;
	if (on == YES || m->lockup_buddy == YES)
		return LOCKUPS_KERNEL_WORKS;
	/* A kernel without the detector has this log line, too. */
	if (built == YES && m->lockup_gave_up)
		return LOCKUPS_KERNEL_GAVE_UP;
	if (m->lockup_perf != YES)
		return LOCKUPS_KERNEL_UNKNOWN;
	if (!m->pseudo_nmi)
		return m->cmdline ? LOCKUPS_KERNEL_GAVE_UP : LOCKUPS_KERNEL_UNKNOWN;
	return on == NO && m->log_whole ? LOCKUPS_KERNEL_WORKS : LOCKUPS_KERNEL_UNKNOWN;
}

/* Returns whether lockups_read() needs the facts about the host. */
bool lockups_need_host(const struct service *s)
{
	return !s->kernel_detector;
}

/* The host may be NULL if it is not needed. */
void lockups_read(struct lockups *l, const struct service *s, const struct host *m)
{
	const char *off;
	enum answer on = read_switch(&off);

	*l = (struct lockups){ 0 };
	if (s->kernel_detector)
		l->kernel = find_word(kernel_words, sizeof(kernel_words) / sizeof(kernel_words[0]), s->kernel_detector);
	else if (m)
		l->kernel = deduce_kernel(m, on);
	l->kernel_on = l->kernel == LOCKUPS_KERNEL_WORKS ? on : UNKNOWN;
	l->kernel_switch = l->kernel_on == NO ? off : NULL;
	l->kernel_word = kernel_words[l->kernel];
	if (!s->lockup_detector) {
		l->driver = s->there ? LOCKUPS_DRIVER_OLD : LOCKUPS_DRIVER_ABSENT;
		return;
	}
	l->driver = find_word(driver_words, sizeof(driver_words) / sizeof(driver_words[0]), s->lockup_detector);
	l->driver_word = driver_words[l->driver];
	if (l->driver > LOCKUPS_DRIVER_OFF && s->state && strcmp(s->state, "serving"))
		l->driver = LOCKUPS_DRIVER_UNSERVED;
}

static bool kernel_detects(const struct lockups *l)
{
	return l->kernel == LOCKUPS_KERNEL_WORKS && l->kernel_on != NO;
}

/* If the kernel's detector is switched off, the driver reports nothing in its place, unless it reports all. */
static bool driver_detects(const struct lockups *l)
{
	return l->driver == LOCKUPS_DRIVER_ALL ||
	       (l->driver == LOCKUPS_DRIVER_UNSEEN && !(l->kernel == LOCKUPS_KERNEL_WORKS && l->kernel_on == NO));
}

enum answer lockups_detected(const struct lockups *l)
{
	if (kernel_detects(l) || driver_detects(l))
		return YES;
	return l->kernel == LOCKUPS_KERNEL_UNKNOWN || l->driver == LOCKUPS_DRIVER_UNKNOWN ? UNKNOWN : NO;
}

/* Says why the kernel's detector reports nothing. */
static char *kernel_clause(const struct lockups *l)
{
	switch (l->kernel) {
	case LOCKUPS_KERNEL_NONE:
		return memory_format("this kernel is built without a detector of its own");
	case LOCKUPS_KERNEL_GAVE_UP:
		return memory_format("the kernel's own detector gave up, because perf has no NMI on this machine");
	case LOCKUPS_KERNEL_WORKS:
		return memory_format("%s switches the kernel's own detector off", l->kernel_switch);
	default:
		return memory_format("nothing on this machine says whether the kernel's own detector works");
	}
}

/* Says why the driver reports nothing. Returns NULL if there is no driver. */
static const char *driver_clause(const struct lockups *l)
{
	switch (l->driver) {
	case LOCKUPS_DRIVER_UNKNOWN:
		return "this version of the tool does not know what the driver's detector does";
	case LOCKUPS_DRIVER_OLD:
		return "this version of the driver has no detector";
	case LOCKUPS_DRIVER_OFF:
		return "the driver's detector is off";
	case LOCKUPS_DRIVER_UNSERVED:
		return "the driver does not serve just now";
	case LOCKUPS_DRIVER_UNSEEN:
		return "the driver leaves lockups to that detector";
	default:
		return NULL;
	}
}

/* Who reports hard lockups, or why nobody does. */
char *lockups_sentence(const struct lockups *l)
{
	const char *driver = driver_clause(l);
	char *kernel, *sentence;

	if (kernel_detects(l)) {
		if (l->driver == LOCKUPS_DRIVER_ALL)
			return memory_format("reported by the driver, and by the kernel's own detector as well");
		if (l->driver == LOCKUPS_DRIVER_UNSEEN)
			return memory_format("reported by the kernel's own detector; the driver reports those that the kernel cannot see");
		return memory_format("reported by the kernel's own detector%s%s", driver ? "; " : "", driver ? driver : "");
	}
	kernel = kernel_clause(l);
	if (driver_detects(l))
		sentence = memory_format("reported by the driver; %s", kernel);
	else if (lockups_detected(l) == UNKNOWN)
		sentence = memory_format("not known: %s%s%s", kernel, driver ? ", and " : "", driver ? driver : "");
	else
		sentence = memory_format("not reported: %s%s%s", kernel, driver ? ", and " : "", driver ? driver : "");
	free(kernel);
	return sentence;
}

struct json_object *lockups_json(const struct lockups *l)
{
	struct json_object *object = json_object_new_object();

	json_answer(object, "works", lockups_detected(l));
	json_text(object, "kernel", l->kernel_word);
	json_answer(object, "kernel_on", l->kernel_on);
	json_text(object, "driver", l->driver_word);
	return object;
}
