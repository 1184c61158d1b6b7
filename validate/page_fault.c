// SPDX-License-Identifier: GPL-2.0
/*
 * Event 0 during a page fault: the task of the check maps the device and reads from the mapping.
 * Another PE signals the PE that handles the fault.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "deadline.h"
#include "page_fault.h"

struct file *sdeiv_device_file;

/* The task in sdeiv_page_fault_check(). No other task may map the device. */
static struct task_struct *mapper;

/* Runs on another PE. Signals the PE of sdeiv_home, which waits in its page fault. */
static void signal_home(struct sdeiv_pe *pe, void *arg)
{
	struct sdeiv_pe *home = sdeiv_pe_of(sdeiv_home);
	u64 deadline = counter_now() + counter_ticks(SDEIV_STATE_MS * USEC_PER_MSEC);

	while (!READ_ONCE(home->ready) && sdeiv_state_stays(pe, deadline))
		;
	if (READ_ONCE(home->ready))
		*(u64 *)arg = sdeiv_signal(home->mpidr);
}

static enum sdeiv_arrival in_fault;

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct sdeiv_pe *home = sdeiv_pe_of(sdeiv_home);
	u64 before = sdeiv_arrival_count(home);

	WRITE_ONCE(home->ready, true);
	in_fault = sdeiv_await_arrival(home, before);
	vmf->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	return vmf->page ? 0 : VM_FAULT_OOM;
}

static const struct vm_operations_struct fault_operations = { .fault = fault };

/**
 * sdeiv_device_mmap() - map the device for sdeiv_page_fault_check()
 * @file: open file of the device
 * @vma: the mapping
 *
 * The first access to the mapping faults.
 *
 * Context: task. Return: 0, or -EPERM if the task is not in sdeiv_page_fault_check().
 */
int sdeiv_device_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (READ_ONCE(mapper) != current)
		return -EPERM;
	vma->vm_ops = &fault_operations;
	return 0;
}

/**
 * sdeiv_page_fault_check() - signal this task's PE during a page fault
 * @r: report
 * @with: unused
 *
 * Context: task that has written to the device. Return: the result.
 */
enum sdeiv_result sdeiv_page_fault_check(struct sdeiv_report *r, const void *with)
{
	struct sdeiv_pe *home = sdeiv_pe_of(sdeiv_home), *other = sdeiv_pe_victim();
	unsigned long address;
	u64 x0 = 0;
	u8 byte;

	if (!other)
		return sdeiv_skipped(r, "this needs a second CPU");
	mapper = current;
	address = vm_mmap(sdeiv_device_file, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 0);
	mapper = NULL;
	if (IS_ERR_VALUE(address))
		return sdeiv_skipped(r, "mapping the device failed (%ld)", (long)address);
	home->ready = false;
	other->stop = false;
	in_fault = SDEIV_NOT_ARRIVED;
	sdeiv_work_start(other, signal_home, &x0);
	if (get_user(byte, (u8 __user *)address))
		sdeiv_note(r, "the page could not be read");
	vm_munmap(address, PAGE_SIZE);
	if (!sdeiv_state_leave(other))
		return sdeiv_failed(r, "CPU %u did not return", other->cpu);
	if (x0)
		return sdeiv_failed(r, "SDEI_EVENT_SIGNAL returned %s", sdeiv_code_name(x0));
	if (in_fault != SDEIV_ARRIVED)
		return sdeiv_failed(r, "event 0 did not reach CPU %u in a page fault",
				    sdeiv_home);
	return sdeiv_passed(r, "on CPU %u", sdeiv_home);
}
