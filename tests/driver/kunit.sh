# SPDX-License-Identifier: GPL-2.0
# The driver's KUnit suites, which run at boot and need no firmware.
# shellcheck shell=sh

suites() {
	for suite in sdei_nmi_errno sdei_nmi_request sdei_nmi_capture sdei_nmi_elapsed; do
		results=/sys/kernel/debug/kunit/$suite/results
		[ -e $results ] || fail "this kernel has no KUnit suite $suite"
		awk -v suite=$suite '
			/^ *# / || /not ok/ { print }
			/^ +1\.\.[0-9]+$/ { plan = substr($1, 4) }
			/^ +ok / { ok++ }
			/^ok / && $3 == suite { whole = 1 }
			/not ok/ { bad++ }
			END { exit !(whole && plan && ok == plan && !bad) }' $results || fail "$suite did not pass"
	done
}
