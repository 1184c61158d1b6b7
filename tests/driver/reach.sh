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

idle_entries() {
	cat "/sys/devices/system/cpu/cpu$1/cpuidle/state1/usage"
}

# CPUs that idle in a state for which the kernel masks SDEI: on this firmware one signal to such a CPU ends it for good.
deep_idle() {
	insmod asker.ko || fail "asker.ko does not load"
	load
	for cpu in 0 1 2 3; do
		idle_entries $cpu >"/tmp/idle$cpu"
	done
	mark ask
	echo 'storm 1 100' >/sys/module/asker/parameters/ask || fail "the requests did not end"
	no_own_complaint
	for cpu in 0 1 2 3; do
		answers=$(log | grep -cE "^NMI backtrace for cpu $cpu( skipped: .*)?\$")
		[ "$answers" = 100 ] || fail "of 100 requests CPU $cpu answered $answers"
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
	for cpu in 0 2 3; do
		[ "$(idle_entries $cpu)" -gt "$(cat "/tmp/idle$cpu")" ] || fail "CPU $cpu never idled deeply: this test proves nothing here"
	done
}

wedged_beside_deep_idle() {
	load
	wedge daif 2
	for _ in 1 2 3; do
		sysrq_l 0
		has_backtrace 0 1 2 3
		pc_in_wedge 2
	done
	no_own_complaint
	release
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
}

# Whether a CPU may be signalled changes with idle states and hotplug at once.
hotplug_and_deep_idle() {
	hotplug_under_requests
	for cpu in 0 1 3; do
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
}
