/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SDEI_NMI_QUIRKS_H
#define SDEI_NMI_QUIRKS_H

#include <linux/bits.h>
#include <linux/types.h>

/**
 * enum sdei_nmi_quirk - what a firmware does in its own way
 * @SDEI_NMI_QUIRK_UNUSABLE: event 0 must not be used
 * @SDEI_NMI_QUIRK_NO_CPU_OFF: a CPU that event 0 stopped must not switch itself off
 * @SDEI_NMI_QUIRK_MASKED_REFUSED: INVALID_PARAMETERS for a signal means that the target has SDEI
 * masked now, not that the signal is wrong
 */
enum sdei_nmi_quirk {
	SDEI_NMI_QUIRK_UNUSABLE = BIT(0),
	SDEI_NMI_QUIRK_NO_CPU_OFF = BIT(1),
	SDEI_NMI_QUIRK_MASKED_REFUSED = BIT(2),
};

int sdei_nmi_quirks_init(void);
bool sdei_nmi_quirks_has(enum sdei_nmi_quirk quirk);
int sdei_nmi_quirks_text(char *text, size_t size);
const char *sdei_nmi_quirks_priority(void);

#endif
