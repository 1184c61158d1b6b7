// SPDX-License-Identifier: GPL-2.0
/* The GIC's redistributors, which QEMU has in two regions if there are more than 123 CPUs. */
#include <drivers/arm/gicv3.h>
#include <platform_def.h>

/* The last CPU whose redistributor is in the first region. */
#define FIRST_REGION_LAST	122

void __real_gicv3_rdistif_base_addrs_probe(uintptr_t *frames, unsigned int count, uintptr_t region, mpidr_hash_fn position);
void __wrap_gicv3_rdistif_base_addrs_probe(uintptr_t *frames, unsigned int count, uintptr_t region, mpidr_hash_fn position);

/* With exactly 123 CPUs there is no second region, and BL31 ends here with an external abort. */
void __wrap_gicv3_rdistif_base_addrs_probe(uintptr_t *frames, unsigned int count, uintptr_t region, mpidr_hash_fn position)
{
	__real_gicv3_rdistif_base_addrs_probe(frames, count, region, position);
	if (frames[FIRST_REGION_LAST] != 0U)
		__real_gicv3_rdistif_base_addrs_probe(frames, count, MANY_GICR_BASE, position);
}
