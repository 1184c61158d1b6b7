/* SPDX-License-Identifier: GPL-2.0 */
/* The output of status, which a report contains too. */
#ifndef TOOL_STATUS_H
#define TOOL_STATUS_H

#include "machine/host.h"
#include "machine/service.h"

void status_print(FILE *to, const struct host *host, const struct service *service);
void status_json(struct json_object *object, const struct host *host, const struct service *service);

#endif
