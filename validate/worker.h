/* SPDX-License-Identifier: GPL-2.0 */
/* Runs functions on a PE, in a thread that is bound to the PE. */
#ifndef SDEI_NMI_VALIDATE_WORKER_H
#define SDEI_NMI_VALIDATE_WORKER_H

#include "pe.h"

int sdeiv_worker_start(struct sdeiv_pe *pe);
void sdeiv_worker_stop(struct sdeiv_pe *pe);

bool sdeiv_work_start(struct sdeiv_pe *pe, void (*fn)(struct sdeiv_pe *pe, void *arg), void *arg);
unsigned long sdeiv_work_end(void);
bool sdeiv_work_finish_by(struct sdeiv_pe *pe, unsigned long end);
bool sdeiv_work_finish(struct sdeiv_pe *pe);
bool sdeiv_work_run(struct sdeiv_pe *pe, void (*fn)(struct sdeiv_pe *pe, void *arg), void *arg);

bool sdeiv_state_begin(struct sdeiv_pe *pe, void (*state)(struct sdeiv_pe *pe, void *arg),
		       void *arg);
bool sdeiv_state_enter(struct sdeiv_pe *pe, void (*state)(struct sdeiv_pe *pe, void *arg),
		       void *arg);
bool sdeiv_state_leave(struct sdeiv_pe *pe);
void sdeiv_state_sleeps(struct sdeiv_pe *pe);
bool sdeiv_state_stays(struct sdeiv_pe *pe, u64 deadline);

#endif
