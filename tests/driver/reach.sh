# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh

online() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online" || fail "CPU $1 does not go to online=$2"
}

after_hotplug() {
	load
	for _ in 1 2 3 4 5; do
		online 2 0
		sysrq_l 0
		has_backtrace 0 1 3
		online 2 1
		wedge daif 2
		sysrq_l 0
		pc_in_wedge 2
		release
	done
	no_own_complaint
}

hotplug_under_requests() {
	load
	on 1 sh -c 'while [ ! -e /tmp/cease ]; do echo l >/proc/sysrq-trigger; usleep 5000; done' &
	for _ in $(seq 10); do
		online 2 0
		online 2 1
	done
	touch /tmp/cease
	wait
	log >/tmp/storm
	requests=$(grep -c '^Sending NMI from CPU 1 ' /tmp/storm)
	[ "$requests" -gt 10 ] || fail "only $requests requests were made meanwhile: this test proves nothing here"
	if grep '^sdei_nmi: no backtrace' /tmp/storm | grep -v 'CPU 2: it is offline$'; then
		fail "a CPU was given up"
	fi
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	release
}

idle_entries() {
	cat "/sys/devices/system/cpu/cpu$1/cpuidle/state1/usage"
}

# alive CPU...: fails unless each CPU takes interrupts and has no active interrupt that never ended.
alive() {
	[ -d /sys/module/running_priority ] || insmod running_priority.ko || fail "running_priority.ko does not load"
	for cpu in "$@"; do
		ticks_go_on "$cpu" || fail "CPU $cpu takes no timer interrupts any more"
		grep -qx "$cpu ff" /sys/module/running_priority/parameters/priorities || fail "CPU $cpu has an interrupt that never ended: $(grep "^$cpu " /sys/module/running_priority/parameters/priorities)"
	done
}

# answers_of_all TIMES: fails unless each CPU except CPU 1 answered each request.
answers_of_all() {
	log | awk -v want="$1" '
		/^NMI backtrace for cpu [0-9]+( skipped: .*)?$/ { n[$5 + 0]++ }
		END {
			n[1] = want # the requester
			for (cpu = 0; cpu < 4; cpu++)
				if (n[cpu] != want && ++bad)
					print "of " want " requests CPU " cpu " answered " n[cpu] + 0
			exit bad
		}' || fail "not every request was answered"
}

# storm TIMES: so many requests from CPU 1 to all other CPUs; sets took to their time in ms.
storm() {
	mark ask
	echo "others 1 $1" >/sys/module/requester/parameters/ask || fail "the requests did not end"
	took=$(log | sed -n 's/^requester: others done in \([0-9]*\) ms/\1/p')
}

# requests_in_deep_idle: 1,000 requests while CPUs enter and leave deep idle. Each CPU answers each of them and stays alive.
requests_in_deep_idle() {
	for cpu in 0 1 2 3; do
		idle_entries $cpu >"/tmp/idle$cpu"
	done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		storm 100
		no_own_complaint
		answers_of_all 100
		echo "100 requests with the driver: $took ms"
		alive 0 1 2 3
	done
	for cpu in 0 2 3; do
		[ "$(idle_entries $cpu)" -gt "$(cat "/tmp/idle$cpu")" ] || fail "CPU $cpu never idled deeply: this test proves nothing here"
	done
}

# CPUs idle in a state for which the kernel masks SDEI. On this firmware one signal makes such a CPU hang for good.
deep_idle() {
	insmod requester.ko || fail "requester.ko does not load"
	built_in || {
		storm 100
		answers_of_all 100
		echo "100 requests with the plain kernel: $took ms"
	}
	load
	requests_in_deep_idle
}

# all_asked_when_idle: a request from CPU 0 while the other CPUs idle. Sets shown to the CPUs in the report and alive to the CPUs that
# take interrupts after it. A process that moves to a dead CPU never returns, so the function does not wait for these processes.
all_asked_when_idle() {
	for cpu in 1 2 3; do
		[ "$(idle_entries $cpu)" -gt 0 ] || fail "CPU $cpu never idled deeply: this test proves nothing here"
	done
	sysrq_l 0
	shown=$(log | sed -n 's/^NMI backtrace for cpu \([0-9]*\).*/\1/p' | sort | tr '\n' ' ')
	for cpu in 1 2 3; do
		on $cpu touch "/tmp/alive$cpu" &
	done
	wait_for all_alive || true
	alive=$(cd /tmp && echo alive*)
	echo "shown: $shown alive: $alive"
}

all_alive() {
	[ -e /tmp/alive1 ] && [ -e /tmp/alive2 ] && [ -e /tmp/alive3 ]
}

deep_idle_beside_peer() {
	load
	all_asked_when_idle
	[ "$shown" = "0 1 2 3 " ] || fail "not every CPU was shown"
	[ "$alive" = "alive1 alive2 alive3" ] || fail "not every CPU takes interrupts"
}

# The control: the kernel's own ARM_SDEI_NMI serves the same request. The test then ends the guest by a panic.
deep_idle_of_peer() {
	all_asked_when_idle
	[ "$shown" = "0 " ] || fail "this kernel's own driver shows idle CPUs: docs/results/coverage.md says it does not"
	[ "$alive" = "alive*" ] || fail "this kernel's own driver leaves idle CPUs alive: docs/results/coverage.md says it does not"
	dies 'sysrq triggered crash'
	on 0 sh -c 'echo c >/proc/sysrq-trigger'
	sleep 5
	fail "sysrq-c did not end this guest"
}

# The kernel's own ARM_SDEI_NMI with the series "cure": deep_idle without the driver.
deep_idle_of_cured() {
	insmod requester.ko || fail "requester.ko does not load"
	requests_in_deep_idle
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
	release
}

# The firmware accepts the signals and delivers none; it refuses them; then it works again.
unreached_by_cured() {
	insmod requester.ko || fail "requester.ko does not load"
	for fault in drop refuse none; do
		firmware_lies $fault
		storm 5
		[ $fault != refuse ] || refused=$(log | grep -c '^sdei_nmi: SDEI_EVENT_SIGNAL to CPU . failed')
		answers_of_all 5
		alive 0 1 2 3
	done
	[ "$refused" -gt 0 ] && [ "$refused" -le 10 ] || fail "up to 15 signals are refused, and $refused lines say so"
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
	release
}

# The firmware delays each signal by half a millisecond. In this time a CPU that the driver has just found awake can enter deep idle,
# which every CPU keeps trying.
wide_window() {
	insmod requester.ko || fail "requester.ko does not load"
	load
	insmod short_sleeps.ko || fail "short_sleeps.ko does not load"
	firmware_lies slow
	for _ in 1 2 3 4; do
		storm 50
		no_own_complaint
		answers_of_all 50
		alive 0 1 2 3
	done
}

wedged_beside_deep_idle() {
	load
	wedge daif 2
	for _ in 1 2 3; do
		sysrq_l 0
		has_backtrace 0 1 2 3
		pc_in_wedge 2
	done
	no_own_complaint
	release
	alive 0 1 2 3
}

# Idle states and hotplug change at the same time whether a CPU may be signalled.
hotplug_and_deep_idle() {
	hotplug_under_requests
	alive 0 1 2 3
}

# All CPUs request backtraces of random CPUs, during hotplug, load and unload. Each request is served, or declined with a reason.

# Hotplug fails while the driver unregisters event 0, so try again.
come_and_go() {
	while [ ! -e /tmp/cease ]; do
		wait_for try_online 3 0 || fail "CPU 3 does not go offline"
		wait_for try_online 3 1 || fail "CPU 3 does not come back"
	done
}

try_online() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online"
} 2>/dev/null

load_and_unload() {
	while [ ! -e /tmp/cease ]; do
		usleep 500000
		unload
		load
	done
	unload
}

# requests_are_kept_count_of COUNT: COUNT has to be small enough for the log to hold all reports.
requests_are_kept_count_of() {
	load
	mark stress
	rm -f /tmp/cease
	come_and_go &
	hotplug_loop=$!
	load_and_unload &
	driver_loop=$!
	echo "$1" >/sys/module/stress_requests/parameters/run || fail "the requests could not be made"
	touch /tmp/cease
	wait $hotplug_loop || fail "CPU 3 could not come and go meanwhile"
	wait $driver_loop || fail "the driver could not be loaded and unloaded meanwhile"
	read -r _ made _ plain _ longest </sys/module/stress_requests/parameters/run
	# made plain requests loads queued turned-away asked answered named longest
	log | awk -v made="$made" -v plain="$plain" -v longest="$longest" '
		/^sdei_nmi: [0-9]+ requests, / {
			requests += $2
			queued += $4
			turned_away += $11
			asked += $17
			answered += $20
			named += $22
			loads++
		}
		END { print made, plain, requests + 0, loads + 0, queued + 0, turned_away + 0, asked + 0, answered + 0, named + 0, longest }' >>/tmp/counts
}

# kmemleak finds memory without a reference. It reports only what two scans have found.
no_leaks() {
	leaks=/sys/kernel/debug/kmemleak
	[ -e $leaks ] || return 0
	echo scan >$leaks && sleep 6 && echo scan >$leaks || fail "kmemleak does not scan"
	[ -z "$(cat $leaks)" ] || fail "memory leaked: $(cat $leaks)"
}

# stress_rounds ROUNDS COUNT: so many rounds of so many requests, and the sums of their results.
# A request names one CPU. Queued requests for the same CPU are served as one, so each request that was not queued asks one CPU or
# more, and all requests together ask one CPU each at most. Few may be queued, or the rounds test the queue alone.
stress_rounds() {
	needs_module
	insmod stress_requests.ko || fail "stress_requests.ko does not load"
	rm -f /tmp/counts
	for _ in $(seq "$1"); do
		requests_are_kept_count_of "$2"
	done
	awk -v want="$(($1 * $2))" '
		function wrong(what) {
			print "round " NR ": " what
			bad = 1
		}
		$1 != $2 + $3 { wrong("requests went neither to the kernel nor to the driver") }
		$6 { wrong("CPUs were left out for too many requests") }
		$7 < $3 - $5 || $7 > $3 { wrong("the CPUs asked do not fit the requests") }
		$7 != $8 + $9 { wrong("a CPU that was asked neither answered nor was named") }
		$4 < 2 || !$8 { wrong("the driver was not loaded again, or no CPU answered") }
		$5 > $3 / 10 { wrong("too many requests were queued") }
		$10 >= 2000 { wrong("a request took two seconds or more") }
		{
			for (i = 1; i < 10; i++)
				sum[i] += $i
			if ($10 > longest)
				longest = $10
		}
		END {
			print sum[1] " requests: " sum[2] " to the plain kernel, " sum[3] " to the driver in " sum[4] " loads, of which " \
				sum[5] " queued, " sum[6] " times too many; " sum[7] " CPUs asked: " sum[8] " answered, " sum[9] \
				" named; the longest took " longest " ms"
			exit bad || sum[1] != want
		}' /tmp/counts || fail "not every request was served as it should be"
	no_leaks
}

stress() {
	stress_rounds 1 1000
}

hundred_thousand() {
	stress_rounds 25 4000
}

# The SDEI core goes on if it cannot enable event 0 on a CPU that comes online. Unmodified TF-A hangs or ends on a signal to a disabled
# event, so the CPU gets interrupts instead.
not_enabled() {
	load
	firmware_lies enable-refused
	echo 0 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline"
	mark online
	echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not come online"
	log | grep -q '^sdei_nmi: CPU 2 gets interrupts instead of event 0: ' || fail "the log does not say that event 0 is not enabled on CPU 2"
	[ "$(cat /sys/kernel/sdei_nmi/cpus_down)" = 2 ] || fail "cpus_down lists $(cat /sys/kernel/sdei_nmi/cpus_down), not 2"
	[ "$(cat /sys/kernel/debug/sdei_nmi/ping/2)" = "$(printf 'result: held-off\nreason: not enabled')" ] || fail "ping/2 says: $(cat /sys/kernel/debug/sdei_nmi/ping/2)"
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
	firmware_lies none
	echo 0 >/sys/devices/system/cpu/cpu2/online && echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline and online again"
	[ "$(head -n 1 /sys/kernel/debug/sdei_nmi/ping/2)" = 'result: answered' ] || fail "ping/2 says: $(cat /sys/kernel/debug/sdei_nmi/ping/2)"
}

# The SDEI core registers and enables event 0 anew after hibernation, and goes on if the firmware refuses that. The CPUs then get
# interrupts until a later thaw succeeds.
not_enabled_after_thaw() {
	load
	grep -qw disk /sys/power/state && [ -e /sys/power/pm_test ] || skip "this kernel cannot test hibernation"
	tune /sys/module/printk/parameters/console_suspend N
	tune /sys/module/suspend/parameters/pm_test_delay 0
	firmware_lies enable-refused
	echo devices >/sys/power/pm_test
	mark thaw
	echo disk >/sys/power/state || fail "the kernel does not hibernate its devices"
	wait_for serving || fail "after the thaw the state is $(cat /sys/kernel/sdei_nmi/state)"
	for cpu in 0 1 2 3; do
		wait_for told_or_opened $cpu || fail "the log does not say that event 0 is not enabled on CPU $cpu"
	done
	# A signal to a CPU without the event could hang the firmware, so this comes first.
	[ "$(cat /sys/kernel/sdei_nmi/cpus_down)" = 0-3 ] || fail "cpus_down lists '$(cat /sys/kernel/sdei_nmi/cpus_down)', not 0-3"
	sent=$(cat /sys/kernel/sdei_nmi/counters/signals_sent)
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
	[ "$(cat /sys/kernel/sdei_nmi/counters/signals_sent)" = "$sent" ] || fail "CPUs without the event were signalled"
	firmware_lies none
	echo disk >/sys/power/state || fail "the kernel does not hibernate its devices again"
	echo none >/sys/power/pm_test
	for cpu in 0 1 2 3; do
		wait_for ping_answers $cpu || fail "ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
	done
}

told_or_opened() {
	log | grep -q "^sdei_nmi: CPU $1 gets interrupts instead of event 0: " || grep -q . /sys/kernel/sdei_nmi/cpus_reachable
}

# Requests that come while the driver does not serve go to the kernel's own function, with the kernel's own words.

# kernels_own CPU...: the log has one request, of the kernel's own function, with these CPUs. Only that function calls dump_stack() for
# the requester, and the driver has counted no request since it had $requests.
kernels_own() {
	has_backtrace "$@"
	block 0 | grep -q '^ dump_stack' || fail "the request did not go to the kernel's own function: $(block 0)"
	[ "$(cat /sys/kernel/sdei_nmi/counters/requests)" = "$requests" ] || fail "the driver has counted the request"
}

# suspend_unserved: suspends all devices with unserved_asks.ko, which asks after the driver has shut its gate.
suspend_unserved() {
	requests=$(cat /sys/kernel/sdei_nmi/counters/requests)
	mark suspend
	on 0 sh -c 'echo freeze >/sys/power/state' || fail "the kernel does not suspend its devices"
	kernels_own 0 1 2 3
}

prepare_unserved() {
	load
	[ -e /sys/power/pm_test ] || skip "this kernel cannot test suspend"
	tune /sys/module/printk/parameters/console_suspend N
	tune /sys/module/suspend/parameters/pm_test_delay 0
	tune /sys/power/pm_test platform
	insmod unserved_asks.ko || fail "unserved_asks.ko does not load"
}

# serves_again: event 0 answers on each CPU, and a request shows a wedged CPU.
serves_again() {
	for cpu in 0 1 2 3; do
		wait_for ping_answers $cpu || fail "ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
	done
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	no_own_complaint
}

kernels_own_in_suspend() {
	prepare_unserved
	suspend_unserved
	serves_again
}

# The SDEI core fails at the resume, and works again at the next one.
kernels_own_without_sdei() {
	prepare_unserved
	echo 1 >/sys/module/unserved_asks/parameters/broken || skip "this kernel's symbols have no data, so the SDEI core can't be made to fail"
	suspend_unserved
	[ "$(cat /sys/kernel/sdei_nmi/state)" = suspended ] || fail "without the SDEI core the state is $(cat /sys/kernel/sdei_nmi/state)"
	log | grep -q "^sdei_nmi: event 0 is not used any more: the kernel's SDEI core has failed" || fail "the log does not say that the SDEI core has failed"
	sysrq_l 0
	kernels_own 0 1 2 3
	echo 0 >/sys/module/unserved_asks/parameters/broken
	suspend_unserved
	serves_again
}

# begin_reboot: a reboot on CPU 0, which a notifier of unserved_asks.ko holds up after all others. User space still runs.
begin_reboot() {
	mark reboot
	on 0 reboot -f &
	wait_for reboot_waits || fail "the reboot does not come to the last notifier"
}

reboot_waits() {
	log | grep -qx 'unserved_asks: the reboot waits'
}

# end_reboot STATUS: the reboot goes on. If STATUS is not 0, the test does not announce it, and fails.
end_reboot() {
	if [ "$1" = 0 ]; then
		dies 'reboot: Restarting system'
	else
		mark "$(cat /tmp/why)"
	fi
	echo 1 >/sys/module/unserved_asks/parameters/go_on
	sleep 5
	fail "the reboot did not end this guest"
}

kernels_own_in_reboot() {
	load
	insmod unserved_asks.ko || fail "unserved_asks.ko does not load"
	requests=$(cat /sys/kernel/sdei_nmi/counters/requests)
	begin_reboot
	[ "$(cat /sys/kernel/sdei_nmi/state)" = leaving ] || fail "in a reboot the state is $(cat /sys/kernel/sdei_nmi/state)"
	reboot_status=0
	(kernels_own 0 1 2 3) >/tmp/why || reboot_status=1
	end_reboot $reboot_status
}

# Devices that are suspended before the SDEI core's may hang, so the driver serves until just before the core masks SDEI. While
# suspend_asks.ko is suspended, it wedges CPU 2 and requests all backtraces. The kernel suspends the youngest device first, so this
# module has to be older than the driver.
while_devices_suspend() {
	[ -e /sys/power/pm_test ] || skip "this kernel cannot test suspend"
	insmod suspend_asks.ko || fail "suspend_asks.ko does not load"
	load
	tune /sys/module/printk/parameters/console_suspend N
	tune /sys/module/suspend/parameters/pm_test_delay 0
	mark suspend
	echo devices >/sys/power/pm_test
	# The callback runs where the write is, and must not be on CPU 2.
	on 0 sh -c 'echo freeze >/sys/power/state' || fail "the kernel does not suspend its devices"
	echo none >/sys/power/pm_test
	block 2 >/tmp/block
	grep -q '^pc : suspend_spin+' /tmp/block || fail "CPU 2 was not shown in suspend_spin"
	wait_for serving || fail "after the resume the state is $(cat /sys/kernel/sdei_nmi/state)"
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
	for cpu in 0 1 2 3; do
		[ "$(head -n 1 /sys/kernel/debug/sdei_nmi/ping/$cpu)" = 'result: answered' ] || fail "ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
	done
}

serving() {
	[ "$(cat /sys/kernel/sdei_nmi/state)" = serving ]
}

# A later notifier refuses the deep idle state after the driver has closed the CPU and the core has masked it.
refused_deep_idle() {
	load
	insmod refuse_idle.ko || fail "refuse_idle.ko does not load"
	wait_for refused_often || fail "no deep idle state was refused"
	rmmod refuse_idle
	for cpu in 0 1 2 3; do
		wait_for ping_answers $cpu || fail "ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
	done
}

refused_often() {
	[ "$(cat /sys/module/refuse_idle/parameters/refused)" -gt 100 ]
}

# ping_answers CPU: runs on the CPU, so that it is not in deep idle.
ping_answers() {
	[ "$(on "$1" head -n 1 "/sys/kernel/debug/sdei_nmi/ping/$1")" = 'result: answered' ]
}

# suspend_to STATE LEVEL...: suspends to STATE as far as each LEVEL of pm_test. After each resume event 0 answers on each CPU.
suspend_to() {
	suspend_state=$1
	shift
	for level; do
		echo "$level" >/sys/power/pm_test
		mark "$suspend_state as far as $level"
		echo "$suspend_state" >/sys/power/state || fail "the kernel does not suspend to $suspend_state as far as $level"
		wait_for serving || fail "after $suspend_state as far as $level the state is $(cat /sys/kernel/sdei_nmi/state)"
		for cpu in 0 1 2 3; do
			wait_for ping_answers $cpu || fail "after $suspend_state as far as $level, ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
		done
	done
	echo none >/sys/power/pm_test
}

# Suspend and hibernation at each level of the kernel's test. Beyond "platform", freeze would wait for a device to wake the machine.
suspend_levels() {
	load
	[ -e /sys/power/pm_test ] || skip "this kernel cannot test suspend"
	tune /sys/module/printk/parameters/console_suspend N
	tune /sys/module/suspend/parameters/pm_test_delay 0
	suspend_to freeze freezer devices platform
	! grep -qw disk /sys/power/state || suspend_to disk freezer devices platform processors core
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	no_own_complaint
}

# With pseudo-NMI the kernel reaches a CPU that has interrupts off but not all of DAIF masked, also if event 0 is disabled there.
by_pseudo_nmi() {
	load
	firmware_lies enable-refused
	echo 0 >/sys/devices/system/cpu/cpu2/online && echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline and online again"
	wedge irqoff 2
	sysrq_l 0
	log | grep -q '^sdei_nmi: CPUs 2 answer neither event 0 nor an interrupt: the kernel asks them by pseudo-NMI' ||
		fail "the log does not say that the kernel asks CPU 2 by pseudo-NMI"
	pc_in_wedge 2
	release
	firmware_lies none
}

# The kernel brings up two of the four CPUs at boot. The others may come later, or never.
cpus_left_at_boot() {
	[ "$(cat /sys/devices/system/cpu/online)" = 0-1 ] || fail "not only CPUs 0 and 1 are online: this test proves nothing here"
	mark load
	load
	if log | grep '^sdei_nmi: ' | grep -v -e ': backtraces and stops reach CPUs ' -e 'taint'; then
		fail "the driver says more than that it is loaded"
	fi
	[ "$(cat /sys/kernel/sdei_nmi/cpus_down)" = 2-3 ] || fail "cpus_down lists $(cat /sys/kernel/sdei_nmi/cpus_down), not 2-3"
	wedge daif 1
	sysrq_l 0
	has_backtrace 0 1
	pc_in_wedge 1
	no_own_complaint
	release
	online 3 1
	[ "$(cat /sys/kernel/sdei_nmi/cpus_down)" = 2 ] || fail "cpus_down lists $(cat /sys/kernel/sdei_nmi/cpus_down), not 2"
	wedge daif 3
	sysrq_l 0
	has_backtrace 0 1 3
	pc_in_wedge 3
	no_own_complaint
	release
	online 3 0
}

read_counter() {
	/payload/counter || fail "the counter can't be read"
}

enters_idle_again() {
	on "$1" true
	[ "$(idle_entries "$1")" -gt "$2" ]
}

# hibernate LABEL: hibernates to the disk, and returns after the machine was off and the kernel of the next boot has resumed this one.
# Then the counter is behind, so nothing may depend on a moment before. Each signal gives a CPU a new moment, so idle states and
# hotplug come first.
hibernate() {
	# The counter has to be far behind at the resume. With -I this sleep takes no time on the host.
	sleep 120
	# A CPU in deep idle is not signalled, so each CPU is pinged while it is awake.
	for cpu in 0 1 2 3; do
		wait_for ping_answers $cpu || fail "ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
	done
	counter_before=$(read_counter)
	mkswap -L "$1" /dev/vda >/dev/null && swapon /dev/vda || fail "there is no swap on /dev/vda"
	dies 'reboot: Power down'
	# The host has to have this mark before the image is made. A run that resumes must not announce an end.
	sleep 1
	echo disk >/sys/power/state || fail "the kernel does not hibernate"
	[ "$(read_counter)" -lt "$counter_before" ] || fail "the counter did not start anew: this test proves nothing here"
	wait_for serving || fail "after the resume the state is $(cat /sys/kernel/sdei_nmi/state)"
	for cpu in 0 1 2 3; do
		wait_for enters_idle_again $cpu "$(idle_entries $cpu)" || fail "after the resume CPU $cpu does not enter deep idle"
	done
	online 3 0
	online 3 1
	for cpu in 0 1 2 3; do
		wait_for ping_answers $cpu || fail "after the resume, ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
	done
	alive 0 1 2 3
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	no_own_complaint
	release
	swapoff /dev/vda || fail "the swap stays in use"
}

# disk_has OFFSET TEXT: compares a part of the disk's first page.
disk_has() {
	[ "$(dd if=/dev/vda bs=1 skip="$1" count=${#2} 2>/dev/null)" = "$2" ]
}

# The same function runs in each boot of this machine. If the disk has an image, it resumes this image, which goes on in hibernate. The
# driver is loaded in the kernel that resumes the second image. If event 0 is registered there, the resumed kernel registers it anew.
hibernation() {
	[ -b /dev/vda ] || insmod /modules/virtio_blk.ko || fail "virtio_blk.ko does not load"
	wait_for test -b /dev/vda || fail "there is no disk"
	if disk_has 4086 S1SUSPEND; then
		! disk_has 1052 loaded || load
		cat /sys/block/vda/dev >/sys/power/resume
		fail "the kernel does not resume its image"
	fi
	load
	hibernate plain
	hibernate loaded
}
