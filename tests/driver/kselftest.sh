# SPDX-License-Identifier: GPL-2.0
# The kselftest that the series of make patch adds, as it is in the kernel's tree.
# shellcheck shell=sh

# selftest STATUS: runs the kselftest, which has to exit with STATUS.
selftest() {
	selftest_status=0
	./selftests/sdei_nmi/sdei_nmi.sh >/tmp/selftest 2>&1 || selftest_status=$?
	cat /tmp/selftest
	[ $selftest_status = "$1" ] || fail "the kselftest exits with $selftest_status"
}

# A wedged CPU is what the driver is for.
passes() {
	wedge daif 2
	selftest 0
	grep -q '^# Totals: pass:4 fail:0 xfail:0 xpass:0 skip:0 ' /tmp/selftest || fail "not all four tests have run"
}

skips() {
	selftest 4
	grep -qx '1\.\.0 # SKIP the driver is not up' /tmp/selftest || fail "the reason is not told"
}

# The firmware drops the signals.
finds_silent_cpu() {
	firmware_lies drop
	wedge daif 3
	selftest 1
	for test in 2:snapshot 3:event 4:sysrq; do
		grep -qx "not ok ${test%:*} ${test#*:} *" /tmp/selftest || fail "${test#*:} did not find that CPU 3 is silent"
	done
	grep -qx '# shown: 0 1 2; online: 0 1 2 3' /tmp/selftest || fail "it does not name the CPUs"
}
