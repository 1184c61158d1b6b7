// SPDX-License-Identifier: GPL-2.0
/*
 * slow_signals - test module that delays each request of the driver before it is signalled, as slow
 * firmware or many CPUs would. A bound that is meant for one CPU must not cover the delays of
 * others.
 *
 * A kprobe on the driver's function spins in front of it. If the driver is a module, it may be
 * loaded before or after this one: the kprobe is in place before the driver's first signal.
 *
 * With calls=1 threads on two CPUs call the firmware every CALL_MS: one of them does so while the
 * other one's CPU is in the driver's trial. The fault "late" of the lab's firmware delivers signals
 * at such a call, so a signal always takes a while.
 *
 * Contexts: the delay in any context in which the driver asks a CPU.
 */
#include <linux/arm-smccc.h>
#include <linux/arm_sdei.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>
#include <asm/sysreg.h>

#define CALL_CPU	2	/* and the next one */
#define CALLERS		2
#define CALL_MS		20

static unsigned int ms;
module_param(ms, uint, 0400);
MODULE_PARM_DESC(ms, "Milliseconds by which each request is delayed");

static unsigned int request;
module_param(request, uint, 0400);
MODULE_PARM_DESC(request, "The request that is delayed, a value of enum sdei_nmi_request");

static bool calls;
module_param(calls, bool, 0400);
MODULE_PARM_DESC(calls, "Call the firmware again and again on CPUs 2 and 3");

static struct task_struct *callers[CALLERS];
static bool probed;

/* The arguments of sdei_nmi_event_ask() are the CPU and the request. */
static int delay(struct kprobe *probe, struct pt_regs *regs)
{
	u64 start = read_sysreg(cntvct_el0), ticks = read_sysreg(cntfrq_el0) / 1000 * ms;

	while ((u32)regs->regs[1] == request && read_sysreg(cntvct_el0) - start < ticks)
		cpu_relax();
	return 0;
}

static struct kprobe ask_probe = { .symbol_name = "sdei_nmi_event_ask", .pre_handler = delay };

static int module_changes(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;

	if (state == MODULE_STATE_COMING && !strcmp(mod->name, "sdei_nmi") && !probed)
		probed = !register_kprobe(&ask_probe);
	return NOTIFY_OK;
}

static struct notifier_block module_nb = { .notifier_call = module_changes };

static int call_firmware(void *unused)
{
	struct arm_smccc_res res;

	while (!kthread_should_stop()) {
		arm_smccc_smc(SDEI_1_0_FN_SDEI_EVENT_STATUS, 0, 0, 0, 0, 0, 0, 0, &res);
		msleep(CALL_MS);
	}
	return 0;
}

static void stop_callers(void)
{
	unsigned int i;

	for (i = 0; i < CALLERS; i++)
		if (!IS_ERR_OR_NULL(callers[i]))
			kthread_stop(callers[i]);
}

static int __init slow_signals_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; calls && i < CALLERS; i++) {
		callers[i] = kthread_create_on_cpu(call_firmware, NULL, CALL_CPU + i,
						   "slow_signals/%u");
		if (IS_ERR(callers[i])) {
			err = PTR_ERR(callers[i]);
			stop_callers();
			return err;
		}
		wake_up_process(callers[i]);
	}
	/* Fails if the driver is not loaded yet. */
	probed = !register_kprobe(&ask_probe);
	err = register_module_notifier(&module_nb);
	if (err && probed)
		unregister_kprobe(&ask_probe);
	if (err)
		stop_callers();
	return err;
}

module_init(slow_signals_init);

static void __exit slow_signals_exit(void)
{
	unregister_module_notifier(&module_nb);
	if (probed)
		unregister_kprobe(&ask_probe);
	stop_callers();
}

module_exit(slow_signals_exit);

MODULE_DESCRIPTION("Delays the driver's requests (for tests only)");
MODULE_AUTHOR("The sdei-nmi project");
MODULE_LICENSE("GPL");
