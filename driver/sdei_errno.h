/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SDEI's return codes (DEN0054, "Return error code") as errno and in words. Plain C, because the
 * unit tests build it on the host.
 */
#ifndef SDEI_NMI_SDEI_ERRNO_H
#define SDEI_NMI_SDEI_ERRNO_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>

/**
 * struct sdei_nmi_error - an error code of the specification
 * @code: in the low 32 bits of x0
 * @err: the errno that stands for it in the driver
 * @name: the specification's name of the code
 * @key: @name in lower case, as debugfs shows it
 */
struct sdei_nmi_error {
	s32 code;
	int err;
	const char *name;
	const char *key;
};

/* The last row stands for all values that the specification does not define. */
static const struct sdei_nmi_error sdei_nmi_errors[] = {
	{ -1, -EOPNOTSUPP, "NOT_SUPPORTED", "not_supported" },
	{ -2, -EINVAL, "INVALID_PARAMETERS", "invalid_parameters" },
	{ -3, -EPERM, "DENIED", "denied" },
	{ -5, -EINPROGRESS, "PENDING", "pending" },
	{ -10, -ENOMEM, "OUT_OF_RESOURCE", "out_of_resource" },
	{ 0, -EIO, "a code unknown to the specification", "unknown" },
};

#define SDEI_NMI_ERROR_UNKNOWN	(ARRAY_SIZE(sdei_nmi_errors) - 1)

/**
 * sdei_errno() - convert the result of an SDEI call to an errno
 * @x0: the raw value of the register
 *
 * An error code is compared in the low 32 bits, because some firmware does not sign-extend it.
 *
 * Context: any. Return: 0 for success, a negative errno for a code of the specification, -EIO for
 * any other value.
 */
static __always_inline int sdei_errno(u64 x0)
{
	unsigned int i;

	if (!x0)
		return 0;
	for (i = 0; i < SDEI_NMI_ERROR_UNKNOWN; i++)
		if (sdei_nmi_errors[i].code == (s32)x0)
			break;
	return sdei_nmi_errors[i].err;
}

/**
 * sdei_error_index() - find the row of an errno in sdei_nmi_errors
 * @err: negative errno
 *
 * Context: any. Return: the index of the row, SDEI_NMI_ERROR_UNKNOWN if no other row has @err.
 */
static inline unsigned int sdei_error_index(int err)
{
	unsigned int i;

	for (i = 0; i < SDEI_NMI_ERROR_UNKNOWN; i++)
		if (sdei_nmi_errors[i].err == err)
			break;
	return i;
}

/**
 * sdei_error_code() - convert an errno to the specification's code
 * @err: negative errno from sdei_errno()
 *
 * Context: any. Return: the code, 0 if the specification has none.
 */
static inline int sdei_error_code(int err)
{
	return sdei_nmi_errors[sdei_error_index(err)].code;
}

/**
 * sdei_error_name() - convert an errno to the specification's name of the code
 * @err: negative errno from sdei_errno()
 *
 * Context: any. Return: a constant string, never NULL.
 */
static inline const char *sdei_error_name(int err)
{
	return sdei_nmi_errors[sdei_error_index(err)].name;
}

#endif
