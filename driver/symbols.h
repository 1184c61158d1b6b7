/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What modules cannot link against. Out of tree, all that the driver cannot do without is found
 * before anything else is done, or it does nothing at all; in a kernel tree it is linked. In both
 * KERNEL(name)(...) calls a function, and KERNEL_HAS(name) says whether the kernel has one that it
 * may lack.
 */
#ifndef SDEI_NMI_SYMBOLS_H
#define SDEI_NMI_SYMBOLS_H

#include <linux/arm_sdei.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/kexec.h>
#include <linux/panic.h>
#include <linux/stacktrace.h>
#include <linux/stop_machine.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "compat.h"

#ifdef MODULE

/* sparse takes no pointer to the typeof() of a function for a function. */
#define POINTER_TO(function) (&(function))

/**
 * struct kernel_functions - what symbols_init() found, by name and type
 *
 * None is NULL, but for the last three where the kernel has no such function. Written once, at
 * load. symbols.c holds the names.
 */
struct kernel_functions {
	typeof(POINTER_TO(sdei_api_event_context)) sdei_api_event_context;
	typeof(POINTER_TO(sdei_event_register)) sdei_event_register;
	typeof(POINTER_TO(sdei_event_enable)) sdei_event_enable;
	typeof(POINTER_TO(sdei_event_unregister)) sdei_event_unregister;
	typeof(POINTER_TO(sdei_mask_local_cpu)) sdei_mask_local_cpu;
	typeof(POINTER_TO(set_cpu_online)) set_cpu_online;
	typeof(POINTER_TO(arch_stack_walk)) arch_stack_walk;
	typeof(POINTER_TO(cpu_in_idle)) cpu_in_idle;
	typeof(POINTER_TO(print_tainted)) print_tainted;
	typeof(POINTER_TO(print_worker_info)) print_worker_info;
	typeof(POINTER_TO(print_stop_info)) print_stop_info;
	typeof(POINTER_TO(print_tainted_verbose)) print_tainted_verbose;
	typeof(POINTER_TO(preempt_model_str)) preempt_model_str;
	typeof(POINTER_TO(crash_save_cpu)) crash_save_cpu;
};

extern struct kernel_functions kernel_functions;

#define KERNEL(name) (kernel_functions.name)

#define KERNEL_HAS(name) (kernel_functions.name)

int symbols_init(void);
unsigned long symbols_find(const char *name);

const char *kernel_hardware_name(void);
bool kernel_backtrace_idle(void);
bool kernel_entry_text(unsigned long pc);

#else

#include <linux/nmi.h>
#include <linux/printk.h>
#include <asm/sections.h>

#define KERNEL(name) name
#define KERNEL_HAS(name) SDEI_NMI_HAS_##name
#define SDEI_NMI_HAS_crash_save_cpu 1		/* without kdump it does nothing */
#define SDEI_NMI_HAS_print_tainted_verbose 1	/* compat.h; Kbuild looks for the other one */

static inline int symbols_init(void)
{
	return 0;
}

static inline const char *kernel_hardware_name(void)
{
	return IS_ENABLED(CONFIG_PRINTK) ? dump_stack_arch_desc_str : "";
}

static inline bool kernel_backtrace_idle(void)
{
	return READ_ONCE(nmi_backtrace_idle);
}

static inline bool kernel_entry_text(unsigned long pc)
{
	return pc >= (unsigned long)__entry_text_start && pc < (unsigned long)__entry_text_end;
}

#endif

#endif
