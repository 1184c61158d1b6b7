/* SPDX-License-Identifier: GPL-2.0 */
/* Sets the handler of event 0 on a PE. */
#ifndef SDEI_NMI_VALIDATE_SETUP_H
#define SDEI_NMI_VALIDATE_SETUP_H

#include "pe.h"

s64 sdeiv_register_here(struct sdeiv_pe *pe, enum sdeiv_setup setup);
void sdeiv_release_here(void *info);
void sdeiv_forget_setup(struct sdeiv_pe *pe);
s64 sdeiv_set_up(struct sdeiv_pe *pe, enum sdeiv_setup setup);

#endif
