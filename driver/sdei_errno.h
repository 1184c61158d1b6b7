/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What SDEI's return codes (DEN0054, "Return error code") mean as errno and in words. Plain C: the
 * unit tests build it on the host.
 */
#ifndef SDEI_NMI_SDEI_ERRNO_H
#define SDEI_NMI_SDEI_ERRNO_H

#include <linux/errno.h>
#include <linux/types.h>

/**
 * sdei_errno() - the errno for what an SDEI call left in x0
 * @x0: the raw register
 *
 * Codes are looked for in the low 32 bits: firmware in the field returns them zero-extended too.
 *
 * Context: any. Return: 0 for success, a negative errno for a code of the specification, -EIO for
 * any other value.
 */
static inline int sdei_errno(u64 x0)
{
	switch ((s32)x0) {
	case 0:
		return x0 ? -EIO : 0;
	case -1:
		return -EOPNOTSUPP;
	case -2:
		return -EINVAL;
	case -3:
		return -EPERM;
	case -5:
		return -EINPROGRESS;
	case -10:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

/**
 * sdei_error_code() - the specification's code for an errno of sdei_errno()
 * @err: negative errno
 *
 * Context: any. Return: the code, 0 if the specification has none.
 */
static inline int sdei_error_code(int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return -1;
	case -EINVAL:
		return -2;
	case -EPERM:
		return -3;
	case -EINPROGRESS:
		return -5;
	case -ENOMEM:
		return -10;
	default:
		return 0;
	}
}

/**
 * sdei_error_name() - the specification's word for an errno of sdei_errno()
 * @err: negative errno
 *
 * Context: any. Return: a constant string, never NULL.
 */
static inline const char *sdei_error_name(int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return "NOT_SUPPORTED";
	case -EINVAL:
		return "INVALID_PARAMETERS";
	case -EPERM:
		return "DENIED";
	case -EINPROGRESS:
		return "PENDING";
	case -ENOMEM:
		return "OUT_OF_RESOURCE";
	default:
		return "a code unknown to the specification";
	}
}

#endif
