// SPDX-License-Identifier: GPL-2.0
/*
 * What this machine's firmware does in its own way. A table names firmware by the version and
 * vendor of its SDEI and by the machine; the parameter "quirks" replaces what the table says. Event
 * 0's priority is read: the driver's way out of the event is only right for normal priority.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm_sdei.h>
#include <linux/dmi.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "firmware.h"
#include "quirks.h"

/**
 * struct quirky_firmware - a firmware that needs care
 * @identity: the answer to SDEI_VERSION (DEN0054); 0 for any
 * @system: what DMI says of the machine; no entries for any
 * @quirks: bits of enum sdei_nmi_quirk
 * @reason: one sentence for the log, with a reference
 */
struct quirky_firmware {
	u64 identity;
	struct dmi_system_id system;
	unsigned int quirks;
	const char *reason;
};

/* No firmware is known yet. An entry needs a report of "sdei-nmi validate" to refer to. */
static const struct quirky_firmware table[] __initconst = {
	{ }
};

static const char * const names[] = { "unusable", "no-cpu-off", "masked-refused" };

static char *quirks = "auto";
module_param(quirks, charp, 0444);
MODULE_PARM_DESC(quirks, "Known deviations of the firmware: auto (from the driver's table), none, or a list of unusable, no-cpu-off, masked-refused (default: auto)");

static unsigned int found __ro_after_init;
static u64 priority __ro_after_init;

static bool __init matches(const struct quirky_firmware *firmware)
{
	const struct dmi_system_id systems[] = { firmware->system, { } };

	if (firmware->identity && firmware->identity != sdei_nmi_fw_identity())
		return false;
	return firmware->system.matches[0].slot == DMI_NONE || dmi_check_system(systems);
}

static void __init quirks_of_table(void)
{
	const struct quirky_firmware *firmware;

	for (firmware = table; firmware->quirks; firmware++) {
		if (!matches(firmware))
			continue;
		found |= firmware->quirks;
		pr_info("this machine's firmware needs care: %s\n", firmware->reason);
	}
}

static int __init quirks_of_parameter(void)
{
	char list[64], *rest = list, *name;
	int i;

	if (!strcmp(quirks, "none"))
		return 0;
	strscpy(list, quirks, sizeof(list));
	while ((name = strsep(&rest, ","))) {
		i = match_string(names, ARRAY_SIZE(names), name);
		if (i < 0) {
			pr_err("quirks has to be auto, none, or a list of unusable, no-cpu-off and masked-refused, not '%s'; nothing was changed\n",
			       quirks);
			return -EINVAL;
		}
		found |= BIT(i);
	}
	return 0;
}

/**
 * sdei_nmi_quirks_init() - find out what the firmware needs
 *
 * Context: task, at load. sdei_nmi_fw_init() has succeeded.
 * Return: 0; -EINVAL if the parameter is wrong; -ENODEV if event 0 must not be used. An error logs
 * one line.
 */
int __init sdei_nmi_quirks_init(void)
{
	int err = 0;

	if (strcmp(quirks, "auto"))
		err = quirks_of_parameter();
	else
		quirks_of_table();
	if (err)
		return err;
	if (found & SDEI_NMI_QUIRK_UNUSABLE) {
		pr_info("not starting: event 0 of this machine's firmware must not be used (quirks=none overrides that); nothing was changed\n");
		return -ENODEV;
	}
	err = sdei_nmi_fw_event_priority(&priority);
	if (err || priority != SDEI_EVENT_PRIORITY_NORMAL) {
		found |= SDEI_NMI_QUIRK_NO_CPU_OFF;
		pr_info("event 0 has %s priority: CPUs that it stops park, also with stop_ending=off\n",
			err ? "an unknown" : "critical");
		if (err)
			priority = U64_MAX;
	}
	return 0;
}

/**
 * sdei_nmi_quirks_has() - whether the firmware has a quirk
 * @quirk: the quirk
 *
 * Context: any, SDEI included. Return: true if it has.
 */
bool notrace sdei_nmi_quirks_has(enum sdei_nmi_quirk quirk)
{
	return found & quirk;
}

NOKPROBE_SYMBOL(sdei_nmi_quirks_has);

/**
 * sdei_nmi_quirks_text() - the names of the firmware's quirks
 * @text: gets the names, separated by commas, or "none"
 * @size: size of @text, in characters
 *
 * Context: any. Return: length of the text, in characters.
 */
int sdei_nmi_quirks_text(char *text, size_t size)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (found & BIT(i))
			n += scnprintf(text + n, size - n, "%s%s", n ? "," : "", names[i]);
	return n ?: scnprintf(text, size, "none");
}

/**
 * sdei_nmi_quirks_priority() - the priority of event 0
 *
 * Context: any. Return: "normal", "critical", or "unknown" if the firmware did not say.
 */
const char *sdei_nmi_quirks_priority(void)
{
	if (priority == SDEI_EVENT_PRIORITY_NORMAL)
		return "normal";
	return priority == SDEI_EVENT_PRIORITY_CRITICAL ? "critical" : "unknown";
}
