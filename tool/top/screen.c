// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the terminal has its modes back before a message is printed and when the program ends,
 * unless a signal that can't be caught kills it. No text is wider than its cell.
 */
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "common/exits.h"
#include "common/interrupt.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/output.h"
#include "top/screen.h"

#define SLICE_MS 100		/* longest time until an interrupt is noticed */
#define ESCAPE_MS 25		/* longest time between the bytes of one key */
#define WIDE 64			/* columns from which on all cells are shown */
#define HINTS "h help  q quit  space pause  s sort  e expand  / filter"

enum { PAIR_ALARM = 1, PAIR_OFF };

static bool on, coloured;
static int room;	/* columns that are left in the row that is being written */

static void begin_colours(void)
{
	coloured = *colour(RED) && has_colors() && start_color() == OK;
	if (!coloured)
		return;
	use_default_colors();
	init_pair(PAIR_ALARM, COLOR_RED, -1);
	init_pair(PAIR_OFF, COLOR_YELLOW, -1);
}

int top_screen_begin(void)
{
	if (!clears_terminal() || !isatty(STDIN_FILENO))
		return complain(EXIT_USAGE, "top needs a terminal for its input and its output; use 'sdei-nmi stacks -w 1'.");
	setlocale(LC_CTYPE, "");
	/* These would keep the display at the size that a shell once saw. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	interrupt_catch();
	/* Ctrl-\ would leave the terminal as it is. */
	signal(SIGQUIT, SIG_IGN);
	if (!newterm(NULL, stdout, stdin))
		return complain(EXIT_FAILED, "terminfo does not describe the terminal '%s'; set TERM to one that it describes, such as xterm, or use 'sdei-nmi stacks -w 1'.",
				getenv("TERM"));
	on = true;
	atexit(top_screen_end);
	output_before_messages(top_screen_end);
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	begin_colours();
	return EXIT_DONE;
}

void top_screen_end(void)
{
	if (on)
		endwin();
	on = false;
}

static int translate(int key)
{
	static const struct {
		int code, key;
	} keys[] = {
		{ KEY_UP, TOP_UP }, { KEY_DOWN, TOP_DOWN }, { KEY_PPAGE, TOP_PAGE_UP }, { KEY_NPAGE, TOP_PAGE_DOWN },
		{ KEY_HOME, TOP_HOME }, { KEY_END, TOP_END }, { KEY_ENTER, TOP_ENTER }, { '\r', TOP_ENTER }, { '\n', TOP_ENTER },
		{ 27, TOP_ESCAPE }, { KEY_BACKSPACE, TOP_BACKSPACE }, { 127, TOP_BACKSPACE }, { '\b', TOP_BACKSPACE },
		{ KEY_RESIZE, TOP_REDRAW }, { 'L' & 0x1f, TOP_REDRAW },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].code == key)
			return keys[i].key;
	return key < 256 ? key : TOP_OTHER;
}

/* Waits for a key, at most for the time. A terminal that has hung up has no more keys. */
int top_screen_key(int64_t ms)
{
	int64_t end = now_ms() + ms;
	bool gone = false;

	for (;;) {
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
		int key = getch();
		int64_t left = end - now_ms();

		if (key != ERR)
			return translate(key);
		if (gone)
			return TOP_GONE;
		if (left <= 0 || interrupted())
			return TOP_NONE;
		gone = poll(&input, 1, left < SLICE_MS ? (int)left : SLICE_MS) > 0 && input.revents & (POLLHUP | POLLERR | POLLNVAL);
	}
}

/* Has the next drawing write the whole screen, because nobody knows what a terminal shows after a resize. */
void top_screen_clear(void)
{
	clearok(curscr, TRUE);
}

static void begin_row(int y)
{
	move(y, 0);
	room = COLS;
}

/* Writes what fits into the columns, but nothing beyond the end of the row. Returns how many columns it left. */
static int put_text(const char *text, int columns)
{
	size_t left = strlen(text), length;
	mbstate_t state = { 0 };
	int width;
	wchar_t c;

	columns = columns < 0 ? 0 : columns < room ? columns : room;
	room -= columns;
	for (; left; text += length, left -= length) {
		length = mbrtowc(&c, text, left, &state);
		width = length > left ? -1 : wcwidth(c);
		if (length > left) {
			state = (mbstate_t){ 0 };
			length = 1;
		}
		if (width < 0) {
			c = L'?';
			width = 1;
		}
		if (width > columns)
			break;
		addnwstr(&c, 1);
		columns -= width;
	}
	return columns;
}

/* The same, and blanks in the columns after it. */
static void put(const char *text, int columns)
{
	for (columns = put_text(text, columns); columns > 0; columns--)
		addch(' ');
}

static void put_line(int y, const char *text)
{
	begin_row(y);
	put(text, COLS);
}

/* A list that does not fit begins with the number of the CPUs, and ends after one of them. */
static void put_cpus(const struct top_row *row, int columns)
{
	char *text = (int)strlen(row->list) <= columns ? memory_format("%s", row->list) : memory_format("%zu: %s", row->count, row->list);
	char *list = strchr(text, ' '), *end = text + columns - 2;

	if ((int)strlen(text) > columns) {
		while (end > list && *end != ',')
			end--;
		strcpy(end > list ? end : list, end > list ? ".." : " CPUs");
	}
	put(text, columns);
	free(text);
}

struct cells {
	int cpus, state, interrupts, waiting, task;	/* columns, each with a blank at its end; 0: not shown */
};

static struct cells cells(void)
{
	int more = COLS > 80 ? COLS - 80 : 0;

	if (COLS < WIDE)
		return (struct cells){ .cpus = 9, .interrupts = 7, .waiting = 8 };
	return (struct cells){ .cpus = 11 + (more > 80 ? 80 : more) / 6, .state = 8, .interrupts = 7, .waiting = 8,
			       .task = 20 + (more > 60 ? 60 : more) / 5 };
}

static void put_cell(const char *text, int columns)
{
	put(text ? text : "-", columns - 1);
	put("", 1);
}

static void draw_names(int y)
{
	struct cells c = cells();

	attrset(A_REVERSE);
	begin_row(y);
	put("", 2);
	put_cell("CPUS", c.cpus);
	if (c.state)
		put_cell("STATE", c.state);
	put_cell("IRQS", c.interrupts);
	put_cell("WAITING", c.waiting);
	if (c.task)
		put_cell("TASK (PID)", c.task);
	put("FUNCTION", room);
	attrset(A_NORMAL);
}

static attr_t attributes(const struct top_row *row)
{
	switch (row->grade) {
	case TOP_ALARM:
		return A_BOLD | (coloured ? COLOR_PAIR(PAIR_ALARM) : 0);
	case TOP_OFF:
		return coloured ? COLOR_PAIR(PAIR_OFF) : A_NORMAL;
	case TOP_QUIET:
		return A_DIM;
	default:
		return A_NORMAL;
	}
}

/* The task of the CPU that has been waiting longest, and how many other CPUs have other tasks. */
static char *task_text(const struct top_row *row)
{
	const struct cpu *first = row->cpu[0];
	size_t others = 0;
	char more[24] = "";

	if (!row->task)
		return memory_format("-");
	for (size_t i = 1; i < row->count; i++)
		others += row->cpu[i]->trace.pid != first->trace.pid;
	if (others)
		snprintf(more, sizeof(more), " +%zu", others);
	if (first->trace.pid < 0)
		return memory_format("%s%s", row->task, more);
	return memory_format("%s (%lld)%s", row->task, (long long)first->trace.pid, more);
}

static void put_waiting(const struct top_row *row, int columns)
{
	char duration[TEXT_DURATION] = "-", text[TEXT_DURATION + 8];

	if (top_row_waiting(row) >= 0)
		text_duration(top_row_waiting(row), duration);
	snprintf(text, sizeof(text), "%*s", columns - 1, duration);
	put_cell(text, columns);
}

/* Without a function, the last cell of a narrow terminal has the state. */
static void draw_row(int y, const struct top_row *row, bool selected)
{
	const char *state = row->cpu[0]->state_word, *last = row->function ? row->function : "";
	struct cells c = cells();
	char *task = task_text(row);

	if (!c.state && !row->function)
		last = state;
	attrset(attributes(row) | (selected ? A_REVERSE : 0));
	begin_row(y);
	put(row->expanded ? "-" : "+", 2);
	put_cpus(row, c.cpus - 1);
	put("", 1);
	if (c.state)
		put_cell(state, c.state);
	put_cell(row->interrupts, c.interrupts);
	put_waiting(row, c.waiting);
	if (c.task)
		put_cell(task, c.task);
	put(last, room);
	attrset(A_NORMAL);
	free(task);
}

static void draw_detail(int y, const char *text, bool selected)
{
	attrset(selected ? A_REVERSE : A_NORMAL);
	begin_row(y);
	put("", 4);
	put(text, room);
	attrset(A_NORMAL);
}

static void draw_counts(int y, const struct top_model *model)
{
	const struct top_counts *n = &model->counts;
	char *text = memory_format("irqs off %u  silent %u  idle %u  online %u  offline %u%s%s", n->off, n->silent, n->idle, n->online, n->offline,
				   model->filter.text ? "  filter: " : "", model->filter.text ? model->filter.text : "");

	put_line(y, text);
	free(text);
}

static void draw_head(const struct top_model *model, const struct top_view *view, int height)
{
	char *text;

	if (!height)
		return;
	text = memory_format("%s  every %g s  %sby %s%s", view->clock, view->seconds, view->paused ? "PAUSED  " : "", top_sort_name(model->sort),
			     model->reversed ? ", reversed" : "");
	attrset(A_BOLD);
	put_line(0, text);
	attrset(A_NORMAL);
	free(text);
	if (height < 3)
		return;
	draw_counts(1, model);
	draw_names(2);
}

static void draw_foot(int y, const struct top_model *model, const struct top_view *view, size_t height)
{
	size_t lines = top_model_lines(model), last = model->first + height;
	char *place = lines > height ? memory_format("  %zu-%zu/%zu", model->first + 1, last < lines ? last : lines, lines) : memory_format("%s", "");
	char *text;
	int left = COLS - (int)strlen(place);

	if (view->message)
		text = memory_format("%s", view->message);
	else if (COLS < WIDE && model->filter.text)
		text = memory_format("filter: %s", model->filter.text);
	else
		text = memory_format("%s", HINTS);
	/* A message needs the whole line. */
	if (view->message || left < 0)
		left = COLS;
	begin_row(y);
	put(text, left);
	put(place, room);
	free(text);
	free(place);
}

static void draw_prompt(int y, const char *prompt)
{
	size_t length = strlen(prompt), most = COLS > 2 ? (size_t)COLS - 2 : 0;

	/* The end of a long text is what the user is typing. */
	begin_row(y);
	put("/", 1);
	put_text(length > most ? prompt + length - most : prompt, room);
}

/* Moves the first line so that the last row of the screen is not empty without need. */
static void draw_help(struct top_view *view)
{
	struct piece rest = { view->help, strlen(view->help) }, line;
	size_t lines = 0, height = LINES > 1 ? (size_t)LINES - 1 : 0, most;

	while (text_line(&rest, &line))
		lines++;
	most = lines > height ? lines - height : 0;
	if (view->help_first > most)
		view->help_first = most;
	attrset(A_REVERSE);
	put_line(0, most ? "keys; arrows scroll, others go back" : "keys; any key goes back");
	attrset(A_NORMAL);
	rest = (struct piece){ view->help, strlen(view->help) };
	for (size_t i = 0; text_line(&rest, &line); i++) {
		char *text;

		if (i < view->help_first || i - view->help_first >= height)
			continue;
		text = memory_format("%.*s", (int)line.length, line.at);
		put_line((int)(i - view->help_first) + 1, text);
		free(text);
	}
}

/* Returns how many lines of the model fit. */
size_t top_screen_draw(struct top_model *model, struct top_view *view)
{
	int head = LINES >= 6 ? 3 : LINES >= 3 ? 1 : 0, foot = LINES >= 4 || view->prompt;
	size_t height = LINES > head + foot ? (size_t)(LINES - head - foot) : 0;
	struct top_line line;

	erase();
	curs_set(view->prompt && !view->help);
	if (view->help) {
		draw_help(view);
		refresh();
		return height;
	}
	top_model_scroll(model, height);
	draw_head(model, view, head);
	for (size_t i = 0; i < height && top_model_line(model, model->first + i, &line); i++) {
		if (line.detail)
			draw_detail(head + (int)i, line.detail, line.selected);
		else
			draw_row(head + (int)i, line.row, line.selected);
	}
	if (!model->count && height)
		put_line(head, model->filter.text ? "no CPU matches the filter" : "no CPUs");
	if (view->prompt)
		draw_prompt(LINES - 1, view->prompt);
	else if (foot)
		draw_foot(LINES - 1, model, view, height);
	refresh();
	return height;
}
