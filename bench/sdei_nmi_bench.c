// SPDX-License-Identifier: GPL-2.0
/*
 * sdei_nmi_bench - module that measures the cost of reaching CPUs on the running kernel.
 *
 * Invariant: one measurement at a time. A measurement leaves nothing behind: an event that it
 * registered is unregistered when the write to "measure" returns. A load with watch=1 hooks
 * ipi_handler() until unload.
 *
 * Times are differences of the architected counter, in nanoseconds. Under QEMU's -icount shift=0
 * one instruction takes one nanosecond. The counter's step is longer than that, so a measurement
 * repeats a short operation many times.
 *
 * Locks: bench_lock over a measurement and its result. Contexts: "measure" in task context;
 * event_handler() in SDEI context; watched() in a hard interrupt.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/arm_sdei.h>
#include <linux/cpu.h>
#include <linux/cpuidle.h>
#include <linux/ftrace.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/sysrq.h>
#include <asm/cputype.h>

#include "capture.h"
#include "deadline.h"
#include "request.h"
#include "resolve.h"

#define MASKS_BATCHES	100
#define MASKS_BATCH	10000
#define WORK_LOOPS	250000000
#define SIGNALS		1000
#define IDLE_ENTRIES	1000
#define COMPLETES_US	100000	/* for CPUs to leave the handler, after all have entered it */
#define TICK_US		12000	/* longer than the longest time between two ticks */
#define TICKS_OVER_US	1000	/* all CPUs tick at once, and have finished after this time */

/* SDEI_EVENT_SIGNAL of DEN0054, and the two calls of lab/firmware/times.h. */
#define FW_EVENT_SIGNAL	SDEI_1_0_FN(0x0f)
#define FW_TIMES_RESET	0xc200ff03UL
#define FW_TIMES_READ	0xc200ff04UL

/* Name of the driver, as a module or built in. */
#define DRIVER		"sdei_nmi"

/**
 * struct times - how a CPU was held since the last reset of the times
 * @count: number of times that it was held
 * @last: value of the counter when it was last released
 * @longest: the longest time that it was held, in ticks of the counter
 */
struct times {
	u64 count;
	u64 last;
	u64 longest;
};

static DEFINE_MUTEX(bench_lock);
static char result[PAGE_SIZE];
static size_t result_size;

static bool watch;
module_param(watch, bool, 0444);
MODULE_PARM_DESC(watch, "Measure the IPIs by which the kernel itself requests backtraces, instead of reading from the firmware how long CPUs were in an SDEI handler (default: off)");

static DEFINE_PER_CPU(struct times, watch_times);
static DEFINE_PER_CPU(u64, mpidr);
u64 sdei_nmi_bench_counter_rate;

static void (*trigger)(const struct cpumask *mask, int exclude_cpu);
static irqreturn_t (*watch_original)(int irq, void *data);
static const struct cpumask *watch_asked;
static bool watching;

/* @ticks: a few seconds at most, or the product overflows. */
static __always_inline u64 nanoseconds(u64 ticks)
{
	return ticks * NSEC_PER_SEC / read_sysreg(cntfrq_el0);
}

static __printf(1, 2) void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	result_size += vscnprintf(result + result_size, sizeof(result) - result_size, format, args);
	va_end(args);
}

static int compare_ticks(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/*
 * Interrupts are on before each pair, as in most code that masks them. Timer ticks fall into a few
 * batches only, so the median excludes them.
 */
static int measure_masks(void)
{
	static u64 batches[MASKS_BATCHES];
	unsigned long flags;
	unsigned int b, i;
	u64 sum = 0;

	for (b = 0; b < MASKS_BATCHES; b++) {
		u64 start = counter_now();

		for (i = 0; i < MASKS_BATCH; i++) {
			local_irq_save(flags);
			local_irq_restore(flags);
		}
		batches[b] = counter_now() - start;
		sum += batches[b];
	}
	sort(batches, MASKS_BATCHES, sizeof(*batches), compare_ticks, NULL);
	tell("masks %llu\n", nanoseconds(batches[MASKS_BATCHES / 2] * MASKS_BATCHES));
	tell("masks_and_ticks %llu\n", nanoseconds(sum));
	return 0;
}

/*
 * A fixed amount of work with interrupts on. What interrupts this CPU meanwhile adds to the time.
 * With instruction counting, the work of all other CPUs adds to it as well.
 */
static int measure_work(void)
{
	u64 start = counter_now();
	unsigned int i;

	for (i = 0; i < WORK_LOOPS; i++)
		barrier();
	tell("work %llu\n", nanoseconds(counter_now() - start));
	return 0;
}

static void be_woken(struct irq_work *unused)
{
}

/*
 * Enters this CPU's deepest idle state, as the idle task does. An interrupt is pending before the
 * entry, so the CPU leaves the state at once. The time includes the CPU_PM notifiers, the driver's
 * among them, and the firmware's call.
 */
static int measure_deep_idle(void)
{
	struct cpuidle_device * __percpu *devices;
	struct irq_work wake = IRQ_WORK_INIT_HARD(be_woken);
	struct cpuidle_driver *idle;
	struct cpuidle_device *device;
	unsigned long flags;
	int state, entered;
	unsigned int i;
	u64 sum = 0;

	devices = (typeof(devices))resolve("cpuidle_devices");
	if (!devices)
		return -ENOENT;
	for (i = 0; i < IDLE_ENTRIES; i++) {
		local_irq_save(flags);
		device = *this_cpu_ptr(devices);
		idle = cpuidle_get_cpu_driver(device);
		state = idle ? idle->state_count - 1 : 0;
		entered = -ENODEV;
		if (state > 0) {
			irq_work_queue(&wake);
			sum -= counter_now();
			entered = idle->states[state].enter(device, idle, state);
			sum += counter_now();
		}
		local_irq_restore(flags);
		irq_work_sync(&wake);
		if (entered != state) {
			pr_err("deep idle was not entered (%d); boot lab/boot.sh -s\n", entered);
			return -EIO;
		}
	}
	tell("deep_idle %llu\n", nanoseconds(sum));
	return 0;
}

/* The floor: the kernel's SDEI core, and a handler that only reads the counter. */
static DEFINE_PER_CPU(u64, entered_at);

static int notrace event_handler(u32 event, struct pt_regs *regs, void *arg)
{
	WRITE_ONCE(*this_cpu_ptr(&entered_at), counter_now());
	return 0;
}

NOKPROBE_SYMBOL(event_handler);

/**
 * struct shots - sums over many signals of a CPU to itself
 * @entry: ticks from before the signal to the first step of the handler
 * @done: ticks from before the signal to after it was handled
 * @entries: number of signals in @entry
 */
struct shots {
	u64 entry;
	u64 done;
	unsigned int entries;
};

static void tell_shots(const char *name, const struct shots *s)
{
	if (s->entries)
		tell("%s_entry %llu\n", name, nanoseconds(s->entry));
	tell("%s_done %llu\n", name, nanoseconds(s->done));
}

/*
 * A CPU signals itself, and the firmware delivers the event as the call returns. Interrupts are
 * off, so that the SDEI core resumes the interrupted code instead of the IRQ vector, as it does on
 * a wedged CPU.
 */
static int floor_shots(void)
{
	struct arm_smccc_res res;
	struct shots s = {};
	unsigned long flags;
	unsigned int i;
	u64 start, self, entered;

	for (i = 0; i < SIGNALS; i++) {
		local_irq_save(flags);
		self = __this_cpu_read(mpidr);
		__this_cpu_write(entered_at, 0);
		start = counter_now();
		arm_smccc_smc(FW_EVENT_SIGNAL, 0, self, 0, 0, 0, 0, 0, &res);
		s.done += counter_now() - start;
		entered = __this_cpu_read(entered_at);
		local_irq_restore(flags);
		if (res.a0 || !entered) {
			pr_err("the floor failed: a signal of this CPU to itself returned %lu and %s delivered at once; check SDEI_EVENT_SIGNAL of this firmware\n",
			       res.a0, entered ? "was" : "was not");
			return -EIO;
		}
		s.entry += entered - start;
		s.entries++;
	}
	tell_shots("floor", &s);
	return 0;
}

/* Signals the last CPU, which is off. No other CPU works meanwhile. */
static int measure_signal(void)
{
	unsigned int i, last = nr_cpu_ids - 1;
	struct arm_smccc_res res;
	u64 start;

	if (cpu_online(last)) {
		pr_err("CPU %u is online; take it offline, or it would serve the signals\n", last);
		return -EBUSY;
	}
	start = counter_now();
	for (i = 0; i < SIGNALS; i++)
		arm_smccc_smc(FW_EVENT_SIGNAL, 0, per_cpu(mpidr, last), 0, 0, 0, 0, 0, &res);
	tell("signals %llu\n", nanoseconds(counter_now() - start));
	if (!res.a0)
		return 0;
	pr_err("a signal to CPU %u failed with %ld\n", last, (long)res.a0);
	return -EIO;
}

/* Calls @measure while event_handler() handles event 0. */
static int with_floor(int (*measure)(void))
{
	int (*event_register)(u32 event, sdei_event_callback *cb, void *arg);
	int (*event_unregister)(u32 event);
	int (*event_enable)(u32 event);
	int err;

	event_register = (typeof(event_register))resolve("sdei_event_register");
	event_enable = (typeof(event_enable))resolve("sdei_event_enable");
	event_unregister = (typeof(event_unregister))resolve("sdei_event_unregister");
	if (!event_register || !event_enable || !event_unregister)
		return -ENOENT;
	err = event_register(0, event_handler, NULL);
	if (err) {
		pr_err("the floor failed: event 0 was not registered (%d); unload the module that holds it\n",
		       err);
		return err;
	}
	err = event_enable(0);
	if (err)
		pr_err("the floor failed: event 0 was not enabled (%d)\n", err);
	else
		err = measure();
	if (event_unregister(0)) {
		pr_err("event 0 was not unregistered; reboot before the next measurement\n");
		err = -EBUSY;
	}
	return err;
}

static int measure_floor(void)
{
	return with_floor(floor_shots);
}

/* Looks up a symbol of the driver. Another symbol of the kernel may have the same name. */
static unsigned long driver(const char *name)
{
	unsigned long (*lookup)(const char *name);
	char qualified[64];
	unsigned long address;

	lookup = (typeof(lookup))resolve("kallsyms_lookup_name");
	if (!lookup)
		return 0;
	scnprintf(qualified, sizeof(qualified), DRIVER ":%s", name);
	address = lookup(qualified);
	return address ?: resolve(name);
}

static int ours_shots(enum sdei_nmi_request request, struct shots *s)
{
	int (*ask)(unsigned int cpu, enum sdei_nmi_request request);
	struct sdei_nmi_record __percpu *records;
	unsigned long flags;
	struct sdei_nmi_record *b;
	unsigned int i;
	u64 start, end;
	int err;

	ask = (typeof(ask))driver("sdei_nmi_event_ask");
	records = (typeof(records))driver("sdei_nmi_backtrace_record");
	if (!ask || !records)
		return -ENOENT;
	for (i = 0; i < SIGNALS; i++) {
		local_irq_save(flags);
		b = this_cpu_ptr(records);
		if (request == SDEI_NMI_REQUEST_BACKTRACE)
			capture_ask(&b->state);
		start = counter_now();
		err = ask(smp_processor_id(), request);
		end = counter_now();
		local_irq_restore(flags);
		if (err || (request == SDEI_NMI_REQUEST_BACKTRACE && !capture_taken(&b->state))) {
			pr_err("asking the driver failed: a signal of this CPU to itself returned %d and was not served at once\n",
			       err);
			return -EIO;
		}
		s->done += end - start;
		if (request != SDEI_NMI_REQUEST_BACKTRACE)
			continue;
		s->entry += b->taken_at - start;
		s->entries++;
		capture_done(&b->state);
	}
	return 0;
}

static int measure_ours(void)
{
	struct shots probe = {}, capture = {};
	int err;

	err = ours_shots(SDEI_NMI_REQUEST_PROBE, &probe);
	if (!err)
		err = ours_shots(SDEI_NMI_REQUEST_BACKTRACE, &capture);
	if (err)
		return err;
	tell_shots("probe", &probe);
	tell_shots("capture", &capture);
	return 0;
}

static int times_reset(void)
{
	struct arm_smccc_res res;
	unsigned int cpu;

	if (watch) {
		for_each_possible_cpu(cpu)
			per_cpu(watch_times, cpu) = (struct times){};
		return 0;
	}
	arm_smccc_smc(FW_TIMES_RESET, 0, 0, 0, 0, 0, 0, 0, &res);
	if (!res.a0)
		return 0;
	pr_err("this firmware does not measure how long CPUs are held; boot lab/boot.sh -f tfa-faulty, or load with watch=1\n");
	return -EOPNOTSUPP;
}

static struct times times_read(unsigned int cpu)
{
	struct arm_smccc_res res;

	if (watch)
		return per_cpu(watch_times, cpu);
	arm_smccc_smc(FW_TIMES_READ, per_cpu(mpidr, cpu), 0, 0, 0, 0, 0, 0, &res);
	return (struct times){ .count = res.a0, .last = res.a1, .longest = res.a2 };
}

/* If QEMU runs one CPU at a time, another CPU's tick could interrupt a handler's measurement. */
static void ticks_over(void)
{
	u64 deadline = counter_now() + counter_ticks(TICK_US);
	unsigned long tick = jiffies;

	while (!time_after(jiffies, tick) && !counter_passed(deadline))
		cpu_relax();
	deadline = counter_now() + counter_ticks(TICKS_OVER_US);
	while (!counter_passed(deadline))
		cpu_relax();
}

/* Signals all other CPUs, and waits until each has entered the handler. */
static void floor_request(const struct cpumask *mask, int exclude_cpu)
{
	u64 deadline = counter_now() + counter_ticks(USEC_PER_SEC);
	struct arm_smccc_res res;
	unsigned int cpu;

	for_each_cpu(cpu, mask) {
		WRITE_ONCE(per_cpu(entered_at, cpu), 0);
		if (cpu != smp_processor_id())
			arm_smccc_smc(FW_EVENT_SIGNAL, 0, per_cpu(mpidr, cpu), 0, 0, 0, 0, 0, &res);
	}
	for_each_cpu(cpu, mask)
		while (cpu != smp_processor_id() && !READ_ONCE(per_cpu(entered_at, cpu)) &&
		       !counter_passed(deadline))
			cpu_relax();
}

/* The times are those of all CPUs except this one. */
static int request(void (*make_request)(const struct cpumask *mask, int exclude_cpu))
{
	u64 start, end, deadline, captured = 0;
	unsigned int cpu, this_cpu;
	int err;

	err = times_reset();
	if (err)
		return err;
	cpus_read_lock();
	ticks_over();
	this_cpu = get_cpu();
	start = counter_now();
	make_request(cpu_online_mask, -1);
	end = counter_now();
	if (make_request == trigger)
		tell("printed %llu\n", nanoseconds(end - start));
	deadline = counter_now() + counter_ticks(COMPLETES_US);
	for_each_online_cpu(cpu) {
		struct times t = times_read(cpu);

		/* QEMU may not have run a CPU since it was captured. */
		while (cpu != this_cpu && !t.count && !counter_passed(deadline))
			t = times_read(cpu);
		if (cpu == this_cpu || !t.count)
			continue;
		tell("held %llu\n", nanoseconds(t.longest));
		captured = max(captured, t.last - start);
	}
	put_cpu();
	cpus_read_unlock();
	tell("captured %llu\n", nanoseconds(captured));
	return 0;
}

/* Requests a report of all CPUs. */
static int measure_request(void)
{
	return request(trigger);
}

static int request_of_floor(void)
{
	return request(floor_request);
}

/* The same with signals to a handler that does nothing. */
static int measure_floor_request(void)
{
	return with_floor(request_of_floor);
}

static int measure_sysrq(void)
{
	u64 start = counter_now();

	handle_sysrq('l');
	tell("sysrq %llu\n", nanoseconds(counter_now() - start));
	return 0;
}

static const struct measurement {
	const char	*name;
	int		(*measure)(void);
} measurements[] = {
	{ "masks",	measure_masks },
	{ "work",	measure_work },
	{ "deep_idle",	measure_deep_idle },
	{ "signal",	measure_signal },
	{ "floor",	measure_floor },
	{ "ours",	measure_ours },
	{ "request",	measure_request },
	{ "floor_request", measure_floor_request },
	{ "sysrq",	measure_sysrq },
};

static int measure_set(const char *val, const struct kernel_param *kp)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(measurements); i++)
		if (sysfs_streq(measurements[i].name, val))
			break;
	if (i == ARRAY_SIZE(measurements)) {
		pr_err("write masks, work, deep_idle, signal, floor, ours, request, floor_request or sysrq\n");
		return -EINVAL;
	}
	mutex_lock(&bench_lock);
	result_size = 0;
	err = measurements[i].measure();
	if (err)
		result_size = 0;
	mutex_unlock(&bench_lock);
	return err;
}

static int measure_get(char *buffer, const struct kernel_param *kp)
{
	int n;

	mutex_lock(&bench_lock);
	memcpy(buffer, result, result_size);
	n = result_size;
	mutex_unlock(&bench_lock);
	return n;
}

static const struct kernel_param_ops measure_ops = { .set = measure_set, .get = measure_get };

module_param_cb(measure, &measure_ops, NULL, 0600);
MODULE_PARM_DESC(measure, "Write masks, work, deep_idle, signal, floor, ours, request, floor_request or sysrq to measure; reads the result, lines of NAME NANOSECONDS");

/* Replaces the handler of all IPIs. The one that serves a request clears watch_asked here. */
static irqreturn_t notrace watched(int irq, void *data)
{
	unsigned int cpu = raw_smp_processor_id();
	struct times *t = this_cpu_ptr(&watch_times);
	bool asked = cpumask_test_cpu(cpu, watch_asked);
	u64 start = counter_now(), end;
	irqreturn_t ret = watch_original(irq, data);

	end = counter_now();
	if (!asked || cpumask_test_cpu(cpu, watch_asked))
		return ret;
	t->last = end;
	t->longest = max(t->longest, end - start);
	t->count++;
	return ret;
}

static void notrace watch_redirect(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	if (!within_module(parent_ip, THIS_MODULE))
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)watched);
}

static struct ftrace_ops watch_ops = { .func = watch_redirect, .flags = FTRACE_OPS_FL_IPMODIFY };

static int watch_start(void)
{
	unsigned long address = resolve("ipi_handler");
	int err;

	watch_asked = (typeof(watch_asked))resolve("backtrace_mask");
	if (!address || !watch_asked)
		return -ENOENT;
	watch_original = (typeof(watch_original))address;
	err = ftrace_set_filter_ip(&watch_ops, address, 0, 0);
	if (!err)
		err = register_ftrace_function(&watch_ops);
	if (err)
		pr_err("IPIs cannot be watched (%d)\n", err);
	else
		watching = true;
	return err;
}

static void read_mpidr(void *unused)
{
	__this_cpu_write(mpidr, read_cpuid_mpidr() & MPIDR_HWID_BITMASK);
}

static int __init bench_init(void)
{
	sdei_nmi_bench_counter_rate = read_sysreg(cntfrq_el0);
	/* The first look-up waits for every CPU, so it has to be done before a CPU is wedged. */
	trigger = (typeof(trigger))resolve("arch_trigger_cpumask_backtrace");
	if (!trigger)
		return -ENOENT;
	on_each_cpu(read_mpidr, NULL, true);
	return watch ? watch_start() : 0;
}

static void __exit bench_exit(void)
{
	if (!watching)
		return;
	unregister_ftrace_function(&watch_ops);
	ftrace_free_filter(&watch_ops);
	synchronize_rcu_tasks();
	synchronize_rcu();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Measures the cost of reaching CPUs");
MODULE_LICENSE("GPL");
