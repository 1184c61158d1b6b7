/* SPDX-License-Identifier: GPL-2.0 */
/* A session lasts while the device is open. */
#ifndef SDEI_NMI_VALIDATE_SESSION_H
#define SDEI_NMI_VALIDATE_SESSION_H

int sdeiv_session_begin(void);
void sdeiv_session_end(void);

#endif
