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

# A kernel with its own use of event 0: the driver refuses to load.
kernels_own() {
	hotplug_and_ftrace >/tmp/before
	refused sdei_nmi.ko 'No such device' "this kernel's own ARM_SDEI_NMI, which does this already, owns it"
	hotplug_and_ftrace >/tmp/after
	diff /tmp/before /tmp/after || fail "the refused load changed the kernel"
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
}

# A kernel with this driver built in: the kernel's module loader refuses the module.
own_built_in() {
	mark refused
	if insmod sdei_nmi.ko; then
		fail "the module was loaded beside the driver that is built in"
	fi
	log | grep -q 'sdei_nmi: module is already loaded' || fail "the kernel does not say why the module was refused"
	grep -q '\] sdei_nmi: backtraces and stops reach CPUs that have interrupts masked' /tmp/boot.log || fail "the built-in driver does not log that it is in service"
	one_wedged
}

# The firmware accepts the signal and does not deliver the event.
probe_fails() {
	needs_module
	firmware_lies drop
	refused sdei_nmi.ko 'Input/output error' 'did not deliver it in 1000 ms'
	firmware_lies refuse
	refused sdei_nmi.ko 'Input/output error' 'the firmware refused a signal'
	firmware_lies none
	load
}

# The probe at load waits a second for each CPU, however long the CPUs before it took. Each request is delayed by 0.6 s, and each signal
# arrives a little later.
probe_waits_for_each() {
	needs_module
	firmware_lies late
	# SDEI_NMI_REQUEST_PROBE
	insmod slow_signals.ko request=2 ms=600 calls=1 || fail "slow_signals.ko does not load"
	mark load
	on 0 insmod sdei_nmi.ko || fail "sdei_nmi.ko does not load"
	# insmod tries twice, and the delay is gone at the second try.
	if log | grep '^sdei_nmi: probing event 0 failed'; then
		fail "the driver did not wait for each CPU"
	fi
	firmware_lies none
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
}
