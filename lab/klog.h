/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LAB_KLOG_H
#define LAB_KLOG_H

#include "text.h"

/* Lines of the same microsecond are sorted in this order. */
enum klog_source {
	KLOG_KMSG,
	KLOG_CONSOLE,
	KLOG_SOURCES,
};

struct klog_rule;

/* A line that was kept: a marker of a test, the end of a panic or of a kernel, or a bad line. */
struct klog_line {
	unsigned long long usec;	/* since boot */
	enum klog_source source;
	size_t order;
	bool stamped;
	char *text;			/* the whole line, "[   12.345678] text" */
	const char *body;		/* the text in it */
	const struct klog_rule *rule;	/* why the line is bad, NULL if it is not */
};

/**
 * struct klog_test - the part of the log between a test's markers
 * @name: from the begin marker
 * @ended: the log has its end marker
 * @dies: the panic message or the line with which the test announced to end the kernel, NULL if it
 *	did not
 * @died: @dies appeared, before any other death of kernel or firmware
 * @over: the kernel finished that panic
 * @bad: bad lines that the test had not announced, each with its reason
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
 * @seen: the log has at least one line of the kernel
 * @test: array of @tests, in the order of their begin markers; set by klog_judge()
 * @outside: bad lines outside all tests, each with its reason; set by klog_judge()
 * @fatal: an unannounced death of the kernel or the firmware with the line that reports it, NULL if
 *	there is none; set by klog_judge()
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
