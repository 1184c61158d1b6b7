# SPDX-License-Identifier: GPL-2.0
# The tool in a guest: every subcommand, with the driver and without it. tests/tool/tool.sh tests the tool on made-up trees.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

# tool STATUS ARGUMENT...: fails unless sdei-nmi exits with STATUS. Its output is in /tmp/out and /tmp/err.
tool() {
	want_status=$1
	shift
	./sdei-nmi "$@" >/tmp/out 2>/tmp/err
	tool_status=$?
	[ $tool_status = "$want_status" ] || fail "sdei-nmi $* ended with $tool_status, not $want_status: $(cat /tmp/err) $(head -n 20 /tmp/out)"
}

# complains WORDS: fails unless standard error contains WORDS and has at most two lines.
complains() {
	grep -q "$1" /tmp/err || fail "no complaint has '$1': $(cat /tmp/err)"
	[ "$(wc -l </tmp/err)" -le 2 ] || fail "the complaint is longer than two lines: $(cat /tmp/err)"
}

# has WORDS: fails unless standard output contains WORDS.
has() {
	grep -q "$1" /tmp/out || fail "the output has no '$1': $(cat /tmp/out)"
}


# json KEY: prints the first value of KEY in the output.
json() {
	sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" /tmp/out | head -n 1
}

# Without the driver every subcommand says that the module is not loaded and what to do.
without_driver() {
	needs_module
	tool 3 status
	has '^not available: the module is not loaded$'
	has 'modprobe sdei_nmi'
	has '^firmware   SDEI 1.0'
	tool 3 status --json
	[ "$(json step)" = loaded ] || fail "the step is $(json step)"
	for what in stacks ping top; do
		tool 3 $what
		complains 'the module is not loaded; run .modprobe sdei_nmi. as root'
		[ ! -s /tmp/out ] || fail "$what printed something without the driver"
	done
	tool 0 metrics
	has '^sdei_nmi_up 0$'
	tool 0 report
	has 'the module is not loaded'
	mark ask
	tool 0 trigger
	complains 'CPUs that have masked interrupts are missing'
	log | grep -q '^sysrq: Show backtrace of all active CPUs' || fail "the kernel was not asked"
}

# point LEVEL NAME: fails unless check gave this level to the point NAME.
point() {
	grep -q "^$1 *$2  " /tmp/out || fail "'$2' is not $1: $(cat /tmp/out)"
}

# The guest has the kernel without its configuration, headers and kdump, and the module without modprobe.
check_before_and_after_loading() {
	needs_module
	tool 0 check
	for name in firmware 'SDEI core' VHE ftrace 'live patches' signing; do
		point ok "$name"
	done
	for name in 'event 0' kernel module build; do
		point warn "$name"
	done
	has '^this machine can use the driver, as far as is known; '
	load
	tool 0 check
	point ok module
	has '^this machine uses the driver\.$'
}

# The machine describes no SDEI, or Linux refuses the SDEI of its firmware.
without_sdei() {
	if insmod sdei_nmi.ko 2>/dev/null; then
		fail "the driver loads without SDEI"
	fi
	tool 3 status
	has '^not available: '
	tool 3 status --json
	case $(json step) in
	firmware | 'kernel core') ;;
	*) fail "the failed step is not named: $(json step)" ;;
	esac
	tool 3 check
	grep -q -e '^fail  firmware  ' -e '^fail  SDEI core  ' /tmp/out || fail "check does not name the step: $(cat /tmp/out)"
	has "^this machine can't use the driver as it is; "
	tool 3 status
	mode=$(tr ' ' '\n' </proc/cmdline | grep '^kvm-arm.mode=') && has "start the kernel without $mode"
	tool 3 stacks
	complains '.'
	tool 0 metrics
	has '^sdei_nmi_up 0$'
}

status() {
	load
	tool 0 status
	has '^serving$'
	has '^CPUs *reachable 0-3, in deep idle none, down none$'
	has '^event 0 *served by us$'
	tool 0 status --json
	for counter in deliveries signals_sent requests cpus_asked longest_held_ns; do
		[ "$(json $counter)" = "$(driver_counter $counter)" ] || fail "$counter differs from the driver's file"
	done
	echo 0 >/sys/devices/system/cpu/cpu3/online
	tool 0 status
	has 'reachable 0-2, in deep idle none, down 3$'
	echo 1 >/sys/devices/system/cpu/cpu3/online
}

# The kernel left CPUs 2 and 3 off at boot.
cpus_left_at_boot() {
	load
	tool 0 status
	has '^serving$'
	has '^CPUs *reachable 0-1, in deep idle none, down 2-3$'
	echo 1 >/sys/devices/system/cpu/cpu3/online
	tool 0 status
	has '^serving$'
	has '^CPUs *reachable 0-1,3, in deep idle none, down 2$'
	tool 0 ping -n 1
	echo 0 >/sys/devices/system/cpu/cpu3/online
}

# its_place: fails unless the address of the only CPU in the JSON snapshot lies in the wedge.
its_place() {
	read -r wedge_start wedge_end <"$range"
	place=$(json address)
	place=${place#0x}
	inside "$(number "$place")" "$(number "$wedge_start")" "$(number "$wedge_end")" || fail "$place is not in the wedge at $wedge_start-$wedge_end"
}

# its_own CPU: takes a snapshot of this CPU alone.
its_own() {
	tool 0 stacks --json -c "$1"
	[ "$(json cpu)" = "$1" ] || fail "the snapshot of CPU $1 shows CPU $(json cpu)"
}

shown_in_place() {
	its_own "$1"
	(its_place)
}

stacks() {
	load
	wedge_all 'daif 2 softlockup 3'
	wait_for timer_waits 2 || fail "no snapshot shows that CPU 2's timer waits"
	tool 0 stacks
	# A CPU that keeps interrupts waiting comes first.
	head -n 1 /tmp/out | grep -q '^CPU 2  kernel, interrupts off, its timer has been waiting for ' || fail "CPU 2 does not come first: $(cat /tmp/out)"
	has '^    wedge_daif+0x'
	its_own 2
	its_place
	# CPU 3 has interrupts on, so a snapshot may find it in an interrupt handler.
	at_some_time shown_in_place 3 || fail "CPU 3 was never shown in the wedge"
	tool 0 stacks --folded -c 2
	has '^sdei_wedge/2;ret_from_fork;kthread;wedge_thread \[sdei_nmi_wedge\];wedge_daif \[sdei_nmi_wedge\];wedge_spin \[sdei_nmi_wedge\] 1$'
	tool 0 stacks --all
	[ "$(grep -c '^CPU [0-3]  ' /tmp/out)" = 4 ] || fail "--all does not show 4 CPUs: $(cat /tmp/out)"
	release
}

# Snapshots as files: what a file shows is what its machine showed, and of two files the CPU that takes no interrupts stands out.
snapshot_files() {
	load
	wedge_all 'daif 2'
	wait_for timer_waits 2 || fail "no snapshot shows that CPU 2's timer waits"
	tool 0 stacks -o /tmp/old
	[ ! -s /tmp/out ] || fail "the snapshot went to the standard output, too"
	grep -q "\"boot_id\": \"$(cat /proc/sys/kernel/random/boot_id)\"" /tmp/old || fail "the file names another boot: $(head -n 8 /tmp/old)"
	grep -q "\"release\": \"$(uname -r)\"" /tmp/old || fail "the file names another kernel: $(head -n 8 /tmp/old)"
	grep -q '"time": "20[0-9-]*T[0-9:.]*Z"' /tmp/old || fail "the file has no time: $(head -n 8 /tmp/old)"
	tool 0 stacks -F /tmp/old --json
	cmp /tmp/old /tmp/out || fail "the file is not printed as it is"
	tool 0 stacks -F /tmp/old -c 2
	tool 0 stacks -o /tmp/new
	tool 0 diff /tmp/old /tmp/new
	has '^stuck: the same stack, and no interrupt taken in between$'
	has '^    wedge_daif+0x'
	tool 2 diff /tmp/new /tmp/old
	complains 'the order is wrong'
	release
}

timer_waits() {
	./sdei-nmi stacks --json -c "$1" >/tmp/out 2>/tmp/err && [ "$(json waiting_ns)" != null ]
}

stacks_watched() {
	load
	./sdei-nmi stacks --json -w 0.1 >/tmp/watched 2>/tmp/err &
	watcher=$!
	wait_for watched 3 || fail "--watch does not print 3 snapshots: $(cat /tmp/watched /tmp/err)"
	kill $watcher
	wait $watcher
	[ "$(grep -c '"format":"sdei-nmi-stacks"' /tmp/watched)" -ge 3 ] || fail "--watch does not print one document per line"
}

watched() {
	[ "$(wc -l </tmp/watched)" -ge "$1" ]
}

ping() {
	load
	wedge 'daif 2'
	tool 0 ping -n 20 -i 0
	[ "$(grep -c '^ *[0-3] *20/20 ' /tmp/out)" = 4 ] || fail "not each of 4 CPUs answered 20 times: $(cat /tmp/out)"
	has 'floor$'
	tool 0 ping -n 5 -c 2 --json
	[ "$(json cpu)" = 2 ] && [ "$(json answered)" = 5 ] || fail "CPU 2 did not answer 5 times: $(cat /tmp/out)"
	./sdei-nmi ping -n 1000000 -c 2 >/tmp/out 2>/tmp/err &
	pinger=$!
	sleep 1
	kill -INT $pinger
	wait $pinger || fail "an interrupted ping ended with $?: $(cat /tmp/err)"
	has '^ *2  *[1-9][0-9]*/[1-9]'
	release
}

trigger() {
	load
	wedge 'daif 2'
	mark ask
	tool 0 trigger
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	tool 0 trigger --print
	for cpu in 0 1 2 3; do
		grep -qE "NMI backtrace for cpu $cpu( skipped: .*)?\$" /tmp/out || fail "--print lacks CPU $cpu"
	done
	release
}

report() {
	load
	rm -f /tmp/report.txt
	tool 0 report -o /tmp/report.txt
	for words in '^serving$' '^firmware   SDEI 1.0' 'psci: PSCIv1' '"format": "sdei-nmi-report"' 'midr_el1'; do
		grep -q "$words" /tmp/report.txt || fail "the report lacks $words"
	done
	tool 0 report --stacks
	has '^CPU [0-9]*  this CPU took the snapshot'
	tool 1 report -o /nowhere/report
	complains '/nowhere'
}

metrics() {
	load
	sysrq_l 0
	rm -f /tmp/sdei_nmi.prom
	tool 0 metrics -o /tmp/sdei_nmi.prom
	[ ! -s /tmp/out ] || fail "metrics -o also printed to standard output"
	for counter in requests deliveries cpus_answered; do
		grep -qx "sdei_nmi_${counter}_total $(driver_counter $counter)" /tmp/sdei_nmi.prom || fail "$counter differs from the driver's file: $(cat /tmp/sdei_nmi.prom)"
	done
	# The tool replaces the file atomically and removes its temporary file.
	[ "$(find /tmp -name '*sdei_nmi.prom*' | wc -l)" = 1 ] || fail "metrics -o left another file beside its own"
}

without_privilege() {
	load
	for what in stacks ping trigger; do
		./as_user ./sdei-nmi $what >/tmp/out 2>/tmp/err
		[ $? = 4 ] || fail "$what without privilege does not end with 4: $(cat /tmp/err)"
		complains root
	done
	for what in status metrics; do
		./as_user ./sdei-nmi $what >/tmp/out 2>/tmp/err || fail "$what needs privilege: $(cat /tmp/err)"
	done
}

bad_arguments() {
	load
	for what in '' nonsense 'status --nonsense' 'status nonsense' 'stacks -c' 'stacks -c nonsense' 'stacks -c 3-1' 'stacks -c 0-4294967295999' \
		'stacks -c 99' 'stacks -w -1' 'stacks -w nonsense' 'ping -n 0' 'ping -n -1' 'ping -n 99999999999999999999' 'ping -c ,' 'ping -i nonsense' \
		'trigger nonsense' 'report -o' 'metrics -o'; do
		# shellcheck disable=SC2086 # words
		tool 2 $what
		[ -s /tmp/err ] || fail "'$what' is refused without a message"
		[ ! -s /tmp/out ] || fail "'$what' is refused, but it printed something"
	done
	tool 2 stacks -c ''
	echo 0 >/sys/devices/system/cpu/cpu3/online
	for what in stacks ping; do
		tool 2 $what -c 3
		complains offline
	done
	tool 0 ping -n 2
	echo 1 >/sys/devices/system/cpu/cpu3/online
}

# If the tool cannot write its output, it exits with 1 and does not crash.
closed_output() {
	load
	for what in status stacks 'ping -n 2' report metrics --help; do
		# shellcheck disable=SC2086 # words
		./sdei-nmi $what >/dev/full 2>/tmp/err
		[ $? = 1 ] || fail "$what succeeds with a full device"
		# shellcheck disable=SC2086 # words
		./sdei-nmi $what >&- 2>/tmp/err
		[ $? = 1 ] || fail "$what succeeds with standard output closed"
	done
}

two_at_once() {
	load
	wedge 'daif 2'
	./sdei-nmi stacks --json -c 2 >/tmp/first 2>&1 &
	first=$!
	./sdei-nmi ping -n 20 -i 0 -c 2 >/tmp/second 2>&1 &
	second=$!
	./sdei-nmi ping -n 20 -i 0 -c 2 >/tmp/third 2>&1 &
	third=$!
	tool 0 stacks --json -c 2
	its_place
	for other in $first $second $third; do
		wait "$other" || fail "one of four at once failed: $(cat /tmp/first /tmp/second /tmp/third)"
	done
	cp /tmp/first /tmp/out
	its_place
	grep -q '^ *2 *20/20 ' /tmp/second && grep -q '^ *2 *20/20 ' /tmp/third || fail "two pings at once lost answers: $(cat /tmp/second /tmp/third)"
	release
}

# The firmware accepts signals and delivers none.
silent_cpu() {
	load
	firmware_lies drop
	wedge 'daif 2'
	tool 5 stacks
	has 'event 0 was sent and not answered'
	tool 5 ping -n 1 -c 2
	release
	firmware_lies none
}

deep_idle_cpus() {
	load
	at_some_time pinged_in_deep_idle || fail "no ping found a CPU in deep idle"
}

pinged_in_deep_idle() {
	./sdei-nmi ping -n 5 -i 0 >/tmp/out 2>/tmp/err
	grep -q 'deep idle' /tmp/out
}

# In lockdown's integrity mode the driver's debugfs files stay readable. Lockdown cannot be lifted, and unsigned modules no longer load.
locked_down() {
	load
	[ -e /sys/kernel/security/lockdown ] || mount -t securityfs none /sys/kernel/security || skip "this kernel has no lockdown"
	wedge 'daif 2'
	echo integrity >/sys/kernel/security/lockdown || fail "the kernel can't be locked down"
	if echo 1 >/sys/kernel/debug/clear_warn_once 2>/dev/null; then
		fail "debugfs can be written: this test proves nothing here"
	fi
	tool 0 stacks --json -c 2
	its_place
	tool 0 ping -n 2 -c 2
	release
	unload
	if insmod sdei_nmi.ko 2>/dev/null; then
		fail "an unsigned module can be loaded: this test proves nothing here"
	fi
	tool 3 status
	has 'sign'
}

# The tool switches the record on and off again. Five stretches of 300 ms come while it runs.
watch() {
	load
	insmod stretches.ko || fail "stretches.ko does not load"
	parameter=/sys/module/sdei_nmi/parameters/watch
	./sdei-nmi watch 2>/tmp/said >/tmp/out || fail "watch without a record ended with $?: $(cat /tmp/said)"
	grep -q 'sdei-nmi watch --over' /tmp/said || fail "watch does not say how to record: $(cat /tmp/said)"
	./sdei-nmi watch --over 50ms --for 60 --stacks >/tmp/out 2>/tmp/said &
	tool=$!
	wait_for grep -qx 50ms $parameter || fail "the tool does not set the limit: $(cat $parameter /tmp/said)"
	on 0 sh -c 'echo 5 300000 300000 3 >/sys/module/stretches/parameters/run' || fail "the stretches could not be made"
	usleep 200000
	kill -INT $tool
	wait $tool || fail "watch ended with $?: $(cat /tmp/said)"
	cat /tmp/out
	[ "$(cat $parameter)" = off ] || fail "the tool leaves the limit at $(cat $parameter)"
	grep -qE '^stretch_spin \[stretches\] +5 ' /tmp/out || fail "the table has no line with the five stretches"
	grep -q '^ *stretch_run+' /tmp/out || fail "there is no stack"
	./sdei-nmi watch --json >/tmp/out || fail "watch --json fails"
	grep -q '"format": *"sdei-nmi-watch"' /tmp/out && grep -q '"name": *"stretch_spin+' /tmp/out || fail "the JSON document is: $(cat /tmp/out)"
	./sdei-nmi watch --folded >/tmp/out || fail "watch --folded fails"
	grep -qE '^kworker/.*;stretch_run \[stretches\];stretch_spin \[stretches\] [0-9]+$' /tmp/out || fail "the folded stacks are: $(cat /tmp/out)"
}
