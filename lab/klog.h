/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LAB_KLOG_H
#define LAB_KLOG_H

#include "text.h"

/* In the order in which lines of the same microsecond are taken. */
enum klog_source {
	KLOG_KMSG,
	KLOG_CONSOLE,
	KLOG_SOURCES,
};

struct klog_rule;

/* A line that matters: a marker of a test, the end of a panic, or a bad one. The rest is not kept. */
struct klog_line {
	unsigned long long usec;	/* since boot */
	enum klog_source source;
	size_t order;
	bool stamped;
	char *text;			/* as shown, "[   12.345678] text" */
	const char *body;		/* its text */
	const struct klog_rule *rule;	/* why it is bad, NULL for others */
};

/**
 * struct klog_test - the part of the log between a test's markers
 * @name: from the begin marker
 * @ended: the end marker came
 * @dies: the panic, or the line, by which it announced to end, NULL if it did not
 * @died: that came, and nobody had died before
 * @over: the kernel was through with that panic
 * @bad: bad lines, each with its reason, that the test had not announced
 */
struct klog_test {
	char *name;
	bool ended;
	char *dies;
	bool died, over;
	struct text_list bad;
};

/**
 * struct klog - a guest's kernel log
 * @seen: at least one line of the kernel came
 * @test: array of @tests, in the order in which they began; after klog_judge()
 * @outside: bad lines outside all tests, each with its reason; after klog_judge()
 * @fatal: who died unannounced and the line that says so, NULL if nobody did; after klog_judge()
 */
struct klog {
	bool seen;
	struct klog_test *test;
	size_t tests;
	struct text_list outside;
	char *fatal;
	/* private: */
	struct klog_line *line;
	size_t lines, line_room, test_room;
	unsigned long long clock[KLOG_SOURCES];
};

void klog_init(struct klog *klog);
void klog_exit(struct klog *klog);
void klog_line(struct klog *klog, enum klog_source source, char *line);
void klog_judge(struct klog *klog);

#endif
