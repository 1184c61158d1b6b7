/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MANY_PLATFORM_DEF_H
#define MANY_PLATFORM_DEF_H

#include_next <platform_def.h>

#undef PLATFORM_CLUSTER_COUNT
#define PLATFORM_CLUSTER_COUNT	U(4)
#undef PLATFORM_CORE_COUNT
#define PLATFORM_CORE_COUNT	(PLATFORM_CLUSTER_COUNT * PLATFORM_MAX_CPUS_PER_CLUSTER)

/* BL31 has data for each CPU, so it needs more room than the 448 KiB of PLAT=qemu. */
#undef BL31_BASE
#define BL31_BASE		(BL31_LIMIT - 0x98000)

#endif
