// SPDX-License-Identifier: GPL-2.0
/*
 * A thread bound to each PE runs the suite's functions there. All waits for it are bounded. A PE
 * whose thread does not finish in time is lost: the suite gives it no more work.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "arrivals.h"
#include "deadline.h"
#include "wait.h"
#include "worker.h"

#define FALL_ASLEEP_US	1000	/* from sdeiv_state_sleeps() to the sleep */

static void work_here(struct kthread_work *work)
{
	struct sdeiv_pe *pe = container_of(work, struct sdeiv_pe, work);

	/* The caller has stopped waiting, and @arg may be gone. */
	if (atomic_cmpxchg(&pe->job, SDEIV_JOB_QUEUED, SDEIV_JOB_RUNNING) != SDEIV_JOB_QUEUED)
		return;
	pe->fn(pe, pe->arg);
	complete(&pe->done);
}

/**
 * sdeiv_worker_start() - create the thread bound to a PE
 * @pe: the PE, whose CPU is online
 *
 * Context: task. Return: 0 or a negative errno.
 */
int sdeiv_worker_start(struct sdeiv_pe *pe)
{
	struct kthread_worker *worker = kthread_create_worker_on_cpu(pe->cpu, 0, "sdei_validate");

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	/* Newer kernels do not start the thread of a new worker. */
	wake_up_process(worker->task);
	/* The thread must run on a busy machine, even beside real-time tasks. */
	sched_set_fifo(worker->task);
	/* Another worker may have used the item before the CPU went offline. */
	kthread_init_work(&pe->work, work_here);
	pe->worker = worker;
	return 0;
}

/**
 * sdeiv_worker_stop() - end the thread bound to a PE
 * @pe: the PE
 *
 * Context: task.
 */
void sdeiv_worker_stop(struct sdeiv_pe *pe)
{
	if (pe->worker && !pe->lost)
		kthread_destroy_worker(pe->worker);
	pe->worker = NULL;
}

/**
 * sdeiv_work_start() - start a function on a PE
 * @pe: the PE, which has no unfinished work
 * @fn: the function
 * @arg: argument of @fn; valid until sdeiv_work_finish() returns
 *
 * Context: task. Return: false if the PE is lost.
 */
bool sdeiv_work_start(struct sdeiv_pe *pe, void (*fn)(struct sdeiv_pe *pe, void *arg), void *arg)
{
	if (pe->lost || !pe->worker)
		return false;
	pe->fn = fn;
	pe->arg = arg;
	pe->sleeps = false;
	reinit_completion(&pe->done);
	atomic_set(&pe->job, SDEIV_JOB_QUEUED);
	kthread_queue_work(pe->worker, &pe->work);
	return true;
}

/**
 * sdeiv_work_end() - when a function that starts now has to be finished
 *
 * Context: any. Return: the time in jiffies, for sdeiv_work_finish_by().
 */
unsigned long sdeiv_work_end(void)
{
	return jiffies + msecs_to_jiffies(sdeiv_pe_limit(SDEIV_STATE_MS + SDEIV_HEALTH_MS));
}

/**
 * sdeiv_work_finish_by() - wait for the function that sdeiv_work_start() started
 * @pe: the PE
 * @end: when the function has to be finished, in jiffies
 *
 * Several PEs that run a function at the same time have the same end. Then the wait does not grow
 * with the number of those that are lost.
 *
 * Context: task; sleeps. Return: false on timeout; the PE is then lost.
 */
bool sdeiv_work_finish_by(struct sdeiv_pe *pe, unsigned long end)
{
	long left = max((long)(end - jiffies), 0L);

	if (wait_for_completion_timeout(&pe->done, left))
		return true;
	pe->lost = "did not come back from what it was doing";
	if (atomic_cmpxchg(&pe->job, SDEIV_JOB_QUEUED, SDEIV_JOB_ABANDONED) == SDEIV_JOB_QUEUED)
		pe->lost = "does not run a thread that it is given";
	return false;
}

/**
 * sdeiv_work_finish() - wait for the function that sdeiv_work_start() started
 * @pe: the PE
 *
 * Context: task; sleeps. Return: false on timeout; the PE is then lost.
 */
bool sdeiv_work_finish(struct sdeiv_pe *pe)
{
	return sdeiv_work_finish_by(pe, sdeiv_work_end());
}

/**
 * sdeiv_work_run() - run a function on a PE and wait for it
 * @pe: the PE
 * @fn: the function
 * @arg: argument of @fn
 *
 * Context: task. Return: false if the PE is lost.
 */
bool sdeiv_work_run(struct sdeiv_pe *pe, void (*fn)(struct sdeiv_pe *pe, void *arg), void *arg)
{
	return sdeiv_work_start(pe, fn, arg) && sdeiv_work_finish(pe);
}

/**
 * sdeiv_state_begin() - bring a PE into a state
 * @pe: the PE
 * @state: sets @ready of the PE in the state, or calls sdeiv_state_sleeps(); returns when
 * sdeiv_state_stays() returns false
 * @arg: argument of @state
 *
 * Context: task, with preemption enabled or disabled. The caller must call sdeiv_state_leave() in
 * any case. Return: true if the PE reached the state in time.
 */
bool sdeiv_state_begin(struct sdeiv_pe *pe, void (*state)(struct sdeiv_pe *pe, void *arg),
		       void *arg)
{
	pe->ready = false;
	pe->stop = false;
	if (!sdeiv_work_start(pe, state, arg))
		return false;
	if (!sdeiv_wait_until(READ_ONCE(pe->ready), sdeiv_pe_limit(SDEIV_HEALTH_MS)))
		return false;
	if (READ_ONCE(pe->sleeps))
		sdeiv_pause(FALL_ASLEEP_US);
	return true;
}

/**
 * sdeiv_state_enter() - bring a PE into a state, and leave the state on failure
 * @pe: the PE
 * @state: as in sdeiv_state_begin()
 * @arg: argument of @state
 *
 * Context: task. Return: true if the PE reached the state in time. Only then must the caller call
 * sdeiv_state_leave().
 */
bool sdeiv_state_enter(struct sdeiv_pe *pe, void (*state)(struct sdeiv_pe *pe, void *arg),
		       void *arg)
{
	if (sdeiv_state_begin(pe, state, arg))
		return true;
	sdeiv_state_leave(pe);
	return false;
}

/**
 * sdeiv_state_stays() - test whether a PE must stay in its state
 * @pe: the PE on which the function runs
 * @deadline: latest end of the state, in counter ticks
 *
 * Context: any, on the PE. Return: true if the PE must stay.
 */
bool notrace sdeiv_state_stays(struct sdeiv_pe *pe, u64 deadline)
{
	cpu_relax();
	return !READ_ONCE(pe->stop) && !counter_passed(deadline);
}

/**
 * sdeiv_state_leave() - make a PE leave its state
 * @pe: the PE
 *
 * Context: task. Return: false if the PE did not leave the state; the PE is then lost.
 */
bool sdeiv_state_leave(struct sdeiv_pe *pe)
{
	smp_store_mb(pe->stop, true);	/* pairs with sdeiv_state_sleeps() */
	if (READ_ONCE(pe->sleeps))
		smp_call_function_single_async(pe->cpu, &pe->wake);
	return !pe->lost && sdeiv_work_finish(pe);
}

/**
 * sdeiv_state_sleeps() - a PE has reached a state that only an interrupt ends
 * @pe: the PE on which the function runs, with interrupts masked and timers stopped (timers.h)
 *
 * The state calls this instead of setting @ready, just before the PE sleeps.
 *
 * Context: any, on the PE.
 */
void sdeiv_state_sleeps(struct sdeiv_pe *pe)
{
	smp_store_mb(pe->sleeps, true);	/* pairs with sdeiv_state_leave() */
	WRITE_ONCE(pe->ready, true);
}
