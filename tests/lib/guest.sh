# SPDX-License-Identifier: GPL-2.0
# Runs the tests of one boot inside the guest, and defines the functions that tests share.
#
# /payload/list has a line for each test: FILE FUNCTION SECONDS. A test is a shell function. It passes by returning. It fails if it
# calls fail, exits with an error, or does not return in time. After each test, tidy undoes what could disturb the next one.
#
# File descriptor 3 is the report to the host. Marks in the kernel log tell the host which test a line belongs to.
# shellcheck shell=sh

cd /payload || exit 1
. /payload/blocks.sh

report() {
	echo "$*" >&3
}

fail() {
	echo "$*"
	exit 1
}

# mark TEXT: empties the kernel's log and writes a mark. The host has already received the lines before it.
mark() {
	dmesg -c >/dev/null
	echo "sdei-test: $*" >/dev/kmsg
}

# expect_log TEXT: declares that the test provokes log lines with TEXT, so these lines do not fail the test.
expect_log() {
	mark "expect $1"
}

# dies TEXT: declares that the test ends the guest by a panic or a reboot. The verdict requires TEXT on the console.
dies() {
	mark "dies $1"
}

# skip REASON: ends the test as skipped, because this machine or kernel lacks something that the test needs.
skip() {
	echo "$*" >/tmp/skip
	exit 4
}

stamped() {
	dmesg
}

# on CPUS COMMAND...: runs a command on these CPUs only.
on() {
	taskset -c "$@"
}

# runs_on PID...: prints PID and the list of the CPUs that it may run on, for each process that there is.
runs_on() {
	for runs_on_pid; do
		taskset -pc "$runs_on_pid" 2>/dev/null
	done | awk '{ print $2 + 0, $NF }'
}

# sysrq_l CPU: requests backtraces of all CPUs from that CPU, and returns after the kernel has printed them.
sysrq_l() {
	mark ask
	on "$1" sh -c 'echo l >/proc/sysrq-trigger' || fail "sysrq-l could not be triggered on CPU $1"
}

# built_in: succeeds if the driver is built into the kernel. The driver then can't be loaded or unloaded.
built_in() {
	[ -e /payload/built-in ]
}

# driver_counter NAME: prints a counter of the driver, which is in sysfs or in debugfs.
driver_counter() {
	cat "/sys/kernel/sdei_nmi/counters/$1" 2>/dev/null || cat "/sys/kernel/debug/sdei_nmi/counters/$1"
}

needs_module() {
	! built_in || skip "the driver is built in"
}

load() {
	built_in || insmod sdei_nmi.ko || fail "sdei_nmi.ko does not load"
}

unload() {
	needs_module
	rmmod sdei_nmi || fail "sdei_nmi does not unload"
}

wedge_parameters=/sys/module/sdei_nmi_wedge/parameters
# shellcheck disable=SC2034 # blocks.sh uses it
range=$wedge_parameters/range
symbols=/tmp/symbols

# keep_off CPUS: keeps the test, the shell that runs it, timeout, kthreadd and the threads that print to consoles off these CPUs,
# which are about to be wedged. The scheduler starts a process where the load seems lowest, and the load of a wedged CPU does not
# change. A power-off waits for the threads that print, so it would take until the driver's deadline.
keep_off() {
	[ -n "$1" ] || fail "keep_off takes the CPUs to keep off"
	# Each process keeps an earlier affinity, if that leaves a CPU. If CPUS names every CPU, the wedge refuses it.
	# shellcheck disable=SC2046 # process numbers
	runs_on $$ "$(cat /tmp/main)" $(pidof timeout kthreadd) $(grep -ls '^pr/' /proc/[0-9]*/comm | cut -d / -f 3) | awk -v online="$(cat /sys/devices/system/cpu/online)" -v away="$1" '
		function each(list, set,    part, i, ends, cpu) {
			split("", set)
			for (i = split(list, part, ","); i; i--) {
				split(part[i] "-" part[i], ends, "-")
				for (cpu = ends[1] + 0; cpu <= ends[2] + 0; cpu++) {
					set[cpu]
					if (cpu > last)
						last = cpu
				}
			}
		}
		{
			each(online, there)
			each(away, wedged)
			each($2, now)
			left = both = ""
			for (cpu = 0; cpu <= last; cpu++) {
				if (!(cpu in there) || cpu in wedged)
					continue
				left = left "," cpu
				if (cpu in now)
					both = both "," cpu
			}
			if (left != "")
				print $1, substr(both == "" ? left : both, 2)
		}' | while read -r keep_pid keep_cpus; do
		# A timeout of an earlier test may be exiting.
		taskset -pc "$keep_cpus" "$keep_pid" >/dev/null || [ ! -d "/proc/$keep_pid" ] ||
			fail "process $keep_pid can't be kept off CPUs $1"
	done || exit 1
}

# load_wedge: loads the wedge module, which stays loaded for later tests.
load_wedge() {
	[ ! -d "$wedge_parameters" ] || return 0
	rm -f "$symbols"
	insmod sdei_nmi_wedge.ko || fail "sdei_nmi_wedge.ko does not load"
}

# wedge KIND CPUS [SECONDS]: wedges CPUs until release, the end of the test, or SECONDS (60) have passed.
wedge() {
	wedge_all "$1 $2" "${3:-60}"
}

# wedge_all 'KIND CPUS [KIND CPUS]...' [SECONDS]: wedges several kinds at once.
wedge_all() {
	keep_off "$(echo "$1" | awk '{ for (i = 2; i <= NF; i += 2) printf "%s%s", (i > 2 ? "," : ""), $i }')"
	load_wedge
	# Only the module's symbols: all 200,000 would make each lookup slow.
	[ -e "$symbols" ] || {
		grep -F '[sdei_nmi_wedge]' /proc/kallsyms >"$symbols.new"
		mv "$symbols.new" "$symbols"
	}
	echo "$1 ${2:-60}" >"$wedge_parameters/wedge" || fail "CPUs could not be wedged: $1"
}

release() {
	echo 1 >"$wedge_parameters/release" || fail "the wedges do not end"
}

# late_answer CPU: succeeds if the log reports a late answer of the CPU.
late_answer() {
	log | grep -q "^sdei_nmi: CPU $1 answers late, [0-9]* ms after it was asked:\$"
}

wait_for() {
	wait_for_tries=0
	until "$@"; do
		wait_for_tries=$((wait_for_tries + 1))
		[ $wait_for_tries -lt 1000 ] || return 1
		usleep 10000
	done
}

# at_some_time COMMAND...: tries a command up to 20 times, because where a CPU is depends on chance.
at_some_time() {
	for try in $(seq 20); do
		if "$@"; then
			return
		fi
	done
	echo "failed in each of $try tries"
	return 1
}

# spins_when_asked CPU...: succeeds if sysrq-l shows each CPU in the spin function. A CPU with interrupts on may be in an interrupt.
spins_when_asked() {
	sysrq_l 0
	for spinning; do
		(pc_in_wedge "$spinning") || return 1
	done
}

# timer_ticks CPU: prints the number of the CPU's timer interrupts. /proc/interrupts has columns for online CPUs only.
timer_ticks() {
	awk -v name="CPU$1" '
		NR == 1 {
			for (i = 1; i <= NF; i++)
				if ($i == name)
					column = i + 1
		}
		/arch_timer/ && column { n += $column }
		END { print n + 0 }' /proc/interrupts
}

# ticks_go_on CPU: succeeds if the CPU still takes timer interrupts.
ticks_go_on() {
	ticks_before=$(timer_ticks "$1")
	wait_for ticks_moved "$1" "$ticks_before"
}

ticks_moved() {
	on "$1" true
	[ "$(timer_ticks "$1")" -gt "$2" ]
}

# has_kpti: fails unless the kernel has KPTI and KASLR.
has_kpti() {
	grep -q 'Kernel page table isolation (KPTI)' /tmp/boot.log || fail "this kernel has no KPTI: this test proves nothing here"
	grep -q 'KASLR enabled' /tmp/boot.log || fail "this kernel has no KASLR: this test proves nothing here"
}

# firmware_lies FAULT: arms a fault of lab/firmware/faults.h, or disarms it with "none". Needs a machine with tfa-faulty.
firmware_lies() {
	[ -d /sys/module/arm_fault ] || insmod arm_fault.ko || fail "arm_fault.ko does not load"
	echo "$1" >/sys/module/arm_fault/parameters/arm || fail "the firmware does not accept the fault $1"
}

# debian COMMAND...: runs a Debian program in the root /debian, where the lab unpacked it. The program's /tmp is /debian/tmp.
debian() {
	[ -d /debian ] || skip "this machine has no Debian programs"
	[ -e /debian/proc/self ] || for debian_mount in proc sys dev sys/kernel/tracing sys/kernel/debug; do
		mount -o bind /$debian_mount /debian/$debian_mount || fail "/debian/$debian_mount can't be mounted"
	done
	PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot /debian "$@"
}

# tune FILE VALUE: changes a kernel setting for this test.
tune() {
	[ -e "$1" ] || skip "this kernel has no $1"
	# Some files show all possible values, with the present one in brackets.
	grep -q "^$1 " /tmp/tuned 2>/dev/null || echo "$1 $(sed 's/.*\[\(.*\)].*/\1/' "$1")" >>/tmp/tuned
	echo "$2" >"$1" || fail "$1 can't be set to $2"
}

# untune: restores the settings that tune changed. Some of these writes need every CPU, so no CPU may be wedged.
untune() {
	[ -e /tmp/tuned ] || return 0
	untune_status=0
	while read -r tuned value; do
		echo "$value" >"$tuned" || untune_status=1
	done </tmp/tuned
	rm /tmp/tuned
	return $untune_status
}

tracing=/sys/kernel/tracing

# count_calls FUNCTION: counts the calls of a kernel function from now on. No CPU may be wedged.
count_calls() {
	[ -e $tracing/kprobe_events ] || skip "this kernel has no kprobe events"
	echo "p:calls $1" >$tracing/kprobe_events && echo 1 >$tracing/events/kprobes/calls/enable || fail "the calls of $1 can't be counted"
}

# calls: prints the number of calls since count_calls.
calls() {
	awk '$1 == "calls" { print $2 + $3 }' $tracing/kprobe_profile
}

# link_time_optimized: succeeds if the kernel was built by clang with CONFIG_LTO_CLANG. It has names that no other kernel has.
link_time_optimized() {
	grep -q '\.llvm\.' /proc/kallsyms
}

# trace_functions NAME...: traces these functions from now on. No CPU may be wedged.
trace_functions() {
	grep -qw function $tracing/available_tracers || skip "this kernel can't trace functions"
	for traced; do
		echo "$traced" >>$tracing/set_ftrace_filter || fail "$traced can't be traced"
	done
	echo function >$tracing/current_tracer
}

# stay_on CPU THREAD...: pins the test and kernel threads to a CPU, so that they are not on a CPU that is about to be wedged.
stay_on() {
	stay_cpu=$1
	shift
	taskset -pc "$stay_cpu" $$ >/dev/null
	for thread in "$@"; do
		# shellcheck disable=SC2046 # process numbers
		for pid in $(pidof "$thread"); do
			runs_on "$pid" >>/tmp/moved
			taskset -pc "$stay_cpu" "$pid" >/dev/null || fail "$thread can't be kept on one CPU"
		done
	done
}

# let_go FILE: lets each process run where it ran before.
let_go() {
	[ -e "$1" ] || return 0
	let_go_status=0
	while read -r pid moved_from; do
		taskset -pc "$moved_from" "$pid" >/dev/null || let_go_status=1
	done <"$1"
	return $let_go_status
}

tidy() {
	tidy_status=0
	# Release the CPUs first, so that no later step waits for one.
	[ ! -d "$wedge_parameters" ] || echo 1 >"$wedge_parameters/release" || tidy_status=1
	[ ! -e /sys/kernel/debug/stretches/end ] || echo 1 >/sys/kernel/debug/stretches/end || tidy_status=1
	let_go /tmp/at_start || tidy_status=1
	# The processes of the test are one process group.
	read -r group </tmp/group
	kill -9 "-$group" 2>/dev/null
	rm -f /tmp/cease
	untune || tidy_status=1
	let_go /tmp/moved || tidy_status=1
	rm -f /tmp/moved
	for module in hide_trampoline requester refuse_idle suspend_asks unserved_asks slow_signals short_sleeps other_event hardware_error arm_fault running_priority sdei_nmi_bench sdei_nmi_validate stress_requests stretches workload sdei_nmi occupy; do
		# Built-in code has no such file.
		[ ! -e "/sys/module/$module/initstate" ] || rmmod "$module" || tidy_status=1
	done
	for cpu in $(cat /tmp/online); do
		read -r online <"$cpu"
		[ "$online" = 1 ] || echo 1 >"$cpu" || tidy_status=1
	done
	echo nop >$tracing/current_tracer
	[ ! -e $tracing/set_ftrace_filter ] || : >$tracing/set_ftrace_filter
	[ ! -e $tracing/events/kprobes/calls ] || { echo 0 >$tracing/events/kprobes/calls/enable && : >$tracing/kprobe_events; } || tidy_status=1
	[ "$(cat /proc/sys/kernel/ftrace_enabled)" = 1 ] || echo 1 >/proc/sys/kernel/ftrace_enabled
	[ $tidy_status = 0 ] || echo "the changes of the test to the machine could not be undone"
	return $tidy_status
}

run_one() {
	. "/payload/tests/$1.sh"
	"$2"
}

run_all() {
	report "KTAP version 1"
	report "1..$(wc -l </payload/list)"
	number=0
	dmesg >/tmp/boot.log
	echo $$ >/tmp/main
	# A kernel that the lab builds has no driver for the clock. For makedumpfile the time 0, in the first second of 1970, is damage.
	[ "$(date +%Y)" != 1970 ] || date -s @1000000000 >/dev/null
	# shellcheck disable=SC2046 # process numbers
	runs_on $$ $(pidof kthreadd) >/tmp/at_start
	# A capture kernel may lack CPUs from the start.
	grep -l 1 /sys/devices/system/cpu/cpu*/online >/tmp/online
	while read -r file function seconds; do
		number=$((number + 1))
		name=$file.$function
		name=${name#driver/}
		mark "begin $name"
		# The output goes to a file, because a process that a test leaves behind would keep a pipe open.
		rm -f /tmp/skip
		setsid sh -c 'echo $$ >/tmp/group; exec timeout -s KILL "$@"' sh "$seconds" \
			sh /payload/main one "$file" "$function" >/tmp/output 2>&1 </dev/null 3>&-
		status=$?
		# If the test cost a CPU, tidying up may never end.
		sed 's/^/# /' /tmp/output >&3
		tidy >/tmp/output 2>&1 || case $status in
		0 | 4) status=1 ;;
		esac
		[ $status != 4 ] || [ -s /tmp/skip ] || status=1
		mark "end $name"
		sed 's/^/# /' /tmp/output >&3
		case $status in
		0) report "ok $number $name" ;;
		4) report "ok $number $name # SKIP $(cat /tmp/skip)" ;;
		137) report "# did not end within $seconds s" && report "not ok $number $name" ;;
		*) report "not ok $number $name" ;;
		esac
	done </payload/list
}

case ${1:-} in
one) run_one "$2" "$3" ;;
*) run_all ;;
esac
