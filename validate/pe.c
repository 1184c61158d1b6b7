// SPDX-License-Identifier: GPL-2.0
/* The PEs under test. */
#include <linux/slab.h>

#include "pe.h"

/* From where signals are sent, where it does not matter. */
unsigned int sdeiv_home;

static struct cpumask tested;
static struct sdeiv_pe **pes;

/**
 * sdeiv_pe_list_init() - make room for the PEs
 *
 * Context: task. Return: 0 or -ENOMEM.
 */
int sdeiv_pe_list_init(void)
{
	pes = kcalloc(nr_cpu_ids, sizeof(struct sdeiv_pe *), GFP_KERNEL);
	return pes ? 0 : -ENOMEM;
}

/**
 * sdeiv_pe_add() - put a PE under test
 * @pe: the PE, with its @cpu set
 *
 * Context: task.
 */
void sdeiv_pe_add(struct sdeiv_pe *pe)
{
	pes[pe->cpu] = pe;
	cpumask_set_cpu(pe->cpu, &tested);
}

/**
 * sdeiv_pe_list_exit() - no PE is under test any more
 *
 * Context: task.
 */
void sdeiv_pe_list_exit(void)
{
	cpumask_clear(&tested);
	kfree(pes);
	pes = NULL;
}

/**
 * sdeiv_pe_all() - the PEs under test
 *
 * Context: task. Return: their CPUs, those included that were lost.
 */
const struct cpumask *sdeiv_pe_all(void)
{
	return &tested;
}

/**
 * sdeiv_pe_of() - the PE of a CPU
 * @cpu: one of sdeiv_pe_all()
 *
 * Context: any. Return: the PE.
 */
struct sdeiv_pe *sdeiv_pe_of(unsigned int cpu)
{
	return pes[cpu];
}

/**
 * sdeiv_pe_next() - one PE after the other, but those that are lost
 * @pe: one of them, or NULL before the first
 *
 * Context: any. Return: the next one, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_next(const struct sdeiv_pe *pe)
{
	unsigned int cpu = pe ? pe->cpu : -1;

	while ((cpu = cpumask_next(cpu, &tested)) < nr_cpu_ids)
		if (!pes[cpu]->lost)
			return pes[cpu];
	return NULL;
}

/**
 * sdeiv_pe_next_other() - the same without the one that signals are sent from
 * @pe: one of them, or NULL before the first
 *
 * Context: any. Return: the next one, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_next_other(const struct sdeiv_pe *pe)
{
	struct sdeiv_pe *next = sdeiv_pe_next(pe);

	return next && next->cpu == sdeiv_home ? sdeiv_pe_next(next) : next;
}

/**
 * sdeiv_pe_victim() - the PE on which checks are made that may cost it
 *
 * Context: task. Return: the last one that is not lost and not home, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_victim(void)
{
	struct sdeiv_pe *pe, *last = NULL;

	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe))
		last = pe;
	return last;
}

/**
 * sdeiv_pe_lost() - whether a PE was lost
 *
 * Context: task. Return: the first that was, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_lost(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &tested)
		if (pes[cpu]->lost)
			return pes[cpu];
	return NULL;
}
