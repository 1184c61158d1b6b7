// SPDX-License-Identifier: GPL-2.0
/*
 * The request words of all CPUs. event.c sets and takes requests. reach.c checks whether the
 * word of a CPU is empty.
 */
#include "request.h"

DEFINE_PER_CPU(atomic_t, sdei_nmi_request_word);
