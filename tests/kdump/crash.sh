# SPDX-License-Identifier: GPL-2.0
# The test of the first kernel, which ends the guest: it loads the capture kernel with kexec-tools as kdump does, wedges CPUs, and
# panics or reboots. /payload/row is the row of the table.
# shellcheck shell=sh disable=SC2154 # guest.sh reads this file, and the row, in

# program NAME ARGUMENT...: runs a program of Debian with its own loader and libraries.
program() {
	program_name=$1
	shift
	/payload/programs/ld-linux-aarch64.so.1 --library-path /payload/programs "/payload/programs/$program_name" "$@"
}

# crash_notes: ADDRESS,... of each CPU's note in memory. The notes in the dump leave out a CPU that saved none, and nothing there
# tells which CPU that is.
crash_notes() {
	for cpu in $(seq 0 "$(sed 's/.*-//' /sys/devices/system/cpu/present)"); do
		cat "/sys/devices/system/cpu/cpu$cpu/crash_notes"
	done | awk '{ printf "%s%s", (NR > 1 ? "," : ""), $1 }'
}

load_capture_kernel() {
	append="console=ttyAMA0 loglevel=8 panic=-1 reset_devices sdei_nmi.enable=1 sdei_nmi.capture_kernel=1 sdei_crash_notes=$(crash_notes)"
	case $firmware in
	*-kpti) append="$append kpti=1" ;;
	*) append="$append nokaslr" ;;
	esac
	[ "$capture" != up ] || append="$append nr_cpus=1"
	program kexec -p /payload/Image --kexec-syscall --no-checks --initrd=/payload/capture.cpio "--append=$append" ||
		fail "kexec-tools can't load the capture kernel"
	[ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ] || fail "the kernel holds no capture kernel after kexec -p"
}

# Load the kernel above the start of memory, which kexec would choose. The next kernel goes on using this kernel's LPI tables of the
# GIC, and without EFI nothing reserves that memory, so at the start of memory they would overwrite the new kernel.
load_next_kernel() {
	program kexec -l --mem-min=0x50000000 /payload/Image --kexec-syscall --no-checks --initrd=/payload/capture.cpio "--append=console=ttyAMA0 loglevel=8 panic=-1" ||
		fail "kexec-tools can't load the kernel that is to follow"
	[ "$(cat /sys/kernel/kexec_loaded)" = 1 ] || fail "the kernel holds no other kernel after kexec -l"
}

load_driver() {
	case $driver in
	none | own) return ;;
	esac
	case $trigger in
	quirk@*) set -- quirks=no-cpu-off ;;
	critical@*) firmware_lies critical ;;
	conduit@*) insmod psci_by_hvc.ko || fail "psci_by_hvc.ko does not load" ;;
	esac
	built_in || insmod sdei_nmi.ko "stop_ending=$driver" "$@" || fail "sdei_nmi.ko does not load"
	[ "$(cat /sys/module/sdei_nmi/parameters/stop_ending)" = "$driver" ] || fail "stop_ending is not $driver"
}

# The host learns only from the console where the wedge is: the range of its spin function, and its symbols.
tell_wedge() {
	mark "range wedge_spin $(cat "$range")"
	# Searching all symbols takes seconds; wedge uses this file, too.
	grep -F '[sdei_nmi_wedge]' /proc/kallsyms >"$symbols"
	sort "$symbols" | awk -v name="wedge_${wedge%:*}" '
		start && $1 != start { print name, start, $1; exit }
		$2 ~ /[tT]/ && $3 == name { start = $1 }' | while read -r line; do
		mark "range $line"
	done
}

# tell_guest: where a CPU that runs a guest is for the host: the ranges of the function that enters a guest, and of its callers.
tell_guest() {
	awk '$2 ~ /[tT]/ && NF == 3' /proc/kallsyms | sort | awk '
		name && $1 != start { print name, start, $1; name = "" }
		$3 ~ /^(__guest_enter|__kvm_vcpu_run(_vhe)?|kvm_arm_vcpu_enter_exit|kvm_arch_vcpu_ioctl_run)$/ { name = $3; start = $1 }' |
		while read -r line; do
			mark "range $line"
		done
}

# guest_counter CPU: prints the counter of the guest on the CPU.
guest_counter() {
	od -A n -t u8 -j 4096 -N 8 "/tmp/memory$1"
}

counter_moved() {
	[ "$(guest_counter "$1")" -gt "$2" ]
}

# run_guests CPUS: on each CPU of the range, a KVM guest spins. The CPUs take no interrupts from then on and so never leave their guests.
run_guests() {
	keep_off "$1"
	for cpu in $(seq "${1%-*}" "${1#*-}"); do
		: >"/tmp/memory$cpu"
		: >"/tmp/where$cpu"
		taskset -c "$cpu" ./guest_spin "/tmp/memory$cpu" >"/tmp/where$cpu" &
		mark "vcpu $cpu $!"
		wait_for [ -s "/tmp/where$cpu" ] || fail "the guest on CPU $cpu does not start"
		wait_for counter_moved "$cpu" 0 || fail "the guest on CPU $cpu does not run"
	done
	for cpu in $(seq "${1%-*}" "${1#*-}"); do
		echo "$cpu" >/sys/module/priority_mask/parameters/cpu || fail "the interrupts of CPU $cpu can't be masked"
	done
	for cpu in $(seq "${1%-*}" "${1#*-}"); do
		wait_for counter_moved "$cpu" "$(guest_counter "$cpu")" || fail "the guest on CPU $cpu does not go on"
	done
}

# announce: tells the verdict how the guest will end.
announce() {
	case $trigger in
	sysrq-c@* | notifiers@* | forced@* | refused@* | asking@* | quirk@* | critical@* | conduit@* | traced@* | profiled@*) dies 'sysrq triggered crash' ;;
	hardlockup@*)
		tune /proc/sys/kernel/watchdog_thresh 2
		tune /proc/sys/kernel/hardlockup_panic 1
		expect_log 'Watchdog detected hard LOCKUP on cpu '
		dies 'Hard LOCKUP'
		;;
	lockup@*)
		[ ! -e /proc/sys/kernel/nmi_watchdog ] || [ "$(cat /proc/sys/kernel/nmi_watchdog)" = 0 ] || tune /proc/sys/kernel/nmi_watchdog 0
		tune /sys/module/sdei_nmi/parameters/lockups all
		tune /sys/module/sdei_nmi/parameters/lockup_thresh 2
		tune /sys/module/sdei_nmi/parameters/lockup_panic 1
		expect_log 'Watchdog detected hard LOCKUP on cpu 2'
		dies 'Hard LOCKUP'
		;;
	ghes@*) dies 'Fatal hardware error!' ;;
	hardirq@* | both@* | event@*) dies "crasher: ${trigger%@*}" ;;
	sysrq-b@*) dies 'sysrq: Resetting' ;;
	reboot@*) dies 'reboot: Restarting system' ;;
	# CPU 0 takes no interrupts any more, so the next CPU acts five seconds later.
	held-irqs@*) dies 'sdei_nmi: this machine has not gone down in 10 s after CPUs were stopped: restarting at once' ;;
	held-off@*) dies 'sdei_nmi: this machine has not gone down in 5 s after CPUs were stopped: powering off at once' ;;
	held-*@*) dies 'sdei_nmi: this machine has not gone down in 5 s after CPUs were stopped: restarting at once' ;;
	sysrq-o@* | poweroff@*) dies 'reboot: Power down' ;;
	kexec@*) dies 'Bye!' ;;
	*) fail "the row's trigger '$trigger' is not known" ;;
	esac
}

# ask_without_end: one CPU keeps requesting backtraces, and a program on another CPU keeps taking snapshots.
ask_without_end() {
	ask_on=$((3 - at))
	on $ask_on sh -c "echo 'others $ask_on 1000000' >/sys/module/requester/parameters/ask" &
	on $ask_on sh -c 'while :; do cat /sys/kernel/debug/sdei_nmi/stacks; done' >/dev/null &
	wait_for asked_often || fail "no backtraces are being requested"
}

# profile: samples every CPU from now on.
profile() {
	on "$at" ./pmu_events "$(cat /sys/bus/event_source/devices/sdei_nmi/type)" everywhere 10000 &
	wait_for sampled_often || fail "no samples come"
}

# sampled_often: succeeds once there are 100 more samples than sampled_from.
sampled_often() {
	[ "$(cat /sys/kernel/sdei_nmi/counters/samples)" -gt $((${sampled_from:-0} + 100)) ]
}

asked_often() {
	[ "$(cat /sys/kernel/sdei_nmi/counters/requests)" -gt 20 ] && [ "$(cat /sys/kernel/debug/sdei_nmi/counters/snapshots)" -gt 5 ]
}

# hold REASON...: makes the reboot wait if the trigger has one of the reasons. A callback has to be queued before the wedge.
hold() {
	hold_reason=${trigger#held-}
	hold_reason=${hold_reason%@*}
	case " $* " in
	*" $hold_reason "*) ;;
	*) return 0 ;;
	esac
	[ "$hold_reason" != off ] || hold_reason="sleep"
	on "$at" sh -c "echo $hold_reason >/sys/module/crasher/parameters/hold" || fail "crasher does not hold up the reboot"
}

pull() {
	case $trigger in
	profiled@*)
		# With the wedge.
		sampled_from=$(cat /sys/kernel/sdei_nmi/counters/samples)
		wait_for sampled_often || fail "no more samples come"
		on "$at" sh -c 'echo c >/proc/sysrq-trigger'
		;;
	lockup@* | hardlockup@*) ;;
	sysrq-?@*)
		key=${trigger#sysrq-}
		on "$at" sh -c "echo ${key%@*} >/proc/sysrq-trigger"
		;;
	notifiers@* | forced@* | refused@* | quirk@* | critical@* | conduit@* | traced@*) on "$at" sh -c 'echo c >/proc/sysrq-trigger' ;;
	asking@*)
		ask_without_end
		on "$at" sh -c 'echo c >/proc/sysrq-trigger'
		;;
	hardirq@*) on 0 sh -c "echo 'hardirq $at' >/sys/module/crasher/parameters/crash" ;;
	both@*) on 0 sh -c "echo 'both $at 3' >/sys/module/crasher/parameters/crash" ;;
	event@*) on "$at" sh -c 'echo event >/sys/module/crasher/parameters/crash' ;;
	ghes@*) echo "$at 1 fatal" >/sys/module/hardware_error/parameters/raise ;;
	held-off@*) on "$at" poweroff -f ;;
	reboot@* | held-*@*) on "$at" reboot -f ;;
	poweroff@*) on "$at" poweroff -f ;;
	kexec@*) program kexec -e -x ;;
	esac
}

# outlive CPU: starts a process whose memory this CPU has counted, and which ends on another CPU when this one is no longer online. To
# check its counters, the kernel adds up those of the CPUs.
outlive() {
	read -r outlive_online </sys/devices/system/cpu/online
	on "$1" sh -c "
		text=\$(seq 3000)
		taskset -p 1 \$\$ >/dev/null
		while read -r online </sys/devices/system/cpu/online && [ \"\$online\" = $outlive_online ]; do
			usleep 50000
		done" &
}

crash() {
	. /payload/row
	at=${trigger#*@}
	case $firmware in
	*-kpti) has_kpti ;;
	esac
	load_driver
	case $trigger in
	event@*) insmod crasher.ko event=1 || fail "crasher.ko does not load" ;;
	ghes@*) insmod hardware_error.ko || fail "hardware_error.ko does not load" ;;
	*) insmod crasher.ko || fail "crasher.ko does not load" ;;
	esac
	case $trigger in
	refused@*) firmware_lies cpu-off-refused ;;
	held-*@*) tune /sys/module/sdei_nmi/parameters/reboot_timeout 5 ;;
	traced@*)
		tune /proc/sys/kernel/ftrace_dump_on_oops 1
		echo 1 >/sys/kernel/tracing/events/sdei_nmi/enable || fail "the tracepoints can't be switched on"
		;;
	esac
	insmod requester.ko || [ "$trigger" = "${trigger#asking}" ] || fail "requester.ko does not load"
	case $wedge in
	-) ;;
	guest:*)
		insmod priority_mask.ko || fail "priority_mask.ko does not load"
		tell_guest
		;;
	*)
		load_wedge
		tell_wedge
		;;
	esac
	case $capture/$trigger in
	-/*) ;;
	*/kexec@*) load_next_kernel ;;
	*) load_capture_kernel ;;
	esac
	# The kernel reports CPUs that go on running. 6.1 reports CPUs that did not stop on an IPI.
	case $capture/$driver/$kernel/$masked in
	[a-z]*/none/*/?* | [a-z]*/6.1/?*) expect_log ' at arch/arm64/kernel/machine_kexec.c:' ;;
	esac
	announce
	# If RCU's thread were on a wedged CPU, no grace period would end before RCU reports a stall.
	case $trigger in
	held-rcu@*) stay_on "${wedge#*:}" rcu_sched rcu_preempt ;;
	*) stay_on "$at" rcu_sched rcu_preempt ;;
	esac
	stay_on "$at"
	hold callback
	[ "$trigger" = "${trigger#held-sleep}" ] || outlive "${wedge#*:}"
	[ "$trigger" = "${trigger#profiled}" ] || profile
	case $wedge in
	-) ;;
	guest:*) run_guests "${wedge#*:}" ;;
	# Longer than the whole run, so that the wedge does not end in the capture kernel.
	*) wedge "${wedge%:*}" "${wedge#*:}" 300 ;;
	esac
	hold sleep off irqs task timer work preempt
	pull
	sleep 60
	fail "$trigger did not end this kernel"
}
