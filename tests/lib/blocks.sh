# SPDX-License-Identifier: GPL-2.0
# Reads the backtraces in a kernel log and compares them by address. The guest reads its own log, and the host reads the log of a
# guest that died.
#
# The script that reads this file defines two functions: stamped prints the test's part of the log with time stamps, and fail ends
# the test. It also sets two variables: $symbols is a file with the wedge module's lines of kallsyms, and $range is a file with the
# start and the end of the wedge's spin function.
# shellcheck shell=sh disable=SC2154 # see above

log() {
	stamped | sed -e 's/^\[ *[0-9.]*\] //' -e '/^sdei-test: /d'
}

# block CPU: prints the CPU's block in the log, from the first line to the end of the trace.
block() {
	log | awk -v cpu="$1" '
		/^NMI backtrace for cpu / { on = ($5 == cpu) }
		on && !/^NMI backtrace|^CPU:|^Tainted:|^Hardware name:|^Workqueue:|^Stopper:|^pstate:|^pmr_save:|^(pc|lr|sp) :|^x[0-9]+ *:|^Call trace:|^ / { on = 0 }
		on'
}

# number ADDRESS: prints ADDRESS as a number, without the first digit, which is f in every kernel address. The whole address would
# overflow, because some shells have no unsigned 64-bit numbers.
number() {
	echo $((0x${1#f}))
}

# address SYMBOL+0xOFFSET/0xSIZE...: prints the address of this place in the wedge module, as number does.
address() {
	address_symbol=${1%%+*}
	address_offset=${1#*+}
	address_base=$(awk -v name="$address_symbol" '$3 == name { print $1; exit }' "$symbols")
	[ -n "$address_base" ] || fail "$address_symbol is not a function of the wedge"
	echo $(($(number "$address_base") + ${address_offset%%/*}))
}

# inside NUMBER START END: succeeds if START <= NUMBER < END.
inside() {
	[ "$1" -ge "$2" ] && [ "$1" -lt "$3" ]
}

# pc_in_wedge CPU: fails unless the address in the CPU's pc is in the function that spins.
pc_in_wedge() {
	read -r wedge_start wedge_end <"$range"
	pc=$(block "$1" | sed -n 's/^pc : \([^ ]*\).*/\1/p')
	[ -n "$pc" ] || fail "no pc of CPU $1 in the log"
	inside "$(address "$pc")" "$(number "$wedge_start")" "$(number "$wedge_end")" || fail "the pc of CPU $1, $pc, is not in the wedge at $wedge_start-$wedge_end"
}

# in_trace CPU FUNCTION: fails unless a return address in the CPU's trace is in the function.
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

# pstate CPU: prints the letters D, A, I and F; a capital letter is a masked exception.
pstate() {
	block "$1" | sed -n 's/^pstate: [0-9a-f]* (.... \(....\) .*/\1/p'
}

# has_backtrace CPU...: fails unless the log has, for each CPU, a block or the line that says that the CPU is idle.
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
		fail "the driver reports a CPU without a backtrace"
	fi
}

# Matches each line of a CPU's block, and the line that says that a CPU is idle.
block_line='^(NMI backtrace for cpu |CPU: |pstate: |pmr_save: |(pc|lr|sp) : |x[0-9]+ *:|Call trace:| [^ ])'

# report_ms FIRST [BEYOND]: prints how long a report took, in ms of the kernel's clock. The report begins with the first line that
# matches FIRST. It ends with the last line of a block before the next line that matches BEYOND or FIRST. Fails if the report has no
# block.
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

# not_slower PLAIN WEDGED: fails if the report with a masked CPU took more than a second longer. Both times are in ms.
not_slower() {
	echo "the report took $1 ms with no CPU masked, $2 ms with one"
	[ "$2" -le $(($1 + 1000)) ] || fail "the masked CPU cost the report $(($2 - $1)) ms, more than 1000"
}
