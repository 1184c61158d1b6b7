// SPDX-License-Identifier: GPL-2.0
/*
 * What runs on a PE is run by a thread that is bound to it, and waited for with a bound. A PE that
 * does not answer is lost: nothing is asked of it any more.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "deadline.h"
#include "pe.h"
#include "wait.h"

static void work_here(struct kthread_work *work)
{
	struct pe *pe = container_of(work, struct pe, work);

	/* Nobody waits any more, and what it was to work on may be gone. */
	if (atomic_cmpxchg(&pe->job, JOB_QUEUED, JOB_RUNNING) != JOB_QUEUED)
		return;
	pe->fn(pe, pe->arg);
	complete(&pe->done);
}

/**
 * pe_worker_start() - make the thread that does things on a PE
 * @pe: the PE, whose CPU is online
 *
 * Context: task. Return: 0 or a negative errno.
 */
int pe_worker_start(struct pe *pe)
{
	struct kthread_worker *worker = kthread_create_worker_on_cpu(pe->cpu, 0, "sdei_validate");

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	/* Newer kernels leave it to the caller to start it. */
	wake_up_process(worker->task);
	/* It is to have its turn on a busy machine, also where real-time tasks are. */
	sched_set_fifo(worker->task);
	/* It may have been another's, before the CPU was offline. */
	kthread_init_work(&pe->work, work_here);
	pe->worker = worker;
	return 0;
}

/**
 * pe_worker_stop() - end that thread
 * @pe: the PE
 *
 * Context: task.
 */
void pe_worker_stop(struct pe *pe)
{
	if (pe->worker && !pe->lost)
		kthread_destroy_worker(pe->worker);
	pe->worker = NULL;
}

/**
 * pe_start() - begin something on a PE
 * @pe: the PE, which nothing was begun on that was not finished
 * @fn: what
 * @arg: for it; stays until pe_finish()
 *
 * Context: task. Return: false if the PE is lost.
 */
bool pe_start(struct pe *pe, void (*fn)(struct pe *pe, void *arg), void *arg)
{
	if (pe->lost || !pe->worker)
		return false;
	pe->fn = fn;
	pe->arg = arg;
	reinit_completion(&pe->done);
	atomic_set(&pe->job, JOB_QUEUED);
	kthread_queue_work(pe->worker, &pe->work);
	return true;
}

/**
 * pe_finish() - wait until it has been done
 * @pe: the PE
 *
 * Context: task. Return: false if it was not, so that the PE is lost.
 */
bool pe_finish(struct pe *pe)
{
	if (wait_for_completion_timeout(&pe->done, msecs_to_jiffies(STATE_MS + ALIVE_MS)))
		return true;
	pe->lost = "did not come back from what it was doing";
	if (atomic_cmpxchg(&pe->job, JOB_QUEUED, JOB_ABANDONED) == JOB_QUEUED)
		pe->lost = "does not run a thread that it is given";
	return false;
}

/**
 * pe_run() - have something done on a PE
 * @pe: the PE
 * @fn: what
 * @arg: for it
 *
 * Context: task. Return: false if it was not done, so that the PE is lost.
 */
bool pe_run(struct pe *pe, void (*fn)(struct pe *pe, void *arg), void *arg)
{
	return pe_start(pe, fn, arg) && pe_finish(pe);
}

/**
 * pe_begin() - begin to bring a PE into a state
 * @pe: the PE
 * @state: sets @ready when it has come into it, and stays as long as pe_stays()
 * @arg: for it
 *
 * Context: task, with preemption on or off; pe_leave() follows in any case.
 * Return: false if it does not come into it.
 */
bool pe_begin(struct pe *pe, void (*state)(struct pe *pe, void *arg), void *arg)
{
	pe->ready = false;
	pe->stop = false;
	if (!pe_start(pe, state, arg))
		return false;
	return soon(READ_ONCE(pe->ready), ALIVE_MS);
}

/**
 * pe_enter() - bring a PE into a state
 * @pe: the PE
 * @state: as of pe_begin()
 * @arg: for it
 *
 * Context: task. Return: false if it did not come into it, and is not on its way any more.
 */
bool pe_enter(struct pe *pe, void (*state)(struct pe *pe, void *arg), void *arg)
{
	if (pe_begin(pe, state, arg))
		return true;
	pe_leave(pe);
	return false;
}

/**
 * pe_stays() - of a PE in a state: whether it is to stay there
 * @pe: this one
 * @deadline: until when at most, by the counter
 *
 * Context: any, on the PE. Return: true if so.
 */
bool notrace pe_stays(struct pe *pe, u64 deadline)
{
	cpu_relax();
	return !READ_ONCE(pe->stop) && !counter_passed(deadline);
}

/**
 * pe_leave() - let a PE leave its state
 * @pe: the PE
 *
 * Context: task. Return: false if it did not, so that it is lost.
 */
bool pe_leave(struct pe *pe)
{
	WRITE_ONCE(pe->stop, true);
	return !pe->lost && pe_finish(pe);
}

