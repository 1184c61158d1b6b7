# SPDX-License-Identifier: GPL-2.0
# What the first kernel does: the capture kernel is loaded by kexec-tools as kdump does, CPUs are wedged, and it panics or reboots.
# A test of tests/lib/guest.sh's that ends in this; /payload/row says how.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before, and the row

# program NAME ARGUMENT...: one of Debian's, by its own loader and libraries.
program() {
	program_name=$1
	shift
	/payload/programs/ld-linux-aarch64.so.1 --library-path /payload/programs "/payload/programs/$program_name" "$@"
}

# crash_notes: where each CPU's registers will be: ADDRESS,... in memory. In the dump's notes those of a CPU that saved none are
# left out, so that nothing else tells which it was.
crash_notes() {
	for cpu in $(seq 0 "$(sed 's/.*-//' /sys/devices/system/cpu/present)"); do
		cat "/sys/devices/system/cpu/cpu$cpu/crash_notes"
	done | awk '{ printf "%s%s", (NR > 1 ? "," : ""), $1 }'
}

load_capture_kernel() {
	append="console=ttyAMA0 loglevel=8 panic=-1 nokaslr reset_devices sdei_crash_notes=$(crash_notes)"
	[ "$capture" != up ] || append="$append nr_cpus=1"
	program kexec -p /payload/Image --kexec-syscall --no-checks --initrd=/payload/capture.cpio "--append=$append" ||
		fail "kexec-tools can't load the capture kernel"
	[ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ] || fail "the kernel holds no capture kernel after kexec -p"
}

# Not at the start of memory, which kexec would take: there the next kernel goes on using the GIC's tables for LPIs of this one, and
# writes over itself, as nothing but EFI keeps that memory free.
load_next_kernel() {
	program kexec -l --mem-min=0x50000000 /payload/Image --kexec-syscall --no-checks --initrd=/payload/capture.cpio "--append=console=ttyAMA0 loglevel=8 panic=-1" ||
		fail "kexec-tools can't load the kernel that is to follow"
	[ "$(cat /sys/kernel/kexec_loaded)" = 1 ] || fail "the kernel holds no other kernel after kexec -l"
}

load_driver() {
	[ "$driver" != none ] || return 0
	built_in || insmod sdei_nmi.ko "stop_ending=$driver" || fail "sdei_nmi.ko does not load"
	[ "$(cat /sys/module/sdei_nmi/parameters/stop_ending)" = "$driver" ] || fail "stop_ending is not $driver"
}

# The host has no other way to know where the wedge is: its spin function, and the one of this kind that calls it.
tell_wedge() {
	mark "range wedge_spin $(cat "$range")"
	# A look into all of the kernel's takes seconds; wedge does with this one, too.
	grep -F '[sdei_nmi_wedge]' /proc/kallsyms >"$symbols"
	sort "$symbols" | awk -v name="wedge_${wedge%:*}" '
		start && $1 != start { print name, start, $1; exit }
		$2 ~ /[tT]/ && $3 == name { start = $1 }' | while read -r line; do
		mark "range $line"
	done
}

# announce: by what the guest will end.
announce() {
	case $trigger in
	sysrq-c@* | notifiers@* | asking@*) dies 'sysrq triggered crash' ;;
	hardlockup@*)
		tune /proc/sys/kernel/watchdog_thresh 2
		tune /proc/sys/kernel/hardlockup_panic 1
		expect_log 'Watchdog detected hard LOCKUP on cpu '
		dies 'Hard LOCKUP'
		;;
	hardirq@* | both@* | event@*) dies "crasher: ${trigger%@*}" ;;
	sysrq-b@*) dies 'sysrq: Resetting' ;;
	reboot@*) dies 'reboot: Restarting system' ;;
	sysrq-o@* | poweroff@*) dies 'reboot: Power down' ;;
	kexec@*) dies 'Bye!' ;;
	*) fail "the row's trigger '$trigger' is not known" ;;
	esac
}

# ask_without_end: another CPU keeps asking for backtraces, and one more, in user space, for snapshots.
ask_without_end() {
	ask_on=$((3 - at))
	on $ask_on sh -c "echo 'others $ask_on 1000000' >/sys/module/requester/parameters/ask" &
	on $ask_on sh -c 'while :; do cat /sys/kernel/debug/sdei_nmi/stacks; done' >/dev/null &
	wait_for asked_often || fail "nobody asks for backtraces"
}

asked_often() {
	[ "$(cat /sys/kernel/sdei_nmi/counters/requests)" -gt 20 ] && [ "$(cat /sys/kernel/sdei_nmi/counters/snapshots)" -gt 5 ]
}

pull() {
	case $trigger in
	hardlockup@*) ;;
	sysrq-?@*)
		key=${trigger#sysrq-}
		on "$at" sh -c "echo ${key%@*} >/proc/sysrq-trigger"
		;;
	notifiers@*) on "$at" sh -c 'echo c >/proc/sysrq-trigger' ;;
	asking@*)
		ask_without_end
		on "$at" sh -c 'echo c >/proc/sysrq-trigger'
		;;
	hardirq@*) on 0 sh -c "echo 'hardirq $at' >/sys/module/crasher/parameters/crash" ;;
	both@*) on 0 sh -c "echo 'both $at 3' >/sys/module/crasher/parameters/crash" ;;
	event@*) on "$at" sh -c 'echo event >/sys/module/crasher/parameters/crash' ;;
	reboot@*) on "$at" reboot -f ;;
	poweroff@*) on "$at" poweroff -f ;;
	kexec@*) program kexec -e -x ;;
	esac
}

crash() {
	. /payload/row
	at=${trigger#*@}
	load_driver
	case $trigger in
	event@*) insmod crasher.ko event=1 || fail "crasher.ko does not load" ;;
	*) insmod crasher.ko || fail "crasher.ko does not load" ;;
	esac
	insmod requester.ko || [ "$trigger" = "${trigger#asking}" ] || fail "requester.ko does not load"
	[ "$wedge" = - ] || load_wedge
	[ "$wedge" = - ] || tell_wedge
	case $capture/$trigger in
	-/*) ;;
	*/kexec@*) load_next_kernel ;;
	*) load_capture_kernel ;;
	esac
	# The kernel's own word for a CPU that goes on running. 6.1 counts IPIs, and so those that an IPI did not stop.
	case $capture/$driver/$kernel/$masked in
	[a-z]*/none/*/?* | [a-z]*/6.1/?*) expect_log ' at arch/arm64/kernel/machine_kexec.c:' ;;
	esac
	announce
	# Should RCU's own thread be on a CPU that is to be wedged, no grace period ends before RCU complains of that.
	stay_on "$at" rcu_sched rcu_preempt
	# Longer than the whole run: that it ends would be one more thing to happen to the capture kernel.
	[ "$wedge" = - ] || wedge "${wedge%:*}" "${wedge#*:}" 300
	pull
	sleep 60
	fail "$trigger did not bring about the end of this kernel"
}
