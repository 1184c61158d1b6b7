/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_STOP_GIC_H
#define SDEI_NMI_STOP_GIC_H

void sdei_nmi_stop_switch_off(void);

#endif
