// SPDX-License-Identifier: GPL-2.0
/* Finds the kernel's entry code for events, and tests whether the kernel's SDEI core runs. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitfield.h>
#include <linux/kprobes.h>
#include <linux/pgtable.h>
#include <linux/printk.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/mmu.h>
#include <asm/vectors.h>

#include "kernel.h"

#ifdef MODULE

struct sdeiv_kernel_addresses sdeiv_kernel_addresses;

static const char * const names[] = {
	"sdei_api_event_context",
	"__sdei_asm_handler",
	"arch_timer_get_rate",
};

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

		if (!address) {
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

/* Ticks per second of the system counter. CNTFRQ_EL0 may be wrong on a CPU. */
u64 sdeiv_counter_rate;

/**
 * sdeiv_kernel_rate_init() - read the rate of the system counter from the kernel
 *
 * Context: task, after sdeiv_kernel_addresses_init(). Return: 0, or -EIO after one log line if the
 * kernel has no rate.
 */
int sdeiv_kernel_rate_init(void)
{
	typeof(arch_timer_get_rate) *rate;

	rate = (typeof(rate))SDEIV_KERNEL_ADDRESS(arch_timer_get_rate);
	sdeiv_counter_rate = rate();
	if (sdeiv_counter_rate)
		return 0;
	pr_err("not starting: the kernel has no rate of the system counter, so no wait would have a bound\n");
	return -EIO;
}

#ifdef CONFIG_UNMAP_KERNEL_AT_EL0

/* The kernel's linker script allows no more text for trampolines. */
#define TRAMPOLINES_SIZE	(3 * PAGE_SIZE)

/*
 * The code of __sdei_asm_entry_trampoline. It maps the kernel if the user's page tables are in use,
 * stores that in the struct sdei_registered_event at x1, and branches to __sdei_asm_handler. No
 * other code of the kernel has these instructions.
 */
#define MRS_X4_TTBR1		0xd5382024
#define TBZ_X4_USER_ASID	0xb6800004
#define TBZ_SHORT		GENMASK(9, 5)	/* at most 31 instructions forward */
#define SDEI_TTBR1		offsetof(struct sdei_registered_event, interrupted_regs.sdei_ttbr1)
#define STR_X4_SDEI_TTBR1	(0xf9000024 | SDEI_TTBR1 / 8 << 10)
#define BR_X4			0xd61f0080
#define LOAD_MOST		5	/* instructions that load x4 for BR_X4 */

static_assert(USER_ASID_BIT == 48);

/* 0, which is no instruction, if nothing is mapped there. */
static u32 word_at(u64 address)
{
	u32 word;

	return copy_from_kernel_nofault(&word, (void *)address, sizeof(word)) ? 0 : word;
}

static bool trampoline_at(u64 address)
{
	u64 at = address + 4;
	u32 branch = word_at(at);
	unsigned int i;

	if (word_at(address) != MRS_X4_TTBR1 || (branch & ~TBZ_SHORT) != TBZ_X4_USER_ASID)
		return false;
	at += FIELD_GET(TBZ_SHORT, branch) * 4;
	if (word_at(at) != STR_X4_SDEI_TTBR1)
		return false;
	for (i = 0; i <= LOAD_MOST; i++) {
		at += 4;
		if (word_at(at) == BR_X4)
			return true;
	}
	return false;
}

/*
 * Finds the trampoline by its code, at the address where the kernel maps it. Kallsyms lists its
 * symbol on some kernels only: the code lies behind _etext, and kallsyms lists text up to _etext
 * unless the kernel has CONFIG_KALLSYMS_ALL.
 */
static u64 find_trampoline(void)
{
	u64 at, found = 0;

	for (at = TRAMP_VALIAS; at < TRAMP_VALIAS + TRAMPOLINES_SIZE; at += 4) {
		if (!trampoline_at(at))
			continue;
		if (found)
			return 0;
		found = at;
	}
	return found;
}

#endif

static u64 entry;

/**
 * sdeiv_kernel_entry_init() - find the kernel's entry code for events
 *
 * With KPTI this is the trampoline, at the address where user page tables map it, too. The suite
 * can't call the kernel's sdei_arch_get_entry_point(), because it would replace the SDEI stacks.
 *
 * Context: task, after sdeiv_kernel_addresses_init(). Return: 0, or -EOPNOTSUPP if the trampoline
 * is not where the kernel maps it; a log line then says so.
 */
int sdeiv_kernel_entry_init(void)
{
	entry = SDEIV_KERNEL_ADDRESS(__sdei_asm_handler);
#ifdef CONFIG_UNMAP_KERNEL_AT_EL0
	if (arm64_kernel_unmapped_at_el0())
		entry = find_trampoline();
#endif
	if (entry)
		return 0;
	pr_err("not starting: with KPTI events enter this kernel by a trampoline, which was not found where the kernel maps it\n");
	return -EOPNOTSUPP;
}

/**
 * sdeiv_kernel_entry() - the kernel's entry code for events
 *
 * Context: any, after sdeiv_kernel_entry_init(). Return: its address for SDEI_EVENT_REGISTER.
 */
u64 sdeiv_kernel_entry(void)
{
	return entry;
}

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
