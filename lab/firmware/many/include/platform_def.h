/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MANY_PLATFORM_DEF_H
#define MANY_PLATFORM_DEF_H

#include_next <platform_def.h>

#undef PLATFORM_CLUSTER_COUNT
#define PLATFORM_CLUSTER_COUNT	U(8)
#undef PLATFORM_CORE_COUNT
#define PLATFORM_CORE_COUNT	(PLATFORM_CLUSTER_COUNT * PLATFORM_MAX_CPUS_PER_CLUSTER)

/*
 * BL31 has data for each CPU, so it needs more room than the 448 KiB of PLAT=qemu. The two memories are
 * parts of the same 16 MiB of QEMU's secure RAM.
 */
#undef SEC_SRAM_SIZE
#define SEC_SRAM_SIZE		0x00200000
#undef SEC_DRAM_BASE
#define SEC_DRAM_BASE		0x0e200000
#undef SEC_DRAM_SIZE
#define SEC_DRAM_SIZE		0x00e00000
#undef BL31_BASE
#define BL31_BASE		(BL31_LIMIT - 0x100000)

/*
 * QEMU has the redistributors of 123 CPUs at GICR_BASE, and those of the other CPUs behind the RAM, at
 * 256 GiB with less than that of RAM. Only BL31 uses them.
 */
#define MANY_GICR_BASE		ULL(0x4000000000)
#ifdef IMAGE_BL31
#define DEVICE2_BASE		MANY_GICR_BASE
#define DEVICE2_SIZE		0x00200000
#undef PLAT_PHY_ADDR_SPACE_SIZE
#define PLAT_PHY_ADDR_SPACE_SIZE	(1ULL << 39)
#undef PLAT_VIRT_ADDR_SPACE_SIZE
#define PLAT_VIRT_ADDR_SPACE_SIZE	(1ULL << 39)
#undef MAX_MMAP_REGIONS
#define MAX_MMAP_REGIONS	14
#undef MAX_XLAT_TABLES
#define MAX_XLAT_TABLES		8
#endif

#endif
