/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_PMU_H
#define SDEI_NMI_PMU_H

#include <linux/kconfig.h>

#if IS_ENABLED(CONFIG_PERF_EVENTS)
void sdei_nmi_pmu_serve(void);
void sdei_nmi_pmu_init(void);
void sdei_nmi_pmu_exit(void);
#else
static inline void sdei_nmi_pmu_serve(void)
{
}

static inline void sdei_nmi_pmu_init(void)
{
}

static inline void sdei_nmi_pmu_exit(void)
{
}
#endif

#endif
