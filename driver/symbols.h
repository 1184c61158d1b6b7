/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel functions and data that a module cannot link against. Out of tree, the driver looks them
 * up before it does anything else; if a function that the driver needs is missing, the load fails.
 * In a kernel tree they are linked.
 *
 * In both cases SDEI_NMI_KERNEL(name)(...) calls a function, and SDEI_NMI_HAS(name) says whether
 * the kernel has an optional function.
 */
#ifndef SDEI_NMI_SYMBOLS_H
#define SDEI_NMI_SYMBOLS_H

#include <linux/arm_sdei.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/irq_work.h>
#include <linux/kallsyms.h>
#include <linux/kexec.h>
#include <linux/nmi.h>
#include <linux/panic.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/stop_machine.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <clocksource/arm_arch_timer.h>

#include "compat.h"

/**
 * enum sdei_nmi_watchdog_data - variables of the kernel's own detector of hard lockups
 * @SDEI_NMI_WATCHDOG_THRESH: int, kernel.watchdog_thresh
 * @SDEI_NMI_WATCHDOG_ENABLED: unsigned long; bit 0: the detector of hard lockups is on
 * @SDEI_NMI_WATCHDOG_PANIC: unsigned int, kernel.hardlockup_panic
 * @SDEI_NMI_WATCHDOG_ALL: int, kernel.hardlockup_all_cpu_backtrace
 * @SDEI_NMI_WATCHDOG_CPUS: struct cpumask, kernel.watchdog_cpumask
 * @SDEI_NMI_WATCHDOG_AVAILABLE: int or bool; 0: perf's detector gave up
 * @SDEI_NMI_WATCHDOG_WARNED: bool per CPU: the kernel has reported this lockup
 * @SDEI_NMI_WATCHDOG_SI: present in kernels whose report names the CPU that reports (7.3)
 */
enum sdei_nmi_watchdog_data {
	SDEI_NMI_WATCHDOG_THRESH,
	SDEI_NMI_WATCHDOG_ENABLED,
	SDEI_NMI_WATCHDOG_PANIC,
	SDEI_NMI_WATCHDOG_ALL,
	SDEI_NMI_WATCHDOG_CPUS,
	SDEI_NMI_WATCHDOG_AVAILABLE,
	SDEI_NMI_WATCHDOG_WARNED,
	SDEI_NMI_WATCHDOG_SI,
	SDEI_NMI_WATCHDOG_DATA
};

#ifdef MODULE

/* sparse does not accept a pointer to typeof(function) as a function pointer. */
#define SDEI_NMI_POINTER_TO(function) (&(function))

/**
 * struct sdei_nmi_kernel_functions - the functions that sdei_nmi_symbols_init() found
 *
 * The last seven are optional: a pointer is NULL if the kernel lacks the function. The table is
 * written once, at load. symbols.c has the names in the same order.
 */
struct sdei_nmi_kernel_functions {
	typeof(SDEI_NMI_POINTER_TO(arch_timer_get_rate)) arch_timer_get_rate;
	typeof(SDEI_NMI_POINTER_TO(sdei_api_event_context)) sdei_api_event_context;
	typeof(SDEI_NMI_POINTER_TO(sdei_event_register)) sdei_event_register;
	typeof(SDEI_NMI_POINTER_TO(sdei_event_enable)) sdei_event_enable;
	typeof(SDEI_NMI_POINTER_TO(sdei_event_unregister)) sdei_event_unregister;
	typeof(SDEI_NMI_POINTER_TO(sdei_mask_local_cpu)) sdei_mask_local_cpu;
	typeof(SDEI_NMI_POINTER_TO(set_cpu_online)) set_cpu_online;
	typeof(SDEI_NMI_POINTER_TO(arch_stack_walk)) arch_stack_walk;
	typeof(SDEI_NMI_POINTER_TO(irq_work_queue_on)) irq_work_queue_on;
	typeof(SDEI_NMI_POINTER_TO(kallsyms_lookup_size_offset)) kallsyms_lookup_size_offset;
	typeof(SDEI_NMI_POINTER_TO(machine_power_off)) machine_power_off;
	typeof(SDEI_NMI_POINTER_TO(machine_halt)) machine_halt;
	typeof(SDEI_NMI_POINTER_TO(cpu_in_idle)) cpu_in_idle;
	typeof(SDEI_NMI_POINTER_TO(idle_cpu)) idle_cpu;
	typeof(SDEI_NMI_POINTER_TO(tick_get_device)) tick_get_device;
	typeof(SDEI_NMI_POINTER_TO(print_tainted)) print_tainted;
	typeof(SDEI_NMI_POINTER_TO(print_worker_info)) print_worker_info;
	typeof(SDEI_NMI_POINTER_TO(print_stop_info)) print_stop_info;
	typeof(SDEI_NMI_POINTER_TO(cpu_idle_poll_ctrl)) cpu_idle_poll_ctrl;
	typeof(SDEI_NMI_POINTER_TO(print_tainted_verbose)) print_tainted_verbose;
	typeof(SDEI_NMI_POINTER_TO(preempt_model_str)) preempt_model_str;
	typeof(SDEI_NMI_POINTER_TO(crash_save_cpu)) crash_save_cpu;
	typeof(SDEI_NMI_POINTER_TO(nmi_trigger_cpumask_backtrace)) nmi_trigger_cpumask_backtrace;
	typeof(SDEI_NMI_POINTER_TO(perf_event_overflow)) perf_event_overflow;
	typeof(SDEI_NMI_POINTER_TO(kvm_get_running_vcpu)) kvm_get_running_vcpu;
};

extern struct sdei_nmi_kernel_functions sdei_nmi_kernel_functions;

#define SDEI_NMI_KERNEL(name) (sdei_nmi_kernel_functions.name)

#define SDEI_NMI_HAS(name) (sdei_nmi_kernel_functions.name)

int sdei_nmi_symbols_init(void);
unsigned long sdei_nmi_symbols_find(const char *name);

const char *sdei_nmi_hardware_name(void);
bool sdei_nmi_backtrace_idle(void);
bool sdei_nmi_entry_text(unsigned long pc);
bool sdei_nmi_idle_text(unsigned long pc);
bool sdei_nmi_addresses_shown(const struct file *file);
unsigned long sdei_nmi_guest_enter(void);
const struct user_pt_regs *sdei_nmi_guest_host(void);
const void *sdei_nmi_watchdog_data(enum sdei_nmi_watchdog_data what);

#else

#include <linux/printk.h>
#include <asm/sections.h>
#ifdef CONFIG_KVM
#include <linux/kvm_host.h>
#include <asm/kvm_hyp.h>
#endif

#define SDEI_NMI_KERNEL(name) name
#define SDEI_NMI_HAS(name) SDEI_NMI_HAS_##name
#define SDEI_NMI_HAS_perf_event_overflow IS_ENABLED(CONFIG_PERF_EVENTS)
#define SDEI_NMI_HAS_kvm_get_running_vcpu IS_ENABLED(CONFIG_GUEST_PERF_EVENTS)
#define SDEI_NMI_HAS_crash_save_cpu IS_ENABLED(CONFIG_KEXEC_CORE)
#define SDEI_NMI_HAS_cpu_idle_poll_ctrl 1
#define SDEI_NMI_HAS_print_tainted_verbose 1	/* probes.mk probes preempt_model_str */

static inline int sdei_nmi_symbols_init(void)
{
	return 0;
}

static inline const char *sdei_nmi_hardware_name(void)
{
	return IS_ENABLED(CONFIG_PRINTK) ? dump_stack_arch_desc_str : "";
}

static inline bool sdei_nmi_backtrace_idle(void)
{
	return READ_ONCE(nmi_backtrace_idle);
}

#ifdef CONFIG_KVM
static __always_inline unsigned long sdei_nmi_guest_enter(void)
{
	return (unsigned long)__guest_enter;
}

static __always_inline const struct user_pt_regs *sdei_nmi_guest_host(void)
{
	return this_cpu_ptr(&kvm_hyp_ctxt.regs);
}
#else
static __always_inline unsigned long sdei_nmi_guest_enter(void)
{
	return 0;
}

static __always_inline const struct user_pt_regs *sdei_nmi_guest_host(void)
{
	return NULL;
}
#endif

/* Those that the kernel does not keep to one file. */
static inline const void *sdei_nmi_watchdog_data(enum sdei_nmi_watchdog_data what)
{
	switch (what) {
#ifdef CONFIG_LOCKUP_DETECTOR
	case SDEI_NMI_WATCHDOG_THRESH:
		return &watchdog_thresh;
	case SDEI_NMI_WATCHDOG_ENABLED:
		return &watchdog_enabled;
	case SDEI_NMI_WATCHDOG_CPUS:
		return watchdog_cpumask_bits;
#endif
#ifdef CONFIG_HARDLOCKUP_DETECTOR
	case SDEI_NMI_WATCHDOG_PANIC:
		return &hardlockup_panic;
	case SDEI_NMI_WATCHDOG_ALL:
		return &sysctl_hardlockup_all_cpu_backtrace;
#endif
	default:
		return NULL;
	}
}

/* Set by the linker. Headers of the kernel do not declare them. */
extern char __cpuidle_text_start[], __cpuidle_text_end[];

static __always_inline bool sdei_nmi_idle_text(unsigned long pc)
{
	return pc >= (unsigned long)__cpuidle_text_start && pc < (unsigned long)__cpuidle_text_end;
}

static inline bool sdei_nmi_addresses_shown(const struct file *file)
{
	return kallsyms_show_value(file->f_cred);
}

static inline bool sdei_nmi_entry_text(unsigned long pc)
{
	return pc >= (unsigned long)__entry_text_start && pc < (unsigned long)__entry_text_end;
}

#endif

#endif
