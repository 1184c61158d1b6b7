// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel started by kexec finds event 0 as the previous kernel left it; a PE may have been in the
 * handler of event 0. All checks also run in such a kernel. This check records that kexec started
 * the kernel.
 */
#include <linux/crash_dump.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/of.h>

#include "check.h"
#include "kexec.h"

static bool kexec;
module_param(kexec, bool, 0444);
MODULE_PARM_DESC(kexec, "Set to 1 if kexec started this kernel; the use of kexec_load(2) cannot be detected (default: 0)");

/**
 * sdeiv_kexec_started() - describe how kexec started this kernel
 *
 * Context: task. Return: the end of a sentence, or NULL if kexec was not detected.
 */
const char *sdeiv_kexec_started(void)
{
	if (is_kdump_kernel())
		return "kexec, after a crash";
	return kexec || of_property_present(of_chosen, "linux,booted-from-kexec") ? "kexec" : NULL;
}

static bool started_by_kexec(void)
{
	return sdeiv_kexec_started();
}

static enum sdeiv_result event0(struct sdeiv_report *r, const void *with)
{
	unsigned int tested = 0;
	struct sdeiv_pe *pe;

	if (!started_by_kexec())
		return sdeiv_skipped(r,
				     "kexec did not start this kernel, or kexec=1 is not set; run the checks in a kernel started by kexec and in a capture kernel");
	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		if (!sdeiv_arrives(r, pe, "in a kernel started by kexec"))
			return SDEIV_FAIL;
		tested++;
	}
	return sdeiv_passed(r, "on %u CPUs, in a kernel started by %s", tested,
			    sdeiv_kexec_started());
}

const struct sdeiv_check sdeiv_kexec_checks[] = {
	{
		.name = "kexec.event0",
		.section = "DEN0054, private reset; DEN0022 CPU_OFF, CPU_ON",
		.expected =
			"event 0 works on each CPU after kexec, even if a CPU was in its handler when kexec started",
		.means = "a kernel started by kexec has no event 0 and may hang",
		.run = event0, .setup = SDEIV_SETUP_KERNEL, .seconds = 5, .relied = true,
		.needs = "delivery.interrupts_on", .applies = started_by_kexec,
	},
	{},
};
