// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection for an unpatched TF-A. The linker's --wrap puts these functions around TF-A's SDEI dispatcher. SMC calls let the
 * guest choose a fault, and the firmware gets one more event than PLAT=qemu has. With the fault "none", TF-A behaves as usual.
 *
 * One fault is active at a time, on all PEs, from the call that chooses it until the next such call. The first one is that of QEMU's
 * -fw_cfg name=opt/fault,string=NAME, if there is this option.
 */
#include <arch_helpers.h>
#include <common/runtime_svc.h>
#include <lib/cassert.h>
#include <lib/el3_runtime/context_mgmt.h>
#include <lib/mmio.h>
#include <lib/smccc.h>
#include <plat/common/platform.h>
#include <platform_def.h>
#include <services/sdei.h>
#include <smccc_helpers.h>
#include <string.h>

#include "faults.h"
#include "times.h"

/*
 * The guest's calls: SMC64 in the range for silicon partners. The guest names a fault in x1 to x3, padded with zeros, so that this
 * file has the only table of faults.
 */
#define FAULT_ARM	0xc200ff01U	/* returns 0, or -1 if no fault has that name */
#define FAULT_NAME	0xc200ff05U	/* x1 = number; returns 0 and the name, or -1 after the last one */

/* Dispatches EVENT_OTHER on the calling PE, and returns after its handler: 0 if the handler ran. */
#define OTHER_DISPATCH	0xc200ff02U

/*
 * A private event of normal priority that is explicitly dispatched, like the events by which servers report hardware errors. Events
 * of the same priority wait until its handler completes.
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

#define NAME_WORDS	3

static const char names[][NAME_WORDS * sizeof(uint64_t)] = {
	[FAULT_NONE]		= "none",
	[FAULT_REFUSE]		= "refuse",
	[FAULT_DROP]		= "drop",
	[FAULT_HOLD]		= "hold",
	[FAULT_SLOW]		= "slow",
	[FAULT_WRONG_PE]	= "wrong-pe",
	[FAULT_BROADCAST]	= "broadcast",
	[FAULT_LATE]		= "late",
	[FAULT_TWICE]		= "twice",
	[FAULT_NOT_MASKED]	= "not-masked",
	[FAULT_LOST_IN_HANDLER]	= "lost-in-handler",
	[FAULT_LOST_BURST]	= "lost-burst",
	[FAULT_LOST_BESIDE]	= "lost-beside",
	[FAULT_ASLEEP]		= "asleep",
	[FAULT_MASKED_REFUSED]	= "masked-refused",
	[FAULT_MASKED_KEPT]	= "masked-kept",
	[FAULT_NOT_REARMED]	= "not-rearmed",
	[FAULT_OFF_POISONED]	= "off-poisoned",
	[FAULT_CPU_OFF_REFUSED]	= "cpu-off-refused",
	[FAULT_CPU_ON_REFUSED]	= "cpu-on-refused",
	[FAULT_OFF_IN_USE]	= "off-in-use",
	[FAULT_ERROR_32]	= "error-32",
	[FAULT_WRONG_CODE]	= "wrong-code",
	[FAULT_ENABLE_TWICE]	= "enable-twice",
	[FAULT_ENABLE_REFUSED]	= "enable-refused",
	[FAULT_STATUS]		= "status",
	[FAULT_CRITICAL]	= "critical",
	[FAULT_CONTEXT]		= "context",
	[FAULT_COUNTER_RATE]	= "counter-rate",
	[FAULT_PSTATE_PARAM]	= "pstate-param",
	[FAULT_DAIF_OPEN]	= "daif-open",
	[FAULT_RESUME]		= "resume",
	[FAULT_NO_EOI]		= "no-eoi",
	[FAULT_GPR_LOW]		= "gpr-low",
	[FAULT_GPR_HIGH]	= "gpr-high",
	[FAULT_FLAGS]		= "flags",
	[FAULT_SP_EL0]		= "sp-el0",
	[FAULT_FP]		= "fp",
	[FAULT_PRIORITY_MASK]	= "priority-mask",
};

CASSERT(ARRAY_SIZE(names) == FAULT_COUNT, fault_without_a_name);

/* Error codes, a bit of EVENT_STATUS, and the priority in EVENT_GET_INFO (DEN0054); TF-A has them only in private headers. */
#define NOT_SUPPORTED		(-1)
#define DENIED			(-3)
#define OUT_OF_RESOURCE		(-10)
#define STATUS_ENABLED		BIT_64(1)
#define INFO_PRIORITY		2U
#define PRIORITY_CRITICAL	1

#define CONTEXT_REGISTERS	18U

volatile enum fault fault;

uint64_t __real_sdei_smc_handler(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, void *cookie,
				 void *handle, uint64_t flags);
uint64_t __wrap_sdei_smc_handler(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, void *cookie,
				 void *handle, uint64_t flags);

/* Like TF-A, these look only at the low 32 bits of the number. An event's number is its index in private_events. */
bool event_exists(uint64_t event)
{
	return (uint32_t)event < ARRAY_SIZE(private_events);
}

bool event_enabled(unsigned int pe, uint64_t event)
{
	const sdei_entry_t *entries = &sdei_private_event_table[pe * ARRAY_SIZE(private_events)];

	return event_exists(event) && (entries[(uint32_t)event].state & STATUS_ENABLED) != 0U;
}

/* Changes a call's return value as the fault requires. A register from EVENT_CONTEXT may look like an error, so it stays. */
static void answer(uint32_t fid, uint64_t event, bool is_register, void *handle)
{
	int64_t ret = (int64_t)SMC_GET_GP(handle, CTX_GPREG_X0);

	if (is_register)
		return;
	if (fault == FAULT_ERROR_32 && ret < 0 && ret >= OUT_OF_RESOURCE)
		SMC_SET_GP(handle, CTX_GPREG_X0, (uint32_t)ret);
	if (fault == FAULT_WRONG_CODE && fid == SDEI_EVENT_GET_INFO && !event_exists(event))
		SMC_SET_GP(handle, CTX_GPREG_X0, (uint64_t)NOT_SUPPORTED);
	if (fault == FAULT_STATUS && fid == SDEI_EVENT_STATUS && (uint32_t)event == SDEI_EVENT_0 && ret > 0)
		SMC_SET_GP(handle, CTX_GPREG_X0, (uint64_t)ret & ~STATUS_ENABLED);
}

/* The first fault-free call of any PE tells the right value. */
static void set_counter_rate(void)
{
	static volatile uint64_t right;
	uint64_t rate = read_cntfrq_el0();

	if (right == 0U)
		right = rate;
	if (fault == FAULT_COUNTER_RATE)
		write_cntfrq_el0(0);
	else if (rate == 0U)
		write_cntfrq_el0(right);
}

uint64_t __wrap_sdei_smc_handler(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, void *cookie,
				 void *handle, uint64_t flags)
{
	bool is_register = fid == SDEI_EVENT_CONTEXT && signals_inside() && x1 < CONTEXT_REGISTERS;
	uint64_t done;
	int64_t ret;

	set_counter_rate();
	if (fid == SDEI_EVENT_SIGNAL && signal_lies(x1, x2, &ret))
		SMC_RET1(handle, (uint64_t)ret);
	if (fault == FAULT_ENABLE_TWICE && fid == SDEI_EVENT_ENABLE && event_enabled(plat_my_core_pos(), x1))
		SMC_RET1(handle, (uint64_t)DENIED);
	if (fault == FAULT_ENABLE_REFUSED && fid == SDEI_EVENT_ENABLE && (uint32_t)x1 == SDEI_EVENT_0)
		SMC_RET1(handle, (uint64_t)DENIED);
	if (fault == FAULT_CRITICAL && fid == SDEI_EVENT_GET_INFO && (uint32_t)x1 == SDEI_EVENT_0 && x2 == INFO_PRIORITY)
		SMC_RET1(handle, PRIORITY_CRITICAL);
	if (fault == FAULT_CONTEXT && is_register)
		x1 = (x1 + 1U) % CONTEXT_REGISTERS;
	/* The real handler does not return from these calls. */
	if (fid == SDEI_EVENT_COMPLETE || fid == SDEI_EVENT_COMPLETE_AND_RESUME)
		signals_settle();
	done = __real_sdei_smc_handler(fid, x1, x2, x3, x4, cookie, handle, flags);
	answer(fid, x1, is_register, handle);
	if (fid != SDEI_EVENT_SIGNAL)
		signals_settle();
	return done;
}

static bool arm(uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t name[NAME_WORDS] = { x1, x2, x3 };
	enum fault old = fault;
	unsigned int i;

	for (i = 0; i < FAULT_COUNT; i++) {
		if (memcmp(names[i], name, sizeof(name)) != 0)
			continue;
		fault = (enum fault)i;
		signals_end(old);
		return true;
	}
	return false;
}

/* The device fw_cfg of QEMU's virt machine. Each read of its first register returns the next byte of the selected file. */
#define FW_CFG			0x09020000U
#define FW_CFG_SELECTOR		(FW_CFG + 8U)
#define FW_CFG_FILES		0x19U
#define FW_CFG_NAME_SIZE	56U

static void fw_cfg_select(uint16_t key)
{
	mmio_write_16(FW_CFG_SELECTOR, (uint16_t)((key << 8) | (key >> 8)));
}

static uint32_t fw_cfg_number(unsigned int bytes)
{
	uint32_t number = 0;

	while (bytes-- != 0U)
		number = (number << 8) | mmio_read_8(FW_CFG);
	return number;
}

/* Each file has its size, its key, two unused bytes, and its name. */
static int32_t faults_setup(void)
{
	char name[FW_CFG_NAME_SIZE];
	uint64_t words[NAME_WORDS] = { 0 };
	uint32_t files, size, key, i;

	fw_cfg_select(FW_CFG_FILES);
	for (files = fw_cfg_number(4); files != 0U; files--) {
		size = fw_cfg_number(4);
		key = fw_cfg_number(2);
		(void)fw_cfg_number(2);
		for (i = 0; i < sizeof(name); i++)
			name[i] = (char)mmio_read_8(FW_CFG);
		if (strncmp(name, "opt/fault", sizeof(name)) != 0)
			continue;
		fw_cfg_select((uint16_t)key);
		for (i = 0; i < size && i < sizeof(words); i++)
			((uint8_t *)words)[i] = mmio_read_8(FW_CFG);
		return arm(words[0], words[1], words[2]) ? 0 : 1;
	}
	return 0;
}

static uintptr_t faults_handler(uint32_t fid, u_register_t x1, u_register_t x2, u_register_t x3, u_register_t x4,
				void *cookie, void *handle, u_register_t flags)
{
	uint64_t name[NAME_WORDS];

	if (fid == OTHER_DISPATCH) {
		/* The dispatcher restores the saved registers of the non-secure world, so save the current ones. */
		cm_el1_sysregs_context_save(NON_SECURE);
		SMC_RET1(handle, sdei_dispatch_event(EVENT_OTHER));
	}
	if (times_call(fid))
		return times_handler(fid, x1, handle);
	if (fid == FAULT_NAME && x1 < FAULT_COUNT) {
		memcpy(name, names[x1], sizeof(name));
		SMC_RET4(handle, 0, name[0], name[1], name[2]);
	}
	if (fid == FAULT_ARM && arm(x1, x2, x3))
		SMC_RET1(handle, 0);
	SMC_RET1(handle, SMC_UNK);
}

DECLARE_RT_SVC(faults, OEN_SIP_START, OEN_SIP_END, SMC_TYPE_FAST, faults_setup, faults_handler);
