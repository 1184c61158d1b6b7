# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The driver beside the kernel's own user of SDEI: GHES, which takes hardware errors that the firmware reports by an event.

traced=/sys/kernel/tracing/events/ras/non_standard_event/enable
records=/sys/module/hardware_error/parameters/raise

prepare_errors() {
	insmod hardware_error.ko || fail "hardware_error.ko does not load: no hardware errors come by SDEI here"
	[ -e $traced ] || fail "this kernel does not trace hardware errors"
	trace_errors
}

# trace_errors: forgets the errors so far.
trace_errors() {
	tune $traced 1
	echo >/sys/kernel/tracing/trace
}

traced_errors() {
	[ "$(grep -c 'non_standard_event:' /sys/kernel/tracing/trace)" = "$1" ]
}

# handled COUNT: waits until the kernel has handled so many errors, which it does in an interrupt after the event.
handled() {
	wait_for traced_errors "$1" || fail "the kernel handled $(grep -c 'non_standard_event:' /sys/kernel/tracing/trace) errors, not $1"
}

# Errors on CPU 1 while CPU 2 is wedged and CPU 0 requests backtraces of all CPUs. None of the errors and none of the backtraces is lost.
errors_beside_requests() {
	prepare_errors
	echo '1 10 corrected' >$records || fail "the errors were not reported without the driver"
	load
	echo '1 10 corrected' >$records || fail "the errors were not reported with the driver"
	wedge daif 2
	echo '1 300 corrected' >$records &
	raising=$!
	for _ in 1 2 3 4 5; do
		sysrq_l 0
		has_backtrace 0 1 2 3
		pc_in_wedge 2
	done
	wait $raising || fail "the errors were not reported while backtraces were requested"
	handled 320
	no_own_complaint
	release
	unload
	echo '1 10 corrected' >$records || fail "the errors were not reported after the driver had left"
	handled 330
}

# Errors on the CPU that requests, and on the CPU that is asked, in turn with requests. The module that reports them is loaded twice:
# the kernel must not take the second module's errors for the first one's.
errors_in_turn() {
	prepare_errors
	load
	for cpu in 0 1 2 3; do
		echo "$cpu 1 corrected" >$records || fail "the error was not reported on CPU $cpu"
		sysrq_l $cpu
		has_backtrace 0 1 2 3
	done
	handled 4
	rmmod hardware_error
	prepare_errors
	for cpu in 0 1 2 3; do
		echo "$cpu 1 corrected" >$records || fail "the error was not reported on CPU $cpu after the module was loaded again"
	done
	handled 4
	no_own_complaint
}
