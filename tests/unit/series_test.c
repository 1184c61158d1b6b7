// SPDX-License-Identifier: GPL-2.0
/* Tests tool/snapshot/series.c, snapshot_input.c and trace_input.c: a file of snapshots is read exactly, or refused with its flaw. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/common/memory.h"
#include "tool/snapshot/series.h"
#include "tool/snapshot/snapshot_input.h"
#include "tool/snapshot/snapshot_output.h"

#define CPU_PLACES(at) "pc: " at " spin+0x30/0x60 [wedge]\nsp: " at "\nstack:\n " at " spin+0x30/0x60 [wedge]\n " at " ?\n " at " odd name\ncut: 3\n\n"
#define DRIVER(addresses, at) \
	"sdei_nmi stacks 1\ntaken_ns: 5000\nonline: 0-3,5-6\naddresses: " addresses "\n\n" \
	"cpu: 0\nstate: self\nby: self\ntask: a\\\\b\033[2J\npid: 1\nuid: 0\nstack:\n " at " open+0x10/0x80\n\n" \
	"cpu: 1\nstate: kernel\nby: event\ninterrupts: off\nwaiting_ns: 9223372036854775807\nanswered_ns: 20\nheld_ns: 5\ntask: x\npid: 2\nuid: 4294967295\n" \
	"pstate: 814003c9\n" CPU_PLACES(at) \
	"cpu: 2\nstate: idle\ninterrupts: on\nstack:\n\n" \
	"cpu: 3\nstate: silent\nreason: event 0 was sent \"and\" not answered\n\n" \
	"cpu: 4\nstate: offline\n\n" \
	"cpu: 5\nstate: guest\npc: " at "\n\ncpu: 6\nstate: dreaming\n"
#define SHOWN DRIVER("shown", "ffff80007ab3a600")
#define HIDDEN DRIVER("hidden", "0000000000000000")

/* A text in memory that comes in pieces. */
struct text {
	const char *at;
	size_t length, piece;
	int err;
};

static ssize_t read_text(void *from, char *buffer, size_t room)
{
	struct text *text = from;
	size_t count = text->piece < room ? text->piece : room;

	if (!text->length && text->err)
		return -text->err;
	count = count < text->length ? count : text->length;
	memcpy(buffer, text->at, count);
	text->at += count;
	text->length -= count;
	return (ssize_t)count;
}

static char *print(const struct snapshot *snapshot, int flags)
{
	struct json_object *object = snapshot_json(snapshot, NULL, false);
	char *text = memory_format("%s\n", json_object_to_json_string_ext(object, flags | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(object);
	return text;
}

static char *document(const char *driver, int flags)
{
	struct snapshot snapshot;
	struct flaw flaw;
	char *text;

	assert_true(snapshot_parse((struct piece){ driver, strlen(driver) }, &snapshot, &flaw));
	snapshot.time = memory_format("2026-11-28T10:11:12.345678Z");
	snapshot.boot_id = memory_format("1b4e28ba-2fa1-11d2-883f-0016d3cca427");
	snapshot.release = memory_format("6.12.0-test");
	text = print(&snapshot, flags);
	snapshot_free(&snapshot);
	return text;
}

/* Reads the text in pieces, and returns the flaw, or NULL. Each snapshot is printed into *printed. */
static char *read_all(struct text text, int flags, char **printed)
{
	struct snapshot snapshot;
	struct series series;
	char *flaw, *all = memory_format("%s", "");

	series_begin(&series, read_text, &text);
	while (series_next(&series, &snapshot, &flaw)) {
		char *one = print(&snapshot, flags), *more = memory_format("%s%s", all, one);

		free(one);
		free(all);
		all = more;
		snapshot_free(&snapshot);
	}
	series_end(&series);
	if (printed)
		*printed = all;
	else
		free(all);
	return flaw;
}

static void assert_round_trip(const char *text, size_t piece, int flags)
{
	char *printed, *flaw = read_all((struct text){ text, strlen(text), piece, 0 }, flags, &printed);

	assert_null(flaw);
	assert_string_equal(printed, text);
	free(printed);
}

static void what_was_printed_is_read_exactly(void **state)
{
	static const int flags[] = { JSON_C_TO_STRING_PLAIN, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED };
	static const size_t pieces[] = { 1, 2, 7, 100, 1 << 20 };

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		char *shown = document(SHOWN, flags[f]), *hidden = document(HIDDEN, flags[f]), *both = memory_format("%s%s", shown, hidden);

		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			assert_round_trip(shown, pieces[i], flags[f]);
			assert_round_trip(hidden, pieces[i], flags[f]);
			assert_round_trip(both, pieces[i], flags[f]);
		}
		free(both);
		free(hidden);
		free(shown);
	}
}

static void places_are_split(void **state)
{
	char *text = document(SHOWN, JSON_C_TO_STRING_PLAIN);

	(void)state;
	assert_non_null(strstr(text, "\"name\":\"spin+0x30/0x60 [wedge]\",\"function\":\"spin\",\"offset\":48,\"size\":96,\"module\":\"wedge\"}"));
	assert_non_null(strstr(text, "\"name\":\"open+0x10/0x80\",\"function\":\"open\",\"offset\":16,\"size\":128,\"module\":null}"));
	assert_non_null(strstr(text, "\"name\":null,\"function\":null,\"offset\":null,\"size\":null,\"module\":null}"));
	assert_non_null(strstr(text, "\"name\":\"odd name\",\"function\":\"odd\",\"offset\":null,\"size\":null,\"module\":null}"));
	free(text);
}

static void assert_flaw(const char *text, size_t length, int err, const char *wanted)
{
	char *flaw = read_all((struct text){ text, length, 5, err }, JSON_C_TO_STRING_PLAIN, NULL);

	assert_non_null(flaw);
	if (!strstr(flaw, wanted))
		fail_msg("the flaw of '%s' is '%s', not '%s'", text, flaw, wanted);
	free(flaw);
}

static void what_is_no_document_is_refused(void **state)
{
	(void)state;
	assert_flaw("", 0, 0, "it is empty");
	assert_flaw(" \n\n", 3, 0, "it is empty");
	assert_flaw("\n\nx", 3, 0, "line 3 is not a JSON object");
	assert_flaw("[]", 2, 0, "line 1 is not a JSON object");
	assert_flaw("\0", 1, 0, "line 1 has a NUL byte");
	assert_flaw("{\n\0}", 4, 0, "line 2 has a NUL byte");
	assert_flaw("{\"a\":\n1,}", 9, 0, "line 2 is not JSON");
	assert_flaw("{\"a\":\n\n\"\\x\"}", 12, 0, "line 3 is not JSON");
	assert_flaw("{\"a\":", 5, 0, "it ends within the snapshot that begins in line 1");
	assert_flaw("{\"a\":", 5, EIO, "it can't be read (Input/output error)");
	assert_flaw("{}", 2, 0, "the snapshot in line 1 has a flaw (format is missing)");
}

/* A crash of the machine can cut the last document of a series. */
static void what_is_cut_is_refused_and_the_rest_is_read(void **state)
{
	char *text = document(SHOWN, JSON_C_TO_STRING_PLAIN), *two = memory_format("%s%s", text, text);
	size_t length = strlen(text);

	(void)state;
	for (size_t cut = length + 1; cut < 2 * length - 1; cut += 11) {
		char *printed, *flaw = read_all((struct text){ two, cut, 64, 0 }, JSON_C_TO_STRING_PLAIN, &printed);

		assert_string_equal(printed, text);
		assert_non_null(flaw);
		assert_string_equal(flaw, "it ends within the snapshot that begins in line 2");
		free(flaw);
		free(printed);
	}
	free(two);
	free(text);
}

/* Replaces the value of a key of an object in the valid document. Without a value, removes the key. */
static void change(struct json_object *object, const char *key, const char *value)
{
	assert_non_null(object);
	if (value)
		json_object_object_add(object, key, json_tokener_parse(value));
	else
		json_object_object_del(object, key);
}

static struct json_object *element(struct json_object *object, const char *key, size_t i)
{
	return json_object_array_get_idx(json_object_object_get(object, key), i);
}

/* The object is that of the document, of CPU 1, of the first entry of its stack, or of its pc. */
enum part { DOCUMENT, CPU, ENTRY, PC };

static struct json_object *part_of(struct json_object *document, enum part part)
{
	struct json_object *cpu = element(document, "cpus", 1);

	return part == DOCUMENT ? document : part == CPU ? cpu : part == ENTRY ? element(cpu, "stack", 0) : json_object_object_get(cpu, "pc");
}

static void assert_change(const char *driver, enum part part, const char *key, const char *value, const char *wanted)
{
	char *text = document(driver, JSON_C_TO_STRING_PLAIN), *flaw;
	struct json_object *object = json_tokener_parse(text);
	struct snapshot snapshot;

	change(part_of(object, part), key, value);
	flaw = snapshot_input(object, &snapshot);
	if (!flaw && wanted)
		fail_msg("%s may be %s, but '%s' was expected", key, value ? value : "missing", wanted);
	if (flaw && (!wanted || !strstr(flaw, wanted)))
		fail_msg("the flaw of %s: %s is '%s', not '%s'", key, value ? value : "missing", flaw, wanted ? wanted : "none");
	if (!flaw)
		snapshot_free(&snapshot);
	free(flaw);
	json_object_put(object);
	free(text);
}

static void wrong_values_are_refused_with_their_key(void **state)
{
	static const struct {
		enum part part;
		const char *key, *value, *wanted;
	} rows[] = {
		{ DOCUMENT, "format", "\"sdei-nmi-watch\"", "format is not \"sdei-nmi-stacks\"" },
		{ DOCUMENT, "format", "1", "format is not a string" },
		{ DOCUMENT, "version", "2", "version is 2, which only a later version of the tool reads" },
		{ DOCUMENT, "version", "0", "version is not 1" },
		{ DOCUMENT, "version", "\"1\"", "version is not an integer" },
		{ DOCUMENT, "version", "null", "version is not 1" },
		{ DOCUMENT, "time", "\"2026-11-28\"", "time is not of the form" },
		{ DOCUMENT, "time", "\"2026-11-28T10:11:12.3+01:00\"", "time is not of the form" },
		{ DOCUMENT, "boot_id", "7", "boot_id is not a string" },
		{ DOCUMENT, "release", "{}", "release is not a string" },
		{ DOCUMENT, "taken_ns", "-1", "taken_ns is out of range" },
		{ DOCUMENT, "taken_ns", "1.5", "taken_ns is not an integer" },
		{ DOCUMENT, "taken_ns", "9223372036854775808", "taken_ns is out of range" },
		{ DOCUMENT, "taken_ns", "99999999999999999999999", "taken_ns is out of range" },
		{ DOCUMENT, "online", "\"3-1\"", "online is not a list of CPUs" },
		{ DOCUMENT, "online", "[]", "online is not a string" },
		{ DOCUMENT, "addresses", "true", "addresses is not a string" },
		{ DOCUMENT, "cpus", "{}", "cpus is not an array" },
		{ DOCUMENT, "cpus", "null", "cpus is null" },
		{ DOCUMENT, "cpus", "[1]", "cpus[0]: it is not an object" },
		{ DOCUMENT, "cpus", "[null]", "cpus[0]: it is not an object" },
		{ DOCUMENT, "groups", "null", "groups is null" },
		{ DOCUMENT, "groups", "[1]", "groups[0] is not a list" },
		{ DOCUMENT, "groups", "[[1],[7]]", "groups[1] is not a list" },
		{ DOCUMENT, "groups", "[[]]", "groups[0] is not a list" },
		{ DOCUMENT, "groups", "[[4294967296]]", "groups[0] is not a list" },
		{ CPU, "cpu", "0", "cpus[1]: CPU 0 is there twice" },
		{ CPU, "cpu", "8192", "cpus[1]: cpu is not a number from 0 to 8191" },
		{ CPU, "cpu", "null", "cpus[1]: cpu is not a number" },
		{ CPU, "state", "null", "cpus[1]: state is null" },
		{ CPU, "state", "1", "cpus[1]: state is not a string" },
		{ CPU, "by", "[]", "cpus[1]: by is not a string" },
		{ CPU, "waiting_ns", "\"1\"", "cpus[1]: waiting_ns is not an integer" },
		{ CPU, "uid", "-1", "cpus[1]: uid is out of range" },
		{ CPU, "task", "0", "cpus[1]: task is not a string" },
		{ CPU, "pid", "1e3", "cpus[1]: pid is not an integer" },
		{ CPU, "pstate", "\"814003c9\"", "cpus[1]: pstate is not \"0x\" and 16 hexadecimal digits" },
		{ CPU, "pstate", "\"0x814003c9\"", "cpus[1]: pstate is not" },
		{ CPU, "pstate", "\"0x00000000814003cg\"", "cpus[1]: pstate is not" },
		{ CPU, "sp", "1", "cpus[1]: sp is not" },
		{ CPU, "pc", "\"spin\"", "cpus[1]: pc: it is not an object" },
		{ CPU, "stack", "{}", "cpus[1]: stack is not an array" },
		{ CPU, "stack", "[3]", "cpus[1]: stack[0]: it is not an object" },
		{ CPU, "cut", "-3", "cpus[1]: cut is out of range" },
		{ ENTRY, "address", "null", "cpus[1]: stack[0]: address is null, but addresses are not hidden" },
		{ ENTRY, "name", "1", "cpus[1]: stack[0]: name is not a string" },
		{ ENTRY, "name", "\"spin+0x34/0x60 [wedge]\"", "cpus[1]: stack[0]: offset is not that of the name" },
		{ ENTRY, "function", "\"spon\"", "function is not that of the name" },
		{ ENTRY, "size", "null", "size is not that of the name" },
		{ ENTRY, "module", "\"wedges\"", "module is not that of the name" },
		{ PC, "name", "null", "cpus[1]: pc: function is not that of the name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_change(SHOWN, rows[i].part, rows[i].key, rows[i].value, rows[i].wanted);
	assert_change(HIDDEN, ENTRY, "address", "\"0xffff80007ab3a600\"", "address is a number, but addresses are hidden");
	assert_change(HIDDEN, CPU, "sp", "\"0xffff80007ab3a600\"", "sp is a number, but addresses are hidden");
}

static void each_key_is_needed_unless_it_is_new(void **state)
{
	static const char *const keys[][20] = {
		[DOCUMENT] = { "format", "version", "taken_ns", "online", "addresses", "cpus", "groups" },
		[CPU] = { "cpu", "state", "reason", "by", "interrupts", "waiting_ns", "answered_ns", "held_ns", "uid", "task", "pid",
			  "pstate", "sp", "pc", "stack", "cut" },
		[ENTRY] = { "address", "name" },
	};
	static const char *const added[][5] = { [DOCUMENT] = { "time", "boot_id", "release" }, [ENTRY] = { "function", "offset", "size", "module" } };

	(void)state;
	for (enum part part = DOCUMENT; part <= ENTRY; part++) {
		for (size_t i = 0; keys[part][i]; i++) {
			char *wanted = memory_format("%s is missing", keys[part][i]);

			assert_change(SHOWN, part, keys[part][i], NULL, wanted);
			free(wanted);
		}
		for (size_t i = 0; added[part][i]; i++)
			assert_change(SHOWN, part, added[part][i], NULL, NULL);
		assert_change(SHOWN, part, "later", "[{\"key\": 1.5}]", NULL);
	}
}

static void names_are_safe_to_show(void **state)
{
	char *text = document(SHOWN, JSON_C_TO_STRING_PLAIN), *flaw;
	struct json_object *object = json_tokener_parse(text);
	struct snapshot snapshot;

	(void)state;
	change(part_of(object, CPU), "task", "\"\\u001b[2J\\u0000\\u009b\\u202e\\\\x1b\"");
	flaw = snapshot_input(object, &snapshot);
	assert_null(flaw);
	assert_string_equal(snapshot.cpu[1].trace.task, "\\x1b[2J\\x00\\xc2\\x9b\\xe2\\x80\\xae\\x1b");
	snapshot_free(&snapshot);
	json_object_put(object);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_printed_is_read_exactly),
		cmocka_unit_test(places_are_split),
		cmocka_unit_test(what_is_no_document_is_refused),
		cmocka_unit_test(what_is_cut_is_refused_and_the_rest_is_read),
		cmocka_unit_test(wrong_values_are_refused_with_their_key),
		cmocka_unit_test(each_key_is_needed_unless_it_is_new),
		cmocka_unit_test(names_are_safe_to_show),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
