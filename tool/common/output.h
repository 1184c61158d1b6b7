/* SPDX-License-Identifier: GPL-2.0 */
/* Messages, progress, JSON, and output to files that are replaced atomically. */
#ifndef TOOL_COMMON_OUTPUT_H
#define TOOL_COMMON_OUTPUT_H

#include <json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/answer.h"
#include "common/text.h"

struct sink {
	FILE *to;
	const char *path;
	char *target;		/* the path after symbolic links */
	char *temporary;
	off_t kept;		/* so many bytes are of use without the rest */
};

enum colour { PLAIN, BOLD, RED, GREEN, YELLOW };

int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool output_flush(void);
void output_begin(void);
void output_end(void);
void output_before_messages(void (*prepare)(void));

const char *colour(enum colour colour);
bool clears_terminal(void);

void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_end(void);

int sink_open(struct sink *sink, const char *path);
int sink_open_public(struct sink *sink, const char *path);
bool sink_keep(struct sink *sink);
int sink_close(struct sink *sink);
void sink_drop(struct sink *sink);

struct json_object *json_document(const char *format);
void json_text(struct json_object *object, const char *key, const char *text);
void json_piece(struct json_object *object, const char *key, struct piece text);
void json_number(struct json_object *object, const char *key, int64_t number);
void json_truth(struct json_object *object, const char *key, bool truth);
void json_answer(struct json_object *object, const char *key, enum answer answer);
void json_print(FILE *to, struct json_object *object);
void json_print_line(FILE *to, struct json_object *object);

#endif
