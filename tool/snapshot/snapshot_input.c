// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: snapshot_json() makes the same document from what was read, if it gets the same options.
 * Keys that this version does not know are skipped, because the format allows new ones.
 */
#include <stdlib.h>
#include <string.h>

#include "common/json_input.h"
#include "common/memory.h"
#include "snapshot/snapshot_input.h"
#include "snapshot/snapshot_output.h"
#include "snapshot/trace_input.h"

static char *check_format(struct json_object *object)
{
	char *flaw = input_object(object, "the document"), *format = NULL;
	int64_t version = -1;

	if (!flaw)
		flaw = input_text(object, "format", &format);
	if (!flaw && (!format || strcmp(format, SNAPSHOT_FORMAT)))
		flaw = memory_format("format is not \"" SNAPSHOT_FORMAT "\"");
	free(format);
	if (!flaw)
		flaw = input_number(object, "version", &version);
	if (!flaw && version > SNAPSHOT_VERSION)
		flaw = memory_format("version is %lld, which only a later version of the tool reads", (long long)version);
	if (!flaw && version != SNAPSHOT_VERSION)
		flaw = memory_format("version is not %d", SNAPSHOT_VERSION);
	return flaw;
}

/* YYYY-MM-DDTHH:MM:SS, a fraction, and Z. */
static bool is_time(const char *time)
{
	static const char form[] = "0000-00-00T00:00:00.0";
	size_t i;

	for (i = 0; form[i]; i++)
		if (form[i] == '0' ? time[i] < '0' || time[i] > '9' : time[i] != form[i])
			return false;
	i += strspn(time + i, "0123456789");
	return !strcmp(time + i, "Z");
}

static char *head_input(struct json_object *object, struct snapshot *snapshot)
{
	char *flaw = input_new_text(object, "time", &snapshot->time), *online = NULL;

	if (!flaw && snapshot->time && !is_time(snapshot->time))
		flaw = memory_format("time is not of the form 2026-11-28T12:34:56.789Z");
	if (!flaw)
		flaw = input_new_text(object, "boot_id", &snapshot->boot_id);
	if (!flaw)
		flaw = input_new_text(object, "release", &snapshot->release);
	if (!flaw)
		flaw = input_number(object, "taken_ns", &snapshot->taken_ns);
	if (!flaw)
		flaw = input_text(object, "addresses", &snapshot->addresses);
	if (!flaw)
		flaw = input_text(object, "online", &online);
	if (!flaw && online) {
		enum cpulist_flaw list = cpulist_parse((struct piece){ online, strlen(online) }, &snapshot->online);

		snapshot->has_online = true;
		if (list)
			flaw = memory_format("online is not a list of CPUs: %s", cpulist_flaw(list));
	}
	free(online);
	return flaw;
}

static char *number_input(struct json_object *object, struct cpu *cpu, struct cpus *seen)
{
	int64_t number = -1;
	char *flaw = input_number(object, "cpu", &number);

	if (flaw)
		return flaw;
	if (number < 0 || number >= CPUS_MAX)
		return memory_format("cpu is not a number from 0 to %u", CPUS_MAX - 1);
	cpu->number = (unsigned int)number;
	if (cpus_have(seen, cpu->number))
		return memory_format("CPU %u is there twice", cpu->number);
	cpus_add(seen, cpu->number);
	return NULL;
}

static char *state_input(struct json_object *object, struct cpu *cpu)
{
	char *flaw = input_text(object, "state", &cpu->state_word);

	if (flaw)
		return flaw;
	if (!cpu->state_word)
		return memory_format("state is null");
	cpu->state = cpu_state_of((struct piece){ cpu->state_word, strlen(cpu->state_word) });
	return NULL;
}

static char *cpu_input(struct json_object *object, bool hidden, struct cpu *cpu, struct cpus *seen)
{
	const struct {
		const char *key;
		char **text;
	} texts[] = { { "reason", &cpu->reason }, { "by", &cpu->by }, { "interrupts", &cpu->interrupts } };
	const struct {
		const char *key;
		int64_t *number;
	} numbers[] = {
		{ "waiting_ns", &cpu->waiting_ns }, { "answered_ns", &cpu->answered_ns }, { "held_ns", &cpu->held_ns }, { "uid", &cpu->uid },
	};
	char *flaw = input_object(object, "it");

	if (!flaw)
		flaw = number_input(object, cpu, seen);
	if (!flaw)
		flaw = state_input(object, cpu);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !flaw; i++)
		flaw = input_text(object, texts[i].key, texts[i].text);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && !flaw; i++)
		flaw = input_number(object, numbers[i].key, numbers[i].number);
	return flaw ? flaw : trace_input(object, hidden, &cpu->trace);
}

static char *cpus_input(struct json_object *object, struct snapshot *snapshot, struct cpus *seen)
{
	bool hidden = snapshot_hides_addresses(snapshot);
	struct json_object *list;
	char *flaw = input_array(object, "cpus", &list);
	size_t count;

	if (!flaw && !list)
		flaw = memory_format("cpus is null");
	if (flaw)
		return flaw;
	count = json_object_array_length(list);
	snapshot->cpu = memory_array(NULL, count, sizeof(*snapshot->cpu));
	for (size_t i = 0; i < count && !flaw; i++) {
		snapshot->cpu[i] = CPU_EMPTY;
		snapshot->count++;
		flaw = input_within(cpu_input(json_object_array_get_idx(list, i), hidden, &snapshot->cpu[i], seen), "cpus[%zu]: ", i);
	}
	return flaw;
}

static bool is_group(struct json_object *group, const struct cpus *cpus)
{
	if (!json_object_is_type(group, json_type_array) || !json_object_array_length(group))
		return false;
	for (size_t i = 0; i < json_object_array_length(group); i++) {
		struct json_object *number = json_object_array_get_idx(group, i);

		if (!json_object_is_type(number, json_type_int) || json_object_get_int64(number) < 0 ||
		    json_object_get_uint64(number) >= CPUS_MAX || !cpus_have(cpus, (unsigned int)json_object_get_int64(number)))
			return false;
	}
	return true;
}

/* The tool finds the groups anew. So they are only checked, and do not have to be those of --all. */
static char *check_groups(struct json_object *object, const struct cpus *cpus)
{
	struct json_object *groups;
	char *flaw = input_array(object, "groups", &groups);

	if (!flaw && !groups)
		flaw = memory_format("groups is null");
	if (flaw)
		return flaw;
	for (size_t i = 0; i < json_object_array_length(groups); i++)
		if (!is_group(json_object_array_get_idx(groups, i), cpus))
			return memory_format("groups[%zu] is not a list of CPUs of the snapshot", i);
	return NULL;
}

/* Returns NULL, or what is wrong. Then the snapshot is empty. The caller frees both. */
char *snapshot_input(struct json_object *object, struct snapshot *snapshot)
{
	struct cpus seen = { 0 };
	char *flaw;

	*snapshot = (struct snapshot){ .taken_ns = -1 };
	flaw = check_format(object);
	if (!flaw)
		flaw = head_input(object, snapshot);
	if (!flaw)
		flaw = cpus_input(object, snapshot, &seen);
	if (!flaw)
		flaw = check_groups(object, &seen);
	if (flaw)
		snapshot_free(snapshot);
	return flaw;
}
