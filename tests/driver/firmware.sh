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

# refused_as QUIRKS COUNTER TEXT PING: with these quirks, INVALID_PARAMETERS counts in COUNTER, TEXT says why the wedged CPU is not
# shown, and its ping says PING.
refused_as() {
	insmod sdei_nmi.ko "quirks=$1" || fail "sdei_nmi.ko does not load"
	firmware_lies refuse
	wedge daif 2
	before=$(cat "/sys/kernel/sdei_nmi/counters/$2")
	sysrq_l 0
	has_backtrace 0 1 3
	log | grep -qxF "sdei_nmi: no backtrace for CPU 2: event 0 was $3; an IPI was sent and not answered in 950 ms" ||
		fail "with quirks=$1 the log says: $(log | grep '^sdei_nmi: ')"
	moved=$(($(cat "/sys/kernel/sdei_nmi/counters/$2") - before))
	[ $moved = 3 ] || fail "with quirks=$1, $2 moved by $moved for 3 signals"
	on 0 cat /sys/kernel/debug/sdei_nmi/ping/2 >/tmp/ping
	[ "$(tr '\n' ' ' </tmp/ping)" = "$4 " ] || fail "with quirks=$1, ping/2 says: $(cat /tmp/ping)"
	release
	wait_for late_answer 2 || fail "the log does not report the late answer"
	firmware_lies none
	unload
}

# With the quirk, INVALID_PARAMETERS is not a refusal: it says that the CPU has SDEI masked.
quirk_masked_refused() {
	needs_module
	refused_as none signals_refused_invalid_parameters 'refused by the firmware (INVALID_PARAMETERS)' 'result: refused reason: invalid_parameters'
	refused_as masked-refused signals_held_off 'not sent because SDEI is, or may be, masked there, or event 0 is disabled there' \
		'result: held-off reason: masked'
}

# says FILE VALUE: fails unless a file of /sys/kernel/sdei_nmi has this value.
says() {
	[ "$(cat "/sys/kernel/sdei_nmi/$1")" = "$2" ] || fail "$1 reads $(cat "/sys/kernel/sdei_nmi/$1"), not $2"
}

# The driver reads the priority of event 0. A row of tests/kdump/table shows that CPUs park if it is critical.
critical_priority() {
	needs_module
	firmware_lies critical
	# The parameter does not override the priority.
	for quirks in auto none; do
		mark load
		insmod sdei_nmi.ko "quirks=$quirks" || fail "sdei_nmi.ko does not load"
		log | grep -qx 'sdei_nmi: event 0 has critical priority: CPUs that it stops park, also with stop_ending=off' ||
			fail "with quirks=$quirks the log does not name the priority: $(log | grep '^sdei_nmi: ')"
		says priority critical
		says quirks no-cpu-off
		wedge daif 2
		sysrq_l 0
		has_backtrace 0 1 2 3
		pc_in_wedge 2
		no_own_complaint
		release
		unload
	done
	firmware_lies none
	mark load
	load
	if log | grep ' priority: '; then
		fail "the log names a priority that is normal"
	fi
	says priority normal
	says quirks none
}
