# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh

online() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online" || fail "CPU $1 does not go to online=$2"
}

after_hotplug() {
	load
	for _ in 1 2 3 4 5; do
		online 2 0
		sysrq_l 0
		has_backtrace 0 1 3
		online 2 1
		wedge daif 2
		sysrq_l 0
		pc_in_wedge 2
		release
	done
	no_own_complaint
}

hotplug_under_requests() {
	load
	on 1 sh -c 'while [ ! -e /tmp/cease ]; do echo l >/proc/sysrq-trigger; usleep 5000; done' &
	for _ in $(seq 20); do
		online 2 0
		online 2 1
	done
	touch /tmp/cease
	wait
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
}
