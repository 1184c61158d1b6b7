// SPDX-License-Identifier: GPL-2.0
/*
 * A firmware that lies: linked into an unpatched TF-A around its SDEI dispatcher (--wrap=sdei_smc_handler), with a call of
 * its own by which the guest chooses the lie, and with an event more than TF-A has for this machine (--wrap of the table of
 * events). Whatever is not said here, TF-A does as ever.
 */
#include <arch_helpers.h>
#include <common/runtime_svc.h>
#include <lib/el3_runtime/context_mgmt.h>
#include <lib/smccc.h>
#include <platform_def.h>
#include <services/sdei.h>
#include <smccc_helpers.h>

#include "times.h"

/* The guest's choice, SMC64 in the range of silicon partners: x1 = enum fault. */
#define FAULT_ARM	0xc200ff01U

/* Dispatches EVENT_OTHER on the CPU that asks for it, and returns when its handler has: 0 if it was. */
#define OTHER_DISPATCH	0xc200ff02U

/*
 * Private, of normal priority and explicitly dispatched, as those are by which servers report errors of the hardware. What is
 * of the same priority waits.
 */
#define EVENT_OTHER	1

static sdei_ev_map_t private_events[] = {
	SDEI_DEFINE_EVENT_0(PLAT_SDEI_SGI_PRIVATE),
	SDEI_EXPLICIT_EVENT(EVENT_OTHER, SDEI_MAPF_NORMAL),
};

static sdei_ev_map_t shared_events[] = {
};

#define sdei_private_event_table	__wrap_sdei_private_event_table
#define sdei_shared_event_table		__wrap_sdei_shared_event_table
#define sdei_global_mappings		__wrap_sdei_global_mappings
REGISTER_SDEI_MAP(private_events, shared_events);

enum fault {
	FAULT_NONE,
	FAULT_REFUSE,	/* SIGNAL returns INVALID_PARAMETERS, zero-extended from 32 bits as some firmware does */
	FAULT_DROP,	/* SIGNAL returns success and does nothing */
	FAULT_HOLD,	/* SIGNAL returns success, and the signal is sent when the fault is changed */
	FAULT_SLOW,	/* SIGNAL sends the signal half a millisecond after it was called */
	FAULT_COUNT
};

#define HELD_MAX	64
#define SLOW_US		500

static volatile enum fault fault;
static uint64_t held[HELD_MAX];	/* targets */
static volatile unsigned int held_count;	/* one PE signals at a time while HOLD is on: the driver's requester */

uint64_t __real_sdei_smc_handler(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, void *cookie,
				 void *handle, uint64_t flags);
uint64_t __wrap_sdei_smc_handler(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, void *cookie,
				 void *handle, uint64_t flags);

/* An emulator that runs one PE at a time gives the others their turn on a yield. */
static void pause_us(uint64_t us)
{
	uint64_t end = read_cntpct_el0() + us * read_cntfrq_el0() / 1000000U;

	while (read_cntpct_el0() < end)
		__asm__ volatile("yield");
}

uint64_t __wrap_sdei_smc_handler(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, void *cookie,
				 void *handle, uint64_t flags)
{
	if (fid == SDEI_EVENT_SIGNAL && fault == FAULT_REFUSE)
		SMC_RET1(handle, 0xfffffffeULL);
	if (fid == SDEI_EVENT_SIGNAL && fault == FAULT_DROP)
		SMC_RET1(handle, 0);
	if (fid == SDEI_EVENT_SIGNAL && fault == FAULT_HOLD) {
		if (held_count < HELD_MAX)
			held[held_count++] = x2;
		SMC_RET1(handle, 0);
	}
	if (fid == SDEI_EVENT_SIGNAL && fault == FAULT_SLOW)
		pause_us(SLOW_US);
	return __real_sdei_smc_handler(fid, x1, x2, x3, x4, cookie, handle, flags);
}

static uintptr_t faults_handler(uint32_t fid, u_register_t x1, u_register_t x2, u_register_t x3, u_register_t x4,
				void *cookie, void *handle, u_register_t flags)
{
	if (fid == OTHER_DISPATCH) {
		/* The dispatcher loads what was saved of the world that it enters. */
		cm_el1_sysregs_context_save(NON_SECURE);
		SMC_RET1(handle, sdei_dispatch_event(EVENT_OTHER));
	}
	if (times_call(fid))
		return times_handler(fid, x1, handle);
	if (fid != FAULT_ARM || x1 >= FAULT_COUNT)
		SMC_RET1(handle, SMC_UNK);
	fault = (enum fault)x1;
	while (held_count)
		(void)__real_sdei_smc_handler(SDEI_EVENT_SIGNAL, 0, held[--held_count], 0, 0, cookie, handle, flags);
	SMC_RET1(handle, 0);
}

DECLARE_RT_SVC(faults, OEN_SIP_START, OEN_SIP_END, SMC_TYPE_FAST, NULL, faults_handler);
