// SPDX-License-Identifier: GPL-2.0
/*
 * guest_spin MEMORY [el0|wfi|ADDRESS]: runs a KVM guest with one CPU, which increments a counter until guest_spin is killed, at EL1
 * or with "el0" at EL0. Prints the range of guest addresses in which the guest spins, first.
 *
 * With "wfi" the guest waits for an interrupt after each increment, and it has none. With ADDRESS, in hex, the guest spins at this
 * virtual address of the upper half. It may be an address of the host's kernel, because a guest can run the same kernel.
 *
 * The guest's registers from x2 to x30 hold SECRET plus their number, which no log of the host may show.
 *
 * The file MEMORY is the guest's memory, so that tests can read the counter. The guest's code is at its start, and the counter,
 * a 64-bit word, is at COUNTER. Only host interrupts make the CPU leave the guest. The yield lets single-threaded QEMU switch
 * to the next CPU.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUEST_BASE	0x10000
#define GUEST_SIZE	0x10000
#define COUNTER		0x1000
#define TABLES		0x2000
#define TABLE_SIZE	0x1000
#define TABLE_LEVELS	4
#define SECRET		0x5ec7e7c0de00UL
#define PSTATE_DAIF	0x3c0
#define PSTATE_EL0T	0x0
#define PSTATE_EL1H	0x5
#define CORE_REGISTER(field)	\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | offsetof(struct kvm_regs, field) / sizeof(uint32_t))

#define SYSTEM_REGISTER(op1, crn, crm, op2)	ARM64_SYS_REG(3, op1, crn, crm, op2)
#define SCTLR_EL1	SYSTEM_REGISTER(0, 1, 0, 0)
#define TTBR1_EL1	SYSTEM_REGISTER(0, 2, 0, 1)
#define TCR_EL1		SYSTEM_REGISTER(0, 2, 0, 2)
#define MAIR_EL1	SYSTEM_REGISTER(0, 10, 2, 0)

extern const char guest_start[], guest_end[], guest_wfi_start[], guest_wfi_end[];

asm("	.pushsection .rodata\n"
    "	.global guest_start, guest_end\n"
    "guest_start:\n"
    "	add	x0, x0, #1\n"
    "	str	x0, [x1]\n"
    "	yield\n"
    "	b	guest_start\n"
    "guest_end:\n"
    "	.global guest_wfi_start, guest_wfi_end\n"
    "guest_wfi_start:\n"
    "	add	x0, x0, #1\n"
    "	str	x0, [x1]\n"
    "	wfi\n"
    "	b	guest_wfi_start\n"
    "guest_wfi_end:\n"
    "	.popsection\n");

static int checked(int result, const char *step)
{
	if (result < 0) {
		fprintf(stderr, "guest_spin: %s: %s\n", step, strerror(errno));
		exit(1);
	}
	return result;
}

static void set_register(int vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	checked(ioctl(vcpu, KVM_SET_ONE_REG, &reg), "setting a register");
}

/* Maps the page of @address to the page of the counter, by tables for 4 KiB pages and 48 bits. The lower half stays unmapped. */
static void map_page(void *memory, int vcpu, uint64_t address)
{
	uint64_t *table = (uint64_t *)((char *)memory + TABLES);
	uint64_t next = GUEST_BASE + TABLES;
	int level;

	for (level = 0; level < TABLE_LEVELS - 1; level++) {
		next += TABLE_SIZE;
		/* a table */
		table[address >> (39 - 9 * level) & 0x1ff] = next | 3;
		table += TABLE_SIZE / sizeof(*table);
	}
	/* a page: accessed, inner shareable, writable and executable at EL1 */
	table[address >> 12 & 0x1ff] = (GUEST_BASE + COUNTER) | 1 << 10 | 3 << 8 | 3;
	set_register(vcpu, MAIR_EL1, 0xff);
	/* 48 bits, TTBR0 off, write-back tables of 4 KiB, physical addresses of 40 bits */
	set_register(vcpu, TCR_EL1, 2UL << 32 | 2UL << 30 | 3UL << 28 | 1UL << 26 | 1UL << 24 | 16UL << 16 | 1UL << 7 | 16UL);
	set_register(vcpu, TTBR1_EL1, GUEST_BASE + TABLES);
	/* the bits that are 1; caches and translation on */
	set_register(vcpu, SCTLR_EL1, 0x30d00800 | 1 << 12 | 1 << 2 | 1);
}

int main(int argc, char **argv)
{
	struct kvm_userspace_memory_region region = { .guest_phys_addr = GUEST_BASE, .memory_size = GUEST_SIZE };
	struct kvm_vcpu_init init;
	int file, kvm, vm, vcpu;
	struct kvm_run *run;
	bool el0 = argc == 3 && !strcmp(argv[2], "el0"), wfi = argc == 3 && !strcmp(argv[2], "wfi");
	uint64_t address = argc == 3 && !el0 && !wfi ? strtoull(argv[2], NULL, 16) : 0;
	const char *code = wfi ? guest_wfi_start : guest_start;
	size_t size = wfi ? guest_wfi_end - guest_wfi_start : guest_end - guest_start, at = 0;
	uint64_t start = GUEST_BASE;
	void *memory;
	int i;

	if (argc != 2 && !el0 && !wfi && !address)
		return 2;
	if (address) {
		/* The counter is at the start of the same page. */
		start = address % TABLE_SIZE < 16 ? address + 16 : address;
		at = COUNTER + start % TABLE_SIZE;
		if (start % TABLE_SIZE + size > TABLE_SIZE)
			return 2;
	}
	file = checked(open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600), "making the memory");
	checked(ftruncate(file, GUEST_SIZE), "making the memory");
	memory = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	checked(memory == MAP_FAILED ? -1 : 0, "mapping the memory");
	memcpy((char *)memory + at, code, size);
	__builtin___clear_cache(memory, (char *)memory + GUEST_SIZE);

	kvm = checked(open("/dev/kvm", O_RDWR), "opening /dev/kvm");
	vm = checked(ioctl(kvm, KVM_CREATE_VM, 0), "making the VM");
	region.userspace_addr = (uintptr_t)memory;
	checked(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "giving the VM memory");
	vcpu = checked(ioctl(vm, KVM_CREATE_VCPU, 0), "giving the VM a CPU");
	checked(ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init), "asking for the CPU type");
	checked(ioctl(vcpu, KVM_ARM_VCPU_INIT, &init), "setting up the VM's CPU");
	set_register(vcpu, CORE_REGISTER(regs.regs[1]), address ? start & -TABLE_SIZE : GUEST_BASE + COUNTER);
	for (i = 2; i <= 30; i++)
		set_register(vcpu, CORE_REGISTER(regs.regs[i]), SECRET + i);
	set_register(vcpu, CORE_REGISTER(regs.pstate), PSTATE_DAIF | (el0 ? PSTATE_EL0T : PSTATE_EL1H));
	set_register(vcpu, CORE_REGISTER(regs.pc), start);
	if (address)
		map_page(memory, vcpu, address);
	run = mmap(NULL, checked(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "asking for the size of the CPU's state"), PROT_READ, MAP_SHARED, vcpu, 0);
	checked(run == MAP_FAILED ? -1 : 0, "mapping the CPU's state");

	printf("%016lx %016lx\n", (unsigned long)start, (unsigned long)(start + size));
	fflush(stdout);
	checked(ioctl(vcpu, KVM_RUN, 0), "running");
	fprintf(stderr, "guest_spin: the guest exited with KVM exit reason %u\n", run->exit_reason);
	return 1;
}
