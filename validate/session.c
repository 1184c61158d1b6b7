// SPDX-License-Identifier: GPL-2.0
/* A session lasts while the device is open: the PEs are under test, and restored at the end. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <asm/cputype.h>

#include "call.h"
#include "health.h"
#include "lockout.h"
#include "pe.h"
#include "session.h"
#include "setup.h"
#include "wait.h"
#include "worker.h"

static void learn_here(struct sdeiv_pe *pe, void *arg)
{
	s64 *status = arg;

	pe->mpidr = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	pe->seen.hvc = sdeiv_call_by_hvc();
	pe->seen.has_pan = read_sysreg(id_aa64mmfr1_el1) >> 20 & 0xf;
	*status = sdeiv_code(sdeiv_call1(SDEI_1_0_FN_SDEI_EVENT_STATUS, SDEIV_EVENT_SIGNALED));
}

static int add_pe(unsigned int cpu)
{
	struct sdeiv_pe *pe = kzalloc(sizeof(*pe), GFP_KERNEL);
	s64 status = 0;
	int err;

	if (!pe)
		return -ENOMEM;
	pe->cpu = cpu;
	init_completion(&pe->done);
	sdeiv_health_init(pe);
	sdeiv_pe_add(pe);
	err = sdeiv_worker_start(pe);
	if (err)
		return err;
	if (!sdeiv_work_run(pe, learn_here, &status)) {
		pr_err("CPU %u runs nothing that it is given; nothing was tested\n", cpu);
		return -ETIMEDOUT;
	}
	if (status > 0) {
		pr_err("not starting: event 0 is in use on CPU %u (status %lld); unload sdei_nmi or the other user of event 0\n",
		       cpu, status);
		return -EBUSY;
	}
	return 0;
}

/**
 * sdeiv_session_begin() - put the PEs of all online CPUs under test
 *
 * Context: task, after sdeiv_call_init() has succeeded. Return: 0; -EBUSY if event 0 is in use, and
 * a log line names the CPU; or another negative errno.
 */
int sdeiv_session_begin(void)
{
	unsigned int cpu;
	int err;

	err = sdeiv_pe_list_init();
	if (err)
		return err;
	err = sdeiv_lockout_begin();
	if (err) {
		sdeiv_pe_list_exit();
		return err;
	}
	sdeiv_home = cpumask_first(cpu_online_mask);
	for_each_online_cpu(cpu) {
		err = add_pe(cpu);
		if (err) {
			sdeiv_session_end();
			break;
		}
	}
	return err;
}

static void nothing_here(struct sdeiv_pe *pe, void *arg)
{
}

/* The thread of a busy PE may have run by now. */
static void try_again(struct sdeiv_pe *pe)
{
	if (!pe->lost || !sdeiv_pe_busy(pe))
		return;
	pe->lost = NULL;
	sdeiv_work_run(pe, nothing_here, NULL);
}

/* The suite's thread does not run on a busy PE, so an IPI unregisters event 0. */
static bool release_busy(struct sdeiv_pe *pe)
{
	if (!sdeiv_pe_busy(pe))
		return false;
	INIT_CSD(&pe->other_ipi, sdeiv_release_here, pe);
	smp_call_function_single_async(pe->cpu, &pe->other_ipi);
	return sdeiv_wait_until(READ_ONCE(pe->setup) == SDEIV_SETUP_NONE,
				sdeiv_pe_limit(SDEIV_HEALTH_MS));
}

/**
 * sdeiv_session_end() - restore the PEs
 *
 * The function unregisters event 0 on each PE that still takes interrupts. It frees nothing that a
 * lost PE may still use.
 *
 * Context: task. No signal is pending.
 */
void sdeiv_session_end(void)
{
	unsigned int cpu, lost = 0, busy = 0;
	struct sdeiv_pe *pe;

	for_each_cpu(cpu, sdeiv_pe_all()) {
		pe = sdeiv_pe_of(cpu);
		try_again(pe);
		/* The firmware still uses @pe if unregistering fails, so do not free it. */
		if (!pe->lost && sdeiv_set_up(pe, SDEIV_SETUP_NONE) < 0)
			pe->lost = "keeps event 0";
		sdeiv_worker_stop(pe);
		if (pe->lost) {
			if (release_busy(pe))
				busy++;
			else
				lost++;
			continue;
		}
		hrtimer_cancel(&pe->timer);
		kfree(pe);
	}
	if (lost)
		pr_err("%u CPUs could not be restored and may take no interrupts; reboot the machine\n",
		       lost);
	if (busy)
		pr_warn("%u CPUs did not run the suite's thread, because a task with a higher priority uses them; event 0 was given back\n",
			busy);
	/* A thread or a handler on a lost or busy PE may still run this module's code. */
	if (lost || busy)
		__module_get(THIS_MODULE);
	sdeiv_pe_list_exit();
	sdeiv_lockout_end();
}
