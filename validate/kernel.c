// SPDX-License-Identifier: GPL-2.0
/* Finds the kernel's entry code for events, and tests whether the kernel's SDEI core runs. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/printk.h>

#include "kernel.h"

#ifdef MODULE

struct sdeiv_kernel_addresses sdeiv_kernel_addresses;

static const char * const names[] = {
	"sdei_api_event_context",
	"__sdei_asm_handler",
	"__sdei_asm_entry_trampoline",
	"__entry_tramp_text_start",
};

#define OPTIONAL 2	/* symbols at the end that a kernel may lack */

static_assert(sizeof(sdeiv_kernel_addresses) / sizeof(u64) == ARRAY_SIZE(names));

/**
 * sdeiv_kernel_addresses_init() - look up the addresses in sdeiv_kernel_addresses
 *
 * Context: task. Return: 0, or -EOPNOTSUPP if the kernel has no kprobes or lacks a symbol; a log
 * line then says which.
 */
int sdeiv_kernel_addresses_init(void)
{
	/* The kernel does not export this function, but a registered kprobe has its address. */
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *name);
	unsigned int i;

	if (register_kprobe(&probe)) {
		pr_err("looking up kernel symbols failed: this kernel allows no kprobe on kallsyms_lookup_name\n");
		return -EOPNOTSUPP;
	}
	lookup = (typeof(lookup))probe.addr;
	unregister_kprobe(&probe);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		u64 address = lookup(names[i]);

		if (!address && i < ARRAY_SIZE(names) - OPTIONAL) {
			pr_err("looking up kernel symbols failed: this kernel has no %s\n",
			       names[i]);
			return -EOPNOTSUPP;
		}
		((u64 *)&sdeiv_kernel_addresses)[i] = address;
	}
	return 0;
}

#else

int sdeiv_kernel_addresses_init(void)
{
	return 0;
}

#endif

/**
 * sdeiv_kernel_core_runs() - test whether the kernel's SDEI core runs
 *
 * The core unmasks the PEs, which the suite needs.
 *
 * Context: task, after sdeiv_kernel_addresses_init(). Return: true if the core runs.
 */
bool sdeiv_kernel_core_runs(void)
{
	int (*context)(u32 query, u64 *result);
	u64 unused;

	/* The firmware denies this call outside a handler. -EIO: the core calls no firmware. */
	context = (typeof(context))SDEIV_KERNEL_ADDRESS(sdei_api_event_context);
	return context(0, &unused) != -EIO;
}
