// SPDX-License-Identifier: GPL-2.0
/*
 * Event 0 into a page fault: this task maps the device and touches it, and another PE signals the
 * one that is handling the fault.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "deadline.h"
#include "page_fault.h"

struct file *device_file;

/* Who maps it for page_fault_check(), and nobody else may. */
static struct task_struct *mapper;

/* On another PE: signals the one that waits in its page fault. */
static void signal_home(struct pe *pe, void *arg)
{
	struct pe *home = pe_of(pe_home);
	u64 deadline = counter_now() + counter_ticks(STATE_MS * USEC_PER_MSEC);

	while (!READ_ONCE(home->ready) && pe_stays(pe, deadline))
		;
	if (READ_ONCE(home->ready))
		*(u64 *)arg = call_signal(home->mpidr);
}

static enum arrival in_fault;

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct pe *home = pe_of(pe_home);
	u64 before = pe_count(home);

	WRITE_ONCE(home->ready, true);
	in_fault = pe_await(home, before);
	vmf->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	return vmf->page ? 0 : VM_FAULT_OOM;
}

static const struct vm_operations_struct fault_operations = { .fault = fault };

/**
 * device_mmap() - for page_fault_check() alone: no page is there until it is touched
 * @file: the device's
 * @vma: where
 *
 * Context: task. Return: 0, or -EPERM for anybody else.
 */
int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (READ_ONCE(mapper) != current)
		return -EPERM;
	vma->vm_ops = &fault_operations;
	return 0;
}

/**
 * page_fault_check() - event 0 into a page fault of this task's own
 * @r: report
 * @with: unused
 *
 * Context: task that has written to the device. Return: what came of it.
 */
enum result page_fault_check(struct report *r, const void *with)
{
	struct pe *home = pe_of(pe_home), *other = pe_victim();
	unsigned long address;
	u64 x0 = 0;
	u8 byte;

	if (!other)
		return skipped(r, "there is one CPU only");
	mapper = current;
	address = vm_mmap(device_file, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 0);
	mapper = NULL;
	if (IS_ERR_VALUE(address))
		return skipped(r, "no memory could be mapped (%ld)", (long)address);
	home->ready = false;
	other->stop = false;
	in_fault = NOT_ARRIVED;
	pe_start(other, signal_home, &x0);
	if (get_user(byte, (u8 __user *)address))
		note(r, "the page could not be read");
	vm_munmap(address, PAGE_SIZE);
	if (!pe_leave(other))
		return failed(r, "CPU %u did not come back", other->cpu);
	if (x0)
		return failed(r, "SDEI_EVENT_SIGNAL returned %s", call_says(x0));
	if (in_fault != ARRIVED)
		return failed(r, "event 0 did not come to CPU %u, in a page fault", pe_home);
	return passed(r, "on CPU %u", pe_home);
}
