// SPDX-License-Identifier: GPL-2.0
/*
 * Sets the handler of event 0 on a PE. The suite registers event 0 with raw calls, so the kernel's
 * SDEI core does not know about it. The handler is either the kernel's entry code, with a struct
 * sdei_registered_event of the suite, or entry.S.
 */
#include <linux/irqflags.h>

#include "arrivals.h"
#include "call.h"
#include "kernel.h"
#include "setup.h"
#include "worker.h"

/**
 * sdeiv_register_here() - register event 0 on this PE
 * @pe: the PE on which the function runs
 * @setup: the handler, SDEIV_SETUP_KERNEL or SDEIV_SETUP_OWN
 *
 * Context: task or IRQ, on the PE. Return: the return value of SDEI_EVENT_REGISTER.
 */
s64 sdeiv_register_here(struct sdeiv_pe *pe, enum sdeiv_setup setup)
{
	u64 entry = setup == SDEIV_SETUP_OWN ? (u64)sdeiv_entry : sdeiv_kernel_entry();
	u64 arg = setup == SDEIV_SETUP_OWN ? (u64)&pe->seen : (u64)&pe->registered;

	pe->registered.callback = sdeiv_arrived;
	pe->registered.callback_arg = pe;
	pe->registered.event_num = SDEIV_EVENT_SIGNALED;
	pe->registered.priority = SDEI_EVENT_PRIORITY_NORMAL;
	return sdeiv_code(sdeiv_call(SDEI_1_0_FN_SDEI_EVENT_REGISTER, SDEIV_EVENT_SIGNALED,
				     entry, arg, SDEI_EVENT_REGISTER_RM_ANY, 0));
}

/**
 * struct setting - a change of setup
 * @setup: the new setup
 * @code: return value of the last firmware call
 */
struct setting {
	enum sdeiv_setup setup;
	s64 code;
};

static s64 event0_call(unsigned long function)
{
	return sdeiv_code(sdeiv_call1(function, SDEIV_EVENT_SIGNALED));
}

static void set_up_here(struct sdeiv_pe *pe, void *arg)
{
	struct setting *s = arg;
	unsigned long flags;

	/* No signal is pending, and no other PE sends one between the two calls. */
	local_irq_save(flags);
	s->code = 0;
	if (pe->setup != SDEIV_SETUP_NONE)
		s->code = event0_call(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER);
	if (s->code >= 0)
		pe->setup = SDEIV_SETUP_NONE;
	if (s->code >= 0 && s->setup != SDEIV_SETUP_NONE) {
		s->code = sdeiv_register_here(pe, s->setup);
		if (s->code >= 0) {
			s->code = event0_call(SDEI_1_0_FN_SDEI_EVENT_ENABLE);
			if (s->code >= 0)
				pe->setup = s->setup;
			else
				event0_call(SDEI_1_0_FN_SDEI_EVENT_UNREGISTER);
		}
	}
	local_irq_restore(flags);
}

/**
 * sdeiv_set_up() - set the handler of event 0 on a PE
 * @pe: the PE
 * @setup: the new handler
 *
 * Context: task. No signal to the PE is pending. Return: the return value of the last firmware
 * call, or -EIO if the PE is lost.
 */
s64 sdeiv_set_up(struct sdeiv_pe *pe, enum sdeiv_setup setup)
{
	struct setting s = { .setup = setup };

	if (pe->setup == setup)
		return 0;
	if (!sdeiv_work_run(pe, set_up_here, &s))
		return -EIO;
	return s.code;
}

/**
 * sdeiv_forget_setup() - record that event 0 is no longer registered on a PE
 * @pe: the PE
 *
 * Context: task.
 */
void sdeiv_forget_setup(struct sdeiv_pe *pe)
{
	pe->setup = SDEIV_SETUP_NONE;
}

/**
 * sdeiv_release_here() - unregister event 0 on this PE
 * @info: the PE's struct sdeiv_pe
 *
 * Context: IRQ, on the PE.
 */
void sdeiv_release_here(void *info)
{
	struct setting s = { .setup = SDEIV_SETUP_NONE };

	set_up_here(info, &s);
}
