/* SPDX-License-Identifier: GPL-2.0 */
/* What modules cannot link against: KERNEL_ADDRESS(name) is where it is, as a number. */
#ifndef SDEI_NMI_VALIDATE_KERNEL_H
#define SDEI_NMI_VALIDATE_KERNEL_H

#include <linux/arm_sdei.h>
#include <linux/types.h>
#include <asm/sdei.h>

#ifdef MODULE

/**
 * struct sdeiv_kernel_addresses - what sdeiv_kernel_addresses_init() found
 *
 * The last two are 0 where the kernel is mapped for user space, too.
 */
struct sdeiv_kernel_addresses {
	u64 sdei_api_event_context;
	u64 __sdei_asm_handler;
	u64 __sdei_asm_entry_trampoline;
	u64 __entry_tramp_text_start;
};

extern struct sdeiv_kernel_addresses sdeiv_kernel_addresses;

#define SDEIV_KERNEL_ADDRESS(name) (sdeiv_kernel_addresses.name)

#else

#include <asm/sections.h>

#define SDEIV_KERNEL_ADDRESS(name) ((u64)(name))

#endif

int sdeiv_kernel_addresses_init(void);
bool sdeiv_kernel_core_runs(void);

#endif
