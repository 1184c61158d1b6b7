#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""walk.py DUMP VMLINUX|- CPU:PC:FP...: prints the stacks of CPUs in a crash dump, one line each: the CPU, then the addresses, innermost
first. With the kernel's vmlinux, drgn unwinds from the notes of the dump. Without it, walk.py follows the frame records from the given
registers, and drgn only reads the memory."""
import sys

import drgn

MOST = 64
# A signed return address has its signature in these bits. Addresses of kernel functions have all of them set.
SIGNED = 0xFFFF << 48


def frame_records(program, pc, fp):
    yield pc
    for _ in range(MOST):
        try:
            up, lr = program.read_u64(fp), program.read_u64(fp + 8)
        except drgn.FaultError:
            return
        if lr == 0:
            return
        yield lr | SIGNED
        # Stacks grow down; what leads elsewhere is an exception's frame, or the end.
        if up == 0 or up == fp:
            return
        fp = up


def unwound(program, cpu):
    from drgn.helpers.linux.percpu import per_cpu

    for frame in program.stack_trace(per_cpu(program["runqueues"], cpu).curr):
        try:
            yield frame.pc
        except LookupError:
            return


def main():
    program = drgn.Program()
    program.set_core_dump(sys.argv[1])
    vmlinux = sys.argv[2]
    if vmlinux != "-":
        try:
            program.load_debug_info([vmlinux])
        except drgn.MissingDebugInfoError:
            # Of modules there is none.
            pass
    for cpu, pc, fp in (argument.split(":") for argument in sys.argv[3:]):
        if vmlinux != "-":
            addresses = unwound(program, int(cpu))
        else:
            addresses = frame_records(program, int(pc, 16), int(fp, 16))
        print(cpu, *(f"{address:016x}" for address in addresses))


main()
