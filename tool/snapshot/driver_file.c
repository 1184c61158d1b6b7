// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: a text is refused, with its line, if it is cut off within a line, or if the value of a
 * known key is invalid. Unknown keys are skipped, because the ABI allows new ones.
 */
#include <string.h>

#include "snapshot/driver_file.h"

struct parser {
	const struct driver_file *file;
	struct trace trace;
	bool in_head, in_block, in_stack;
	const char *what;
};

static void begin_block(struct parser *p)
{
	p->file->begin(p->file->into);
	p->trace = TRACE_EMPTY;
	p->in_stack = false;
	p->in_block = true;
}

static bool end_block(struct parser *p)
{
	if (!p->in_block)
		return true;
	p->what = p->file->end(p->file->into, &p->trace);
	if (p->what)
		return false;
	p->trace = TRACE_EMPTY;
	p->in_block = false;
	return true;
}

static bool parse_field(struct parser *p, struct piece key, struct piece value)
{
	switch (trace_key(&p->trace, key, value)) {
	case TRACE_READ:
		p->in_stack = text_is(key, "stack");
		return true;
	case TRACE_INVALID:
		return false;
	default:
		return p->file->field(p->file->into, key, value);
	}
}

static bool parse_line(struct parser *p, struct piece line)
{
	struct piece key = line, value;
	const char *colon;

	if (!line.length) {
		p->in_head = false;
		return end_block(p);
	}
	if (!p->in_head && !p->in_block)
		begin_block(p);
	if (line.at[0] == ' ') {
		line.at++;
		line.length--;
		/* An indented line outside a stack belongs to an unknown key. */
		if (!p->in_block || !p->in_stack)
			return true;
		p->what = "it is not an entry of a stack";
		return trace_entry(&p->trace, line);
	}
	p->in_stack = false;
	colon = memchr(line.at, ':', line.length);
	p->what = "it does not have the form KEY: VALUE";
	if (!colon)
		return false;
	key.length = (size_t)(colon - line.at);
	value.at = colon + 1;
	value.length = line.length - key.length - 1;
	if (value.length && value.at[0] == ' ') {
		value.at++;
		value.length--;
	}
	p->what = "the value is not valid for this key";
	return p->in_head ? p->file->head(p->file->into, key, value) : parse_field(p, key, value);
}

/* If it returns true, flaw->line is the line after the last one, for checks of the whole. */
bool driver_file_parse(const struct driver_file *file, struct piece text, struct flaw *flaw)
{
	struct parser p = { .file = file, .trace = TRACE_EMPTY, .in_head = true };
	struct piece rest = text, line;

	flaw->line = 1;
	flaw->what = file->another_form;
	if (!text_line(&rest, &line) || !text_is(line, file->form) || line.length == text.length)
		return false;
	while (text_line(&rest, &line)) {
		flaw->line++;
		/* A complete file ends with a newline. */
		if (!rest.length && text.at[text.length - 1] != '\n') {
			p.what = "the line is cut off";
			goto fail;
		}
		if (!parse_line(&p, line))
			goto fail;
	}
	flaw->line++;
	if (end_block(&p))
		return true;
fail:
	flaw->what = p.what;
	trace_free(&p.trace);
	return false;
}
