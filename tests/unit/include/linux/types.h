/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's type names, for the driver's plain C headers on the host. */
#ifndef UNIT_LINUX_TYPES_H
#define UNIT_LINUX_TYPES_H

#include_next <linux/types.h>

#include <stdbool.h>
#include <stdint.h>

typedef int32_t s32;
typedef uint32_t u32;
typedef long long s64;
typedef unsigned long long u64;

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif

#endif
