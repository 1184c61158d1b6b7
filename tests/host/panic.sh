#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# panic.sh PLAIN WEDGED: compares the consoles of two guests that panicked in callers.panic_plain and callers.panic_wedged, the second
# with CPU 2 masked. The verdict has already judged how each guest died. Runs on the host and prints KTAP.
set -u
. "$(dirname "$0")/../lib/blocks.sh"

plain=${1:?usage: panic.sh PLAIN WEDGED} wedged=${2:?usage: panic.sh PLAIN WEDGED}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
# shellcheck disable=SC2034 # blocks.sh uses it
symbols=$work/symbols range=$work/range
first='^Kernel panic - not syncing: sysrq triggered crash$'

fail() {
	echo "$*"
	exit 1
}

# look_at DIR: selects the guest whose console stamped prints, from the line by which the test announces its end.
look_at() {
	tr -d '\r' <"$1/console" >"$work/console" || fail "there is no console in $1"
	sed -n 's/.*\] sdei-test: range //p' "$work/console" >"$range"
	sed -n 's/.*\] sdei-test: symbol //p' "$work/console" >"$symbols"
}

stamped() {
	sed -n '/\] sdei-test: dies /,$p' "$work/console"
}

# After the report the kernel stops all CPUs, and itself waits for the masked one. Newer kernels ask the remaining CPUs once more.
panic_took() {
	report_ms "$first" '^SMP: stopping secondary CPUs$' || fail "no panic that shows a CPU"
}

plain_shows_all() {
	look_at "$plain"
	has_backtrace 0 1 2 3
	no_own_complaint
}

wedged_shows_all() {
	look_at "$wedged"
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	in_trace 2 wedge_daif
	no_own_complaint
}

wedged_is_not_slower() {
	look_at "$plain"
	plain_ms=$(panic_took) || fail "plain: $plain_ms"
	look_at "$wedged"
	wedged_ms=$(panic_took) || fail "wedged: $wedged_ms"
	not_slower "$plain_ms" "$wedged_ms"
}

# pstore keeps the end of the log. Blocks of stopped CPUs would push the cause of the panic out of it, so each has one line.
wedged_ends_with_a_line() {
	look_at "$wedged"
	stamped | grep -q '\] sdei_nmi: CPU 2 stopped by event 0 at wedge_spin+.*, called from .*wedge_daif' ||
		fail "no line says where CPU 2 was stopped, and its callers"
	# Linux 7.3 then prints the CPU that panics.
	if stamped | sed '1,/ stopped by event 0 /d' | grep -E '\] NMI backtrace for cpu [^0]|wedge_'; then
		fail "a block of CPU 2 follows that line"
	fi
}

echo "KTAP version 1"
echo "1..4"
number=0
failed=0
for test in plain_shows_all wedged_shows_all wedged_is_not_slower wedged_ends_with_a_line; do
	number=$((number + 1))
	if ("$test") >"$work/output" 2>&1; then
		result=ok
	else
		result="not ok"
		failed=1
	fi
	sed 's/^/# /' "$work/output"
	echo "$result $number panic.$test"
done
exit $failed
