/* SPDX-License-Identifier: GPL-2.0 */
/* The device's file, for the check that takes a page fault on it (delivery.c). */
#ifndef SDEI_NMI_VALIDATE_DEVICE_H
#define SDEI_NMI_VALIDATE_DEVICE_H

#include <linux/fs.h>
#include <linux/mm_types.h>

extern struct file *device_file;

int device_mmap(struct file *file, struct vm_area_struct *vma);

#endif
