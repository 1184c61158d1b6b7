/* SPDX-License-Identifier: GPL-2.0 */
/* The check that takes a page fault in a mapping of the device. */
#ifndef SDEI_NMI_VALIDATE_PAGE_FAULT_H
#define SDEI_NMI_VALIDATE_PAGE_FAULT_H

#include <linux/fs.h>
#include <linux/mm_types.h>

#include "check.h"

extern struct file *sdeiv_device_file;

int sdeiv_device_mmap(struct file *file, struct vm_area_struct *vma);
enum sdeiv_result sdeiv_page_fault_check(struct sdeiv_report *r, const void *with);

#endif
