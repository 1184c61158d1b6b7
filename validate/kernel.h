/* SPDX-License-Identifier: GPL-2.0 */
/* SDEIV_KERNEL_ADDRESS(name) is the address of a kernel symbol that modules cannot link to. */
#ifndef SDEI_NMI_VALIDATE_KERNEL_H
#define SDEI_NMI_VALIDATE_KERNEL_H

#include <linux/arm_sdei.h>
#include <linux/types.h>
#include <clocksource/arm_arch_timer.h>
#include <asm/sdei.h>

#ifdef MODULE

/**
 * struct sdeiv_kernel_addresses - addresses that sdeiv_kernel_addresses_init() found
 * @sdei_api_event_context: the SDEI core's call of SDEI_EVENT_CONTEXT
 * @__sdei_asm_handler: the kernel's entry code for events
 * @arch_timer_get_rate: returns the rate of the system counter
 */
struct sdeiv_kernel_addresses {
	u64 sdei_api_event_context;
	u64 __sdei_asm_handler;
	u64 arch_timer_get_rate;
};

extern struct sdeiv_kernel_addresses sdeiv_kernel_addresses;

#define SDEIV_KERNEL_ADDRESS(name) (sdeiv_kernel_addresses.name)

#else

#define SDEIV_KERNEL_ADDRESS(name) ((u64)(name))

#endif

extern u64 sdeiv_counter_rate;

int sdeiv_kernel_addresses_init(void);
int sdeiv_kernel_rate_init(void);
int sdeiv_kernel_entry_init(void);
u64 sdeiv_kernel_entry(void);
bool sdeiv_kernel_core_runs(void);

#endif
