// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: screen_end() restores the terminal's modes however the program ends, unless a signal
 * that interrupt.c does not catch kills it. The last row of the terminal stays free for a message.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "common/interrupt.h"
#include "common/log.h"
#include "common/output.h"
#include "common/screen.h"

#define SLICE_MS 100	/* longest time until a resize or an interrupt is noticed */

static struct termios saved;
static bool keys;
static char *shown_text;
static size_t shown_length;
static struct winsize size;

/* A process in the background would be stopped by a change of the terminal's modes. */
static void set_modes(const struct termios *modes)
{
	if (tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(STDIN_FILENO, TCSADRAIN, modes);
}

/* Returns false if the standard output is no terminal that can be redrawn. */
bool screen_begin(void)
{
	if (!clears_terminal())
		return false;
	interrupt_catch();
	keys = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &saved);
	atexit(screen_end);
	return true;
}

bool screen_has_keys(void)
{
	return keys;
}

static struct winsize get_size(void)
{
	struct winsize now = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) || now.ws_row < 2 || !now.ws_col)
		now = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return now;
}

/*
 * Writes the part of a line that fits. Colours take no column. All of them are written, so that the
 * last one switches colour off. Characters from U+1000 on may be wide and count as two columns.
 */
static void fit_line(FILE *to, struct piece line, size_t columns)
{
	size_t used = 0;

	for (size_t i = 0, length; i < line.length; i += length) {
		unsigned char c = (unsigned char)line.at[i];
		size_t width = c < 0xe1 ? 1 : 2;

		length = 1;
		if (c == '\033') {
			width = 0;
			while (i + length < line.length && line.at[i + length - 1] != 'm')
				length++;
		} else {
			while (i + length < line.length && (line.at[i + length] & 0xc0) == 0x80)
				length++;
		}
		used += width;
		if (!width || used <= columns)
			fwrite(line.at + i, 1, length, to);
	}
}

/* Writes the first lines of the text. If some do not fit, the last row says how many. */
void screen_fit(FILE *to, struct piece text, size_t rows, size_t columns)
{
	struct piece rest = text, line;
	size_t lines = 0, row = 0;

	while (text_line(&rest, &line))
		lines++;
	for (rest = text; row < rows && text_line(&rest, &line); row++) {
		char more[64];

		if (row == rows - 1 && lines > rows) {
			snprintf(more, sizeof(more), "... %zu more lines", lines - row);
			line = (struct piece){ more, strlen(more) };
		}
		fit_line(to, line, columns);
		fputs("\033[K\n", to);
	}
}

static void draw(void)
{
	size = get_size();
	fputs("\033[H", stdout);
	screen_fit(stdout, (struct piece){ shown_text, shown_length }, size.ws_row - 1, size.ws_col);
	fputs("\033[J", stdout);
	output_flush();
}

/* Takes over the text, which is drawn again when the terminal's size changes. */
void screen_show(char *text, size_t length)
{
	free(shown_text);
	shown_text = text;
	shown_length = length;
	if (keys) {
		/* In every frame, because a shell may have set other modes while the program was stopped. */
		struct termios modes = saved;

		modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		modes.c_cc[VMIN] = 1;
		modes.c_cc[VTIME] = 0;
		set_modes(&modes);
	}
	draw();
}

/* Returns true if the user typed q. */
static bool quits(void)
{
	char typed[64];
	ssize_t got = read(STDIN_FILENO, typed, sizeof(typed));

	if (got <= 0)
		keys = false;
	for (ssize_t i = 0; i < got; i++)
		if (typed[i] == 'q' || typed[i] == 'Q')
			return true;
	return false;
}

/* Returns false if the display is to end: the user typed q, or interrupted the program. */
bool screen_wait(double seconds)
{
	int64_t end = now_ms() + (int64_t)(seconds * 1000);

	for (;;) {
		struct pollfd key = { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN };
		int64_t left = end - now_ms();
		struct winsize now;
		int ready = poll(&key, 1, left <= 0 ? 0 : left < SLICE_MS ? (int)left : SLICE_MS);

		if (interrupted() || (ready > 0 && quits()))
			return false;
		now = get_size();
		if (now.ws_row != size.ws_row || now.ws_col != size.ws_col)
			draw();
		if (left <= 0)
			return true;
	}
}

/* Removes the last frame; what the caller prints next takes its place. */
void screen_clear(void)
{
	fputs("\033[H\033[J", stdout);
}

void screen_end(void)
{
	if (keys)
		set_modes(&saved);
	keys = false;
}
