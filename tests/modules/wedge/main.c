// SPDX-License-Identifier: GPL-2.0
/*
 * sdei_nmi_wedge - test module that wedges chosen CPUs for a bounded time. The kinds of wedge are
 * in kinds.c.
 *
 * Invariant: every wedge ends. Each spinning CPU reads the release flag and compares the
 * architected counter with a deadline. A CPU of the kind "spinlock" cannot; a hard hrtimer, pinned
 * to a CPU that is not wedged, drops its lock. The end of a wedge does not depend on jiffies, the
 * timer wheel or RCU, because the wedged CPU may be the one that drives them. It does not depend on
 * a thread on another CPU either, because a stop_machine() in progress keeps all threads from
 * running.
 *
 * A kind's preparation, such as a tracepoint's probe, is in place before the kind's first thread
 * exists. It is removed after the last thread is joined.
 *
 * A slot (one per CPU) goes FREE -> STARTING -> WEDGED -> OVER -> FREE. The writer makes the first
 * step, the slot's thread the next two, the reaper the last. The thread may use the slot and the
 * module's text until the reaper has joined it by kthread_stop(). The reaper holds its own
 * reference to the task.
 *
 * Locks: param_lock (taken by sysfs) > wedge_mutex > cpu hotplug read lock. The hotplug lock is
 * held from the check of the CPUs until all are wedged. A kind prepares and cleans up without the
 * hotplug lock, because registering a tracepoint's probe takes it. A read of the state waits for a
 * write that is still starting or releasing.
 *
 * Contexts: parameters in task context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/kallsyms.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringify.h>

#include "wedge.h"

#define WEDGE_MAX_S	300
#define WEDGE_START_S	5
#define WEDGE_END_S	5
#define WEDGE_SETTLE_S	1
#define WEDGE_LATE_S	1
#define WEDGE_WORDS	(2 * WEDGE_KINDS_MAX + 1)	/* each kind once */
#define WEDGE_USAGE	"write KIND CPULIST [KIND CPULIST]... SECONDS, e.g. 'daif 1-2 20', " \
			"KIND one of " WEDGE_KINDS

DEFINE_PER_CPU(struct wedge_slot, wedge_slots);
struct wedge_limit wedge_limit;

static DEFINE_MUTEX(wedge_mutex);

static struct {
	/* Under wedge_mutex; cpus and the kinds of their slots are constant while threads exist. */
	bool			ready;
	unsigned long		prepared;	/* one bit per kind */
	struct cpumask		cpus;
	/* The task that swaps writer from non-NULL to NULL restores the writer's mask. */
	struct task_struct	*writer;
	struct cpumask		writer_mask;
	struct cpumask		writer_away;
	atomic_t		threads;
} wedge;

/*
 * Moves the writer off the CPUs that will be wedged. It stays within its own mask if that leaves a
 * CPU, and may use any other CPU if not.
 */
static int wedge_writer_leave(void)
{
	int err;

	cpumask_copy(&wedge.writer_mask, current->cpus_ptr);
	cpumask_andnot(&wedge.writer_away, cpu_online_mask, &wedge.cpus);
	if (cpumask_intersects(&wedge.writer_away, &wedge.writer_mask))
		cpumask_and(&wedge.writer_away, &wedge.writer_away,
			    &wedge.writer_mask);

	err = set_cpus_allowed_ptr(current, &wedge.writer_away);
	if (err)
		return err;

	cpumask_copy(&wedge.writer_away, current->cpus_ptr);
	wedge.writer = get_task_struct(current);
	return 0;
}

/* If another task has changed the writer's mask meanwhile, that mask stays. */
static void wedge_writer_restore(void)
{
	struct task_struct *writer = xchg(&wedge.writer, NULL);

	if (!writer)
		return;
	if (cpumask_equal(writer->cpus_ptr, &wedge.writer_away))
		set_cpus_allowed_ptr(writer, &wedge.writer_mask);
	put_task_struct(writer);
}

/*
 * If the writer's mask has only wedged CPUs, restoring it here would block the writer with
 * param_lock held. The last thread restores the mask then.
 */
static void wedge_writer_return(void)
{
	if (cpumask_intersects(&wedge.writer_away, &wedge.writer_mask))
		wedge_writer_restore();
}

/*
 * With preemption the thread may have preempted a task that holds a lock. Other CPUs would wait for
 * that lock as long as the wedge lasts. So the thread waits up to WEDGE_SETTLE_S until no other
 * task is runnable on its CPU.
 */
static void wedge_settle(void)
{
	u64 deadline = wedge_after(WEDGE_SETTLE_S);

	while (!single_task_running() && !wedge_passed(deadline))
		wedge_nap();
}

static int wedge_thread(void *data)
{
	struct wedge_slot *slot = data;

	wedge_settle();
	/* If the wedge is over, or the CPU went offline and the thread was moved, do nothing. */
	if (!READ_ONCE(wedge_limit.release) && raw_smp_processor_id() == slot->cpu)
		slot->kind->run(slot);
	WRITE_ONCE(slot->state, WEDGE_OVER);
	if (atomic_dec_and_test(&wedge.threads))
		wedge_writer_restore();
	return 0;
}

/* Sets @found to the CPUs in @state, limited to @kind unless that is NULL. */
static void wedge_find_kind(const struct wedge_kind *kind,
			    enum wedge_state state, struct cpumask *found)
{
	unsigned int cpu;

	cpumask_clear(found);
	for_each_cpu(cpu, &wedge.cpus) {
		const struct wedge_slot *slot = per_cpu_ptr(&wedge_slots, cpu);

		if (READ_ONCE(slot->state) == state &&
		    (!kind || slot->kind == kind))
			cpumask_set_cpu(cpu, found);
	}
}

static void wedge_find(enum wedge_state state, struct cpumask *found)
{
	wedge_find_kind(NULL, state, found);
}

static bool wedge_all(enum wedge_state state)
{
	struct cpumask found;

	wedge_find(state, &found);
	return cpumask_equal(&found, &wedge.cpus);
}

static bool wedge_none(enum wedge_state state)
{
	struct cpumask found;

	wedge_find(state, &found);
	return cpumask_empty(&found);
}

/* Polls until @test(@state) is true, because a masked CPU cannot wake a task. */
static bool wedge_wait(bool (*test)(enum wedge_state state),
		       enum wedge_state state, unsigned int seconds)
{
	u64 deadline = wedge_after(seconds);

	while (!test(state)) {
		if (wedge_passed(deadline))
			return false;
		wedge_nap();
	}
	return true;
}

/* Joins every thread. This waits without bound until each thread's CPU has run it to its end. */
static void wedge_reap(void)
{
	unsigned int cpu;

	wedge_lock_drop();
	wedge_lock_unbound();
	for_each_cpu(cpu, &wedge.cpus) {
		struct wedge_slot *slot = per_cpu_ptr(&wedge_slots, cpu);

		if (slot->task) {
			kthread_stop(slot->task);
			put_task_struct(slot->task);
			slot->task = NULL;
		}
		slot->state = WEDGE_FREE;
	}
	cpumask_clear(&wedge.cpus);
}

/*
 * Ends all wedges. If a CPU has not run its thread yet, the thread is joined later; it reads the
 * release flag and does nothing.
 */
static bool wedge_end(void)
{
	WRITE_ONCE(wedge_limit.release, true);
	wedge_lock_drop();
	if (!wedge_wait(wedge_none, WEDGE_WEDGED, WEDGE_END_S))
		return false;
	if (wedge_all(WEDGE_OVER))
		wedge_reap();
	return true;
}

static int wedge_create(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &wedge.cpus) {
		struct wedge_slot *slot = per_cpu_ptr(&wedge_slots, cpu);
		struct task_struct *task;

		slot->cpu = cpu;
		task = kthread_create_on_cpu(wedge_thread, slot, cpu,
					     "sdei_wedge/%u");
		if (IS_ERR(task)) {
			pr_err("can't create the thread for CPU %u (%pe); nothing is wedged, try again\n",
			       cpu, task);
			return PTR_ERR(task);
		}
		slot->task = get_task_struct(task);
		slot->state = WEDGE_STARTING;
	}
	return 0;
}

static bool wedge_locks(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &wedge.cpus)
		if (per_cpu(wedge_slots, cpu).kind->locks)
			return true;
	return false;
}

static int wedge_launch(unsigned int seconds)
{
	bool locks = wedge_locks();
	struct cpumask missing;
	unsigned int cpu;

	WRITE_ONCE(wedge_limit.release, false);
	WRITE_ONCE(wedge_limit.deadline, wedge_after(WEDGE_START_S + seconds));
	atomic_set(&wedge.threads, cpumask_weight(&wedge.cpus));
	if (locks) {
		/* No sleep here: until the timer is started, the lock has no bound. */
		preempt_disable();
		wedge_lock_take();
		wedge_lock_bound(WEDGE_START_S + seconds);
		preempt_enable();
	}

	for_each_cpu(cpu, &wedge.cpus)
		wake_up_process(per_cpu(wedge_slots, cpu).task);

	if (!wedge_wait(wedge_all, WEDGE_WEDGED, WEDGE_START_S)) {
		wedge_find(WEDGE_STARTING, &missing);
		wedge_end();
		wedge_writer_return();
		pr_err("CPUs %*pbl did not take the wedge within %u s, and all wedges were ended; find out what keeps those CPUs busy\n",
		       cpumask_pr_args(&missing), WEDGE_START_S);
		return -ETIMEDOUT;
	}

	WRITE_ONCE(wedge_limit.deadline, wedge_after(seconds));
	if (locks)
		wedge_lock_bound(seconds);
	return 0;
}

static int wedge_check_cpus(void)
{
	struct cpumask bad;

	if (cpumask_andnot(&bad, &wedge.cpus, cpu_online_mask)) {
		pr_err("CPUs %*pbl are not online; choose among %*pbl\n",
		       cpumask_pr_args(&bad), cpumask_pr_args(cpu_online_mask));
		return -ENXIO;
	}
	if (cpumask_equal(&wedge.cpus, cpu_online_mask)) {
		pr_err("wedging CPUs %*pbl leaves no online CPU to report; leave one out\n",
		       cpumask_pr_args(&wedge.cpus));
		return -EINVAL;
	}
	return 0;
}

static void wedge_tell(unsigned int seconds)
{
	struct cpumask cpus;
	unsigned int i;

	for (i = 0; i < WEDGE_KINDS_MAX; i++) {
		wedge_find_kind(&wedge_kinds[i], WEDGE_WEDGED, &cpus);
		if (!cpumask_empty(&cpus))
			pr_info("%s on CPUs %*pbl for %u s\n",
				wedge_kinds[i].name, cpumask_pr_args(&cpus),
				seconds);
	}
}

static int wedge_start(unsigned int seconds)
{
	int err;

	cpus_read_lock();
	err = wedge_check_cpus();
	if (err) {
		cpumask_clear(&wedge.cpus);
		goto unlock;
	}

	err = wedge_create();
	if (err) {
		wedge_reap();
		goto unlock;
	}

	err = wedge_writer_leave();
	if (err) {
		pr_err("can't move the writer off the CPUs (%d); widen its affinity and try again\n",
		       err);
		wedge_reap();
		goto unlock;
	}

	err = wedge_launch(seconds);
	if (!err) {
		wedge_tell(seconds);
		wedge_writer_return();
	}
unlock:
	cpus_read_unlock();
	return err;
}

/* Splits @text in place at blanks; returns the number of words, at most @max + 1. */
static unsigned int wedge_split(char *text, char **words, unsigned int max)
{
	unsigned int n = 0;
	char *word;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (n == max)
			return max + 1;
		words[n++] = word;
	}
	return n;
}

static int wedge_parse_seconds(const char *word, unsigned int *seconds)
{
	int err = kstrtouint(word, 10, seconds);

	if (err && err != -ERANGE) {
		pr_err("bad number of seconds '%s'; " WEDGE_USAGE "\n", word);
		return -EINVAL;
	}
	if (err || !*seconds || *seconds > WEDGE_MAX_S) {
		pr_err("'%s' seconds are out of range; choose 1 to %u\n", word,
		       WEDGE_MAX_S);
		return -ERANGE;
	}
	return 0;
}

static const struct wedge_kind *wedge_kind_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < WEDGE_KINDS_MAX; i++)
		if (!strcmp(wedge_kinds[i].name, name))
			return &wedge_kinds[i];
	return NULL;
}

/* Adds one kind's CPUs to wedge.cpus. */
static int wedge_parse_kind(const char *name, const char *list)
{
	const struct wedge_kind *kind = wedge_kind_find(name);
	struct cpumask cpus;
	unsigned int cpu;
	int err;

	if (!kind) {
		pr_err("unknown kind '%s'; " WEDGE_USAGE "\n", name);
		return -EINVAL;
	}

	err = cpulist_parse(list, &cpus);
	if (err == -ERANGE || err == -EOVERFLOW) {
		pr_err("no such CPU in '%s'; choose among %*pbl\n", list,
		       cpumask_pr_args(cpu_online_mask));
		return -ENXIO;
	}
	if (err || cpumask_empty(&cpus)) {
		pr_err("bad CPU list '%s'; " WEDGE_USAGE "\n", list);
		return -EINVAL;
	}
	if (cpumask_intersects(&cpus, &wedge.cpus)) {
		pr_err("CPUs %s are named twice; give each CPU one kind\n", list);
		return -EINVAL;
	}

	if (kind->one && cpumask_weight(&cpus) > 1) {
		pr_err("only one CPU at a time can be wedged by '%s'; name one instead of %*pbl\n",
		       kind->name, cpumask_pr_args(&cpus));
		return -EINVAL;
	}

	for_each_cpu_and(cpu, &cpus, cpu_possible_mask)
		per_cpu(wedge_slots, cpu).kind = kind;
	cpumask_or(&wedge.cpus, &wedge.cpus, &cpus);
	return 0;
}

/* On success wedge.cpus and their slots' kinds are set; on failure wedge.cpus is empty. */
static int wedge_parse(char *text, unsigned int *seconds)
{
	char *words[WEDGE_WORDS];
	unsigned int n, i;
	int err = 0;

	n = wedge_split(text, words, WEDGE_WORDS);
	if (n < 3 || n > WEDGE_WORDS || n % 2 == 0) {
		pr_err("not pairs of KIND and CPULIST, then SECONDS; " WEDGE_USAGE "\n");
		return -EINVAL;
	}

	for (i = 0; !err && i < n - 1; i += 2)
		err = wedge_parse_kind(words[i], words[i + 1]);
	if (!err)
		err = wedge_parse_seconds(words[n - 1], seconds);
	if (err)
		cpumask_clear(&wedge.cpus);
	return err;
}

/* On failure wedge.cpus is empty, so wedge_clean_up() reverts the kinds that were prepared. */
static int wedge_prepare(void)
{
	unsigned int cpu, i;
	int err = 0;

	for_each_cpu(cpu, &wedge.cpus) {
		i = per_cpu(wedge_slots, cpu).kind - wedge_kinds;
		if (!wedge_kinds[i].prepare || test_bit(i, &wedge.prepared))
			continue;
		err = wedge_kinds[i].prepare();
		if (err)
			break;
		__set_bit(i, &wedge.prepared);
	}
	if (err)
		cpumask_clear(&wedge.cpus);
	return err;
}

/* Does nothing while a thread exists, because the thread may still need the preparation. */
static void wedge_clean_up(void)
{
	unsigned int i;

	if (!cpumask_empty(&wedge.cpus))
		return;
	for (i = 0; i < WEDGE_KINDS_MAX; i++)
		if (__test_and_clear_bit(i, &wedge.prepared))
			wedge_kinds[i].clean_up();
}

static int wedge_check_idle(void)
{
	struct cpumask cpus;

	if (!wedge.ready) {
		pr_err("the module is loading or unloading; write to the parameter while it is loaded\n");
		return -ENODEV;
	}
	if (!wedge_none(WEDGE_WEDGED)) {
		wedge_find(WEDGE_WEDGED, &cpus);
		pr_err("a wedge is active on CPUs %*pbl; write to 'release' first, or wait for its end\n",
		       cpumask_pr_args(&cpus));
		return -EBUSY;
	}
	if (!wedge_wait(wedge_all, WEDGE_OVER, WEDGE_LATE_S)) {
		wedge_find(WEDGE_STARTING, &cpus);
		pr_err("CPUs %*pbl still hold a thread of an earlier request; wait until they run again\n",
		       cpumask_pr_args(&cpus));
		return -EBUSY;
	}
	wedge_reap();
	wedge_clean_up();
	return 0;
}

static int wedge_set(const char *val, const struct kernel_param *kp)
{
	unsigned int seconds;
	char *text;
	int err;

	text = kstrdup(val, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	mutex_lock(&wedge_mutex);
	err = wedge_check_idle();
	if (!err)
		err = wedge_parse(text, &seconds);
	if (!err)
		err = wedge_prepare();
	if (!err)
		err = wedge_start(seconds);
	wedge_clean_up();
	mutex_unlock(&wedge_mutex);

	kfree(text);
	return err;
}

static int wedge_get(char *buffer, const struct kernel_param *kp)
{
	struct cpumask cpus;
	unsigned int i;
	int len = 0;

	mutex_lock(&wedge_mutex);
	for (i = 0; i < WEDGE_KINDS_MAX; i++) {
		wedge_find_kind(&wedge_kinds[i], WEDGE_WEDGED, &cpus);
		if (!cpumask_empty(&cpus))
			len += sysfs_emit_at(buffer, len, "%s%s %*pbl",
					     len ? " " : "",
					     wedge_kinds[i].name,
					     cpumask_pr_args(&cpus));
	}
	len += sysfs_emit_at(buffer, len, "%s\n", len ? "" : "idle");
	mutex_unlock(&wedge_mutex);
	return len;
}

static int wedge_release_set(const char *val, const struct kernel_param *kp)
{
	struct cpumask cpus;
	int err = 0;

	mutex_lock(&wedge_mutex);
	if (wedge.ready && !wedge_end()) {
		wedge_find(WEDGE_WEDGED, &cpus);
		pr_err("CPUs %*pbl did not end their wedge within %u s; see their backtraces for what else keeps them\n",
		       cpumask_pr_args(&cpus), WEDGE_END_S);
		err = -ETIMEDOUT;
	}
	wedge_clean_up();
	mutex_unlock(&wedge_mutex);
	return err;
}

/* The size comes from the symbol table: it extends to the next symbol, and includes padding. */
static int wedge_range_get(char *buffer, const struct kernel_param *kp)
{
	unsigned long start = (unsigned long)wedge_spin;
	unsigned long size;
	char *text;

	sprint_symbol(buffer, start);
	text = strchr(buffer, '/');
	if (!text)
		return -ENODATA;
	text++;
	text[strcspn(text, " ")] = '\0';
	if (kstrtoul(text, 16, &size))
		return -ENODATA;
	return sysfs_emit(buffer, "%016lx %016lx\n", start, start + size);
}

static const struct kernel_param_ops wedge_ops = {
	.set	= wedge_set,
	.get	= wedge_get,
};
module_param_cb(wedge, &wedge_ops, NULL, 0644);
MODULE_PARM_DESC(wedge,
		 "Write KIND CPULIST [KIND CPULIST]... SECONDS (1-" __stringify(WEDGE_MAX_S)
		 "; KIND: " WEDGE_KINDS
		 ") to wedge CPUs; returns when they are wedged. Reads 'idle' or 'KIND CPULIST...'");

static const struct kernel_param_ops wedge_release_ops = {
	.set	= wedge_release_set,
};
module_param_cb(release, &wedge_release_ops, NULL, 0200);
MODULE_PARM_DESC(release, "Write anything to end all wedges; returns when they have ended");

static const struct kernel_param_ops wedge_range_ops = {
	.get	= wedge_range_get,
};
module_param_cb(range, &wedge_range_ops, NULL, 0400);
MODULE_PARM_DESC(range, "Reads START END, hexadecimal: the addresses of the function in which wedged CPUs spin, and one past its end");

static int __init wedge_init(void)
{
	wedge_lock_init();
	mutex_lock(&wedge_mutex);
	wedge.ready = true;
	mutex_unlock(&wedge_mutex);
	return 0;
}

static void __exit wedge_exit(void)
{
	mutex_lock(&wedge_mutex);
	wedge.ready = false;
	WRITE_ONCE(wedge_limit.release, true);
	wedge_reap();
	wedge_clean_up();
	mutex_unlock(&wedge_mutex);
}

module_init(wedge_init);
module_exit(wedge_exit);

MODULE_DESCRIPTION("Test module that wedges chosen CPUs for a bounded time");
MODULE_LICENSE("GPL");
