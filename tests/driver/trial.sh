# SPDX-License-Identifier: GPL-2.0
# The first event 0 of each CPU: the driver finds damage before the kernel can suffer from it, and declines.
# shellcheck shell=sh
. /payload/tests/driver/event.sh

# declines FAULT TEXT: the driver refuses to load under FAULT and says TEXT, and all CPUs work as before.
declines() {
	firmware_lies "$1"
	kernel_unchanged refused sdei_nmi.ko 'Input/output error' "probing event 0 failed: $2"
	firmware_lies none
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "after '$1' CPU $cpu takes no timer interrupts any more"
	done
}

finds_damage() {
	needs_module
	keeps='the firmware does not keep what an event interrupts: on CPU'
	declines gpr-low "$keeps"
	log | grep -q 'x9 was ' || fail "the log does not name x9"
	declines gpr-high "$keeps"
	log | grep -q 'x20 was ' || fail "the log does not name x20"
	declines flags "$keeps"
	log | grep -q 'NZCV was ' || fail "the log does not name the flags"
	declines sp-el0 "$keeps"
	log | grep -q 'SP_EL0 was ' || fail "the log does not name SP_EL0"
	declines fp "$keeps"
	log | grep -q 'a vector register was ' || fail "the log does not name the vector register"
	declines priority-mask "$keeps"
	log | grep -q 'ICC_PMR_EL1 was ' || fail "the log does not name the priority mask"
	declines pstate-param "$keeps"
	log | grep -q 'a wrong interrupted PSTATE, ' || fail "the log does not name the interrupted PSTATE"
	declines daif-open "$keeps"
	log | grep -q 'which does not mask all exceptions' || fail "the log does not name the exceptions"
	declines not-masked 'the firmware accepted a signal to CPU'
	load
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
}

# The firmware does not end the interrupt. A CPU goes offline, and the machine goes on without it.
survives_no_eoi() {
	needs_module
	firmware_lies no-eoi
	mark load
	if insmod sdei_nmi.ko; then
		fail "the driver was loaded"
	fi
	firmware_lies none
	lost=$(log | sed -n 's/^sdei_nmi: probing event 0 failed: the firmware did not end the event.s interrupt on CPU \([0-9]*\), so .*/\1/p' | tr '\n' ' ')
	# The insmod of busybox tries twice.
	[ "$(echo "$lost" | wc -w)" = 2 ] || fail "the log does not name the two CPUs: $lost"
	for cpu in 0 1 2 3; do
		on=$(cat /sys/devices/system/cpu/cpu$cpu/online 2>/dev/null || echo 1)
		case " $lost " in
		*" $cpu "*)
			[ "$on" = 0 ] || fail "CPU $cpu takes no interrupts, and is online"
			# It would hang.
			sed -i "/cpu$cpu\/online/d" /tmp/online
			;;
		*)
			[ "$on" = 1 ] || fail "CPU $cpu is offline"
			ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
			;;
		esac
	done
}

# The driver only tries event 0, and leaves.
only_probes() {
	kernel_unchanged refused 'sdei_nmi.ko enable=probe' 'No such device' "enable=probe; event 0 reached $(nproc) of $(nproc) CPUs, and what it interrupted there came back as it was"
	kernel_unchanged refused 'sdei_nmi.ko enable=0' 'No such device' 'not starting: enable=0'
	kernel_unchanged refused 'sdei_nmi.ko enable=maybe' 'Invalid argument' "enable has to be 1, 0 or probe, not 'maybe'"
	insmod sdei_nmi.ko enable=y || fail "sdei_nmi.ko does not load"
	unload
}

# The firmware has had a fault since the machine was switched on. The driver that is built in declines, and the machine boots.

# declined_for TEXT: the log of the boot says once that the driver declines, for this reason. All CPUs except $lost go on.
declined_for() {
	declined=$(sed -n 's/^\[[ 0-9.]*\] sdei_nmi: probing event 0 failed: //p' /tmp/boot.log)
	[ "$(echo "$declined" | wc -l)" = 1 ] || fail "the log of the boot does not say once that the driver declines: $declined"
	case $declined in
	"$1"*) ;;
	*) fail "the driver gives another reason: $declined" ;;
	esac
	for cpu in 0 1 2 3; do
		on=$(cat /sys/devices/system/cpu/cpu$cpu/online 2>/dev/null || echo 1)
		if [ "$cpu" = "$lost" ]; then
			[ "$on" = 0 ] || fail "CPU $cpu takes no interrupts, and is online"
		else
			[ "$on" = 1 ] || fail "CPU $cpu is offline"
			ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts"
		fi
	done
	[ ! -e /sys/kernel/sdei_nmi ] || fail "the driver is in service"
	sysrq_l 0
	block 0 | grep -q dump_stack || fail "sysrq-l does not use the kernel's own function"
}

built_in_finds_damage() {
	lost=
	declined_for 'the firmware does not keep what an event interrupts: on CPU '
}

built_in_gets_no_event() {
	lost=
	declined_for 'the firmware accepted a signal to CPU '
}

built_in_survives_no_eoi() {
	lost=$(sed -n 's/^.* sdei_nmi: probing event 0 failed: the firmware did not end the event.s interrupt on CPU \([0-9]*\), so .*/\1/p' /tmp/boot.log)
	[ -n "$lost" ] || fail "the log of the boot names no CPU"
	declined_for 'the firmware did not end the event'
}

# A kernel with CONFIG_ARM_SDEI_NMI_DEFAULT_OFF: without enable= on the command line the driver does nothing and logs nothing.
off_by_default() {
	if grep 'sdei_nmi' /tmp/boot.log; then
		fail "the log mentions a driver that is off"
	fi
	[ ! -e /sys/kernel/sdei_nmi ] || fail "the driver is in service"
	[ "$(cat /sys/module/sdei_nmi/parameters/enable)" = 0 ] || fail "enable reads $(cat /sys/module/sdei_nmi/parameters/enable)"
	sysrq_l 0
	block 0 | grep -q dump_stack || fail "sysrq-l does not use the kernel's own function"
}

# The same kernel with enable=probe.
built_in_probes() {
	grep -q '\] sdei_nmi: not starting: enable=probe; event 0 reached 4 of 4 CPUs, and what it interrupted there came back as it was; ' /tmp/boot.log ||
		fail "the log does not have the result: $(grep 'sdei_nmi: ' /tmp/boot.log)"
	[ ! -e /sys/kernel/sdei_nmi ] || fail "the driver is in service"
}
