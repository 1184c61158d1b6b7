// SPDX-License-Identifier: GPL-2.0
/* The power domains of PLAT=qemu, whose topology.c has two clusters. */
#include <arch.h>
#include <plat/common/platform.h>
#include <platform_def.h>

static const unsigned char tree[1 + PLATFORM_CLUSTER_COUNT] = {
	PLATFORM_CLUSTER_COUNT,
	[1 ... PLATFORM_CLUSTER_COUNT] = PLATFORM_MAX_CPUS_PER_CLUSTER,
};

unsigned int plat_qemu_calc_core_pos(u_register_t mpidr);

const unsigned char *plat_get_power_domain_tree_desc(void)
{
	return tree;
}

int plat_core_pos_by_mpidr(u_register_t mpidr)
{
	mpidr &= MPIDR_AFFINITY_MASK;
	if ((mpidr & ~(MPIDR_CLUSTER_MASK | MPIDR_CPU_MASK)) != 0U || MPIDR_AFFLVL1_VAL(mpidr) >= PLATFORM_CLUSTER_COUNT ||
	    MPIDR_AFFLVL0_VAL(mpidr) >= PLATFORM_MAX_CPUS_PER_CLUSTER)
		return -1;
	return (int)plat_qemu_calc_core_pos(mpidr);
}
