/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LAB_KTAP_H
#define LAB_KTAP_H

#include "text.h"

#define KTAP_END	"# sdei-nmi-lab: end"
#define KTAP_MAX	10000

enum ktap_status {
	KTAP_MISSING,	/* planned, not reported */
	KTAP_OK,
	KTAP_NOT_OK,
	KTAP_SKIP,
};

/**
 * struct ktap_test - one planned test
 * @status: as reported first
 * @name: as reported, may be empty; NULL while missing
 * @why: text of the skip or other directive, NULL if there is none
 * @fault: an error in the report itself (sent twice, out of order), NULL if there is none
 * @notes: lines before the result: diagnostics, and text that is not KTAP
 */
struct ktap_test {
	enum ktap_status status;
	char *name, *why, *fault;
	struct text_list notes;
};

/**
 * struct ktap - the content of a result channel
 * @version: the version line was received
 * @ended: the end line was received
 * @heard: any text was received
 * @planned: number of tests planned, 0 without a valid plan
 * @last: highest test number reported
 * @test: array of @planned tests, number 1 first
 * @errors: one sentence for each violation of the protocol
 * @notes: lines that belong to no result
 */
struct ktap {
	bool version, ended, heard;
	unsigned int planned, last;
	struct ktap_test *test;
	struct text_list errors, notes;
};

void ktap_init(struct ktap *ktap);
void ktap_exit(struct ktap *ktap);
void ktap_line(struct ktap *ktap, const char *line, bool whole);
bool ktap_is_diagnostic(const char *note);

#endif
