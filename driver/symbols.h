/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel functions that modules cannot link against. All that the driver cannot do without are
 * found before anything else is done, or it does nothing at all; from then on KERNEL(name)(...)
 * calls one as if it were linked.
 */
#ifndef SDEI_NMI_SYMBOLS_H
#define SDEI_NMI_SYMBOLS_H

#include <linux/arm_sdei.h>
#include <linux/cpu.h>
#include <linux/panic.h>
#include <linux/stacktrace.h>
#include <linux/stop_machine.h>
#include <linux/workqueue.h>

#include "compat.h"

/* sparse takes no pointer to the typeof() of a function for a function. */
#define POINTER_TO(function) (&(function))

/**
 * struct kernel_functions - what symbols_init() found, by name and type
 *
 * None is NULL, but for print_tainted_verbose and preempt_model_str where the kernel has no such
 * function. Written once, at load. symbols.c holds the names.
 */
struct kernel_functions {
	typeof(POINTER_TO(sdei_api_event_context)) sdei_api_event_context;
	typeof(POINTER_TO(sdei_event_register)) sdei_event_register;
	typeof(POINTER_TO(sdei_event_enable)) sdei_event_enable;
	typeof(POINTER_TO(sdei_event_unregister)) sdei_event_unregister;
	typeof(POINTER_TO(arch_stack_walk)) arch_stack_walk;
	typeof(POINTER_TO(cpu_in_idle)) cpu_in_idle;
	typeof(POINTER_TO(print_tainted)) print_tainted;
	typeof(POINTER_TO(print_worker_info)) print_worker_info;
	typeof(POINTER_TO(print_stop_info)) print_stop_info;
	typeof(POINTER_TO(print_tainted_verbose)) print_tainted_verbose;
	typeof(POINTER_TO(preempt_model_str)) preempt_model_str;
};

/**
 * struct kernel_data - data that only the wording of a dump depends on
 * @hardware_name: the machine's name as the kernel's dumps print it, or NULL
 * @backtrace_idle: the kernel's parameter nmi_backtrace.backtrace_idle, or NULL
 * @entry_start: where the code of exception entry begins, or 0
 * @entry_end: behind its end
 *
 * NULL where the kernel's symbol table lists no data.
 */
struct kernel_data {
	const char *hardware_name;
	const bool *backtrace_idle;
	unsigned long entry_start;
	unsigned long entry_end;
};

extern struct kernel_functions kernel_functions;
extern struct kernel_data kernel_data;

#define KERNEL(name) (kernel_functions.name)

int symbols_init(void);
unsigned long symbols_find(const char *name);

#endif
