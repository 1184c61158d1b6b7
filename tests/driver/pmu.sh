# SPDX-License-Identifier: GPL-2.0
# The PMU: samples that Debian's own perf takes by event 0, also of code that has interrupts off.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

pmu=/sys/bus/event_source/devices/sdei_nmi
workload=/sys/module/workload/parameters/run

# has_perf: lets perf run programs of the guest.
has_perf() {
	debian perf --version >/dev/null || fail "perf does not run"
	for program in sh cat seq; do
		cp /bin/busybox "/debian/usr/bin/$program" || fail "busybox can't be copied"
	done
}

# record OPTION... -- COMMAND...: records into /debian/tmp/perf.data.
record() {
	debian perf record -q -o /tmp/perf.data "$@" >/tmp/record 2>&1 || fail "perf does not record: $(cat /tmp/record)"
}

# samples_in MODULE EVENT: prints for each function of the module how many samples of the event in /tmp/perf.data have it in their
# stack, as the innermost function of the module. Samples without such a function are "other".
samples_in() {
	# perf may give the first function of a module to the module before it, so compare addresses.
	awk -v module="[$1]" '$4 == module && $2 ~ /[tT]/ { print "function", $1, $3 }' /proc/kallsyms | sort >/tmp/functions
	debian perf script -i /tmp/perf.data -F event,ip 2>/tmp/errors | cat /tmp/functions - | awk -v event="$2" '
		function flush() {
			if (mine)
				count[found]++
			mine = 0
			found = "other"
		}
		BEGIN { found = "other" }
		$1 == "function" { start[++n] = $2; name[n] = $3; next }
		NF == 0 { flush(); next }
		/:[ \t]*$/ { mine = index($1, event) == 1; next }
		# Addresses have 16 digits, so they compare like strings. No function of the modules is longer than a page.
		mine && found == "other" && $1 >= start[1] && substr($1, 1, 12) <= substr(start[n], 1, 12) {
			for (i = n; $1 < start[i]; i--)
				;
			found = name[i]
		}
		END {
			flush()
			for (found in count)
				print found, count[found]
		}'
}

# The share of the samples in each function is its share of the time. Events that need an interrupt have no samples where interrupts
# are off: cpu-clock, and cycles if the CPU's own PMU has an interrupt.
truth() {
	has_perf
	load
	blind='cpu-clock'
	for cpu_pmu in /sys/bus/event_source/devices/armv8*; do
		[ ! -d "$cpu_pmu" ] || blind='cpu-clock cycles'
	done
	insmod workload.ko || fail "workload.ko does not load"
	# A busy host may not run the CPU for some of the time.
	enough=$(($(driver_counter samples) + 6000))
	# shellcheck disable=SC2046,SC2086 # options
	record -F 997 -g -C 2 -e sdei_nmi/sample/ $(printf ' -e %s' $blind) -- sh -c "
		for _ in \$(seq 15); do
			echo 2 4000 >$workload
			[ \$(cat /sys/kernel/sdei_nmi/counters/samples) -lt $enough ] || break
		done"
	samples_in workload sdei_nmi >/tmp/ours
	cat $workload >/tmp/real
	tail /tmp/real /tmp/ours
	# If the host does not run a sender, samples are missed. They may all be of one function.
	cat /tmp/real /tmp/ours | awk '
		NR <= 3 { real[$1] = $2; time += $2; next }
		$1 in real { ours[$1] = $2; samples += $2 }
		END {
			if (samples < 5000)
				print "there are only", samples, "samples"
			most = .03
			if (samples < time * 997 / 1000000)
				most += 1 - samples / (time * 997 / 1000000)
			for (name in real) {
				off = ours[name] / (samples + !samples) - real[name] / time
				printf "# %s: %.1f points too many of at most %.1f\n", name, 100 * off, 100 * most
				if (off > most || off < -most)
					print name, "has another share of the samples than of the time"
			}
		}' >/tmp/wrong
	cat /tmp/wrong
	! grep -v '^#' /tmp/wrong >/tmp/why || fail "$(cat /tmp/why)"
	for event in $blind; do
		samples_in workload "$event" | tee "/tmp/$event"
		awk -v event="$event" '
			$1 ~ /_irqs_off|_locked/ { off += $2 }
			{ samples += $2 }
			END {
				if (off >= 50)
					print event, "has samples of code with interrupts off:", off
				if (samples < 500)
					print event, "has hardly any samples:", samples + 0
			}' "/tmp/$event" >/tmp/wrong
		[ ! -s /tmp/wrong ] || fail "$(cat /tmp/wrong)"
	done
}

files() {
	load
	[ "$(cat $pmu/format/event)" = config:0-7 ] || fail "format/event is wrong"
	[ "$(cat $pmu/events/sample)" = event=0x0 ] || fail "events/sample is wrong"
	[ "$(cat $pmu/caps/min_period)" = 100000 ] || fail "caps/min_period is wrong"
	debian perf list pmu 2>/dev/null | grep -q 'sdei_nmi/sample/' || fail "perf does not list the event"
}

# What the PMU takes, and what it refuses.
attributes() {
	load
	pmu_events "$(cat $pmu/type)" >/tmp/said || fail "pmu_events fails: $(cat /tmp/said)"
	diff - /tmp/said <<-END || fail "the answers differ"
		plain ok
		task EOPNOTSUPP
		task_on_cpu EOPNOTSUPP
		counting EOPNOTSUPP
		short_period EINVAL
		config EINVAL
		stack_user EOPNOTSUPP
		regs_user ok
		branch_stack EOPNOTSUPP
		regs_intr ok
	END
	mkdir -p /tmp/cgroup
	mount -t cgroup2 none /tmp/cgroup || fail "the cgroups can't be mounted"
	! pmu_events "$(cat $pmu/type)" cgroup /tmp/cgroup >/tmp/said || fail "an event of a cgroup is not refused"
	umount /tmp/cgroup
	[ "$(cat /tmp/said)" = EINVAL ] || fail "an event of a cgroup is refused with $(cat /tmp/said)"
}

# count_from_here: counted prints how much a counter has grown since.
count_from_here() {
	for counter in samples samples_missed samples_refused samples_skipped samples_coalesced samples_throttled; do
		echo "$counter $(driver_counter $counter)"
	done >/tmp/count_from
}

counted() {
	echo $(($(driver_counter "$1") - $(sed -n "s/^$1 //p" /tmp/count_from)))
}

# runs WHAT [ARGUMENT]: runs events for a time. Sets run_samples and run_ms, and what the counters count meanwhile.
runs() {
	count_from_here
	run_said=$(pmu_events "$(cat $pmu/type)" "$@") || fail "pmu_events fails for $*: $run_said"
	run_samples=${run_said% *} run_ms=${run_said#* }
	samples=$(counted samples) missed=$(counted samples_missed) refused=$(counted samples_refused)
	skipped=$(counted samples_skipped) coalesced=$(counted samples_coalesced) throttled=$(counted samples_throttled)
	echo "$*: $run_samples samples in $run_ms ms; counted: $samples, missed $missed, refused $refused, skipped $skipped," \
		"coalesced $coalesced, throttled $throttled"
}

# about NUMBER EXPECTED: the first sample comes with a signal near the end of the first period, and the next ones a period after it.
about() {
	[ "$1" -le $(($2 + 2)) ] && [ "$1" -ge $(($2 - 3)) ]
}

# Each period of an event is a sample, a missed one, or one that the event does not want.
counters_add_up() {
	load
	runs plain
	[ "$run_samples" = "$samples" ] || fail "the counter differs"
	about $((samples + missed)) "$run_ms" || fail "the samples and the missed periods are not the periods"
	[ "$samples" -gt 10 ] || fail "nearly all periods were missed"
	runs longer_period
	about $((samples + missed)) $((run_ms / 10)) || fail "the samples and the missed periods are not the longer periods"
	# A kernel without BPF has no such file.
	if [ -e /proc/sys/kernel/unprivileged_bpf_disabled ]; then
		runs bpf
		[ "$run_samples$samples" = 00 ] || fail "an event with a BPF program gives samples"
		about $((refused + missed)) "$run_ms" || fail "the samples that were refused are not counted"
	fi
	runs five
	[ "$run_samples" = 5 ] || fail "an event that is to give 5 samples gives $run_samples"
	[ "$(driver_counter samples_throttled)" = 1 ] || fail "the event's end is not counted"
	! pmu_events "$(cat $pmu/type)" shorter_period >/tmp/said || fail "a period can become shorter"
	[ "$(cat /tmp/said)" = EINVAL ] || fail "a shorter period is refused with $(cat /tmp/said)"
}

excluded() {
	load
	runs exclude_user
	[ "$run_samples" -lt $((run_ms / 4)) ] || fail "a program that runs in user mode gives samples though that is excluded"
}

# perf would show the host's code beside a guest at the guest's pc. The timers let the host work while the virtual CPU is loaded.
beside_guest() {
	load
	[ -c /dev/kvm ] || skip "this kernel has no KVM here"
	taskset -c 2 ./guest_spin /tmp/memory >/tmp/where &
	guest=$!
	wait_for [ -s /tmp/where ] || fail "the guest does not start"
	taskset -c 2 ./timers 5000 >/tmp/timers &
	wait_for [ -s /tmp/timers ] || fail "the timers do not run"
	runs guest
	kill -9 $! $guest
	[ "$run_samples" = 0 ] || fail "perf takes $run_samples samples for the guest's"
	[ "$refused" -gt 0 ] || fail "the host was never sampled beside the guest: this test proves nothing here"
}

# counting COUNTER: succeeds once the counter has changed since the last reset of counting_from.
counting() {
	counting_now=$(driver_counter "$1")
	[ "$counting_now" != "${counting_from:=$counting_now}" ]
}

# samples_come WHEN: fails unless samples are taken from now on.
samples_come() {
	unset counting_from
	wait_for counting samples || fail "no samples come $1"
}

# in_background FILE OPTION...: perf records into this file until it is ended. It has begun when this returns.
in_background() {
	background=/debian/tmp/$1
	rm -f "$background.control" "$background.answer"
	mkfifo "$background.control" "$background.answer" || fail "FIFOs can't be made"
	background_file=/tmp/$1
	shift
	debian perf record -q -D -1 --control "fifo:$background_file.control,$background_file.answer" -o "$background_file" \
		-e sdei_nmi/sample/ "$@" >"$background.said" 2>&1 &
	timeout 60 sh -c "echo enable >$background.control; grep -m 1 -q ack $background.answer" ||
		fail "perf does not record: $(cat "$background.said")"
}

ended() {
	! pidof perf >/dev/null
}

# end SIGNAL: ends all perfs.
end() {
	# shellcheck disable=SC2046 # process numbers
	kill "-$1" $(pidof perf)
	wait_for ended || fail "perf does not end"
}

unload_while_used() {
	needs_module
	has_perf
	load
	in_background perf.data -F 997 -a -g
	samples_come "from any CPU"
	! rmmod sdei_nmi 2>/tmp/errors || fail "the driver unloads while perf uses it"
	end KILL
	# The kernel closes the events of a killed process when it can.
	wait_for rmmod sdei_nmi 2>/tmp/errors || fail "the driver does not unload after perf was killed: $(cat /tmp/errors)"
	[ ! -d $pmu ] || fail "the PMU is still there"
}

# Several perfs, with other periods and other CPUs, while CPUs go and come.
several_and_hotplug() {
	has_perf
	load
	in_background 997 -F 997 -a -g
	in_background 588 -c 1700000 -C 1-3
	in_background 97 -F 97 -C 0 -g
	for cpu in 3 1 2; do
		echo 0 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not go offline"
		samples_come "without CPU $cpu"
		sysrq_l 0
		echo 1 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not come online"
	done
	end INT
	for file in 997 588 97; do
		debian perf script -i /tmp/$file -F cpu,ip >/tmp/script 2>/tmp/errors
		[ "$(wc -l </tmp/script)" -gt 10 ] ||
			fail "the perf with $file Hz has hardly any samples: $(cat /debian/tmp/$file.said /tmp/script /tmp/errors)"
	done
}

# A wedged CPU is sampled all the time; the others go on. Reports and the record of times with interrupts off work beside it.
wedged() {
	has_perf
	load
	echo 50ms >/sys/module/sdei_nmi/parameters/watch
	in_background perf.data -F 499 -a -g
	wedge daif 2
	samples_come "while CPU 2 is wedged"
	sysrq_l 0
	pc_in_wedge 2
	wait_for grep -q 'site.*wedge' /sys/kernel/debug/sdei_nmi/irqs_off
	release
	end INT
	samples_in sdei_nmi_wedge sdei_nmi | tee /tmp/ours
	[ "$(awk '$1 != "other" { n += $2 } END { print n + 0 }' /tmp/ours)" -gt 10 ] || fail "perf has no samples of the wedged CPU"
}

# A group is on its CPU as a whole, so it has at most as many events as the driver can have there.
groups() {
	load
	count_from_here
	pmu_events "$(cat $pmu/type)" group 8 >/tmp/said || fail "a group of 8 fails: $(cat /tmp/said)"
	cat /tmp/said
	awk -v samples="$(counted samples)" -v missed="$(counted samples_missed)" '
		$1 < 10 { print "event", NR, "has hardly any samples" }
		{ events++; sum += $1; ms += $2 }
		END {
			if (events != 8 || sum != samples || samples + missed > ms + 2 * events || samples + missed < ms - 3 * events)
				print "counted:", samples, "samples, missed", missed
		}' /tmp/said >/tmp/wrong
	[ ! -s /tmp/wrong ] || fail "$(cat /tmp/wrong)"
	! pmu_events "$(cat $pmu/type)" group 9 >/tmp/said || fail "a group of 9 is not refused: $(cat /tmp/said)"
	[ "$(cat /tmp/said)" = "9 EINVAL" ] || fail "a group of 9 is refused with $(cat /tmp/said)"
}

# perf opens the event of a group with a lock held that CPU hotplug takes.
groups_and_hotplug() {
	load
	on 0 pmu_events "$(cat $pmu/type)" groups 5 >/tmp/said &
	groups=$!
	while kill -0 $groups 2>/dev/null; do
		for cpu in 2 3; do
			echo 0 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not go offline"
			echo 1 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not come online"
			usleep 10000
		done
	done
	wait $groups || fail "a group is refused: $(cat /tmp/said)"
	echo "$(cat /tmp/said) groups were opened"
	[ "$(cat /tmp/said)" -gt 10 ] || fail "hardly any group was opened: this test proves nothing"
}

# adds_up PERIOD_MS EVENTS: the samples and the missed periods are the periods of so many events in run_ms, within 3 %.
adds_up() {
	[ $((samples + missed)) -le $((run_ms * 103 / 100 / $1 + 2 * $2)) ] && [ $((samples + missed)) -ge $((run_ms * 97 / 100 / $1 - 3 * $2)) ]
}

# perf takes events off their CPU and puts them back more often than they have samples: 12 events take turns, and a program switches an
# event on and off.
rescheduled() {
	load
	tune $pmu/perf_event_mux_interval_ms 1
	runs rotated 12
	[ "$run_samples" = "$samples" ] || fail "the counter differs"
	[ "$samples" -gt $((run_ms / 16)) ] || fail "events that take turns have hardly any samples"
	adds_up 4 12 || fail "the samples and the missed periods are not the periods of events that take turns"
	runs switched
	[ "$run_samples" = "$samples" ] || fail "the counter differs"
	[ "$samples" -gt $((run_ms / 16)) ] || fail "an event that is switched on and off has hardly any samples"
	adds_up 4 1 || fail "the samples and the missed periods are not the periods of an event that is switched on and off"
}

# More samples than perf wants. It takes those of the next tick again. The program runs for a second.
throttled() {
	load
	tune /proc/sys/kernel/perf_event_max_sample_rate 1000
	runs often
	[ "$run_samples" -le 1500 ] || fail "1000 samples are allowed in a second, and $run_samples came"
	[ "$throttled" -ge 20 ] || fail "perf has stopped the event only $throttled times: this test proves nothing"
	[ "$run_samples" -ge 200 ] || fail "only $run_samples samples came: those of the next ticks are missing"
}

needs_kernel_perf() {
	grep -q ' perf_event_overflow$' /proc/kallsyms || skip "this kernel is built without perf"
}

# CPU 2 sleeps, with SDEI masked. On this firmware a CPU that is signalled there hangs for good.
deep_idle() {
	needs_kernel_perf
	. /payload/tests/driver/reach.sh
	load
	entries=$(idle_entries 2)
	runs beside
	entries=$(($(idle_entries 2) - entries))
	echo "CPU 2 entered deep idle $entries times"
	[ $entries -gt 0 ] || fail "CPU 2 never idled deeply: this test proves nothing here"
	[ $entries -lt $((run_ms / 2)) ] || fail "the samples wake CPU 2"
	about $((samples + missed)) "$run_ms" || fail "the samples and the missed periods are not the periods"
	[ "$skipped" -gt 100 ] || fail "the signals that were not sent are not counted"
	[ "$coalesced" -lt 100 ] || fail "signals are waited for that were never sent"
	alive 2
	runs plain
	[ "$run_samples" -gt 10 ] || fail "CPU 2 has hardly any samples after deep idle"
}

# The firmware accepts the signals and delivers none; it refuses them; then it works again.
firmware_drops() {
	needs_kernel_perf
	load
	for fault in drop refuse; do
		firmware_lies $fault
		runs plain
		[ "$run_samples$samples" = 00 ] || fail "there are samples although the firmware delivers no signal"
		about "$missed" "$run_ms" || fail "the missed periods are not the periods"
		case $fault in
		drop) [ "$coalesced" -gt 100 ] || fail "the signals that were not sent, because one was dropped, are not counted" ;;
		refuse) [ "$skipped" -gt 100 ] || fail "the signals that the firmware refused are not counted" ;;
		esac
		# The request of a lost signal would keep the CPU online.
		echo 0 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline after signals that did not arrive"
		echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not come online"
		firmware_lies none
		runs plain
		[ "$run_samples" -gt 10 ] || fail "there are hardly any samples after the firmware works again"
		about $((samples + missed)) "$run_ms" || fail "the samples and the missed periods are not the periods"
	done
	[ ! -e /sys/module/sdei_nmi/initstate ] || unload
}

# perf_tests FILE: runs those of perf's own tests that read the PMUs or run events. Most of the others are of perf's own code.
perf_tests() {
	debian perf test openat 'mmap interface' Pars PERF_RECORD pmu Roundtrip 'Setup struct' 'Software clock' 'Sample parsing' \
		dummy 'sample_id_all' 'sched_switch' 'thread map' 'Session topology' 'Event times' 'backward ring' 'cpu map' 'perf stat' \
		>"$1" 2>&1
}

# None of perf's own tests fails with the driver that passes without it.
perf_test() {
	has_perf
	# The tests that are scripts need these.
	for program in sh cat grep sed sleep true; do
		cp /bin/busybox "/debian/bin/$program" || fail "busybox can't be copied"
	done
	perf_tests /tmp/without
	load
	perf_tests /tmp/with
	cat /tmp/with
	[ "$(grep -c ': Ok$' /tmp/without)" -gt 20 ] || fail "hardly any of perf's tests passes without the driver: $(cat /tmp/without)"
	grep ': Ok$' /tmp/without | while IFS= read -r line; do
		grep -qxF "$line" /tmp/with || echo "$line"
	done >/tmp/worse
	[ ! -s /tmp/worse ] || fail "these of perf's tests pass only without the driver: $(cat /tmp/worse)"
}

# plug_and_ask: CPUs go offline and come back, and all CPUs are asked for backtraces, until /tmp/cease is there.
plug_and_ask() {
	while [ ! -e /tmp/cease ]; do
		for cpu in 2 3 4 5 6 7; do
			echo 0 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not go offline"
			sysrq_l 0
			echo 1 >/sys/devices/system/cpu/cpu$cpu/online || fail "CPU $cpu does not come online"
			sleep 3
		done
	done
}

# everywhere_adds_up SECONDS: 1 kHz on all CPUs. Every sample that is counted comes or is lost in perf's buffer. Each period is a
# sample or a missed one.
everywhere_adds_up() {
	count_from_here
	said=$(pmu_events "$(cat $pmu/type)" everywhere "$1") || fail "pmu_events fails: $said"
	# shellcheck disable=SC2086 # numbers
	set -- $said "$(counted samples)" "$(counted samples_missed)"
	echo "$1 events: $2 samples, $3 lost, $4 ms; counted: $5, missed $6"
	[ "$5" = $(($2 + $3)) ] || fail "the counter of samples differs"
	[ $(($5 + $6)) -le $(($4 * 1001 / 1000 + 2 * $1)) ] && [ $(($5 + $6)) -ge $(($4 * 999 / 1000 - 3 * $1)) ] ||
		fail "the samples and the missed periods are not the periods"
	[ "$5" -gt $(($4 / 10)) ] || fail "nearly all periods were missed: this test proves nothing"
}

profiled_seconds=1800

# Hotplug, backtraces, the watchers and a program without a stack are beside.
half_an_hour() {
	. /payload/tests/driver/watch.sh
	only_the_driver 2
	tune "$driver_parameters/watch" 10ms
	on 1 ./stackless &
	stackless=$!
	plug_and_ask &
	plugging=$!
	half_an_hour_ends=$(($(uptime_s) + profiled_seconds))
	while [ "$(uptime_s)" -lt $half_an_hour_ends ]; do
		everywhere_adds_up 20
	done
	touch /tmp/cease
	wait $plugging || fail "a CPU cannot go offline or come online"
	kill $stackless || fail "the program without a stack has ended"
	[ "$(driver_counter lockups)" = 0 ] || fail "lockups are reported although there are none"
	untune || fail "the settings cannot be restored"
	unload
}
