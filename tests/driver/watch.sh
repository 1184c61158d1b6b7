# SPDX-License-Identifier: GPL-2.0
# The watchers: reports of hard lockups, and the record of times with interrupts off.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

driver_parameters=/sys/module/sdei_nmi/parameters
watchdog=/proc/sys/kernel

# only_the_driver SECONDS: the driver reports every lockup after this time, and the kernel's own detector none.
only_the_driver() {
	# A kernel without a detector has the file, too, with 0.
	[ "$(cat $watchdog/nmi_watchdog 2>/dev/null || echo 0)" = 0 ] || tune $watchdog/nmi_watchdog 0
	load
	tune $driver_parameters/lockups all
	tune $driver_parameters/lockup_thresh "$1"
	expect_log 'hard LOCKUP on cpu'
}

# reports CPU: prints how many reports of a lockup of the CPU the log has.
reports() {
	log | grep -cE "^watchdog: (CPU[0-9]+: )?Watchdog detected hard LOCKUP on cpu $1\$"
}

# reported CPU...: succeeds if each CPU's lockup is in the log.
reported() {
	for cpu; do
		[ "$(reports "$cpu")" -gt 0 ] || return 1
	done
}

goes_on() {
	log | grep -qE "^sdei_nmi: CPU $1 goes on after [0-9]+ s\$"
}

uptime_s() {
	cut -d . -f 1 /proc/uptime
}

# let_pass SECONDS: waits for this time, by the kernel's clock.
let_pass() {
	pass_until=$(($(uptime_s) + $1))
	until [ "$(uptime_s)" -gt $pass_until ]; do
		usleep 100000
	done
}

# each_reported CPU...: each CPU is reported within the limit, once and with its stack; then the CPUs go on.
each_reported() {
	wait_for reported "$@" || fail "the log does not report the lockup of each of the CPUs $*"
	let_pass 3
	for cpu; do
		pc_in_wedge "$cpu"
		[ "$(reports "$cpu")" = 1 ] || fail "the lockup of CPU $cpu is reported $(reports "$cpu") times"
	done
	release
	for cpu; do
		wait_for goes_on "$cpu" || fail "the log does not say that CPU $cpu goes on"
	done
}

lockup() {
	only_the_driver 2
	lockups=$(cat /sys/kernel/sdei_nmi/counters/lockups)
	mark lockup
	wedge daif 2
	each_reported 2
	[ "$(cat /sys/kernel/sdei_nmi/counters/lockups)" = $((lockups + 1)) ] || fail "the counter does not count the lockup"
}

# One watcher is left. The others, and the CPUs that they watch, are locked up.
lockup_of_all_but_one() {
	only_the_driver 2
	others=$(seq $(($(nproc) - 1)))
	mark lockup
	wedge daif "1-$(($(nproc) - 1))"
	# shellcheck disable=SC2086 # a list of CPUs
	each_reported $others
}

lockup_of_boot_cpu() {
	only_the_driver 2
	mark lockup
	wedge daif 0,2-3
	each_reported 0 2 3
}

# CPU 2 goes offline and comes back, and so do the watchers, which are CPUs 0 and 1.
lockup_after_hotplug() {
	only_the_driver 2
	for cpu in 1 2; do
		echo 0 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not go offline"
	done
	mark lockup
	wedge daif 3
	each_reported 3
	for cpu in 1 2; do
		echo 1 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not come online"
	done
	mark lockup
	wedge daif 0,2
	each_reported 0 2
}

# beside_kernel: the kernel's own detector reports lockups within 5 s, and the driver leaves to it those that it sees.
beside_kernel() {
	[ "$(cat /sys/kernel/sdei_nmi/kernel_detector 2>/dev/null || echo works)" = works ] || skip "this kernel has no detector that works"
	tune $watchdog/hardlockup_panic 0
	tune $watchdog/watchdog_thresh 2
	load
	[ "$(cat /sys/kernel/sdei_nmi/kernel_detector)" = works ] || skip "this kernel has no detector that works"
	[ "$(cat /sys/kernel/sdei_nmi/lockup_detector)" = unseen ] || fail "the driver does not leave lockups to the kernel"
	expect_log 'hard LOCKUP on cpu'
}

# each_once CPU...: the kernel or the driver reports each CPU, and no CPU is reported twice.
each_once() {
	# By the guest's clock: each look at the log starts processes, whose memory RCU cannot free meanwhile.
	once_until=$(($(uptime_s) + 60))
	until reported "$@"; do
		[ "$(uptime_s)" -lt $once_until ] || fail "the log does not report the lockup of each of the CPUs $*"
		usleep 500000
	done
	let_pass 6
	for cpu; do
		[ "$(reports "$cpu")" = 1 ] || fail "the lockup of CPU $cpu is reported $(reports "$cpu") times"
	done
}

# In the buddy detector, CPU 1 checks CPU 2, and CPU 2 checks CPU 3. So the kernel reports CPU 2, and the driver CPU 3.
lockup_beside_kernel() {
	beside_kernel
	mark lockup
	wedge daif 2-3
	each_once 2 3
	[ "$(cat /sys/kernel/sdei_nmi/counters/lockups)" = 1 ] || fail "the driver has reported $(cat /sys/kernel/sdei_nmi/counters/lockups) lockups, not one"
}

# two_lockups FIRST SECOND COMMAND...: locks up CPU FIRST, waits until the command succeeds, and locks up CPU SECOND. Fails unless the
# kernel or the driver reports each CPU once while both are locked up. One of the CPUs is CPU 2. It goes on last, because it checks CPU 3
# and could report it again. Sets by_driver to the number of reports that the driver made.
two_lockups() {
	first=$1 second=$2
	shift 2
	by_driver=$(cat /sys/kernel/sdei_nmi/counters/lockups)
	# Switched on anew, the record is empty.
	echo off >$driver_parameters/watch
	tune $driver_parameters/watch 100ms
	mark "lockup of CPU $first, then of CPU $second"
	wedge daif "$first" 120
	wait_for "$@" || fail "the wedge of CPU $first is not seen"
	echo "$second 90000000" >/sys/module/stretches/parameters/in_timer &
	second_lockup=$!
	each_once "$first" "$second"
	kill -0 $second_lockup 2>/dev/null || fail "CPU $second went on before both CPUs were reported"
	[ "$first" = 2 ] || release
	echo 1 >/sys/kernel/debug/stretches/end
	wait $second_lockup || fail "the timer of CPU $second does not run"
	release
	by_driver=$(($(cat /sys/kernel/sdei_nmi/counters/lockups) - by_driver))
	echo "CPU $first, then CPU $second: the driver reported $by_driver of the two"
}

# CPU 2 locks up soon after CPU 3. The kernel needs at least 1.6 s to report CPU 3. If the host was slow, the kernel may have reported it.
checker_follows() {
	two_lockups 3 2 has_site wedge_spin
	[ "$by_driver" = 1 ]
}

# In the buddy detector, CPU 2 checks CPU 3. Both lock up, one after the other: CPU 2 after the kernel has reported CPU 3; CPU 2 before
# CPU 3; CPU 2 soon after CPU 3. The kernel reports CPU 2. The driver reports CPU 3, except in the first case. In the second case, the
# kernel's mark that it has reported CPU 3 is that of the first. The driver's limit is so long that in the last case the kernel has had
# the time to report CPU 3 when the driver asks for the first time.
lockup_of_checker() {
	beside_kernel
	tune $driver_parameters/lockup_thresh 6
	# The end of a stretch does not touch the watchdog.
	tune $watchdog/soft_watchdog 0
	insmod stretches.ko || fail "stretches.ko does not load"
	load_wedge
	keep_off 2-3
	two_lockups 3 2 reported 3
	two_lockups 2 3 has_site wedge_spin
	[ "$by_driver" = 1 ] || fail "the driver reports $by_driver of the two, not CPU 3 alone"
	at_some_time checker_follows || fail "the driver never reports CPU 3: this test proves nothing"
	echo off >$driver_parameters/watch
}

# No CPU checks the only one of the kernel's mask.
lockup_without_checker() {
	beside_kernel
	tune $watchdog/watchdog_cpumask 2
	mark lockup
	wedge daif 2
	each_once 2
}

load_stretches() {
	load
	insmod stretches.ko || fail "stretches.ko does not load"
}

# The firmware accepts signals and delivers none. The CPUs that take interrupts are no suspects, and the other one is reported.
lockup_unanswered() {
	only_the_driver 2
	firmware_lies "$1"
	mark lockup
	let_pass 4
	! log | grep 'hard LOCKUP' || fail "a lockup is reported although there is none"
	wedge daif 2
	wait_for reported 2 || fail "the log does not report the lockup"
	let_pass 3
	[ "$(reports 2)" = 1 ] || fail "the lockup is reported $(reports 2) times"
	log | grep -q "^sdei_nmi: no backtrace for CPU 2: event 0 was $2" || fail "the log does not say why the lockup has no stack"
	release
	wait_for goes_on 2 || fail "the log does not say that CPU 2 goes on"
	firmware_lies none
	! log | grep 'hard LOCKUP on cpu [013]' || fail "CPUs without a lockup are reported"
}

lockup_dropped() {
	lockup_unanswered drop 'sent and not answered'
}

lockup_refused() {
	lockup_unanswered refuse 'refused by the firmware'
}

question_sent() {
	[ "$(driver_counter signals_sent)" -gt "$questions" ]
}

idles_deeply() {
	[ "$(idle_entries 2)" -gt "$entries" ]
}

# The signal of a watcher's question is lost, and then nobody looks any more. The question would keep the CPU from deep idle.
lost_question() {
	. /payload/tests/driver/reach.sh
	load
	firmware_lies drop
	entries=$(idle_entries 2)
	wait_for idles_deeply || fail "CPU 2 never idles deeply: this test proves nothing here"
	tune $driver_parameters/lockups off
	tune $driver_parameters/watch 50ms
	questions=$(driver_counter signals_sent)
	wedge daif 2
	wait_for question_sent || fail "no watcher asks CPU 2"
	tune $driver_parameters/watch off
	release
	entries=$(idle_entries 2)
	wait_for idles_deeply || fail "CPU 2 stays out of deep idle after a question that did not arrive"
	firmware_lies none
}

lockup_panics() {
	only_the_driver 2
	tune $driver_parameters/lockup_panic 1
	tune $driver_parameters/lockup_all_cpus 1
	keep_off 2
	load_wedge
	dies 'Hard LOCKUP'
	wedge daif 2
	let_pass 20
	fail "the lockup of CPU 2 did not end this guest"
}

# CPUs in deep idle states are late for nothing.
quiet_in_idle() {
	only_the_driver 2
	tune $driver_parameters/watch 20ms
	mark idle
	let_pass 6
	! log | grep 'hard LOCKUP' || fail "an idle CPU is reported"
	! stretch_values site | grep -E 'idle|psci' || fail "an idle CPU has interrupts off"
	echo off >$driver_parameters/watch
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts"
	done
}

# interrupts CPU: prints how many interrupts the CPU has taken.
interrupts() {
	awk -v name="CPU$1" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i + 1 }
		NR > 1 && column && column <= NF && $column ~ /^[0-9]+$/ { n += $column }
		END { print n + 0 }' /proc/interrupts
}

# A program alone on a nohz_full CPU runs without the tick. The watchers do not interrupt it. A stretch in an interrupt there is seen only
# if IPIs are allowed, because no timer is programmed.
nohz_full_cpu() {
	load_stretches
	./hog 2 &
	hog=$!
	tune $driver_parameters/watch 50ms
	at_some_time quiet_cpu 2 || fail "CPU 2 takes interrupts all the time"
	on 0 sh -c 'echo 2 500000 >/sys/module/stretches/parameters/by_ipi' || fail "CPU 2 takes no IPI"
	! stretch_values site | grep stretch_spin || fail "the stretch was seen without an IPI; tell the documentation"
	tune $driver_parameters/watch_ipi 1
	on 0 sh -c 'echo 2 500000 >/sys/module/stretches/parameters/by_ipi' || fail "CPU 2 takes no IPI"
	wait_for has_site stretch_spin || fail "with IPIs the stretch is not seen: $(stretch_values site)"
	tune $driver_parameters/watch_ipi 0
	echo off >$driver_parameters/watch
	kill $hog
}

has_site() {
	stretch_values site | grep -q "^$1 "
}

# quiet_cpu CPU: succeeds if the CPU takes no interrupt for half a second.
quiet_cpu() {
	quiet_before=$(interrupts "$1")
	usleep 500000
	[ "$(interrupts "$1")" -le $((quiet_before + 1)) ]
}

# Code that touches the NMI watchdog, as a slow console does, is not locked up.
touched() {
	only_the_driver 2
	insmod stretches.ko || fail "stretches.ko does not load"
	keep_off 2
	mark touched
	on 0 sh -c 'echo 2 8000000 >/sys/module/stretches/parameters/touching' || fail "CPU 2 could not be kept busy"
	let_pass 1
	[ "$(reports 2)" = 0 ] || fail "a CPU that touches the NMI watchdog is reported"
}

# starts: prints how often test_lockup has started. Its load always fails at the end, and busybox then tries another system call.
starts() {
	log | grep -c '^test_lockup: Start on CPU2$'
}

# The kernel's own module test_lockup locks CPU 2 up; touches the NMI watchdog; and has interrupts off five times for 400 ms, some of
# which the watcher may not see if the host does not run it.
kernel_test_lockup() {
	test_lockup=/modules/test_lockup.ko
	[ -e $test_lockup ] || fail "this kernel has no test_lockup: this test proves nothing here"
	only_the_driver 2
	mark locked
	! on 2 insmod $test_lockup disable_irq=1 time_secs=5 2>/dev/null || fail "test_lockup stays loaded"
	wait_for goes_on 2 || fail "the log does not say that CPU 2 goes on"
	[ "$(reports 2)" = "$(starts)" ] || fail "$(starts) lockups are reported $(reports 2) times"
	block 2 | grep -qE '^ *test_lockup(_init)?\+.* \[test_lockup\]' || fail "the report does not have the stack of test_lockup"
	mark touched
	! on 2 insmod $test_lockup disable_irq=1 time_secs=1 iterations=6 touch_hardlockup=1 2>/dev/null || fail "test_lockup stays loaded"
	let_pass 1
	[ "$(reports 2)" = 0 ] || fail "a CPU that touches the NMI watchdog is reported"
	mark watch
	# The machine has one host thread, so a CPU looks late until that runs it.
	tune $driver_parameters/watch 150ms
	! on 2 insmod $test_lockup disable_irq=1 reacquire_locks=1 time_nsecs=400000000 cooldown_nsecs=100000000 iterations=5 2>/dev/null || fail "test_lockup stays loaded"
	let_pass 1
	cp /sys/kernel/debug/sdei_nmi/irqs_off /tmp/irqs_off
	awk -v starts="$(starts)" '
		/^site: / { mine = / \[test_lockup\]$/ }
		/^$/ || /^stretch: / { mine = 0 }
		mine && /^count: / { count += $2 }
		END { exit !count || count > 5 * starts }' /tmp/irqs_off || fail "the record is: $(cat /tmp/irqs_off)"
	echo off >$driver_parameters/watch
}

# On a kernel without a detector that works the driver is one by default, and says so. Beside one that works it says nothing.
default_detector() {
	mark load
	load
	read -r kernel </sys/kernel/sdei_nmi/kernel_detector
	read -r ours </sys/kernel/sdei_nmi/lockup_detector
	# The driver takes the kernel's threshold if the kernel's symbols name it.
	thresh=10
	! grep -q ' watchdog_thresh$' /proc/kallsyms || thresh=$(cat /proc/sys/kernel/watchdog_thresh)
	case "$kernel $ours" in
	"works unseen") ! log | grep '^sdei_nmi: hard lockups' || fail "the driver speaks of lockups although the kernel's detector works" ;;
	"none all" | "gave-up all") built_in || log | grep -q "^sdei_nmi: hard lockups are reported after $thresh s, because this kernel" || fail "the driver does not say that it looks for lockups" ;;
	"none off" | "gave-up off") built_in || log | grep -q '^sdei_nmi: hard lockups are not reported: ' || fail "the driver does not say that it does not look for lockups" ;;
	*) fail "the kernel's detector: $kernel; the driver's: $ours" ;;
	esac
}

# lockdep_is_on: succeeds if lockdep works. It stops at its first report.
lockdep_is_on() {
	grep -q '^ debug_locks: *1$' /proc/lockdep_stats
}

switch_on() {
	echo 50ms >$driver_parameters/watch || fail "watch cannot be switched on"
	echo all >$driver_parameters/lockups || fail "lockups cannot be changed"
}

cpu_goes_and_comes() {
	echo 0 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline"
	echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not come online"
}

module_comes_and_goes() {
	insmod stretches.ko || fail "stretches.ko does not load"
	rmmod stretches || fail "stretches does not unload"
}

# Lockdep notes which locks are taken inside which others. It forgets the driver's locks when the driver is unloaded. So this test needs
# no race: it is enough to take each step once while the driver is loaded. A report of lockdep is in the log and fails the test.
lock_order() {
	lockdep_is_on || fail "this kernel has no lockdep, or lockdep has stopped: this test proves nothing here"
	for steps in 'switch_on cpu_goes_and_comes module_comes_and_goes' 'module_comes_and_goes cpu_goes_and_comes switch_on'; do
		load
		for step in $steps; do
			$step
		done
		unload
	done
	lockdep_is_on || fail "lockdep has stopped: $(log | grep -m 1 -E '^(WARNING|BUG): ')"
}

parameter_values() {
	load
	for value in 500us 5ms 20ms 1s 10s; do
		echo $value >$driver_parameters/watch || fail "watch does not take $value"
		[ "$(cat $driver_parameters/watch)" = $value ] || fail "watch shows $(cat $driver_parameters/watch), not $value"
	done
	for value in '' 5 ms 499us 11s -5ms 5m 5msec 99999999999999999999ms; do
		! echo "$value" >$driver_parameters/watch 2>/dev/null || fail "watch takes '$value'"
		[ "$(cat $driver_parameters/watch)" = 10s ] || fail "a bad value has changed watch"
	done
	echo off >$driver_parameters/watch || fail "watch cannot be switched off"
	for value in all off auto; do
		echo $value >$driver_parameters/lockups || fail "lockups does not take $value"
	done
	! echo yes >$driver_parameters/lockups 2>/dev/null || fail "lockups takes 'yes'"
	! echo later >$driver_parameters/stop_ending 2>/dev/null || fail "stop_ending takes 'later'"
	# Each of these lines is one line of the log.
	for said in "watch has to be off or a time from 500us to 10s, such as 5ms, not '5m'" "lockups has to be auto, all or off, not 'yes'" \
		"stop_ending has to be park or off, not 'later'"; do
		log | grep -qxF "sdei_nmi: $said; nothing was changed" || fail "the log does not say on one line: $said"
	done
}

event=/sys/kernel/tracing/events/sdei_nmi/irqs_off

look_event=/sys/kernel/tracing/events/timer/hrtimer_expire_entry

# record_stretches TIME: has every stretch longer than TIME traced, and the looks of the watchers.
record_stretches() {
	[ -e $event/enable ] || skip "this kernel has no tracepoints"
	echo 8192 >/sys/kernel/tracing/buffer_size_kb
	: >/sys/kernel/tracing/trace
	echo "function == 0x$(awk '$3 == "look_timer" { print $1; exit }' /proc/kallsyms)" >$look_event/filter || fail "the looks cannot be traced"
	echo 1 >$look_event/enable
	echo 1 >$event/enable
	echo "$1" >$driver_parameters/watch || fail "watch cannot be set to $1"
}

# compare_stretches US: compares the trace with the list of what happened. Every stretch longer than 2 * US has to be in the trace. A
# stretch that is shorter than US must not be. Other code of the kernel may have interrupts off, too; nothing is known of its times.
# The host may not run a CPU for a while. The time in which it did not run the CPU of the stretch does not count. Of a stretch in which
# it did not run the watcher, nothing is expected: CPU 0 watches all others, and another CPU watches CPU 0. Nothing is expected either
# while the CPU goes offline or comes online, because the kernel has SDEI masked there for a part of that time. Sets judged to the
# number of the others that had to be caught.
compare_stretches() {
	echo 0 >$event/enable
	echo 0 >$look_event/enable
	echo off >$driver_parameters/watch
	cp /sys/kernel/debug/stretches/list /tmp/list
	grep -E ' irqs_off: | hrtimer_expire_entry: ' /sys/kernel/tracing/trace >/tmp/trace
	[ -e /tmp/hotplug ] || : >/tmp/hotplug
	awk -v t="$(($1 * 1000))" '
		FILENAME == "/tmp/list" { n[$1]++; begin[$1, n[$1]] = $2; end[$1, n[$1]] = $3; lost[$1, n[$1]] = $4; next }
		FILENAME == "/tmp/hotplug" { plugs++; plugged[plugs] = $1; from[plugs] = $2; to[plugs] = $3; next }
		/ hrtimer_expire_entry: / {
			match($0, /\[[0-9]+\]/)
			group = substr($0, RSTART + 1, RLENGTH - 2) + 0 == 0 ? "others" : "first"
			sub(/.* now=/, "")
			look[group, ++looks[group]] = $1
			next
		}
		{
			for (i = 1; i <= NF; i++)
				if (split($i, pair, "=") == 2)
					value[pair[1]] = pair[2]
			cpu = value["cpu"]
			seen = value["since_ns"] + value["seen_ns"]
			if (value["pc"] !~ /^stretch_(spin|run)\+/) {
				others++
				next
			}
			for (at = last[cpu] + 1; at <= n[cpu] && end[cpu, at] < seen; at++)
				;
			if (at > n[cpu] || begin[cpu, at] > seen) {
				print "no stretch on CPU " cpu " at " seen ": " $0
				strange++
				next
			}
			last[cpu] = at
			caught[cpu, at] = 1
			catches++
			if (end[cpu, at] - begin[cpu, at] < t) {
				print "caught, but only " end[cpu, at] - begin[cpu, at] " ns long: " $0
				false_catches++
			}
			if (value["total_ns"] + 0 < value["seen_ns"] + 0 || value["since_ns"] + value["total_ns"] < end[cpu, at]) {
				print "ended at " end[cpu, at] ", later than in " $0
				strange++
			}
		}
		# Whether the watcher of the CPU has not looked for t / 4 in a stretch, which is two of its intervals.
		function is_blind(cpu, begin, end,    group, before) {
			group = cpu == 0 ? "first" : "others"
			before = begin
			for (l = 1; l <= looks[group]; l++) {
				if (look[group, l] < begin)
					continue
				if (look[group, l] - before > t / 4)
					return 1
				before = look[group, l]
				if (before >= end)
					return 0
			}
			return end - before > t / 4
		}
		function is_plugged(cpu, begin, end,    p) {
			for (p = 1; p <= plugs; p++)
				if (plugged[p] == cpu && begin < to[p] && end > from[p])
					return 1
			return 0
		}
		END {
			for (cpu in n)
				for (at = 1; at <= n[cpu]; at++) {
					all++
					if (end[cpu, at] - begin[cpu, at] - lost[cpu, at] <= 2 * t)
						continue
					if (!((cpu, at) in caught) && is_plugged(cpu, begin[cpu, at], end[cpu, at])) {
						hotplugged++
						continue
					}
					if (!((cpu, at) in caught) && is_blind(cpu, begin[cpu, at], end[cpu, at])) {
						blind++
						continue
					}
					long++
					if (!((cpu, at) in caught)) {
						print "missed: CPU " cpu ", " end[cpu, at] - begin[cpu, at] " ns from " begin[cpu, at]
						missed++
					}
				}
			print all " stretches, " long + 0 " to be caught, " blind + 0 " that the watcher could not see, " hotplugged + 0 " during hotplug, " catches + 0 " caught, " missed + 0 " missed, " false_catches + 0 " false, " others + 0 " of other code"
			print long + 0 >"/tmp/judged"
			exit missed || false_catches || strange
		}' /tmp/list /tmp/hotplug /tmp/trace || fail "the record of the stretches is wrong"
	read -r judged </tmp/judged
}

# Each CPU of the machine has its own host thread. The times are long, because the host may not run a watcher for a while.
few_stretches() {
	load_stretches
	record_stretches 50ms
	on 0 sh -c 'echo 60 10000 300000 7 >/sys/module/stretches/parameters/run' || fail "the stretches could not be made"
	usleep 100000
	compare_stretches 50000
	[ "$judged" -ge 10 ] || fail "only $judged stretches had to be caught: this test proves nothing"
	[ "$(cat /sys/kernel/sdei_nmi/counters/irqs_off)" -gt 0 ] || fail "the counter has no stretch"
}

uptime_cs() {
	cut -d ' ' -f 1 /proc/uptime | tr -d .
}

# hotplug_and_ask PID: while the process runs, CPUs go offline and come back, and reports are asked for. /tmp/hotplug has each CPU and
# the times of both.
hotplug_and_ask() {
	: >/tmp/hotplug
	while kill -0 "$1" 2>/dev/null; do
		for cpu in 1 2 3; do
			hotplug_began=$(uptime_cs)
			echo 0 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not go offline"
			echo l >/proc/sysrq-trigger
			cat /sys/kernel/debug/sdei_nmi/stacks >/tmp/stacks || fail "no snapshot could be taken"
			echo 1 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not come online"
			echo "$cpu ${hotplug_began}0000000 $(($(uptime_cs) + 1))0000000" >>/tmp/hotplug
			usleep 100000
		done
	done
}

# 10,000 stretches, with CPU hotplug, reports and snapshots beside. The driver is unloaded and loaded while other stretches go on.
# Each change of the plan by hotplug can cost a watcher two looks.
many_stretches() {
	stay_on 0
	insmod stretches.ko || fail "stretches.ko does not load"
	run=/sys/module/stretches/parameters/run
	for round in $(seq 20); do
		load
		record_stretches 50ms
		echo "500 1000 250000 $round" >$run &
		hotplug_and_ask $!
		wait $! || fail "the stretches could not be made"
		usleep 100000
		compare_stretches 50000
		all_judged=$((${all_judged:-0} + judged))
		echo "20 1000 250000 $round" >$run &
		usleep 200000
		unload
		wait $! || fail "the stretches could not be made"
		mark "round $round"
	done
	[ "$all_judged" -ge 3000 ] || fail "only $all_judged stretches had to be caught: this test proves nothing"
}

# An hour under load, without a false alarm. The last lockup is real, so that silence means something.
an_hour_of_stress() {
	only_the_driver 2
	tune $driver_parameters/watch 100ms
	mark stress
	debian stress-ng --quiet --cpu 2 --vm 1 --vm-bytes 64M --fork 1 --switch 2 --timer 1 --hrtimers 1 --futex 1 --pipe 1 --mmap 1 \
		--mmap-bytes 32M --yield 1 --sock 1 --clock 1 --timeout 3600 || fail "stress-ng failed with $?"
	! log | grep 'hard LOCKUP' || fail "a lockup is reported although there is none"
	[ "$(cat /sys/kernel/sdei_nmi/counters/lockups)" = 0 ] || fail "the counter has lockups although there are none"
	[ "$(cat /sys/kernel/sdei_nmi/counters/irqs_off)" = 0 ] || fail "interrupts were off: $(cat /sys/kernel/debug/sdei_nmi/irqs_off)"
	wedge daif 2
	each_reported 2
}

# stretch_values KEY: the values of this key in the file irqs_off.
stretch_values() {
	sed -n "s/^$1: //p" /sys/kernel/debug/sdei_nmi/irqs_off
}

# The host may not run the watcher for so long.
seen_in_timer() {
	on 0 sh -c 'echo 2 400000 >/sys/module/stretches/parameters/in_timer' || fail "the timer of CPU 2 does not run"
	usleep 100000
	stretch_values site | grep -qx 'stretch_spin \[stretches\]'
}

# A stretch in the interrupt of the CPU's own timer, which is not pending any more.
stretch_in_timer() {
	load_stretches
	tune $driver_parameters/watch 50ms
	at_some_time seen_in_timer || fail "the sites are: $(stretch_values site)"
	grep -q '^ [0-9a-f]* stretch_in_timer+' /sys/kernel/debug/sdei_nmi/irqs_off || fail "no stack has the timer's function"
}

# A worker spins five times for 300 ms: the file has its site, and a stack and times for each. The host may not run the watcher for so
# long, so the file may have fewer.
stretch_file() {
	load_stretches
	[ "$(stretch_values watch_ns)" = 0 ] || fail "watch is on"
	built_in || [ "$(stretch_values started_ns)" = 0 ] || fail "there is a record although watch was never on"
	tune $driver_parameters/watch 50ms
	on 0 sh -c 'echo 5 300000 300000 3 >/sys/module/stretches/parameters/run' || fail "the stretches could not be made"
	usleep 100000
	cp /sys/kernel/debug/sdei_nmi/irqs_off /tmp/irqs_off
	awk '
		/^$/ { part = "" }
		/^site: / && part == "" { part = "site"; name = $2 }
		/^stretch: / { part = "stretch" }
		part == "site" && name == "stretch_spin" && /^count: / { count = $2 }
		part == "site" && name == "stretch_spin" && /^total_ns: / { total = $2 }
		part == "stretch" && /^site: / { mine = $2 == "stretch_spin"; entries += mine }
		mine && part == "stretch" && /^total_ns: / { sum += $2; if ($2 < 250000000) print "short: " $0 }
		mine && / stretch_run\+/ { stacks++ }
		END {
			print count + 0 " stretches in " total + 0 " ns, " entries + 0 " entries with " sum + 0 " ns, " stacks + 0 " stacks"
			exit !(count > 0 && count <= 5 && entries == count && stacks == count && total == sum && total > count * 250000000)
		}' /tmp/irqs_off || fail "the file says: $(cat /tmp/irqs_off)"
	# The record outlives the module. Its code has no name any more, and not that of another module at the same address.
	rmmod stretches || fail "stretches does not unload"
	insmod stretches.ko || fail "stretches.ko does not load again"
	stretch_values site | grep -qx 'stretch_spin \[stretches\]' || fail "the site has lost its name: $(stretch_values site)"
	! grep 'stretch_[a-z]*+' /sys/kernel/debug/sdei_nmi/irqs_off || fail "code of a module that was unloaded has a name"
	echo off >$driver_parameters/watch
	echo 50ms >$driver_parameters/watch
	! stretch_values site | grep stretch_spin || fail "switched on anew, the record is not empty"
}
