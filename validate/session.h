/* SPDX-License-Identifier: GPL-2.0 */
/* From the opening of the device to its closing. */
#ifndef SDEI_NMI_VALIDATE_SESSION_H
#define SDEI_NMI_VALIDATE_SESSION_H

int sdeiv_session_begin(void);
void sdeiv_session_end(void);

#endif
