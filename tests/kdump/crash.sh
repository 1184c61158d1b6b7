# SPDX-License-Identifier: GPL-2.0
# What the first kernel does: the capture kernel is loaded by kexec-tools as kdump does, CPUs are wedged, and it panics. A test
# of tests/guest.sh's that ends in this panic; /payload/row says how: driver, wedge, trigger, capture, lacks.
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

load_driver() {
	[ "$driver" != none ] || return 0
	built_in || insmod sdei_nmi.ko "stop_ending=$driver" || fail "sdei_nmi.ko does not load"
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

crash() {
	. /payload/row
	load_driver
	[ "$wedge" = - ] || load_wedge
	[ "$wedge" = - ] || tell_wedge
	load_capture_kernel
	# The kernel's own word for a CPU that goes on running.
	[ "$lacks" = - ] || expect_log 'Some CPUs may be stale, kdump will be unreliable.'
	[ "$lacks" = - ] || expect_log 'WARNING: CPU: '
	case $trigger in
	sysrq-c@*) dies 'sysrq triggered crash' ;;
	hardlockup)
		tune /proc/sys/kernel/watchdog_thresh 2
		tune /proc/sys/kernel/hardlockup_panic 1
		expect_log 'Watchdog detected hard LOCKUP on cpu '
		dies 'Hard LOCKUP'
		;;
	*) fail "the row's trigger '$trigger' is not known" ;;
	esac
	# Longer than the whole run: that it ends would be one more thing to happen to the capture kernel.
	[ "$wedge" = - ] || wedge "${wedge%:*}" "${wedge#*:}" 300
	case $trigger in
	sysrq-c@*) on "${trigger#*@}" sh -c 'echo c >/proc/sysrq-trigger' ;;
	esac
	sleep 40
	fail "$trigger did not bring about a panic"
}
