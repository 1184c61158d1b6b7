// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "common/cpulist.h"
#include "common/files.h"
#include "common/memory.h"
#include "machine/identity.h"
#include "machine/service.h"

const char *const identity_keys[IDENTITY_FIELDS] = {
	"bios_vendor", "bios_version", "bios_date", "sys_vendor", "product_name", "board_name", "model", "compatible", "psci_compatible",
};

static const char *const paths[IDENTITY_FIELDS] = {
	"/sys/class/dmi/id/bios_vendor", "/sys/class/dmi/id/bios_version", "/sys/class/dmi/id/bios_date",
	"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/sys/class/dmi/id/board_name",
	"/proc/device-tree/model", "/proc/device-tree/compatible", "/proc/device-tree/psci/compatible",
};

static char *read_midr(unsigned int cpu)
{
	return file_line("/sys/devices/system/cpu/cpu%u/regs/identification/midr_el1", cpu);
}

/* Collects CPUs with equal MIDR_EL1 in one entry. */
static void read_midrs(struct identity *identity)
{
	struct cpus present, *same = NULL;

	if (!cpus_read("/sys/devices/system/cpu/present", &present))
		return;
	cpus_for_each(cpu, &present) {
		char *value = read_midr(cpu);
		size_t i = 0;

		if (!value)
			continue;
		while (i < identity->midrs && strcmp(identity->midr[i].value, value))
			i++;
		if (i < identity->midrs) {
			free(value);
		} else {
			identity->midr = memory_array(identity->midr, i + 1, sizeof(*identity->midr));
			identity->midr[identity->midrs++].value = value;
			same = memory_array(same, i + 1, sizeof(*same));
			same[i] = (struct cpus){ 0 };
		}
		cpus_add(&same[i], cpu);
	}
	for (size_t i = 0; i < identity->midrs; i++)
		identity->midr[i].cpus = cpulist_format(&same[i]);
	free(same);
}

void identity_read(struct identity *identity)
{
	*identity = (struct identity){ 0 };
	for (size_t i = 0; i < IDENTITY_FIELDS; i++)
		identity->field[i] = file_line("%s", paths[i]);
	read_midrs(identity);
}
