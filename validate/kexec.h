/* SPDX-License-Identifier: GPL-2.0 */
/* Tells whether kexec started this kernel. */
#ifndef SDEI_NMI_VALIDATE_KEXEC_H
#define SDEI_NMI_VALIDATE_KEXEC_H

const char *sdeiv_kexec_started(void);

#endif
