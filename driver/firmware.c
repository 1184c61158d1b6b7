// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware calls that the kernel's SDEI core lacks, and the check whether there is SDEI. The
 * core registers, enables, masks and completes. The conduit is the one that the core uses, and
 * is found in the same place.
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

/* A kernel that has this built in runs on machines without SDEI, too: no line of log about that. */
#ifdef MODULE
#define fw_err(...) pr_err(__VA_ARGS__)
#else
#define fw_err(...) no_printk(__VA_ARGS__)
#endif

static enum arm_smccc_conduit conduit __ro_after_init = SMCCC_CONDUIT_NONE;
static u64 version __ro_after_init;

static __always_inline u64 call(unsigned long function, u64 x1, u64 x2)
{
	struct arm_smccc_res res;

	if (conduit == SMCCC_CONDUIT_HVC)
		arm_smccc_hvc(function, x1, x2, 0, 0, 0, 0, 0, &res);
	else
		arm_smccc_smc(function, x1, x2, 0, 0, 0, 0, 0, &res);
	return res.a0;
}

/* SDEI_VERSION (DEN0054) */
static u64 __init fw_version(void)
{
	return call(FW_VERSION, 0, 0);
}

/* The kernel's SDEI core matches the same node, and reads the same property. */
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
/* With ACPI the presence of the table is all that is said; the conduit is PSCI's. */
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
 * sdei_nmi_fw_init() - find out whether the firmware has SDEI, and how to call it
 *
 * Context: task, at load. sdei_nmi_symbols_init() has succeeded.
 * Return: 0; -ENODEV if neither the device tree nor ACPI describes SDEI; -EOPNOTSUPP if one of them
 * does but the kernel's SDEI core does not run, because the firmware refused it or the kernel could
 * not use it. An error logs one line.
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
	 * Outside of a handler the firmware denies this call; -EIO is the core saying that it never
	 * made it.
	 */
	if (SDEI_NMI_KERNEL(sdei_api_event_context)(0, &result) == -EIO) {
		fw_err("using SDEI failed: the firmware describes it, but the kernel's SDEI core is not running; the firmware refused it, or the kernel was started at EL2 on CPUs without VHE (see the boot log's 'sdei:' lines); nothing was changed\n");
		return -EOPNOTSUPP;
	}
	version = fw_version();
	return 0;
}

/**
 * sdei_nmi_fw_identity() - the version and vendor that the firmware reports
 *
 * Context: any, after sdei_nmi_fw_init(). Return: the answer to SDEI_VERSION.
 */
u64 sdei_nmi_fw_identity(void)
{
	return version;
}

/**
 * sdei_nmi_fw_conduit() - how the firmware is called
 *
 * Context: any, after sdei_nmi_fw_init(). Return: "smc" or "hvc".
 */
const char *sdei_nmi_fw_conduit(void)
{
	return conduit == SMCCC_CONDUIT_HVC ? "hvc" : "smc";
}

static __always_inline u64 leave_event(unsigned long hvc)
{
	register u64 x0 asm("x0") = SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME;

	/*
	 * A call that returns has failed; success goes on at 1. Registers above x17 are not the
	 * firmware's to touch.
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
 * sdei_nmi_fw_event_leave() - complete an event and continue in the caller
 *
 * This is SDEI_EVENT_COMPLETE_AND_RESUME (DEN0054). The caller stays on the stack of the event. An
 * event that is taken before this CPU masks SDEI would overwrite it. The firmware forgets the
 * interrupted context.
 *
 * Context: SDEI, of a normal event; SDEI is masked. After it, none: interrupts are masked.
 * Return: 0, or what sdei_errno() makes of the firmware's answer.
 */
int notrace sdei_nmi_fw_event_leave(void)
{
	return sdei_errno(leave_event(conduit == SMCCC_CONDUIT_HVC));
}

NOKPROBE_SYMBOL(sdei_nmi_fw_event_leave);

/**
 * sdei_nmi_fw_cpu_off() - switch this CPU off (DEN0022, CPU_OFF)
 *
 * Context: any, with interrupts masked, but not SDEI: on common firmware a CPU that is switched off
 * inside an event handles no interrupt when it comes back.
 * Return: only if the firmware refuses, as where a trusted OS is bound to this CPU: its answer.
 */
int notrace sdei_nmi_fw_cpu_off(void)
{
	return (int)call(PSCI_0_2_FN_CPU_OFF, 0, 0);
}

NOKPROBE_SYMBOL(sdei_nmi_fw_cpu_off);

#ifdef MODULE

/**
 * sdei_nmi_fw_event_signal() - make event 0 pending on one PE (DEN0054, SDEI_EVENT_SIGNAL)
 * @mpidr: affinity fields of the target's MPIDR_EL1
 *
 * 0 means that the signal was sent, never that it was delivered. On common firmware a PE that has
 * SDEI masked does not survive this call: reach.c alone decides when to make it.
 *
 * Context: any, NMI included. Takes no lock.
 * Return: 0, or what sdei_errno() makes of the firmware's answer.
 */
int notrace sdei_nmi_fw_event_signal(u64 mpidr)
{
	return sdei_errno(call(FW_EVENT_SIGNAL, 0, mpidr));
}

NOKPROBE_SYMBOL(sdei_nmi_fw_event_signal);
#endif
