// SPDX-License-Identifier: GPL-2.0
/*
 * Out of tree only. Invariant: after sdei_nmi_symbols_init() has returned 0, every pointer of
 * the table that the driver needs is set, and no code writes to the table any more.
 *
 * kallsyms_lookup_name() is not exported either. A kprobe is registered by name, so registering
 * one gives the address.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/user_namespace.h>

#include "symbols.h"

struct sdei_nmi_kernel_functions sdei_nmi_kernel_functions __ro_after_init;

/* Only the wording of a dump depends on these. NULL if the symbol table has no data symbols. */
static const char *hardware_name __ro_after_init;
static const bool *backtrace_idle __ro_after_init;
static unsigned long entry_start __ro_after_init, entry_end __ro_after_init;
static unsigned long idle_start __ro_after_init, idle_end __ro_after_init;
static unsigned long guest_enter __ro_after_init;
static const struct user_pt_regs __percpu *guest_host __ro_after_init;

static const void *watchdog_data[SDEI_NMI_WATCHDOG_DATA] __ro_after_init;

/* A second name is that of older kernels (6.1). */
static const char * const watchdog_names[SDEI_NMI_WATCHDOG_DATA][2] __initconst = {
	[SDEI_NMI_WATCHDOG_THRESH] = { "watchdog_thresh" },
	[SDEI_NMI_WATCHDOG_ENABLED] = { "watchdog_enabled" },
	[SDEI_NMI_WATCHDOG_PANIC] = { "hardlockup_panic" },
	[SDEI_NMI_WATCHDOG_ALL] = { "sysctl_hardlockup_all_cpu_backtrace" },
	[SDEI_NMI_WATCHDOG_CPUS] = { "watchdog_cpumask" },
	[SDEI_NMI_WATCHDOG_AVAILABLE] = { "watchdog_hardlockup_available",
					  "nmi_watchdog_available" },
	[SDEI_NMI_WATCHDOG_WARNED] = { "watchdog_hardlockup_warned" },
	[SDEI_NMI_WATCHDOG_SI] = { "hardlockup_si_mask" },
};

typedef unsigned long (*lookup_fn)(const char *name);

static const char * const names[] = {
	"arch_timer_get_rate",
	"sdei_api_event_context",
	"sdei_event_register",
	"sdei_event_enable",
	"sdei_event_unregister",
	"sdei_mask_local_cpu",
	"set_cpu_online",
	"arch_stack_walk",
	"irq_work_queue_on",
	"kallsyms_lookup_size_offset",
	"machine_power_off",
	"machine_halt",
	"cpu_in_idle",
	"idle_cpu",
	"tick_get_device",
	"print_tainted",
	"print_worker_info",
	"print_stop_info",
	"cpu_idle_poll_ctrl",
	"print_tainted_verbose",
	"preempt_model_str",
	"crash_save_cpu",
	"nmi_trigger_cpumask_backtrace",
	"perf_event_overflow",
	"kvm_get_running_vcpu",
};

/* This many names at the end may be missing. */
#define OPTIONAL	7

/* Only pointers, in the order of the names. */
static_assert(sizeof(struct sdei_nmi_kernel_functions) == sizeof(names));

static lookup_fn lookup __initdata;

static lookup_fn __init find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	lookup_fn found;

	if (register_kprobe(&probe))
		return NULL;
	found = (lookup_fn)probe.addr;
	unregister_kprobe(&probe);
	return found;
}

/**
 * sdei_nmi_symbols_init() - find the kernel functions that a module cannot link against
 *
 * Context: task, at load; may sleep.
 * Return: 0; -EOPNOTSUPP if the kernel has no kprobes or no symbol table; -ENOENT if a function is
 * missing. An error logs one line.
 */
int __init sdei_nmi_symbols_init(void)
{
	unsigned int i;

	lookup = find_lookup();
	if (!lookup) {
		pr_err("looking up kernel symbols failed: this kernel allows no kprobe on kallsyms_lookup_name; nothing was changed\n");
		return -EOPNOTSUPP;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		unsigned long address = lookup(names[i]);

		if (!address && i < ARRAY_SIZE(names) - OPTIONAL) {
			pr_err("looking up kernel symbols failed: this kernel has no function %s, which the driver calls; nothing was changed\n",
			       names[i]);
			return -ENOENT;
		}
		((unsigned long *)&sdei_nmi_kernel_functions)[i] = address;
	}
	hardware_name = (const char *)lookup("dump_stack_arch_desc_str");
	backtrace_idle = (const bool *)lookup("backtrace_idle");
	entry_start = lookup("__entry_text_start");
	entry_end = lookup("__entry_text_end");
	idle_start = lookup("__cpuidle_text_start");
	idle_end = lookup("__cpuidle_text_end");
	for (i = 0; i < SDEI_NMI_WATCHDOG_DATA; i++) {
		watchdog_data[i] = (const void *)lookup(watchdog_names[i][0]);
		if (!watchdog_data[i] && watchdog_names[i][1])
			watchdog_data[i] = (const void *)lookup(watchdog_names[i][1]);
	}
	guest_enter = lookup("__guest_enter");
	/* The per-CPU struct kvm_cpu_context begins with the registers. */
	guest_host = (const struct user_pt_regs __percpu __force *)lookup("kvm_hyp_ctxt");
	return 0;
}

/**
 * sdei_nmi_symbols_find() - find a kernel function that some kernels lack
 * @name: the function
 *
 * Context: task, at load, after sdei_nmi_symbols_init().
 * Return: its address, or 0.
 */
unsigned long __init sdei_nmi_symbols_find(const char *name)
{
	return lookup(name);
}

/**
 * sdei_nmi_hardware_name() - the machine's name as the kernel's dumps print it
 *
 * Context: any. Return: the name; empty if the kernel has none or the symbol is not found.
 */
const char *sdei_nmi_hardware_name(void)
{
	return hardware_name ?: "";
}

/**
 * sdei_nmi_backtrace_idle() - the kernel's parameter nmi_backtrace.backtrace_idle
 *
 * Context: any. Return: true if idle CPUs are dumped like other CPUs.
 */
bool sdei_nmi_backtrace_idle(void)
{
	return backtrace_idle && READ_ONCE(*backtrace_idle);
}

/**
 * sdei_nmi_entry_text() - whether an address is in the code of exception entry
 * @pc: the address
 *
 * Context: any. Return: true if it is, and the symbols of that code were found.
 */
bool sdei_nmi_entry_text(unsigned long pc)
{
	return pc >= entry_start && pc < entry_end;
}

/**
 * sdei_nmi_addresses_shown() - whether the reader of a file may see addresses
 * @file: the open file
 *
 * Follows the rules of /proc/kallsyms: kptr_restrict can hide addresses from everybody, and a
 * reader without CAP_SYSLOG sees none. Modules can neither call kallsyms_show_value() nor read
 * kptr_restrict, but %pK depends on the latter.
 *
 * Context: task. Return: true if the reader may see them.
 */
bool sdei_nmi_addresses_shown(const struct file *file)
{
	char text[32], *zeros = text;

	snprintf(text, sizeof(text), "%pK", &hardware_name);
	while (*zeros == '0')
		zeros++;
	return *zeros && file_ns_capable(file, &init_user_ns, CAP_SYSLOG);
}

/**
 * sdei_nmi_idle_text() - whether an address is in the code in which an idle CPU waits
 * @pc: the address
 *
 * As the kernel's cpu_in_idle(), which can have a kprobe.
 *
 * Context: any, SDEI included. Return: true if it is, and the symbols of that code were found.
 */
bool notrace sdei_nmi_idle_text(unsigned long pc)
{
	return pc >= idle_start && pc < idle_end;
}

NOKPROBE_SYMBOL(sdei_nmi_idle_text);

/**
 * sdei_nmi_guest_enter() - the function by which KVM enters a guest
 *
 * Context: any. Return: its address, or 0 if the symbol was not found.
 */
unsigned long notrace sdei_nmi_guest_enter(void)
{
	return guest_enter;
}

NOKPROBE_SYMBOL(sdei_nmi_guest_enter);

/**
 * sdei_nmi_guest_host() - where __guest_enter() saves the host's registers
 *
 * It saves those that a function has to preserve, x18 to x30, before it enters the guest.
 *
 * Context: any, SDEI included; preemption off. Return: those of this CPU, or NULL if the symbol was
 * not found.
 */
notrace const struct user_pt_regs *sdei_nmi_guest_host(void)
{
	return guest_host ? this_cpu_ptr(guest_host) : NULL;
}

NOKPROBE_SYMBOL(sdei_nmi_guest_host);

/**
 * sdei_nmi_watchdog_data() - a variable of the kernel's own detector of hard lockups
 * @what: the variable
 *
 * Context: any. Return: its address, a per-CPU one where the variable is; NULL if it was not found.
 */
const void *sdei_nmi_watchdog_data(enum sdei_nmi_watchdog_data what)
{
	return watchdog_data[what];
}
