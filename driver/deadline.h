/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time for bounded waits. The architected counter goes on where the kernel's clocks can stand
 * still: on the way into suspend, and while the CPU that drives them is wedged.
 */
#ifndef SDEI_NMI_DEADLINE_H
#define SDEI_NMI_DEADLINE_H

#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>

/**
 * counter_now() - the architected counter
 *
 * Context: any. Return: ticks.
 */
static __always_inline u64 counter_now(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

/**
 * counter_ticks() - how many ticks a time is
 * @us: microseconds
 *
 * Context: any. Return: ticks.
 */
static __always_inline u64 counter_ticks(u64 us)
{
	return us * read_sysreg(cntfrq_el0) / 1000000;
}

/**
 * counter_ms() - how long a number of ticks is
 * @ticks: the number
 *
 * Context: any. Return: milliseconds.
 */
static __always_inline u64 counter_ms(u64 ticks)
{
	return ticks * 1000 / read_sysreg(cntfrq_el0);
}

/**
 * counter_ns() - how long a number of ticks is
 * @ticks: the number
 *
 * Context: any. Return: nanoseconds.
 */
static __always_inline u64 counter_ns(u64 ticks)
{
	u64 frequency = read_sysreg(cntfrq_el0);

	/* The product of the whole would go beyond 64 bits within seconds. */
	return ticks / frequency * 1000000000 + ticks % frequency * 1000000000 / frequency;
}

/**
 * counter_passed() - whether a moment has passed
 * @deadline: ticks
 *
 * Context: any. Return: true if so.
 */
static __always_inline bool counter_passed(u64 deadline)
{
	return (s64)(counter_now() - deadline) > 0;
}

#endif
