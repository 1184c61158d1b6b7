// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware's version, event 0's properties, error codes, and the counter's rate. These checks
 * send no signal.
 */
#include <linux/kernel.h>

#include <asm/sysreg.h>

#include "check.h"
#include "kernel.h"

/* DEN0054 SDEI_EVENT_GET_INFO does not define this number. */
#define INFO_NONE	99

static enum sdeiv_result not_negative(struct sdeiv_report *r, const char *what, u64 x0)
{
	if (sdeiv_code(x0) < 0)
		return sdeiv_failed(r, "%s returned %s", what, sdeiv_code_name(x0));
	return sdeiv_passed(r, "%s returned %s", what, sdeiv_code_name(x0));
}

static enum sdeiv_result sdei_version(struct sdeiv_report *r, const void *with)
{
	u64 x0 = sdeiv_call0(SDEIV_FN_VERSION);

	if (x0 >> 63 || !(x0 >> 48))
		return sdeiv_failed(r, "SDEI_VERSION returned %s", sdeiv_code_name(x0));
	return sdeiv_passed(r, "version %llu.%llu of vendor 0x%llx", x0 >> 48, x0 >> 32 & 0xffff,
			    x0 & 0xffffffff);
}

static enum sdeiv_result features(struct sdeiv_report *r, const void *with)
{
	u64 x0 = sdeiv_call1(SDEIV_FN_FEATURES, 0);

	/* SDEI_FEATURES is optional in version 1.0. */
	if (sdeiv_code(x0) == SDEI_NOT_SUPPORTED)
		return sdeiv_passed(r, "SDEI_FEATURES is not implemented");
	return not_negative(r, "SDEI_FEATURES of feature 0 (interrupt slots)", x0);
}

static u64 info(u32 event, u64 what)
{
	return sdeiv_call2(SDEI_1_0_FN_SDEI_EVENT_GET_INFO, event, what);
}

static enum sdeiv_result event0_private(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "SDEI_EVENT_GET_INFO of event 0's type",
			     info(SDEIV_EVENT_SIGNALED, SDEI_EVENT_INFO_EV_TYPE),
			     SDEI_EVENT_TYPE_PRIVATE);
}

static enum sdeiv_result event0_normal(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "SDEI_EVENT_GET_INFO of event 0's priority",
			     info(SDEIV_EVENT_SIGNALED, SDEI_EVENT_INFO_EV_PRIORITY),
			     SDEI_EVENT_PRIORITY_NORMAL);
}

static enum sdeiv_result event0_signaled(struct sdeiv_report *r, const void *with)
{
	/* Implementations differ in whether 0 or 1 means yes, so both pass. */
	return not_negative(r, "SDEI_EVENT_GET_INFO of whether event 0 can be signalled",
			    info(SDEIV_EVENT_SIGNALED, SDEI_EVENT_INFO_EV_SIGNALED));
}

static enum sdeiv_result info_routing(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "SDEI_EVENT_GET_INFO of the routing of private event 0",
			     info(SDEIV_EVENT_SIGNALED, SDEI_EVENT_INFO_EV_ROUTING_MODE),
			     SDEI_INVALID_PARAMETERS);
}

static enum sdeiv_result info_unknown_event(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "SDEI_EVENT_GET_INFO of an unknown event",
			     info(SDEIV_EVENT_NONE, SDEI_EVENT_INFO_EV_TYPE),
			     SDEI_INVALID_PARAMETERS);
}

static enum sdeiv_result info_unknown_kind(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "SDEI_EVENT_GET_INFO of an unknown kind of information",
			     info(SDEIV_EVENT_SIGNALED, INFO_NONE), SDEI_INVALID_PARAMETERS);
}

static enum sdeiv_result status_unknown_event(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "SDEI_EVENT_STATUS of an unknown event",
			     sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_STATUS, SDEIV_EVENT_NONE),
			     SDEI_INVALID_PARAMETERS);
}

static enum sdeiv_result unknown_call(struct sdeiv_report *r, const void *with)
{
	return sdeiv_returns(r, "an unknown call in the SDEI range",
			     sdeiv_call0(SDEIV_FN_NONE), SDEI_NOT_SUPPORTED);
}

static enum sdeiv_result error_width(struct sdeiv_report *r, const void *with)
{
	u64 x0 = info(SDEIV_EVENT_NONE, SDEI_EVENT_INFO_EV_TYPE);

	if (!(x0 >> 32))
		return sdeiv_failed(r, "an error was returned as 0x%016llx", x0);
	return sdeiv_passed(r, "an error was returned as 0x%016llx", x0);
}

static void read_counter_rate(struct sdeiv_pe *pe, void *rate)
{
	*(u64 *)rate = read_sysreg(cntfrq_el0);
}

static enum sdeiv_result counter_rate(struct sdeiv_report *r, const void *with)
{
	unsigned int tested = 0;
	struct sdeiv_pe *pe;
	u64 rate = 0;

	for (pe = sdeiv_pe_next(NULL); pe; pe = sdeiv_pe_next(pe)) {
		if (!sdeiv_work_run(pe, read_counter_rate, &rate))
			return sdeiv_failed(r, "CPU %u did not read CNTFRQ_EL0", pe->cpu);
		if (rate != sdeiv_counter_rate)
			return sdeiv_failed(r,
					    "CNTFRQ_EL0 of CPU %u is %llu Hz; the kernel's counter runs at %llu Hz",
					    pe->cpu, rate, sdeiv_counter_rate);
		tested++;
	}
	return sdeiv_passed(r, "CNTFRQ_EL0 is %llu Hz on %u CPUs, as the kernel has it", rate,
			    tested);
}

const struct sdeiv_check sdeiv_discovery_checks[] = {
	{
		.name = "discovery.version",
		.section = "DEN0054 SDEI_VERSION",
		.expected = "the major version is at least 1 and bit 63 is clear",
		.means =
			"the firmware's SDEI version is unknown; the driver may not recognize the firmware by it",
		.run = sdei_version, .seconds = 1, .relied = true,
	}, {
		.name = "discovery.features",
		.section = "DEN0054 SDEI_FEATURES",
		.expected = "the number of interrupt slots, or NOT_SUPPORTED",
		.means = "no effect: the driver binds no interrupts",
		.run = features, .seconds = 1,
	}, {
		.name = "discovery.event0_private",
		.section = "DEN0054 SDEI_EVENT_GET_INFO",
		.expected = "event 0 is private (0)",
		.means =
			"the kernel registers event 0 as a shared event and cannot reach each CPU by it",
		.run = event0_private, .seconds = 1, .relied = true,
	}, {
		.name = "discovery.event0_normal",
		.section = "DEN0054 SDEI_EVENT_GET_INFO",
		.expected = "event 0 has normal priority (0)",
		.means =
			"event 0 can interrupt the handlers of other events, and the kernel uses another stack for it; the driver then parks the CPUs that it stops, also with stop_ending=off",
		.run = event0_normal, .seconds = 1,
	}, {
		.name = "discovery.event0_signaled",
		.section = "DEN0054 SDEI_EVENT_GET_INFO",
		.expected = "an answer of 0 or 1",
		.means = "no effect: the driver tests whether signals arrive",
		.run = event0_signaled, .seconds = 1,
	}, {
		.name = "discovery.info_routing",
		.section = "DEN0054 SDEI_EVENT_GET_INFO",
		.expected = "INVALID_PARAMETERS, because a private event has no routing",
		.means = "no effect: the driver does not make this call",
		.run = info_routing, .seconds = 1,
	}, {
		.name = "discovery.info_unknown_event",
		.section = "DEN0054 SDEI_EVENT_GET_INFO",
		.expected = "INVALID_PARAMETERS",
		.means =
			"errors cannot be distinguished; the driver reports the code that the firmware returns",
		.run = info_unknown_event, .seconds = 1,
	}, {
		.name = "discovery.info_unknown_kind",
		.section = "DEN0054 SDEI_EVENT_GET_INFO",
		.expected = "INVALID_PARAMETERS",
		.means = "no effect: the driver does not make this call",
		.run = info_unknown_kind, .seconds = 1,
	}, {
		.name = "discovery.status_unknown_event",
		.section = "DEN0054 SDEI_EVENT_STATUS",
		.expected = "INVALID_PARAMETERS",
		.means = "no effect: the driver does not make this call",
		.run = status_unknown_event, .seconds = 1,
	}, {
		.name = "discovery.unknown_call",
		.section = "DEN0028, unknown functions",
		.expected = "NOT_SUPPORTED",
		.means =
			"software cannot detect that a call is missing; the driver uses only calls of SDEI version 1.0",
		.run = unknown_call, .seconds = 1,
	}, {
		.name = "discovery.error_width",
		.section = "DEN0054, return values",
		.expected = "errors are negative 64-bit numbers",
		.means =
			"no effect: the driver checks the low 32 bits; other software may take an error for success",
		.run = error_width, .seconds = 1,
	}, {
		.name = "discovery.counter_rate",
		.section = "Arm ARM, CNTFRQ_EL0",
		.expected = "the firmware sets CNTFRQ_EL0 to the counter's rate on each PE",
		.means =
			"no effect: the driver uses the kernel's rate; programs and guests on this PE measure wrong times",
		.run = counter_rate, .seconds = 2,
	},
	{},
};
