/* SPDX-License-Identifier: GPL-2.0 */
/* The display of "sdei-nmi top" on the terminal, and its keys. Only this file's twin uses curses. */
#ifndef TOOL_TOP_SCREEN_H
#define TOOL_TOP_SCREEN_H

#include <stdint.h>

#include "top/model.h"

/* Other keys are characters. */
enum top_key {
	TOP_NONE = -100,	/* the time is over, or a signal came */
	TOP_REDRAW,		/* the terminal's size has changed, or Ctrl-L */
	TOP_GONE,		/* there is no terminal any more */
	TOP_UP,
	TOP_DOWN,
	TOP_PAGE_UP,
	TOP_PAGE_DOWN,
	TOP_HOME,
	TOP_END,
	TOP_ENTER,
	TOP_ESCAPE,
	TOP_BACKSPACE,
	TOP_OTHER,
};

/* What the display shows besides the model. Texts that are not shown are NULL. */
struct top_view {
	const char *clock;	/* when the snapshot was taken */
	double seconds;
	bool paused;
	const char *message, *prompt;
	const char *help;
	size_t help_first;	/* the line of help at the top */
};

int top_screen_begin(void);
void top_screen_end(void);
int top_screen_key(int64_t ms);
void top_screen_clear(void);
size_t top_screen_draw(struct top_model *model, struct top_view *view);

#endif
