/* SPDX-License-Identifier: GPL-2.0 */
/* What modules cannot link against: KERNEL_ADDRESS(name) is where it is, as a number. */
#ifndef SDEI_NMI_VALIDATE_KERNEL_H
#define SDEI_NMI_VALIDATE_KERNEL_H

#include <linux/arm_sdei.h>
#include <linux/types.h>
#include <asm/sdei.h>

#ifdef MODULE

/**
 * struct kernel_addresses - what kernel_addresses_init() found
 *
 * The last two are 0 where the kernel is mapped for user space, too.
 */
struct kernel_addresses {
	u64 sdei_api_event_context;
	u64 __sdei_asm_handler;
	u64 __sdei_asm_entry_trampoline;
	u64 __entry_tramp_text_start;
};

extern struct kernel_addresses kernel_addresses;

#define KERNEL_ADDRESS(name) (kernel_addresses.name)

#else

#include <asm/sections.h>

#define KERNEL_ADDRESS(name) ((u64)(name))

#endif

int kernel_addresses_init(void);
bool kernel_core_runs(void);

#endif
