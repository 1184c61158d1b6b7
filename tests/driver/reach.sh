# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh

# While the driver gives event 0 back, CPUs neither come nor go.
online() {
	wait_for try_online "$1" "$2" || fail "CPU $1 does not go to online=$2"
}

try_online() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online"
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
	for _ in $(seq 20); do
		online 2 0
		online 2 1
	done
	touch /tmp/cease
	wait
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
}

idle_entries() {
	cat "/sys/devices/system/cpu/cpu$1/cpuidle/state1/usage"
}

# alive CPU...: it takes interrupts, and serves none that never ended.
alive() {
	[ -d /sys/module/pe ] || insmod pe.ko || fail "pe.ko does not load"
	for cpu in "$@"; do
		ticks_go_on "$cpu" || fail "CPU $cpu takes no timer interrupts any more"
		grep -qx "$cpu ff" /sys/module/pe/parameters/priorities || fail "CPU $cpu serves an interrupt for ever: $(grep "^$cpu " /sys/module/pe/parameters/priorities)"
	done
}

# answers_of_all TIMES: each CPU but 1 answered every one of so many requests.
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

# storm TIMES: so many requests from CPU 1 to all others, with how long they took in $took.
storm() {
	mark ask
	echo "others 1 $1" >/sys/module/asker/parameters/ask || fail "the requests did not end"
	took=$(log | sed -n 's/^asker: others done in \([0-9]*\) ms/\1/p')
}

# CPUs that idle in a state for which the kernel masks SDEI: on this firmware one signal to such a CPU ends it for good.
deep_idle() {
	insmod asker.ko || fail "asker.ko does not load"
	storm 100
	answers_of_all 100
	echo "100 requests with the plain kernel: $took ms"
	load
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

# The firmware takes half a millisecond over each signal: so long a CPU that was just found awake has to fall asleep, which
# each of them tries all the time.
wide_window() {
	insmod asker.ko || fail "asker.ko does not load"
	load
	insmod dozer.ko || fail "dozer.ko does not load"
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

# Whether a CPU may be signalled changes with idle states and hotplug at once.
hotplug_and_deep_idle() {
	hotplug_under_requests
	alive 0 1 3
}

# Requests from all CPUs at random CPUs, while CPUs come and go and the driver does: each is served, or declined with a reason.
requests_are_kept_count_of() {
	insmod stress.ko || fail "stress.ko does not load"
	load
	mark stress
	run=/sys/module/stress/parameters/run
	(
		while [ ! -e /tmp/cease ]; do
			online 3 0
			online 3 1
		done
	) &
	(
		while [ ! -e /tmp/cease ]; do
			usleep 500000
			unload
			load
		done
		unload
	) &
	driver_loop=$!
	echo "$1" >$run || fail "the requests could not be made"
	touch /tmp/cease
	wait $driver_loop || fail "the driver could not be loaded and unloaded meanwhile"
	wait
	read -r _ made _ plain _ longest <$run
	log | awk -v made="$made" -v plain="$plain" -v longest="$longest" -v want="$1" '
		/^sdei_nmi: of [0-9]+ requests/ {
			requests += $3
			turned_away += $5
			asked += $15
			answered += $18
			named += $21
			loads++
		}
		END {
			print made " requests: " plain " to the plain kernel, " requests " to the driver in " loads " loads, of which " \
				turned_away " turned away; " asked " CPUs asked: " answered + 0 " answered, " named " named; the longest took " longest " ms"
			exit !(made == want && made == plain + requests && requests == turned_away + asked && asked == answered + named &&
				loads > 1 && answered && longest < 2000)
		}' || fail "the counts do not agree, or one took more than two seconds"
}

stress() {
	requests_are_kept_count_of 3000
}
