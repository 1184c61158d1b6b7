/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time for bounded waits. The architected counter runs on when the kernel's clocks may stand still:
 * on the way into suspend, and while the CPU that drives the clocks is wedged. It starts anew when
 * the machine was off: after hibernation.
 */
#ifndef SDEI_NMI_DEADLINE_H
#define SDEI_NMI_DEADLINE_H

#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>

#include "elapsed.h"

/*
 * In ticks per second; set once, at load. Other modules name a variable of their own.
 */
#ifndef SDEI_NMI_COUNTER_RATE
#define SDEI_NMI_COUNTER_RATE	sdei_nmi_counter_rate
#endif

extern u64 SDEI_NMI_COUNTER_RATE;

int sdei_nmi_deadline_init(void);
void sdei_nmi_deadline_check_cpu(void);

/**
 * counter_now() - read the architected counter
 *
 * Context: any. Return: ticks.
 */
static __always_inline u64 counter_now(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

/**
 * counter_ticks() - convert microseconds to ticks
 * @us: microseconds
 *
 * Context: any. Return: ticks.
 */
static __always_inline u64 counter_ticks(u64 us)
{
	return us * SDEI_NMI_COUNTER_RATE / 1000000;
}

/**
 * counter_ms() - convert ticks to milliseconds
 * @ticks: ticks
 *
 * Context: any. Return: milliseconds.
 */
static __always_inline u64 counter_ms(u64 ticks)
{
	return ticks * 1000 / SDEI_NMI_COUNTER_RATE;
}

/**
 * counter_ns() - convert ticks to nanoseconds
 * @ticks: ticks
 *
 * Context: any. Return: nanoseconds.
 */
static __always_inline u64 counter_ns(u64 ticks)
{
	u64 frequency = SDEI_NMI_COUNTER_RATE;

	/* At 1 GHz, ticks * 1000000000 overflows 64 bits after 18 seconds. */
	return ticks / frequency * 1000000000 + ticks % frequency * 1000000000 / frequency;
}

/**
 * counter_passed() - whether a deadline has passed
 * @deadline: value of the counter, in ticks
 *
 * Context: any. Return: true if the counter is beyond @deadline.
 */
static __always_inline bool counter_passed(u64 deadline)
{
	return (s64)(counter_now() - deadline) > 0;
}

/**
 * counter_elapsed() - whether a time has passed since an earlier moment
 * @since: value of the counter at that moment, possibly read by another CPU just now
 * @us: the time, in microseconds
 *
 * See elapsed_enough() for a counter that started anew.
 *
 * Context: any. Return: true if the time has passed.
 */
static __always_inline bool counter_elapsed(u64 since, u64 us)
{
	return elapsed_enough(counter_now(), since, counter_ticks(us), SDEI_NMI_COUNTER_RATE);
}

#endif
