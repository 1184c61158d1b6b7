/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time for bounded waits. The architected counter runs on when the kernel's clocks may stand still:
 * on the way into suspend, and while the CPU that drives the clocks is wedged.
 */
#ifndef SDEI_NMI_DEADLINE_H
#define SDEI_NMI_DEADLINE_H

#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>

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
	return us * read_sysreg(cntfrq_el0) / 1000000;
}

/**
 * counter_ms() - convert ticks to milliseconds
 * @ticks: ticks
 *
 * Context: any. Return: milliseconds.
 */
static __always_inline u64 counter_ms(u64 ticks)
{
	return ticks * 1000 / read_sysreg(cntfrq_el0);
}

/**
 * counter_ns() - convert ticks to nanoseconds
 * @ticks: ticks
 *
 * Context: any. Return: nanoseconds.
 */
static __always_inline u64 counter_ns(u64 ticks)
{
	u64 frequency = read_sysreg(cntfrq_el0);

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

#endif
