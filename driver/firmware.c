// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware calls that the kernel's SDEI core lacks, and the check whether the machine has SDEI.
 * Registering, enabling, masking and completing stay with the core, except before the driver is in
 * service (trial.c). The conduit is looked up where
 * the core looks it up, so both use the same one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/acpi.h>
#include <linux/arm-smccc.h>
#include <linux/arm_sdei.h>
#include <linux/kprobes.h>
#include <linux/of.h>
#include <linux/printk.h>
#include <uapi/linux/psci.h>

#include "firmware.h"
#include "sdei_errno.h"
#include "symbols.h"

/*
 * DEN0054, SDEI_EVENT_SIGNAL: 0xC400_002F. x1 = event number, which must be 0; x2 = target PE's
 * affinity.
 */
#define FW_EVENT_SIGNAL		SDEI_1_0_FN(0x0f)

/*
 * DEN0054, SDEI_VERSION: 0xC400_0020. x0 = bit 63 clear, MAJOR in 62:48, MINOR in 47:32, VENDOR in
 * 31:0.
 */
#define FW_VERSION		SDEI_1_0_FN(0x00)

/* A kernel with the driver built in also runs on machines without SDEI, and logs nothing there. */
#ifdef MODULE
#define fw_err(...) pr_err(__VA_ARGS__)
#else
#define fw_err(...) no_printk(__VA_ARGS__)
#endif

static enum arm_smccc_conduit conduit __ro_after_init = SMCCC_CONDUIT_NONE;
static enum arm_smccc_conduit psci_conduit __ro_after_init = SMCCC_CONDUIT_NONE;
static u64 version __ro_after_init;

static __always_inline u64 call_by(enum arm_smccc_conduit by, unsigned long function, u64 x1,
				   u64 x2, u64 x3)
{
	struct arm_smccc_res res;

	if (by == SMCCC_CONDUIT_HVC)
		arm_smccc_hvc(function, x1, x2, x3, 0, 0, 0, 0, &res);
	else
		arm_smccc_smc(function, x1, x2, x3, 0, 0, 0, 0, &res);
	return res.a0;
}

static __always_inline u64 call(unsigned long function, u64 x1, u64 x2)
{
	return call_by(conduit, function, x1, x2, 0);
}

/* A value or an error code, which firmware may zero-extend. No value has bit 31 set. */
static int value_of(u64 x0, u64 *value)
{
	if ((s32)x0 < 0)
		return sdei_errno(x0);
	*value = x0;
	return 0;
}

/* SDEI_VERSION (DEN0054) */
static u64 __init fw_version(void)
{
	return call(FW_VERSION, 0, 0);
}

/* Reads the property of the node that the kernel's SDEI core reads. */
static enum arm_smccc_conduit __init conduit_from_dt(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "arm,sdei-1.0");
	enum arm_smccc_conduit found = SMCCC_CONDUIT_NONE;
	const char *method;

	if (!node)
		return found;
	if (!of_property_read_string(node, "method", &method)) {
		if (!strcmp(method, "smc"))
			found = SMCCC_CONDUIT_SMC;
		else if (!strcmp(method, "hvc"))
			found = SMCCC_CONDUIT_HVC;
	}
	of_node_put(node);
	return found;
}

#ifdef CONFIG_ACPI
/* In ACPI the SDEI table only says that SDEI is present. The conduit is that of PSCI. */
static enum arm_smccc_conduit __init conduit_from_acpi(void)
{
	struct acpi_table_header *table;

	if (acpi_disabled || ACPI_FAILURE(acpi_get_table(ACPI_SIG_SDEI, 0, &table)))
		return SMCCC_CONDUIT_NONE;
	acpi_put_table(table);
	return acpi_gbl_FADT.arm_boot_flags & ACPI_FADT_PSCI_USE_HVC ? SMCCC_CONDUIT_HVC :
								       SMCCC_CONDUIT_SMC;
}
#else
static enum arm_smccc_conduit __init conduit_from_acpi(void)
{
	return SMCCC_CONDUIT_NONE;
}
#endif

/**
 * sdei_nmi_fw_init() - find out whether the machine has SDEI, and by which conduit
 *
 * Context: task, at load. sdei_nmi_symbols_init() has succeeded.
 * Return: 0; -ENODEV if neither the device tree nor ACPI describes SDEI, or if the kernel's SDEI
 * core does not run, because the firmware refused it or the kernel could not use it. A service that
 * loads modules at boot takes that errno for a machine without the device, not for a failure. A
 * failure logs one line, except in a driver that is built in.
 */
int __init sdei_nmi_fw_init(void)
{
	u64 result;

	conduit = acpi_disabled ? conduit_from_dt() : conduit_from_acpi();
	if (conduit == SMCCC_CONDUIT_NONE) {
		fw_err("finding SDEI failed: this machine's %s describes no SDEI, so its firmware offers none or has it switched off in its setup; nothing was changed\n",
		       acpi_disabled ? "device tree" : "ACPI");
		return -ENODEV;
	}
	/*
	 * The firmware denies this call outside a handler. -EIO means that the core does not run
	 * and did not make the call.
	 */
	if (SDEI_NMI_KERNEL(sdei_api_event_context)(0, &result) == -EIO) {
		fw_err("using SDEI failed: the firmware describes it, but the kernel's SDEI core is not running; the firmware refused it, or the kernel was started at EL2 on CPUs without VHE (see the boot log's 'sdei:' lines); nothing was changed\n");
		return -ENODEV;
	}
	/*
	 * PSCI's conduit is not always that of SDEI. The kernel tells it for PSCI from version 1.0
	 * on.
	 */
	psci_conduit = arm_smccc_1_1_get_conduit();
	if (psci_conduit == SMCCC_CONDUIT_NONE)
		psci_conduit = conduit;
	version = fw_version();
	return 0;
}

/**
 * sdei_nmi_fw_identity() - version and vendor of the firmware's SDEI
 *
 * Context: any, after sdei_nmi_fw_init(). Return: the answer to SDEI_VERSION (see FW_VERSION).
 */
u64 sdei_nmi_fw_identity(void)
{
	return version;
}

/**
 * sdei_nmi_fw_conduit() - name of the instruction that calls the firmware
 *
 * Context: any, after sdei_nmi_fw_init(). Return: "smc" or "hvc".
 */
const char *sdei_nmi_fw_conduit(void)
{
	return conduit == SMCCC_CONDUIT_HVC ? "hvc" : "smc";
}

/**
 * sdei_nmi_fw_event_status() - what the firmware says of event 0 on this CPU
 * @status: gets the bits of SDEI_EVENT_STATUS (DEN0054): registered, enabled, running
 *
 * Context: any, on the CPU itself. Return: 0, or the firmware's error as an errno (sdei_errno()).
 */
int sdei_nmi_fw_event_status(u64 *status)
{
	return value_of(call(SDEI_1_0_FN_SDEI_EVENT_STATUS, 0, 0), status);
}

/**
 * sdei_nmi_fw_event_register() - register event 0 on this CPU, without the kernel's SDEI core
 * @handler: address of the handler, which completes the event itself
 * @argument: the handler's argument
 *
 * Calls SDEI_EVENT_REGISTER (DEN0054).
 *
 * Context: any, on the CPU itself. The SDEI core has not registered event 0.
 * Return: 0, or the firmware's error as an errno (sdei_errno()).
 */
int sdei_nmi_fw_event_register(u64 handler, u64 argument)
{
	return sdei_errno(call_by(conduit, SDEI_1_0_FN_SDEI_EVENT_REGISTER, 0, handler, argument));
}

/**
 * sdei_nmi_fw_event_enable() - enable event 0 on this CPU, without the kernel's SDEI core
 *
 * Calls SDEI_EVENT_ENABLE (DEN0054).
 *
 * Context: any, on the CPU itself, after sdei_nmi_fw_event_register().
 * Return: 0, or the firmware's error as an errno (sdei_errno()).
 */
int sdei_nmi_fw_event_enable(void)
{
	return sdei_errno(call(SDEI_1_0_FN_SDEI_EVENT_ENABLE, 0, 0));
}

/**
 * sdei_nmi_fw_event_unregister() - undo sdei_nmi_fw_event_register()
 *
 * Calls SDEI_EVENT_UNREGISTER (DEN0054).
 *
 * Context: any, on the CPU itself. No signal to it is on its way.
 * Return: 0, or the firmware's error as an errno (sdei_errno()).
 */
int sdei_nmi_fw_event_unregister(void)
{
	return sdei_errno(call(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER, 0, 0));
}

/**
 * sdei_nmi_fw_event_priority() - the priority of event 0
 * @priority: gets SDEI_EVENT_PRIORITY_NORMAL or SDEI_EVENT_PRIORITY_CRITICAL
 *
 * Calls SDEI_EVENT_GET_INFO (DEN0054).
 *
 * Context: task. Return: 0, or the firmware's error as an errno (sdei_errno()).
 */
int sdei_nmi_fw_event_priority(u64 *priority)
{
	return value_of(call(SDEI_1_0_FN_SDEI_EVENT_GET_INFO, 0,
			     SDEI_EVENT_INFO_EV_PRIORITY), priority);
}

static __always_inline u64 leave_event(unsigned long hvc)
{
	register u64 x0 asm("x0") = SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME;

	/*
	 * The call returns only if it fails. If it succeeds, the CPU continues at 1. The firmware
	 * preserves the registers above x17.
	 */
	asm volatile("	adr	x1, 1f\n"
		     "	cbz	%[hvc], 3f\n"
		     "	hvc	#0\n"
		     "	b	2f\n"
		     "3:	smc	#0\n"
		     "	b	2f\n"
		     "1:	msr	daifset, #0xf\n"
		     "	mov	x0, xzr\n"
		     "2:\n"
		     : "+r" (x0)
		     : [hvc] "r" (hvc)
		     : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
		       "x12", "x13", "x14", "x15", "x16", "x17", "cc", "memory");
	return x0;
}

/**
 * sdei_nmi_fw_event_leave() - complete the event and continue in the caller
 *
 * Calls SDEI_EVENT_COMPLETE_AND_RESUME (DEN0054). The firmware drops the interrupted context. The
 * caller stays on the event's stack, which the next event would overwrite; so SDEI must be masked.
 *
 * Context: SDEI, in an event of normal priority, with SDEI masked. On success the CPU has left the
 * event and has interrupts masked.
 * Return: 0, or the firmware's error as an errno (sdei_errno()).
 */
int notrace sdei_nmi_fw_event_leave(void)
{
	return sdei_errno(leave_event(conduit == SMCCC_CONDUIT_HVC));
}

NOKPROBE_SYMBOL(sdei_nmi_fw_event_leave);

/**
 * sdei_nmi_fw_cpu_off() - switch this CPU off (DEN0022, CPU_OFF)
 *
 * On common firmware, a CPU that was switched off inside an event handles no interrupt when it
 * comes back.
 *
 * Context: any but SDEI, with interrupts masked.
 * Return: does not return, unless the firmware refuses, for example because a trusted OS is bound
 * to this CPU; then PSCI's error code.
 */
int notrace sdei_nmi_fw_cpu_off(void)
{
	return (int)call_by(psci_conduit, PSCI_0_2_FN_CPU_OFF, 0, 0, 0);
}

NOKPROBE_SYMBOL(sdei_nmi_fw_cpu_off);

#ifdef MODULE

/**
 * sdei_nmi_fw_event_signal() - make event 0 pending on one PE (DEN0054, SDEI_EVENT_SIGNAL)
 * @mpidr: affinity fields of the target's MPIDR_EL1
 *
 * On common firmware, this call costs a PE that has SDEI masked its interrupts for good. Only
 * reach.c and trial.c make it. The target of trial.c cannot mask SDEI meanwhile.
 *
 * Context: any, NMI included. Takes no lock.
 * Return: 0 if the signal was sent, which does not mean that it was delivered; or the firmware's
 * error as an errno (sdei_errno()).
 */
int notrace sdei_nmi_fw_event_signal(u64 mpidr)
{
	return sdei_errno(call(FW_EVENT_SIGNAL, 0, mpidr));
}

NOKPROBE_SYMBOL(sdei_nmi_fw_event_signal);
#endif
