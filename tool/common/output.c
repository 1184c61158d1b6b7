// SPDX-License-Identifier: GPL-2.0
/*
 * Invariants: after output_begin(), all that goes to stderr is safe to show, and all JSON is safe in
 * any case. Lost output is a failure. output_end() checks the standard output at exit, and
 * sink_close() checks a file. A file is replaced atomically, or keeps its old content.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exits.h"
#include "common/memory.h"
#include "common/output.h"

#define LINKS_MOST 40	/* as many as the kernel follows */
#define UNFINISHED_MOST 8	/* more files than a subcommand has open */

#define CLEAR_LINE "\r\033[K"

static bool progress_shown;
static int lost;	/* errno of lost output */
static void (*before_messages)(void);

/* Newlines stay. Reports success always, because there is nowhere else to complain. */
static ssize_t write_error(void *cookie, const char *text, size_t length)
{
	static bool inside;	/* while text_safe() reports that memory is short */
	struct piece rest = { text, length }, line;

	(void)cookie;
	if (inside)
		return write(STDERR_FILENO, text, length);
	inside = true;
	if (before_messages)
		before_messages();
	while (text_line(&rest, &line)) {
		char *safe = text_safe(line, TEXT_KEEP_BACKSLASH);

		dprintf(STDERR_FILENO, "%s%s", safe, line.at + line.length < text + length ? "\n" : "");
		free(safe);
	}
	inside = false;
	return (ssize_t)length;
}

/*
 * Makes all messages safe to show. getopt() repeats an unknown option as it is, and messages contain
 * paths from the command line.
 */
void output_begin(void)
{
	FILE *safe = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_error });

	if (!safe)
		return;
	setvbuf(safe, NULL, _IONBF, 0);
	stderr = safe;
}

/* Has the function called before each message, so that a display makes room for it. The function may be called more than once. */
void output_before_messages(void (*prepare)(void))
{
	before_messages = prepare;
}

/* Prints a message of one sentence. Returns status, for "return complain(...)". */
int complain(int status, const char *format, ...)
{
	va_list args;

	progress_end();
	output_flush();
	fputs("sdei-nmi: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

/* Returns false if output was lost, so that a long-running subcommand can end early. */
bool output_flush(void)
{
	bool known = !ferror(stdout) || lost;

	if (fflush(stdout) && !lost)
		lost = errno;
	/* The library wrote a full buffer in vain and has dropped it. One more byte shows why. */
	if (!known && !lost && (putchar('\n') == EOF || fflush(stdout)))
		lost = errno;
	return !lost && !ferror(stdout);
}

/* Runs at exit. If output was lost, replaces the exit status by EXIT_FAILED. */
void output_end(void)
{
	progress_end();
	if (output_flush())
		return;
	fprintf(stderr,
			"sdei-nmi: the output could not be written%s%s; check the file or pipe that it goes to.\n",
			lost ? ": " : "", lost ? strerror(lost) : "");
	_exit(EXIT_FAILED);
}

bool clears_terminal(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") && isatty(STDOUT_FILENO);
}

static bool coloured(void)
{
	const char *no = getenv("NO_COLOR");

	return !(no && *no) && clears_terminal();
}

const char *colour(enum colour colour)
{
	static const char *const codes[] = {
		[PLAIN] = "\033[0m", [BOLD] = "\033[1m", [RED] = "\033[1;31m", [GREEN] = "\033[1;32m", [YELLOW] = "\033[1;33m",
	};
	static int wanted = -1;

	if (wanted < 0)
		wanted = coloured();
	return wanted ? codes[colour] : "";
}

/* Shows progress if stderr is a terminal. */
void progress(const char *format, ...)
{
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	progress_shown = true;
	dprintf(STDERR_FILENO, CLEAR_LINE);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
}

void progress_end(void)
{
	if (progress_shown)
		dprintf(STDERR_FILENO, CLEAR_LINE);
	progress_shown = false;
}

/* The temporary files that a signal must not leave behind. */
static char *volatile unfinished[UNFINISHED_MOST];

static void die_tidily(int number)
{
	for (size_t i = 0; i < UNFINISHED_MOST; i++)
		if (unfinished[i])
			unlink(unfinished[i]);
	raise(number);	/* SA_RESETHAND: it kills now */
}

/* A subcommand that catches these signals itself keeps its handlers. */
static void tidy_at_death(char *temporary)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction tidy = { .sa_handler = die_tidily, .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;
	size_t i = 0;

	while (i < UNFINISHED_MOST - 1 && unfinished[i])
		i++;
	unfinished[i] = temporary;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &tidy, NULL);
}

static void free_names(struct sink *sink)
{
	for (size_t i = 0; i < UNFINISHED_MOST; i++)
		if (unfinished[i] == sink->temporary)
			unfinished[i] = NULL;
	free(sink->temporary);
	free(sink->target);
}

/*
 * Reports whether the tool may follow a link, by the rule of fs.protected_symlinks: in a folder
 * like /tmp, another user's link could send root's output anywhere.
 */
static bool trusted_link(const char *path, const struct stat *link)
{
	char *copy = memory_format("%s", path);
	struct stat folder;
	bool trusted = !stat(dirname(copy), &folder) && (!(folder.st_mode & S_ISVTX) || !(folder.st_mode & S_IWOTH) ||
							 folder.st_uid == link->st_uid || link->st_uid == geteuid());

	free(copy);
	return trusted;
}

/*
 * Follows symbolic links at the end of the path, because rename() would replace the link. Returns
 * the path of the file, which need not exist, and its state, which is zeroed if it does not, or NULL with errno.
 */
static char *follow(const char *path, struct stat *st)
{
	char *at = memory_format("%s", path);

	for (int links = 0; links < LINKS_MOST; links++) {
		int fd = open(at, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		char target[PATH_MAX], *next;
		ssize_t length;

		*st = (struct stat){ 0 };
		if (fd < 0)
			return at;
		if (fstat(fd, st) || !S_ISLNK(st->st_mode)) {
			close(fd);
			return at;
		}
		/* Reads the link that was checked, even if another one has its name by now. */
		length = trusted_link(at, st) ? readlinkat(fd, "", target, sizeof(target) - 1) : -1;
		close(fd);
		if (length < 0) {
			free(at);
			errno = EACCES;
			return NULL;
		}
		target[length] = '\0';
		next = target[0] == '/' ? memory_format("%s", target) : memory_format("%s/%s", dirname(at), target);
		free(at);
		at = next;
	}
	free(at);
	errno = ELOOP;
	return NULL;
}

/* Gives the temporary file the owner and mode of the file that it replaces. */
static bool take_over(int fd, const struct stat *old, mode_t new_mode)
{
	struct stat now;

	if (!old->st_mode)
		return !fchmod(fd, new_mode);
	if (fstat(fd, &now))
		return false;
	if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) && fchown(fd, old->st_uid, old->st_gid))
		return false;
	return !fchmod(fd, old->st_mode & 0777);
}

static int open_sink(struct sink *sink, const char *path, mode_t new_mode)
{
	struct stat st;
	char *copy;
	int fd, err;

	*sink = (struct sink){ .to = stdout };
	if (!path)
		return EXIT_DONE;
	if (!*path)
		return complain(EXIT_USAGE, "the path of the output is empty; give -o a path.");
	if (path[strlen(path) - 1] == '/')
		return complain(EXIT_USAGE, "the path of the output, %s, ends like that of a folder; give -o the path of a file.", path);
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return complain(EXIT_FAILED,
				"%s is not a regular file, so it can't be replaced atomically; give -o another path, or omit -o.",
				path);
	sink->target = follow(path, &st);
	if (!sink->target)
		return complain(errno == EACCES ? EXIT_PERMISSION : EXIT_FAILED, "the symbolic link %s can't be followed: %s; give -o another path.",
				path, errno == EACCES ? "another user made it in a folder that all users can write to" : strerror(errno));
	copy = memory_format("%s", sink->target);
	/* In the same folder, for rename(). Collectors ignore it, because they read *.prom. */
	sink->temporary = memory_format("%s/.sdei-nmi.XXXXXX", dirname(copy));
	free(copy);
	fd = mkstemp(sink->temporary);
	if (fd < 0) {
		err = errno;
		free_names(sink);
		return complain(err == EACCES || err == EPERM ? EXIT_PERMISSION : EXIT_FAILED,
				"no temporary file could be created beside %s: %s; give -o a path in a writable folder.", path, strerror(err));
	}
	tidy_at_death(sink->temporary);
	sink->path = path;
	if (take_over(fd, &st, new_mode))
		sink->to = fdopen(fd, "w");
	if (sink->to == stdout || !sink->to) {
		err = errno;
		close(fd);
		unlink(sink->temporary);
		free_names(sink);
		if (err == EPERM)
			return complain(EXIT_PERMISSION, "%s would not keep its owner; run the tool as its owner or root, or give -o another path.",
					path);
		return complain(EXIT_FAILED, "%s could not be prepared for writing: %s; check its file system.", path, strerror(err));
	}
	return EXIT_DONE;
}

/*
 * Without a path, the sink is the standard output. A file that exists keeps its owner and mode, and
 * a symbolic link keeps its target.
 */
int sink_open(struct sink *sink, const char *path)
{
	mode_t mask = umask(0);

	umask(mask);
	return open_sink(sink, path, 0666 & ~mask);
}

/* Like sink_open(), but all users can read a new file, whatever the umask is. */
int sink_open_public(struct sink *sink, const char *path)
{
	return open_sink(sink, path, 0644);
}

/* Closes a sink and leaves the file unchanged. The caller only tested that the sink opens. */
void sink_drop(struct sink *sink)
{
	if (!sink->path)
		return;
	fclose(sink->to);
	unlink(sink->temporary);
	free_names(sink);
}

/*
 * Makes the rename survive a crash of the machine. File systems that can't sync a folder are
 * accepted, because there is no other way.
 */
static bool sync_folder(const char *path)
{
	char *copy = memory_format("%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd >= 0 && fsync(fd) ? errno : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	errno = err;
	return !err || err == EINVAL || err == EROFS;
}

/*
 * What is written so far is of use without the rest. If a later write fails, the file ends here.
 * Returns false if a write has failed.
 */
bool sink_keep(struct sink *sink)
{
	if (!sink->path)
		return output_flush();
	if (ferror(sink->to) || fflush(sink->to))
		return false;
	sink->kept = ftello(sink->to);
	return true;
}

/* Closes the stream, and cuts the file after what was kept. Returns false if that fails. */
static bool cut(struct sink *sink)
{
	int fd = dup(fileno(sink->to));
	bool done;

	fclose(sink->to);
	if (fd < 0)
		return false;
	done = !ftruncate(fd, sink->kept) && !fsync(fd);
	close(fd);
	return done && !rename(sink->temporary, sink->target);
}

/* The library has dropped what it wrote in vain, and the reason with it. One more byte shows why. */
static int write_errno(struct sink *sink)
{
	clearerr(sink->to);
	errno = 0;
	if (fputc('\n', sink->to) == EOF || fflush(sink->to))
		return errno;
	return EIO;
}

int sink_close(struct sink *sink)
{
	int status = EXIT_DONE, err = 0;

	/* output_end() checks the standard output at exit. */
	if (!sink->path)
		return EXIT_DONE;
	if (ferror(sink->to))
		err = write_errno(sink);
	else if (fflush(sink->to) || fsync(fileno(sink->to)))
		err = errno;
	if (err && sink->kept > 0 && cut(sink)) {
		status = complain(EXIT_FAILED, "%s has only what was written before a write failed: %s; check whether its file system is full.",
				  sink->path, strerror(err));
		free_names(sink);
		return status;
	}
	if (err && sink->kept <= 0)
		fclose(sink->to);
	if (!err && (fclose(sink->to) || rename(sink->temporary, sink->target)))
		err = errno;
	if (err) {
		status = complain(EXIT_FAILED, "%s could not be written and is unchanged: %s; check whether its file system is full.",
				  sink->path, strerror(err));
		unlink(sink->temporary);
	} else if (!sync_folder(sink->target)) {
		status = complain(EXIT_FAILED, "%s was written, but a crash of the machine may undo that: %s; check its file system.",
				  sink->path, strerror(errno));
	}
	free_names(sink);
	return status;
}

static struct json_object *whole(struct json_object *object)
{
	if (!object)
		exit(complain(EXIT_FAILED, "there is not enough memory; free some and try again."));
	return object;
}

/* Returns an object with the keys that begin every document. */
struct json_object *json_document(const char *format)
{
	struct json_object *object = whole(json_object_new_object());

	json_text(object, "format", format);
	json_number(object, "version", 1);
	return object;
}

/* A text that is NULL becomes null. */
void json_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text ? whole(json_object_new_string(text)) : NULL);
}

/* A text that is empty becomes null. */
void json_piece(struct json_object *object, const char *key, struct piece text)
{
	json_object_object_add(object, key, text.length ? whole(json_object_new_string_len(text.at, (int)text.length)) : NULL);
}

/* A number below 0 stands for an unknown value and becomes null. */
void json_number(struct json_object *object, const char *key, int64_t number)
{
	json_object_object_add(object, key, number >= 0 ? whole(json_object_new_int64(number)) : NULL);
}

void json_truth(struct json_object *object, const char *key, bool truth)
{
	json_object_object_add(object, key, whole(json_object_new_boolean(truth)));
}

void json_answer(struct json_object *object, const char *key, enum answer answer)
{
	if (answer == UNKNOWN)
		json_text(object, key, NULL);
	else
		json_truth(object, key, answer == YES);
}

static void print(FILE *to, struct json_object *object, int flags)
{
	char *safe;
	const char *text = json_object_to_json_string_ext(object, flags | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		exit(complain(EXIT_FAILED, "there is not enough memory; free some and try again."));
	safe = text_safe_json((struct piece){ text, strlen(text) });
	fprintf(to, "%s\n", safe);
	free(safe);
	json_object_put(object);
}

/* Frees the object. */
void json_print(FILE *to, struct json_object *object)
{
	print(to, object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

/* Prints the object on one line, for output with one document per line. Frees the object. */
void json_print_line(FILE *to, struct json_object *object)
{
	print(to, object, JSON_C_TO_STRING_PLAIN);
}
