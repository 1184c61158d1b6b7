/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_SUSPEND_H
#define SDEI_NMI_SUSPEND_H

#ifdef CONFIG_PM_SLEEP
int sdei_nmi_suspend_init(void);
void sdei_nmi_suspend_exit(void);
#else
static inline int sdei_nmi_suspend_init(void)
{
	return 0;
}

static inline void sdei_nmi_suspend_exit(void)
{
}
#endif

#endif
