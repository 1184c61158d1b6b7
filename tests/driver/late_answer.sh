# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

# Several answers come late at the same time. Each look prints one, so that it does not hold up its CPU for longer.
one_a_look() {
	load
	firmware_lies hold
	load_wedge
	trace_functions look_for_late_answers sdei_nmi_print_backtrace
	wedge daif 1-3
	sysrq_l 0
	mark late
	firmware_lies none
	for cpu in 1 2 3; do
		wait_for late_answer $cpu || fail "the late answer of CPU $cpu was not shown"
	done
	# Reading the trace waits for every CPU.
	release
	grep look_for_late_answers "$tracing/trace" >/tmp/trace
	[ "$(grep -c ' sdei_nmi_print_backtrace <-look_for_late_answers' /tmp/trace)" = 3 ] || fail "not three answers were printed: $(cat /tmp/trace)"
	awk '
		/ look_for_late_answers <-/ { printed = 0 }
		/ sdei_nmi_print_backtrace/ && ++printed > 1 { bad = 1 }
		END { exit bad }' /tmp/trace || fail "a look printed several answers: $(cat /tmp/trace)"
}
