# SPDX-License-Identifier: GPL-2.0
# fold.awk: turns the output of perf script -F comm,ip,sym into lines for flamegraph.pl: the task, the functions from the outermost to
# the innermost, and the number of samples. Samples of a user program are "user", and those of the kernel end at the kernel's entry.

# kernel(ADDRESS): true for an address of the kernel, whose highest bits are set.
function kernel(address) {
	return length(address) == 16 && address ~ /^ffff/
}

function flush() {
	if (comm != "")
		count[comm (stack != "" ? stack : ";user")]++
	comm = stack = ""
}

NF == 0 { flush(); next }

# The task has a line of its own, before its addresses. It may have blanks in its name.
comm == "" {
	comm = $0
	gsub(/^[ \t]+|[ \t]+$/, "", comm)
	gsub(/[; \t]/, "_", comm)
	next
}

kernel($1) { stack = ";" $2 stack }

END {
	flush()
	for (stack in count)
		print stack, count[stack]
}
