// SPDX-License-Identifier: GPL-2.0
#include "snapshot/group_output.h"

struct json_object *groups_json(const struct groups *groups)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < groups->count; i++) {
		struct json_object *group = json_object_new_array();

		for (size_t k = 0; k < groups->group[i].count; k++)
			json_object_array_add(group, json_object_new_int64(groups->group[i].cpu[k]->number));
		json_object_array_add(list, group);
	}
	return list;
}
