// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: the parsers accept complete and valid texts only, because a missing check or a
 * doubtful result must not count as good. They ignore fields, flags and keys of later modules.
 */
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "validate/checks.h"

/* Takes the first field and the tab after it off the rest. */
static bool next_field(struct piece *rest, struct piece *field)
{
	const char *tab;

	if (!rest->at)
		return false;
	tab = memchr(rest->at, '\t', rest->length);
	field->at = rest->at;
	field->length = tab ? (size_t)(tab - rest->at) : rest->length;
	if (!tab) {
		*rest = (struct piece){ NULL, 0 };
		return true;
	}
	rest->at = tab + 1;
	rest->length -= field->length + 1;
	return true;
}

static char *safe(struct piece piece)
{
	return text_safe(text_trim(piece), TEXT_DOUBLE_BACKSLASH);
}

static bool name_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Accepts topic.check, or a topic alone. Such a name needs no escapes in any output. */
bool check_name_fine(struct piece name)
{
	if (!name.length || name.length > 64)
		return false;
	for (size_t i = 0; i < name.length; i++) {
		bool at_end = !i || i == name.length - 1;

		if (!name_letter(name.at[i]) && (name.at[i] != '.' || at_end || name.at[i - 1] == '.'))
			return false;
	}
	return true;
}

static void set_flags(struct check *check, struct piece flags)
{
	while (flags.length) {
		const char *comma = memchr(flags.at, ',', flags.length);
		struct piece flag = { flags.at, comma ? (size_t)(comma - flags.at) : flags.length };

		if (text_is(flag, "destructive"))
			check->destructive = true;
		else if (text_is(flag, "program"))
			check->program = true;
		else if (text_is(flag, "conditional") && check->grade == GRADE_RELIED)
			check->grade = GRADE_CONDITIONAL;
		flags.at += flag.length + !!comma;
		flags.length -= flag.length + !!comma;
	}
}

static void check_free(struct check *check)
{
	free(check->name);
	free(check->section);
	free(check->expected);
	free(check->means);
	free(check->came);
	for (size_t i = 0; i < check->notes; i++)
		free(check->note[i]);
	free(check->note);
}

/* NAME GRADE FLAGS SECONDS SECTION EXPECTED MEANS */
static bool parse_check(struct piece line, struct check *check)
{
	struct piece name, grade, flags, seconds, section, expected, means;
	int64_t number;

	if (!next_field(&line, &name) || !next_field(&line, &grade) || !next_field(&line, &flags) || !next_field(&line, &seconds) ||
	    !next_field(&line, &section) || !next_field(&line, &expected) || !next_field(&line, &means))
		return false;
	if (!check_name_fine(name) || !memchr(name.at, '.', name.length))
		return false;
	if (!text_is(grade, "relied") && !text_is(grade, "spec"))
		return false;
	if (!flags.length || !text_number(seconds, &number) || number > CHECK_SECONDS_MOST)
		return false;
	*check = (struct check){
		.name = safe(name),
		.grade = text_is(grade, "relied") ? GRADE_RELIED : GRADE_SPEC,
		.seconds = (unsigned int)number,
		.section = safe(section),
		.expected = safe(expected),
		.means = safe(means),
	};
	set_flags(check, flags);
	return true;
}

static struct check *find(const struct checks *checks, const char *name)
{
	for (size_t i = 0; i < checks->count; i++)
		if (!strcmp(checks->check[i].name, name))
			return &checks->check[i];
	return NULL;
}

/*
 * Returns false if the list is invalid, is empty, or has a check twice. The caller then has nothing
 * to free.
 */
bool checks_parse(struct piece text, struct checks *checks)
{
	struct piece line;
	size_t room = 0;

	*checks = (struct checks){ 0 };
	if (!text.length || text.at[text.length - 1] != '\n')
		return false;
	while (text_line(&text, &line)) {
		struct check check;

		if (!parse_check(line, &check))
			goto fail;
		if (find(checks, check.name)) {
			check_free(&check);
			goto fail;
		}
		if (checks->count == room) {
			room = room ? room * 2 : 32;
			checks->check = memory_array(checks->check, room, sizeof(*checks->check));
		}
		checks->check[checks->count++] = check;
	}
	return true;
fail:
	checks_free(checks);
	return false;
}

void checks_free(struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		check_free(&checks->check[i]);
	free(checks->check);
	*checks = (struct checks){ 0 };
}

/*
 * Chooses a check by its full name, all checks of a topic, or with NULL every check. Returns false
 * if there is no such check.
 */
bool checks_choose(struct checks *checks, const char *name)
{
	bool any = false;

	for (size_t i = 0; i < checks->count; i++) {
		struct check *check = &checks->check[i];
		size_t length = name ? strlen(name) : 0;

		if (name && strcmp(check->name, name) && (strncmp(check->name, name, length) || check->name[length] != '.'))
			continue;
		check->chosen = true;
		any = true;
	}
	return any;
}

/* Moves destructive checks to the end, and otherwise keeps the module's order. */
void checks_order(struct checks *checks)
{
	struct check *ordered = memory_array(NULL, checks->count, sizeof(*ordered));
	size_t count = 0;

	for (int destructive = 0; destructive < 2; destructive++)
		for (size_t i = 0; i < checks->count; i++)
			if (checks->check[i].destructive == destructive)
				ordered[count++] = checks->check[i];
	free(checks->check);
	checks->check = ordered;
}

/* Takes ownership of the text. */
void check_note(struct check *check, char *note)
{
	check->note = memory_array(check->note, check->notes + 1, sizeof(*check->note));
	check->note[check->notes++] = note;
}

/* Takes ownership of the text, which may be NULL. */
void check_set(struct check *check, enum result result, char *came)
{
	free(check->came);
	check->result = result;
	check->came = came;
}

static bool result_of(struct piece word, enum result *result)
{
	for (enum result i = RESULT_PASS; i <= RESULT_SKIP; i++)
		if (text_is(word, result_word(i))) {
			*result = i;
			return true;
		}
	return false;
}

/*
 * Parses the reply to "run NAME". Returns false and leaves the check unchanged if the reply is
 * invalid: it has no result or two results, a failure or a skip without an explanation, or an
 * invalid list of lost CPUs.
 */
bool check_parse_reply(struct piece text, struct check *check)
{
	struct check parsed = { 0 };
	enum result result = RESULT_PENDING;
	char *came = NULL;
	struct piece line;

	if (!text.length || text.at[text.length - 1] != '\n')
		return false;
	while (text_line(&text, &line)) {
		struct piece key, value;

		if (!next_field(&line, &key) || !line.at)
			goto fail;
		value = line;
		if (text_is(key, "result")) {
			if (result != RESULT_PENDING || !result_of(value, &result))
				goto fail;
		} else if (text_is(key, "came")) {
			free(came);
			came = safe(value);
		} else if (text_is(key, "note")) {
			check_note(&parsed, safe(value));
		} else if (text_is(key, "lost")) {
			enum cpulist_flaw flaw = cpulist_parse(value, &parsed.lost);

			if (flaw && flaw != CPULIST_EMPTY)
				goto fail;
		} else {
			char *name = safe(key), *said = safe(value);

			check_note(&parsed, memory_format("%s: %s", name, said));
			free(name);
			free(said);
		}
	}
	if (result == RESULT_PENDING || (result != RESULT_PASS && (!came || !*came)))
		goto fail;
	check_set(check, result, came);
	for (size_t i = 0; i < parsed.notes; i++)
		check_note(check, parsed.note[i]);
	free(parsed.note);
	check->lost = parsed.lost;
	return true;
fail:
	free(came);
	check_free(&parsed);
	return false;
}

const char *grade_word(enum grade grade)
{
	static const char *const words[] = {
		[GRADE_RELIED] = "relied", [GRADE_CONDITIONAL] = "conditional", [GRADE_SPEC] = "spec",
	};

	return words[grade];
}

const char *grade_meaning(enum grade grade)
{
	static const char *const meanings[] = {
		[GRADE_RELIED] = "the driver relies on it",
		[GRADE_CONDITIONAL] = "the driver relies on it in another kind of boot, for example after kexec",
		[GRADE_SPEC] = "the specification requires it; the driver copes with a failure",
	};

	return meanings[grade];
}

const char *result_word(enum result result)
{
	static const char *const words[] = {
		[RESULT_PENDING] = "pending", [RESULT_RUNNING] = "running", [RESULT_PASS] = "pass",
		[RESULT_FAIL] = "fail",	      [RESULT_SKIP] = "skip",
	};

	return words[result];
}

/* Takes ownership of the value. A value that is NULL adds no fact. */
void facts_add(struct facts *facts, const char *key, char *value)
{
	if (!value)
		return;
	facts->fact = memory_array(facts->fact, facts->count + 1, sizeof(*facts->fact));
	facts->fact[facts->count++] = (struct fact){ memory_format("%s", key), value };
}

const char *facts_get(const struct facts *facts, const char *key)
{
	for (size_t i = 0; i < facts->count; i++)
		if (!strcmp(facts->fact[i].key, key))
			return facts->fact[i].value;
	return NULL;
}

/*
 * Parses the reply to "about". Returns false if a line is not a key with its value, or repeats a
 * key. The caller then has nothing to free.
 */
bool facts_parse(struct piece text, struct facts *facts)
{
	struct piece line, key;

	*facts = (struct facts){ 0 };
	while (text_line(&text, &line)) {
		char *name;
		bool fine;

		if (!next_field(&line, &key) || !line.at || !key.length)
			goto fail;
		name = safe(key);
		fine = *name && !facts_get(facts, name);
		if (fine)
			facts_add(facts, name, safe(line));
		free(name);
		if (!fine)
			goto fail;
	}
	return true;
fail:
	facts_free(facts);
	return false;
}

void facts_free(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		free(facts->fact[i].key);
		free(facts->fact[i].value);
	}
	free(facts->fact);
	*facts = (struct facts){ 0 };
}
