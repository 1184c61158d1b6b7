# SPDX-License-Identifier: GPL-2.0
# What a report in a kernel log shows of a CPU, by address. The guest reads its own log so, the host that of a guest that died.
#
# Who reads this in defines stamped, which prints the log with its time stamps from where the test's part of it begins, and
# fail; $symbols names a file of the wedge's lines in kallsyms, $range one of the first and last address of its spin function.
# shellcheck shell=sh disable=SC2154 # see above

log() {
	stamped | sed -e 's/^\[ *[0-9.]*\] //' -e '/^sdei-test: /d'
}

# The kernel log of CPU's block: from its first line to the end of its trace.
block() {
	log | awk -v cpu="$1" '
		/^NMI backtrace for cpu / { on = ($5 == cpu) }
		on && !/^NMI backtrace|^CPU:|^Tainted:|^Hardware name:|^Workqueue:|^Stopper:|^pstate:|^pmr_save:|^(pc|lr|sp) :|^x[0-9]+ *:|^Call trace:|^ / { on = 0 }
		on'
}

# number ADDRESS: without the first digit, f in all of the kernel's: not every shell takes 64 bits without a sign.
number() {
	echo $((0x${1#f}))
}

# address SYMBOL+0xOFFSET/0xSIZE...: where that is in the wedge, as a number.
address() {
	address_symbol=${1%%+*}
	address_offset=${1#*+}
	address_base=$(awk -v name="$address_symbol" '$3 == name { print $1; exit }' "$symbols")
	[ -n "$address_base" ] || fail "$address_symbol is not a function of the wedge"
	echo $(($(number "$address_base") + ${address_offset%%/*}))
}

# inside NUMBER START END
inside() {
	[ "$1" -ge "$2" ] && [ "$1" -lt "$3" ]
}

# pc_in_wedge CPU: by address, CPU's pc lies in the function that spins.
pc_in_wedge() {
	read -r wedge_start wedge_end <"$range"
	pc=$(block "$1" | sed -n 's/^pc : \([^ ]*\).*/\1/p')
	[ -n "$pc" ] || fail "no pc of CPU $1 in the log"
	inside "$(address "$pc")" "$(number "$wedge_start")" "$(number "$wedge_end")" || fail "the pc of CPU $1, $pc, is not in the wedge at $wedge_start-$wedge_end"
}

# in_trace CPU FUNCTION: a return address of CPU's trace lies in a function, by address.
in_trace() {
	for entry in $(block "$1" | sed -n 's/^ \([^ ]*\).*/\1/p'); do
		case $entry in
		"$2"+*)
			start=$(address "$2+0")
			inside "$(address "$entry")" "$start" $((start + ${entry#*/})) && return
			;;
		esac
	done
	fail "no address in $2 in the trace of CPU $1"
}

# pstate CPU: the letters of D, A, I and F.
pstate() {
	block "$1" | sed -n 's/^pstate: [0-9a-f]* (.... \(....\) .*/\1/p'
}

# has_backtrace CPU...: a block, or the line that the CPU is idle.
has_backtrace() {
	missing=$(log | awk -v want="$*" '
		/^NMI backtrace for cpu [0-9]+( skipped: idling at .*)?$/ { seen[$5 + 0] }
		END {
			n = split(want, cpus)
			for (i = 1; i <= n; i++)
				if (!(cpus[i] in seen))
					printf " %s", cpus[i]
		}')
	[ -z "$missing" ] || fail "no backtrace of CPU$missing"
}

no_own_complaint() {
	if log | grep '^sdei_nmi: no backtrace'; then
		fail "a CPU was given up"
	fi
}

# A line of a CPU's registers or of its trace, or the one line that it is idle.
block_line='^(NMI backtrace for cpu |CPU: |pstate: |pmr_save: |(pc|lr|sp) : |x[0-9]+ *:|Call trace:| [^ ])'

# report_ms FIRST [BEYOND]: by the kernel's clock, from the first line that matches FIRST to the last line of the last CPU's
# block, or of the last before a line that matches BEYOND, or FIRST again. Fails if no CPU is shown.
report_ms() {
	stamped | awk -v first="$1" -v beyond="${2:-}" -v block_line="$block_line" '
		{
			time = substr($0, 2) + 0
			sub(/^\[ *[0-9.]*\] /, "")
		}
		began && beyond != "" && $0 ~ beyond { exit }
		shown && $0 ~ first { exit }
		!began && $0 ~ first { began = 1; start = time }
		began && $0 ~ block_line { shown = 1; end = time }
		END {
			if (!shown)
				exit 1
			printf "%d\n", (end - start) * 1000
		}'
}

# not_slower PLAIN WEDGED: one CPU that takes no interrupts costs a report at most a second.
not_slower() {
	echo "the report took $1 ms with no CPU masked, $2 ms with one"
	[ "$2" -le $(($1 + 1000)) ] || fail "the masked CPU cost the report $(($2 - $1)) ms, more than 1000"
}
