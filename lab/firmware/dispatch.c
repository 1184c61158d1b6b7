// SPDX-License-Identifier: GPL-2.0
/*
 * Faults at the start and the end of a handler. TF-A enters the handler in begin_sdei_synchronous_dispatch(). That function returns
 * after the event has been completed; by then TF-A has restored the interrupted state to the PE's context.
 */
#include <arch_helpers.h>
#include <lib/el3_runtime/context_mgmt.h>
#include <plat/common/platform.h>
#include <platform_def.h>
#include <services/sdei.h>
#include <setjmp.h>
#include <smccc_helpers.h>

#include "faults.h"
#include "times.h"

/* The guest reads this as 0xd0: below the masks 0xe0 and 0xf0 that Linux sets, above its interrupt priorities 0xa0 and 0xc0. */
#define MASK_LOWER	0xe8U

static volatile struct {
	bool resumed;	/* the handler called COMPLETE_AND_RESUME */
	bool ending;	/* event 0 was completed, and the end of its interrupt is next */
} dispatches[PLATFORM_CORE_COUNT];

void __real_begin_sdei_synchronous_dispatch(jmp_buf *buffer);
void __wrap_begin_sdei_synchronous_dispatch(jmp_buf *buffer);
int __real_sdei_event_complete(bool resume, uint64_t pc);
int __wrap_sdei_event_complete(bool resume, uint64_t pc);
void __real_plat_ic_end_of_interrupt(uint32_t id);
void __wrap_plat_ic_end_of_interrupt(uint32_t id);

static void spoil_entry(cpu_context_t *ctx)
{
	el3_state_t *state = get_el3state_ctx(ctx);

	if (fault == FAULT_PSTATE_PARAM)
		SMC_SET_GP(ctx, CTX_GPREG_X3, 0);
	if (fault == FAULT_DAIF_OPEN)
		write_ctx_reg(state, CTX_SPSR_EL3, read_ctx_reg(state, CTX_SPSR_EL3) & ~(DAIF_IRQ_BIT << SPSR_DAIF_SHIFT));
}

/* After COMPLETE_AND_RESUME, the interrupted PSTATE is in the SPSR of the handler's exception level. */
static void flip_flag(el3_state_t *state)
{
	u_register_t spsr = read_ctx_reg(state, CTX_SPSR_EL3);

	if (!dispatches[plat_my_core_pos()].resumed)
		write_ctx_reg(state, CTX_SPSR_EL3, spsr ^ SPSR_Z_BIT);
	else if (GET_EL(spsr) == MODE_EL2)
		write_spsr_el2(read_spsr_el2() ^ SPSR_Z_BIT);
	else
		write_spsr_el1(read_spsr_el1() ^ SPSR_Z_BIT);
}

/* EL3 does not use the FP registers, so they hold the guest's values. */
static void flip_v7(void)
{
	uint64_t low;

	__asm__ volatile(".arch_extension simd\n"
			 "umov %0, v7.d[0]\n"
			 "eor %0, %0, #1\n"
			 "ins v7.d[0], %0" : "=&r" (low));
}

static void spoil_exit(cpu_context_t *ctx)
{
	switch (fault) {
	case FAULT_GPR_LOW:
		SMC_SET_GP(ctx, CTX_GPREG_X9, SMC_GET_GP(ctx, CTX_GPREG_X9) ^ 1U);
		break;
	case FAULT_GPR_HIGH:
		SMC_SET_GP(ctx, CTX_GPREG_X20, SMC_GET_GP(ctx, CTX_GPREG_X20) ^ 1U);
		break;
	case FAULT_FLAGS:
		flip_flag(get_el3state_ctx(ctx));
		break;
	case FAULT_SP_EL0:
		SMC_SET_GP(ctx, CTX_GPREG_SP_EL0, SMC_GET_GP(ctx, CTX_GPREG_SP_EL0) ^ BIT_64(4));
		break;
	case FAULT_FP:
		flip_v7();
		break;
	case FAULT_PRIORITY_MASK:
		if (read_icc_pmr_el1() > MASK_LOWER)
			(void)plat_ic_set_priority_mask(MASK_LOWER);
		break;
	default:
		break;
	}
}

void __wrap_begin_sdei_synchronous_dispatch(jmp_buf *buffer)
{
	cpu_context_t *ctx = cm_get_context(NON_SECURE);
	bool zero = SMC_GET_GP(ctx, CTX_GPREG_X0) == SDEI_EVENT_0;

	signals_entered();
	if (zero)
		spoil_entry(ctx);
	times_entered();
	__real_begin_sdei_synchronous_dispatch(buffer);

	/* Here the handler has completed the event. */
	if (zero) {
		spoil_exit(ctx);
		dispatches[plat_my_core_pos()].ending = true;
	}
	signals_left(zero);
}

/* Returns only on failure. */
int __wrap_sdei_event_complete(bool resume, uint64_t pc)
{
	if (fault == FAULT_RESUME)
		resume = false;
	dispatches[plat_my_core_pos()].resumed = resume;
	times_left();
	return __real_sdei_event_complete(resume, pc);
}

void __wrap_plat_ic_end_of_interrupt(uint32_t id)
{
	unsigned int me = plat_my_core_pos();
	bool ending = dispatches[me].ending;

	dispatches[me].ending = false;
	if (!ending || fault != FAULT_NO_EOI)
		__real_plat_ic_end_of_interrupt(id);
}
