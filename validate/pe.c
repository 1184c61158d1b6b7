// SPDX-License-Identifier: GPL-2.0
/* The PEs under test. */
#include <linux/slab.h>

#include "pe.h"

#define PES_FOR_LIMITS	16	/* each such number of PEs adds the limit once more */

unsigned int sdeiv_home;

static struct cpumask tested;
static struct sdeiv_pe **pes;

/**
 * sdeiv_pe_list_init() - allocate the list of PEs under test
 *
 * Context: task. Return: 0 or -ENOMEM.
 */
int sdeiv_pe_list_init(void)
{
	pes = kcalloc(nr_cpu_ids, sizeof(struct sdeiv_pe *), GFP_KERNEL);
	return pes ? 0 : -ENOMEM;
}

/**
 * sdeiv_pe_add() - add a PE to the list
 * @pe: the PE, with @cpu set
 *
 * Context: task.
 */
void sdeiv_pe_add(struct sdeiv_pe *pe)
{
	pes[pe->cpu] = pe;
	cpumask_set_cpu(pe->cpu, &tested);
}

/**
 * sdeiv_pe_list_exit() - free the list
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
 * sdeiv_pe_all() - get the CPUs of the PEs under test
 *
 * Context: task. Return: the CPUs, including those of lost PEs.
 */
const struct cpumask *sdeiv_pe_all(void)
{
	return &tested;
}

/**
 * sdeiv_pe_of() - get the PE of a CPU
 * @cpu: a CPU in sdeiv_pe_all()
 *
 * Context: any. Return: the PE.
 */
struct sdeiv_pe *sdeiv_pe_of(unsigned int cpu)
{
	return pes[cpu];
}

/**
 * sdeiv_pe_next() - iterate over the PEs that are not lost
 * @pe: the previous PE, or NULL to start
 *
 * Context: any. Return: the next PE, or NULL after the last one.
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
 * sdeiv_pe_next_other() - iterate over the PEs that are not lost, without that of sdeiv_home
 * @pe: the previous PE, or NULL to start
 *
 * Context: any. Return: the next PE, or NULL after the last one.
 */
struct sdeiv_pe *sdeiv_pe_next_other(const struct sdeiv_pe *pe)
{
	struct sdeiv_pe *next = sdeiv_pe_next(pe);

	return next && next->cpu == sdeiv_home ? sdeiv_pe_next(next) : next;
}

/**
 * sdeiv_pe_victim() - get the PE for a check that needs one target or can lose a PE
 *
 * Context: task. Return: the last PE of sdeiv_pe_next_other(), or NULL.
 */
struct sdeiv_pe *sdeiv_pe_victim(void)
{
	struct sdeiv_pe *pe, *last = NULL;

	for (pe = sdeiv_pe_next_other(NULL); pe; pe = sdeiv_pe_next_other(pe))
		last = pe;
	return last;
}

/**
 * sdeiv_pe_lost() - find a lost PE
 *
 * Context: task. Return: the lost PE with the lowest CPU number, or NULL.
 */
struct sdeiv_pe *sdeiv_pe_lost(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &tested)
		if (pes[cpu]->lost)
			return pes[cpu];
	return NULL;
}

/**
 * sdeiv_pe_limit() - scale a time limit with the number of PEs under test
 * @ms: time limit in milliseconds for one PE
 *
 * PEs contend for the interrupt controller, memory and, in an emulator, for CPUs of the host.
 *
 * Context: any. Return: the time limit in milliseconds.
 */
unsigned int sdeiv_pe_limit(unsigned int ms)
{
	return ms + ms * cpumask_weight(&tested) / PES_FOR_LIMITS;
}
