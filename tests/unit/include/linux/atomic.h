/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's atomic_t on top of C11 atomics. Each operation has exactly the order that the kernel
 * guarantees (Documentation/atomic_t.txt): operations without a return value are relaxed,
 * operations that return a value are fully ordered unless their name says less. So
 * -fsanitize=thread finds missing order, even on a host whose CPUs order more.
 */
#ifndef UNIT_LINUX_ATOMIC_H
#define UNIT_LINUX_ATOMIC_H

#include <stdatomic.h>

#include <linux/types.h>

typedef struct {
	_Atomic int counter;
} atomic_t;

#define ATOMIC_INIT(value) { (value) }

/* Called before each operation if set, so that a test can let another party run first. */
static _Thread_local void (*atomic_before)(void);

static __always_inline void atomic_enter(void)
{
	if (atomic_before)
		atomic_before();
}

static __always_inline int atomic_read(const atomic_t *v)
{
	atomic_enter();
	return atomic_load_explicit(&v->counter, memory_order_relaxed);
}

static __always_inline int atomic_read_acquire(const atomic_t *v)
{
	atomic_enter();
	return atomic_load_explicit(&v->counter, memory_order_acquire);
}

static __always_inline void atomic_set(atomic_t *v, int value)
{
	atomic_enter();
	atomic_store_explicit(&v->counter, value, memory_order_relaxed);
}

static __always_inline void atomic_set_release(atomic_t *v, int value)
{
	atomic_enter();
	atomic_store_explicit(&v->counter, value, memory_order_release);
}

/* As in the kernel, the bits are the first argument. */
static __always_inline void atomic_or(int bits, atomic_t *v)
{
	atomic_enter();
	atomic_fetch_or_explicit(&v->counter, bits, memory_order_relaxed);
}

static __always_inline int atomic_fetch_or_release(int bits, atomic_t *v)
{
	atomic_enter();
	return atomic_fetch_or_explicit(&v->counter, bits, memory_order_release);
}

static __always_inline int atomic_fetch_andnot(int bits, atomic_t *v)
{
	atomic_enter();
	return atomic_fetch_and_explicit(&v->counter, ~bits, memory_order_seq_cst);
}

static __always_inline int atomic_xchg(atomic_t *v, int value)
{
	atomic_enter();
	return atomic_exchange_explicit(&v->counter, value, memory_order_seq_cst);
}

/* A failed cmpxchg is relaxed. */
static __always_inline int atomic_cmpxchg(atomic_t *v, int old, int value)
{
	atomic_enter();
	atomic_compare_exchange_strong_explicit(&v->counter, &old, value, memory_order_seq_cst,
						memory_order_relaxed);
	return old;
}

#endif
