# SPDX-License-Identifier: GPL-2.0
# sdei-nmi trigger, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

trigger_asks_the_kernel() {
	serving
	put proc/sysrq-trigger ''
	run 0 trigger
	[ "$(cat "$root/proc/sysrq-trigger")" = l ] || fail "l was not written"
	run 0 trigger --json
	valid trigger
	json 'd["serving"] and d["log"] is None'
	(sleep 0.3 && printf '6,2,7000000,-;NMI backtrace for cpu 2\n SUBSYSTEM=x\n4,3,7000001,-;pc : wedge_spin \\x1b\n' >>"$root/dev/kmsg") &
	run 0 trigger --print
	wait
	printf '%s\n' '[    7.000000] NMI backtrace for cpu 2' '[    7.000001] pc : wedge_spin \x1b' | cmp -s - "$work/out" ||
		fail "it printed $(cat "$work/out")"
	(sleep 0.3 && printf '6,4,8000000,-;x\n' >>"$root/dev/kmsg") &
	run 0 trigger --print --json
	wait
	valid trigger
	json 'd["log"] == [{"time_us": 8000000, "level": 6, "text": "x"}]'
	server
	put proc/sysrq-trigger ''
	run 0 trigger
	err 'the driver is not running'
	rm "$root/proc/sysrq-trigger"
	run 3 trigger
	err 'sysrq'
	put proc/sysrq-trigger ''
	rm "$root/dev/kmsg"
	run 1 trigger --print
	err 'kernel log'
}
