# SPDX-License-Identifier: GPL-2.0
"""lines.py PREFIX FILE FUNCTION HOW [MODULE]: picks an instruction of a function in an ELF file with debug information. Prints the
entry that the kernel would print for it in a stack, and then what the tool has to print with --lines, by the addr2line of the compiler
with this PREFIX.

HOW is exact (the place of an instruction), call (a return address), inlined (the same, and the call is in an inlined function), or
whole (as exact, at the first instruction). The instruction is one at which a line begins, so that exact and call differ. If several
functions have the name, FUNCTION,N is the one with the number N, counted from 0."""
import os
import re
import subprocess
import sys

prefix, path, function, how = sys.argv[1:5]
module = sys.argv[5] if len(sys.argv) > 5 else None
function, number = (function.split(",") + ["0"])[:2]


def run(tool, *arguments, **more):
    return subprocess.run([prefix + tool, *arguments], check=True, capture_output=True, text=True, **more).stdout


# ADDRESS FLAGS SECTION, a tab, SIZE NAME
symbols = []
for line in run("objdump", "-t", path).splitlines():
    left, _, right = line.partition("\t")
    if right and left.split()[-1].startswith(".text") and not re.match(r"[$.]", right.split()[-1]):
        symbols.append((left.split()[-1], int(left.split()[0], 16), int(right.split()[0], 16), right.split()[-1]))
section, start, size, _ = [s for s in sorted(symbols) if s[3] == function][int(number)]
behind = [s[1] for s in symbols if s[0] == section and s[1] > start]
if behind:
    size = min(behind) - start

offsets = list(range(size))
# The sections of a module all begin at 0.
where = ["-j", section] if path.endswith(".ko") else []
text = run("addr2line", "-afi", *where, "-e", path, input="".join(f"{start + o:#x}\n" for o in offsets))
found = []
for line in text.splitlines():
    if line.startswith("0x"):
        found.append([])
    else:
        found[-1].append(re.sub(r" \(discriminator.*", "", line).removeprefix(os.getcwd() + "/"))
assert len(found) == size

# [FUNCTION, FILE:LINE, FUNCTION, FILE:LINE, ...], innermost first
if how == "whole":
    offset, lines = 0, found[0]
elif how == "inlined":
    offset = next(o for o in offsets if o % 4 == 0 and o and len(found[o - 1]) > 2)
    lines = found[offset - 1]
else:
    offset = next(o for o in offsets if o and found[o - 1] != found[o] and len(found[o - 1]) == len(found[o]) == 2)
    lines = found[offset if how == "exact" else offset - 1]
print(f"{function}+{offset:#x}/{size:#x}" + (f" [{module}]" if module else ""))
for name, place in zip(lines[:-2:2], lines[1:-2:2]):
    print(f"(inlined) {name} {place}")
print(f"{function}+{offset:#x}/{size:#x}" + (f" [{module}]" if module else ""), lines[-1])
