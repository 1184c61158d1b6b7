# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
. /payload/tests/driver/symbols.sh

hotplug_and_ftrace() {
	cat /sys/kernel/tracing/enabled_functions /sys/devices/system/cpu/hotplug/states
}

event_owned() {
	insmod squatter.ko what=event0 || fail "squatter.ko does not load"
	refused sdei_nmi.ko 'Device or resource busy' 'another part of this kernel owns it;'
	rmmod squatter
	# It was the squatter's all the time, and is free now.
	load
	sysrq_l 0
	has_backtrace 0 1 2 3
}

# The kernel has the service built in: it does what we would.
kernels_own() {
	hotplug_and_ftrace >/tmp/before
	refused sdei_nmi.ko 'Device or resource busy' "this kernel's own ARM_SDEI_NMI, which does this already, owns it"
	hotplug_and_ftrace >/tmp/after
	diff /tmp/before /tmp/after || fail "something was left changed"
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
}

# The firmware takes the signal, and nothing comes.
probe_fails() {
	firmware_lies drop
	refused sdei_nmi.ko 'Input/output error' 'did not deliver it in 1000 ms'
	firmware_lies refuse
	refused sdei_nmi.ko 'Input/output error' 'the firmware refused a signal'
	firmware_lies none
	load
}
