# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
. /payload/tests/driver/event.sh

refused_and_unchanged() {
	hotplug_and_ftrace >/tmp/before
	refused "$@"
	hotplug_and_ftrace >/tmp/after
	diff /tmp/before /tmp/after || fail "the refused load changed the kernel"
}

no_sdei() {
	refused_and_unchanged sdei_nmi.ko 'No such device' "this machine's device tree describes no SDEI"
}

sdei_refused() {
	grep -q 'sdei: Failed to get SDEI version' /tmp/boot.log || fail "the firmware did not refuse SDEI: this test proves nothing here"
	refused_and_unchanged sdei_nmi.ko 'No such device' "the kernel's SDEI core is not running"
}

# A kernel with the driver built in logs nothing on a machine without SDEI, and uses its IPI for backtraces.
built_in_without_sdei() {
	if grep 'sdei_nmi' /tmp/boot.log; then
		fail "the log mentions the driver on a machine without SDEI"
	fi
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 3
	[ -z "$(block 2)" ] || fail "the wedged CPU was shown"
	block 0 | grep -q dump_stack || fail "sysrq-l does not use the kernel's own function"
}

# The firmware accepts exactly the faults that it lists, and behaves normally after the last one.
lies_by_name() {
	insmod arm_fault.ko || fail "arm_fault.ko does not load"
	lies=$(cat /sys/module/arm_fault/parameters/names)
	[ "$(echo "$lies" | sort -u | wc -l)" -ge 24 ] || fail "the firmware lists too few faults, or one of them twice"
	for lie in $lies; do
		firmware_lies "$lie"
	done
	for lie in '' nonesuch none-of-these-has-so-long-a-name 0; do
		if echo "$lie" >/sys/module/arm_fault/parameters/arm; then
			fail "the firmware accepts '$lie', which is not a fault"
		fi
	done
	firmware_lies none
	load
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
}

# The table of quirks is empty, so the parameter stands for an entry.
quirks() {
	needs_module
	kernel_unchanged refused 'sdei_nmi.ko quirks=unusable' 'No such device' "event 0 of this machine's firmware must not be used"
	kernel_unchanged refused 'sdei_nmi.ko quirks=no-cpu-off,other' 'Invalid argument' "not 'no-cpu-off,other'"
	insmod sdei_nmi.ko quirks=no-cpu-off,masked-refused || fail "sdei_nmi.ko does not load"
	[ "$(cat /sys/kernel/sdei_nmi/quirks)" = no-cpu-off,masked-refused ] || fail "quirks reads $(cat /sys/kernel/sdei_nmi/quirks)"
	[ "$(cat /sys/kernel/sdei_nmi/priority)" = normal ] || fail "priority reads $(cat /sys/kernel/sdei_nmi/priority)"
	unload
	load
	[ "$(cat /sys/kernel/sdei_nmi/quirks)" = none ] || fail "quirks reads $(cat /sys/kernel/sdei_nmi/quirks)"
}
