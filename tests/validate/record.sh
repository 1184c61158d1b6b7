# SPDX-License-Identifier: GPL-2.0
# Records what sdei-nmi validate finds, for docs/results/validate.md. These tests expect no result of the firmware; suite.sh judges the
# results. /payload/row has the fault and the check.
# shellcheck shell=sh disable=SC2154 # guest.sh reads this file, and the row, in
. /payload/tests/validate/driver.sh
. /payload/row

# has_verdict STATUS: succeeds if this exit status of sdei-nmi validate stands for a verdict.
has_verdict() {
	case $1 in
	0 | 6 | 7 | 8) ;;
	*) return 1 ;;
	esac
}

# plain: all checks that can run one after the other. The output is the report.
plain() {
	takes_event0
	/payload/sdei-nmi validate -o /tmp/report.json >/tmp/ktap 2>/tmp/errors
	status=$?
	has_verdict $status || { cat /tmp/ktap && fail "sdei-nmi validate ended with $status: $(cat /tmp/errors)"; }
	echo "report begins"
	cat /tmp/report.json
	echo "report ends"
	given_back
}

# destructive: a check that can lose a CPU or the machine. RCU waits for a lost CPU and much of the kernel for RCU, so the test ends the
# guest at once.
destructive() {
	takes_event0
	keep_off 1-3
	[ "$fault" = none ] || firmware_lies "$fault"
	tell running
	/payload/sdei-nmi validate --destructive --check "$check" -o /tmp/report.json >/tmp/ktap 2>/tmp/errors
	status=$?
	[ $status = 1 ] || has_verdict $status || fail "sdei-nmi validate ended with $status: $(cat /tmp/errors)"
	came=$(sed -n 's/^# came: //p' /tmp/ktap | tail -n 1)
	lost=$(sed -n 's/^# lost: CPUs \([0-9,-]*\) .*/\1/p' /tmp/ktap | tail -n 1)
	result=$(awk '/^ok .* # SKIP / { print "skip" } /^ok / { print "pass" } /^not ok / { print "FAIL" }' /tmp/ktap | head -n 1)
	[ "$result" != skip ] || came=$(sed -n 's/^ok .* # SKIP //p' /tmp/ktap)
	tell "lost ${lost:--}"
	tell "came $came"
	tell "result ${result:-none}"
	[ -n "$lost" ] || return 0
	dies 'sysrq: Resetting'
	echo b >/proc/sysrq-trigger
	sleep 30
	fail "the machine did not go down"
}

# costly: the checks that fail under a fault that loses a CPU. With a lost CPU a new process may never run and the tool may never end, so
# the shell reads each line as the tool prints it.
costly() {
	takes_event0
	keep_off 1-3
	firmware_lies "$fault"
	dies 'sysrq: Resetting'
	/payload/sdei-nmi validate 2>&1 | {
		checks='' results=0 planned=none
		while [ $results != "$planned" ] && read -r first second _ name _; do
			case "$first $second" in
			1..*) planned=${first#1..} ;;
			'ok '*) results=$((results + 1)) ;;
			'not ok') results=$((results + 1)) checks=$checks$name, ;;
			esac
		done
		tell "checks $fault $checks"
		echo b >/proc/sysrq-trigger
	}
	sleep 30
	fail "the machine did not go down"
}
