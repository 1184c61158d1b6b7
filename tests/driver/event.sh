# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
. /payload/tests/driver/symbols.sh

event_owned() {
	insmod squatter.ko what=event0 || fail "squatter.ko does not load"
	refused sdei_nmi.ko 'Device or resource busy' 'another part of this kernel owns it;'
	rmmod squatter
	# It was the squatter's all the time, and is free now.
	load
	sysrq_l 0
	has_backtrace 0 1 2 3
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
