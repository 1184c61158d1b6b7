/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels, with one probe for each difference. All other code is written for
 * the newest kernel. The versions in brackets are those of Debian's kernels that were looked at.
 *
 * Functions that a kernel may lack are declared here, so that they have a type in every kernel.
 * SDEI_NMI_HAS() says whether the kernel has the function.
 */
#ifndef SDEI_NMI_COMPAT_H
#define SDEI_NMI_COMPAT_H

#include <linux/context_tracking_state.h>
#include <linux/ftrace.h>
#include <linux/hrtimer.h>
#include <linux/nmi.h>
#include <linux/slab.h>
#include <asm/pointer_auth.h>
#include <asm/ptrace.h>

/*
 * Prints the reasons of a taint in a line of their own (absent in 6.1, present in 6.12). The UID in
 * a dump's first line has no probe of its own. Kernels that have this function print the UID, too.
 */
const char *print_tainted_verbose(void);

/*
 * Names the preemption model (absent in 6.12, present in 7.3). Kernels that have this function
 * print the name in a dump's first line.
 */
const char *preempt_model_str(void);

/*
 * Finds a CPU's clock event device. No public header declares it or its type, whose first member is
 * a pointer to that device.
 */
struct tick_device *tick_get_device(int cpu);

/* Saves a CPU's registers for a dump. A kernel without kexec does not declare it. */
#ifndef CONFIG_KEXEC_CORE
void crash_save_cpu(struct pt_regs *regs, int cpu);
#endif

/* Passes a sample to perf. A kernel without perf does not declare it. */
#ifndef CONFIG_PERF_EVENTS
struct perf_event;
struct perf_sample_data;
int perf_event_overflow(struct perf_event *event, struct perf_sample_data *data,
			struct pt_regs *regs);
#endif

/* The virtual CPU that KVM has loaded on this CPU, or NULL. A kernel without KVM lacks it. */
struct kvm_vcpu;
struct kvm_vcpu *kvm_get_running_vcpu(void);

/* Asks CPUs for backtraces by an IPI of the architecture (absent for arm64 in 6.1). */
#ifndef arch_trigger_cpumask_backtrace
void nmi_trigger_cpumask_backtrace(const struct cpumask *mask, int exclude_cpu,
				   void (*raise)(struct cpumask *mask));
#endif

/* Strips the signature from a return address (another name in 6.1). */
#ifndef ptrauth_strip_kernel_insn_pac
#define ptrauth_strip_kernel_insn_pac(lr) ptrauth_strip_insn_pac(lr)
#endif

/* The saved priority mask and its line in a dump differ between 6.12 and 7.3. Kbuild probes. */
#ifdef SDEI_NMI_PMR_SAVE
#define SDEI_NMI_PMR(regs)	((regs)->pmr_save)
#define SDEI_NMI_PMR_LINE	"pmr_save: %08llx\n"
#else
#define SDEI_NMI_PMR(regs)	((regs)->pmr)
#define SDEI_NMI_PMR_LINE	"pmr: %08llx\n"
#endif

/*
 * Whether each entry of a trace shows its source (absent in 6.12, present in 7.3). Kbuild probes
 * for frame records.
 */
#ifdef SDEI_NMI_FRAME_META
#define SDEI_NMI_TRACE_SOURCES	true
#else
#define SDEI_NMI_TRACE_SOURCES	false
#endif

/*
 * The attribute that a read of a binary file gets is const in 7.3, not in 6.12. Kbuild probes.
 * The checkpatch of 7.2 takes "struct bin_attribute" in one line for a mistake.
 */
#ifdef SDEI_NMI_CONST_BIN_ATTRIBUTE
#define SDEI_NMI_BIN_ATTRIBUTE const struct bin_attribute
#else
#define SDEI_NMI_BIN_ATTRIBUTE struct \
	bin_attribute
#endif

/* Sets a timer up in one step (absent in 6.12; the only way in 7.3). Kbuild probes. */
#ifndef SDEI_NMI_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *timer),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/*
 * perf keeps the size of what a driver adds to a sample (absent in 6.1, present in 6.12). Kbuild
 * probes.
 */
#ifdef SDEI_NMI_SAMPLE_SIZE
#define SDEI_NMI_SAMPLE_GROWS(data, bytes)	((data)->dyn_size += (bytes))
#else
#define SDEI_NMI_SAMPLE_GROWS(data, bytes)	do { (void)(data); (void)(bytes); } while (0)
#endif

/*
 * Allocates a zeroed object, with GFP_KERNEL (absent in 6.12, present in 7.3). The checkpatch of
 * 7.3 wants it instead of kzalloc().
 */
#ifndef kzalloc_obj
#define kzalloc_obj(object)	kcalloc(1, sizeof(object), GFP_KERNEL)
#define kvzalloc_obj(object)	kvcalloc(1, sizeof(object), GFP_KERNEL)
#endif

/* Adding this once to a CPU's context state makes RCU see the CPU idle (another name in 6.1). */
#ifndef CT_RCU_WATCHING
#define CT_RCU_WATCHING RCU_DYNTICKS_IDX
#endif

/* Without DYNAMIC_FTRACE_WITH_ARGS (6.1), a callback that redirects needs all registers. */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#define SDEI_NMI_FTRACE_FLAGS	FTRACE_OPS_FL_IPMODIFY
#define sdei_nmi_ftrace_redirect(fregs, to) ftrace_regs_set_instruction_pointer(fregs, to)
#else
#define SDEI_NMI_FTRACE_FLAGS	(FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_SAVE_REGS)
#define sdei_nmi_ftrace_redirect(fregs, to) instruction_pointer_set(ftrace_get_regs(fregs), to)
#endif

/* Exported, but declared only inside kernel/rcu/. */
void rcu_expedite_gp(void);
void rcu_unexpedite_gp(void);

#endif
