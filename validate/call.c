// SPDX-License-Identifier: GPL-2.0
/*
 * Raw firmware calls. The module reads the conduit from the device tree or ACPI, as the kernel's
 * SDEI core does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/acpi.h>
#include <linux/arm-smccc.h>
#include <linux/of.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "call.h"
#include "sdei_errno.h"

static bool by_hvc;
static bool no_signals;

static bool sdei_described(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "arm,sdei-1.0");
#ifdef CONFIG_ACPI
	struct acpi_table_header *table;
#endif
	const char *method;

	if (node) {
		if (!of_property_read_string(node, "method", &method))
			by_hvc = !strcmp(method, "hvc");
		of_node_put(node);
		return true;
	}
#ifdef CONFIG_ACPI
	if (acpi_disabled || ACPI_FAILURE(acpi_get_table(ACPI_SIG_SDEI, 0, &table)))
		return false;
	acpi_put_table(table);
	by_hvc = acpi_gbl_FADT.arm_boot_flags & ACPI_FADT_PSCI_USE_HVC;
	return true;
#else
	return false;
#endif
}

/**
 * sdeiv_call_init() - find the conduit for firmware calls
 *
 * Context: task. Return: 0, or -ENODEV if no device tree node or ACPI table describes SDEI.
 */
int sdeiv_call_init(void)
{
	by_hvc = false;
	return sdei_described() ? 0 : -ENODEV;
}

/**
 * sdeiv_call_by_hvc() - get the conduit for firmware calls
 *
 * Context: any, after sdeiv_call_init(). Return: true for HVC, false for SMC.
 */
bool sdeiv_call_by_hvc(void)
{
	return by_hvc;
}

/**
 * sdeiv_call() - make a firmware call (DEN0028)
 * @function: function identifier
 * @x1: first argument
 * @x2: second argument
 * @x3: third argument
 * @x4: fourth argument
 * @x5: fifth argument
 *
 * Context: any. Return: all 64 bits of x0.
 */
u64 sdeiv_call(unsigned long function, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5)
{
	struct arm_smccc_res res;

	if (by_hvc)
		arm_smccc_hvc(function, x1, x2, x3, x4, x5, 0, 0, &res);
	else
		arm_smccc_smc(function, x1, x2, x3, x4, x5, 0, 0, &res);
	return res.a0;
}

/**
 * sdeiv_signal() - call SDEI_EVENT_SIGNAL for event 0
 * @mpidr: affinity of the target
 *
 * The target's handler sees all stores made before the call.
 *
 * Context: any. Return: all 64 bits of x0, or SDEI_DENIED while signals are forbidden.
 */
u64 sdeiv_signal(u64 mpidr)
{
	if (READ_ONCE(no_signals))
		return SDEI_DENIED;
	dsb(ishst);
	return sdeiv_call2(SDEIV_FN_EVENT_SIGNAL, SDEIV_EVENT_SIGNALED, mpidr);
}

/**
 * sdeiv_allow_signals() - allow or forbid sdeiv_signal()
 * @on: true to allow signals
 *
 * Context: any.
 */
void sdeiv_allow_signals(bool on)
{
	WRITE_ONCE(no_signals, !on);
}

/**
 * sdeiv_code() - get the return value of a call as a signed number
 * @x0: x0 after a call
 *
 * The function also accepts 32-bit error codes. A separate check reports such codes.
 *
 * Context: any. Return: the return value.
 */
s64 sdeiv_code(u64 x0)
{
	return x0 >> 32 || (s32)x0 >= 0 ? (s64)x0 : (s64)(s32)x0;
}

/**
 * sdeiv_signal_accepted() - test the return value of SDEI_EVENT_SIGNAL
 * @x0: x0 after the call
 *
 * Context: any. Return: true if the firmware accepted the signal.
 */
bool sdeiv_signal_accepted(u64 x0)
{
	return !x0 || sdeiv_code(x0) == SDEI_PENDING;
}

/**
 * sdeiv_code_name() - get the return value of a call as text
 * @x0: x0 after a call
 *
 * Context: task, one caller at a time. Return: the text; the fourth later call overwrites it.
 */
const char *sdeiv_code_name(u64 x0)
{
	static char room[4][48];
	static unsigned int next;
	char *words = room[next++ % ARRAY_SIZE(room)];
	s64 code = sdeiv_code(x0);

	if (code >= 0)
		scnprintf(words, sizeof(room[0]), code < 4096 ? "%lld" : "0x%llx", code);
	else
		scnprintf(words, sizeof(room[0]), "%s (%lld)",
			  sdei_error_name(sdei_errno(x0)), code);
	return words;
}
