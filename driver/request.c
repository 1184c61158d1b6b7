// SPDX-License-Identifier: GPL-2.0
/*
 * The request words of all CPUs: event.c posts and takes, reach.c looks whether one is empty.
 */
#include "request.h"

DEFINE_PER_CPU(atomic_t, sdei_nmi_request_word);
