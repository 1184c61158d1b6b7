# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
. /payload/tests/driver/symbols.sh
. /payload/tests/driver/backtrace.sh

hotplug_and_ftrace() {
	cat /sys/kernel/tracing/enabled_functions /sys/devices/system/cpu/hotplug/states
}

event_owned() {
	needs_module
	insmod occupy.ko what=event0 || fail "occupy.ko does not load"
	refused sdei_nmi.ko 'Device or resource busy' 'another part of this kernel owns it;'
	rmmod occupy
	# occupy held event 0 from its load to its unload; event 0 is free now.
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

# And so when the one that is built in is ours, which the kernel's module loader sees first.
own_built_in() {
	mark refused
	if insmod sdei_nmi.ko; then
		fail "the module was loaded beside the driver that is built in"
	fi
	log | grep -q 'sdei_nmi: module is already loaded' || fail "the kernel does not say why the module was refused"
	grep -q '\] sdei_nmi: backtraces and stops reach CPUs that have interrupts masked' /tmp/boot.log || fail "the driver that is built in does not say that it is there"
	one_wedged
}

# The firmware takes the signal, and nothing comes.
probe_fails() {
	needs_module
	firmware_lies drop
	refused sdei_nmi.ko 'Input/output error' 'did not deliver it in 1000 ms'
	firmware_lies refuse
	refused sdei_nmi.ko 'Input/output error' 'the firmware refused a signal'
	firmware_lies none
	load
}
