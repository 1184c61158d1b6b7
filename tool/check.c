// SPDX-License-Identifier: GPL-2.0
#include "common/options.h"
#include "common/output.h"
#include "machine/cause.h"
#include "machine/readiness.h"
#include "tool.h"

int check_main(int argc, char **argv)
{
	struct readiness readiness;
	struct service service;
	struct host host;

	arguments(NULL, NULL,
		  "Checks whether this machine can use the driver, before anything is loaded. A point that warns does not keep the driver "
		  "from running. If a point fails, exits with 3.",
		  argc, argv, NULL);
	service_read(&service);
	host_read(&host, service.there);
	if (!service.there)
		cause_find(&host);
	readiness_read(&readiness, &host, &service);
	if (want_json) {
		struct json_object *object = json_document("sdei-nmi-check");

		readiness_json(object, &readiness);
		json_print(stdout, object);
	} else {
		readiness_print(stdout, &readiness);
	}
	return readiness.usable ? EXIT_DONE : EXIT_UNAVAILABLE;
}
