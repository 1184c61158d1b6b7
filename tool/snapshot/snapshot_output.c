// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "common/output.h"
#include "snapshot/group_output.h"
#include "snapshot/snapshot_output.h"
#include "snapshot/trace_output.h"

static struct json_object *json_cpu(const struct cpu *cpu, bool hidden)
{
	struct json_object *object = json_object_new_object();

	json_number(object, "cpu", cpu->number);
	json_text(object, "state", cpu->state_word);
	json_text(object, "reason", cpu->reason);
	json_text(object, "by", cpu->by);
	json_text(object, "interrupts", cpu->interrupts);
	json_number(object, "waiting_ns", cpu->waiting_ns);
	json_number(object, "answered_ns", cpu->answered_ns);
	json_number(object, "held_ns", cpu->held_ns);
	json_number(object, "uid", cpu->uid);
	trace_json(object, &cpu->trace, hidden);
	return object;
}

/* Has every CPU in the kernel's order, and the groups of CPUs with equal stacks. */
struct json_object *snapshot_json(const struct snapshot *snapshot, const struct cpus *chosen, bool all)
{
	struct json_object *object = json_document(SNAPSHOT_FORMAT), *list = json_object_new_array();
	bool hidden = snapshot_hides_addresses(snapshot);
	char *online = snapshot->has_online ? cpulist_format(&snapshot->online) : NULL;
	struct groups groups;

	json_text(object, "time", snapshot->time);
	json_text(object, "boot_id", snapshot->boot_id);
	json_text(object, "release", snapshot->release);
	json_number(object, "taken_ns", snapshot->taken_ns);
	json_text(object, "online", online);
	json_text(object, "addresses", snapshot->addresses);
	free(online);
	for (size_t i = 0; i < snapshot->count; i++)
		if (!chosen || cpus_have(chosen, snapshot->cpu[i].number))
			json_object_array_add(list, json_cpu(&snapshot->cpu[i], hidden));
	json_object_object_add(object, "cpus", list);
	groups_make(snapshot, chosen, all, &groups);
	json_object_object_add(object, "groups", groups_json(&groups));
	groups_free(&groups);
	return object;
}
