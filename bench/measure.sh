# SPDX-License-Identifier: GPL-2.0
# The measurements of one guest. tests/lib/guest.sh runs each function as it runs a test. /payload/peer names the measured
# mechanism. Each value is a line of the report: data PEER CONDITION MEASURE RUN VALUE UNIT.
# shellcheck shell=sh disable=SC2154 # tests/lib/guest.sh reads this file

runs=5
pause=50000
peer=$(cat /payload/peer)
bench=/sys/module/sdei_nmi_bench/parameters/measure
parameters=/sys/module/sdei_nmi/parameters
tracing=/sys/kernel/tracing

data() {
	echo "data $peer $*"
}

# settle MODULE-PARAMETER...: loads the bench module, and keeps every process on the CPU $home, so that the other CPUs are idle.
home=0
settle() {
	for pid in 1 $$ "$(cat /tmp/main)"; do
		taskset -pc $home "$pid" >/dev/null || fail "process $pid cannot be kept on CPU $home"
	done
	insmod sdei_nmi_bench.ko "$@" || fail "sdei_nmi_bench.ko does not load"
	# Wait for background work of the boot to end. With instruction counting the sleep takes no host time.
	sleep 2
}

# quiet: keeps all processes, and all threads and work of the kernel that can be moved, on CPU 0.
quiet() {
	settle
	# The kernel refuses to move a thread that belongs to one CPU.
	for entry in /proc/[0-9]*; do
		taskset -pc 0 "${entry#/proc/}" >/dev/null 2>&1 || :
	done
	[ "$(taskset -pc "$(pidof kthreadd)" | awk '{ print $NF }')" = 0 ] || fail "the kernel's threads cannot be kept on CPU 0"
	tune /sys/devices/virtual/workqueue/cpumask 1
}

# measure CONDITION WHAT [UNIT]: measures WHAT in each run, between the functions before and after.
before() { :; }
after() { :; }

measure() {
	for run in $(seq $runs); do
		measure_once "$@"
	done
}

measure_once() {
	before
	usleep "$pause"
	echo "$2" >$bench || fail "$2 could not be measured; see the kernel log"
	while read -r name value; do
		data "$1" "$name" "$run" "$value" "${3:-instructions}"
	done <$bench
	after
}

# drive: loads the driver's module if the module is the measured mechanism. The modules exist for every kernel.
drive() {
	[ "$peer" != module ] || load
}

# The cost while no backtrace is requested.

idle_cost() {
	measure "$1" masks
	for run in $(seq $runs); do
		getppid >/tmp/getppid || fail "getppid could not be measured"
		while read -r name value; do
			data "$1" "$name" "$run" "$value" instructions
		done </tmp/getppid
	done
}

idle_without() {
	settle
	idle_cost without
}

idle_with() {
	settle
	drive
	idle_cost with
}

# The irqsoff tracer, which measures how long interrupts are off.

tracer_off() {
	settle
	measure without masks
}

tracer_on() {
	settle
	grep -qw irqsoff $tracing/available_tracers || fail "this kernel has no irqsoff tracer"
	echo irqsoff >$tracing/current_tracer
	measure with masks
}

# The cost of watching. Only the module is measured: the driver built in has the same code.

# watching WHAT: makes the watchers look for hard lockups (lockups), also for interrupts off (watch), or for nothing (off).
watching() {
	case $1 in
	off) echo off >$parameters/watch && echo off >$parameters/lockups ;;
	lockups) echo off >$parameters/watch && echo all >$parameters/lockups ;;
	watch) echo 10ms >$parameters/watch && echo all >$parameters/lockups ;;
	esac || fail "the watchers cannot be set to $1"
}

# is_watcher CPU: succeeds if the timer of a watcher runs on the CPU.
is_watcher() {
	awk -v cpu="$1" '$1 == "cpu:" { at = $2 } / look_timer/ && at == cpu { found = 1 } END { exit !found }' /proc/timer_list
}

# look_cost: CPU 0, which is a watcher, works. Measures how long the work takes without and with watching, in turn, and what a look
# takes meanwhile for each CPU looked at.
look_cost() {
	quiet
	drive
	for run in $(seq $runs); do
		watching off
		measure_once off work
		watching watch
		is_watcher 0 || fail "CPU 0 is no watcher"
		looks=$(driver_counter looks) looks_ns=$(driver_counter looks_ns)
		measure_once watch work
		looks=$(($(driver_counter looks) - looks)) looks_ns=$(($(driver_counter looks_ns) - looks_ns))
		[ $looks -gt 0 ] || fail "the watchers did not look"
		data watch look "$run" "$(awk -v looks=$looks -v ns=$looks_ns 'BEGIN { printf "%.1f", ns / looks }')" instructions
	done
}

# watched_cost: CPU 2, which is watched and no watcher, masks interrupts.
watched_cost() {
	home=2
	settle
	drive
	for condition in off watch; do
		watching $condition
		! is_watcher 2 || fail "CPU 2 is a watcher, so the cost of being watched cannot be measured there"
		measure $condition masks
	done
}

# A CPU is sampled a thousand times a second while it works.

# sampled CONDITION TYPE CONFIG [off]: measures the work of CPU 2 while an event samples it.
sampled() {
	mkfifo /tmp/end || fail "a FIFO cannot be made"
	./sampling "$2" "$3" 2 ${4:+"$4"} </tmp/end >/tmp/samples 2>&1 &
	exec 8>/tmp/end
	wait_for grep -q open /tmp/samples || fail "CPU 2 cannot be sampled: $(cat /tmp/samples)"
	measure_once "$1" work
	exec 8>&-
	wait $!
	rm /tmp/end
	samples=$(tail -n 1 /tmp/samples)
	expected=$(awk '$1 == "work" { print int($2 / 1000000) }' $bench)
	[ $# = 4 ] || [ "$samples" -ge "$expected" ] || fail "$expected ms of work have only $samples samples of $1"
}

# CPU 2 is no watcher.
sample_cost() {
	home=2
	settle
	# Else the kernel's detector has the cycle counter.
	detectors 0 0
	drive
	for run in $(seq $runs); do
		measure_once none work
		sampled cpu-clock 1 0
		sampled cycles 0 0
		[ "$peer" = module ] || continue
		type=$(cat /sys/bus/event_source/devices/sdei_nmi/type)
		sampled senders "$type" 0 off
		sampled sdei_nmi "$type" 0
	done
}

# The sender's part of the firmware. The last CPU is off, so it does not serve the signals.
signal_cost() {
	settle
	echo 0 >/sys/devices/system/cpu/cpu3/online || fail "CPU 3 does not go offline"
	# The signals would arrive while CPU 3 starts, so it has to stay off.
	sed -i '/cpu3/d' /tmp/online
	measure off signal
}

# The wake-ups of an idle CPU.

# woken CPU: prints how many interrupts the CPU has taken, and how often it has left idle.
woken() {
	awk -v cpu="$1" '
		FNR == NR { if (FNR == 1) columns = NF; else if (NF > columns) sum += $(cpu + 2); next }
		$1 == "cpu:" { at = $2 }
		$1 == ".idle_calls" && at == cpu { calls = $3 }
		END { print sum + 0, calls + 0 }' /proc/interrupts /proc/timer_list
}

# wakes CONDITION CPU: measures in each run how often the CPU is woken in 20 s, which are five periods of the kernel's detectors.
wakes() {
	condition=$1 cpu=$2
	# Until then the kernel still works on the change before the measurement.
	sleep 20
	for run in $(seq $runs); do
		usleep "$pause"
		earlier=$(woken "$cpu")
		sleep 20
		echo "$earlier $(woken "$cpu")" | awk '{ printf "%.1f %.1f\n", ($3 - $1) / 2, ($4 - $2) / 2 }' >/tmp/woken
		read -r interrupts exits </tmp/woken
		data "$condition" interrupts "$run" "$interrupts" each-10-s
		data "$condition" idle_exits "$run" "$exits" each-10-s
	done
}

# detectors SOFT HARD: turns the kernel's detectors of soft and of hard lockups on (1) or off (0), with the kernel's threshold.
detectors() {
	tune /proc/sys/kernel/watchdog_thresh 10
	tune /proc/sys/kernel/soft_watchdog "$1"
	has_detector "$2" || tune /proc/sys/kernel/nmi_watchdog "$2"
	has_detector "$2" || fail "the kernel's detector of hard lockups is not $2"
}

# has_detector HARD: succeeds if the kernel's detector of hard lockups is on (1) or off (0).
has_detector() {
	[ "$(cat /proc/sys/kernel/nmi_watchdog)" = "$1" ]
}

wakes_by_kernel() {
	quiet
	detectors 0 0
	wakes none 3
	detectors 1 0
	wakes soft 3
	detectors 0 1
	wakes hard 3
}

# CPU 1 is a watcher, and CPU 3 is not.
wakes_by_driver() {
	quiet
	detectors 0 0
	load
	watching lockups
	is_watcher 1 && ! is_watcher 3 || fail "the watchers are not those that this measurement expects"
	wakes watcher-lockups 1
	watching watch
	wakes watcher-watch 1
	wakes watched 3
}

# A CPU enters its deepest idle state a thousand times, and wakes at once.

deep_idle_without() {
	settle
	measure without deep_idle
}

deep_idle_with() {
	settle
	drive
	measure with deep_idle
}

# percpu_memory: measures all per-CPU memory that loading the module allocates and does not free. The kernel's tracepoints report
# each allocation, so the measurement needs no list of the driver's variables.
percpu_memory() {
	for run in $(seq $runs); do
		echo >$tracing/trace
		echo 1 >$tracing/events/percpu/percpu_alloc_percpu/enable
		echo 1 >$tracing/events/percpu/percpu_free_percpu/enable
		load
		echo 0 >$tracing/events/percpu/enable
		bytes=$(grep 'insmod-' $tracing/trace | awk '
			match($0, / ptr=[^ ]+/) { at = substr($0, RSTART + 5, RLENGTH - 5) }
			/percpu_alloc_percpu:/ && match($0, / size=[0-9]+/) { held[at] = substr($0, RSTART + 6, RLENGTH - 6) }
			/percpu_free_percpu:/ { delete held[at] }
			END {
				for (at in held)
					sum += held[at]
				print sum + 0
			}')
		[ "$bytes" -gt 0 ] || fail "the kernel reported no per-CPU allocation of the module"
		data loaded percpu "$run" "$bytes" bytes
		unload
	done
}

# A CPU signals itself a thousand times.

latency_floor() {
	settle
	peer=floor
	measure "$(cat /payload/firmware)" floor
}

latency_ours() {
	settle
	drive
	measure "$(cat /payload/firmware)" ours
}

# One request for the backtraces of all CPUs.

# requests CONDITIONS [WHAT]
requests() {
	last=$(sed 's/.*-//' /sys/devices/system/cpu/online)
	what=${2:-request}
	measure idle "$what"
	# Guest time passes slowly while CPUs spin.
	pause=1000
	# No interrupt reaches the last CPU.
	if [ "$1" = wedged ]; then
		wedge daif "$last"
		measure wedged "$what"
		release
	fi
	# Beyond that, guest time hardly passes.
	[ "$last" -lt 64 ] || return 0
	wedge softlockup "1-$last"
	measure busy "$what"
	release
}

# The driver is not loaded.
requests_by_interrupt() {
	[ "$peer" != module ] || peer=ipi
	settle watch=1
	requests plain
}

# The driver is not loaded. All CPUs are signalled, and their handler does nothing. Registering it needs an interrupt on every CPU, so
# none can be wedged.
requests_floor() {
	peer=floor
	settle
	requests plain floor_request
}

requests_by_event() {
	settle
	drive
	requests wedged
}

# One CPU cannot be reached at all.

unreachable() {
	measure unreachable sysrq nanoseconds
}

# No interrupt reaches CPU 2.
unreachable_by_interrupt() {
	[ "$peer" != module ] || peer=ipi
	settle
	load_wedge
	before() { wedge daif 2; }
	after() { release; }
	unreachable
}

# The firmware accepts the signal, and drops it.
unreachable_by_event() {
	settle
	drive
	load_wedge
	before() {
		firmware_lies drop
		wedge daif 2
	}
	after() {
		firmware_lies none
		release
	}
	unreachable
}

# The size of the log of 32 CPUs: the requester, 27 idle CPUs, 3 in one loop, and 1 wedged in another loop.

volume() {
	measure_volume() {
		for run in $(seq $runs); do
			mark volume
			echo request >$bench || fail "the request could not be made; see the kernel log"
			log >/tmp/volume
			data "$1" bytes "$run" "$(wc -c </tmp/volume)" bytes
			data "$1" lines "$run" "$(wc -l </tmp/volume)" lines
			data "$1" shown "$run" "$(named </tmp/volume)" CPUs
		done
	}
	for idle in 0 1; do
		tune /sys/module/nmi_backtrace/parameters/backtrace_idle $idle
		measure_volume "$1-idle$idle"
	done
}

# named: prints the number of CPUs that the log shows, in single blocks and in groups.
named() {
	awk '
		/^NMI backtrace for cpu [0-9]/ { show($5) }
		/^sdei_nmi: CPU [0-9]+ has the same stack/ { show($3) }
		/^sdei_nmi: also idle there: CPUs / { show($6) }
		function show(list,    parts, n, i, ends, cpu) {
			n = split(list, parts, ",")
			for (i = 1; i <= n; i++) {
				split(parts[i] "-" parts[i], ends, "-")
				for (cpu = ends[1] + 0; cpu <= ends[2] + 0; cpu++)
					seen[cpu] = 1
			}
		}
		END {
			for (cpu in seen)
				count++
			print count + 0
		}'
}

volumes() {
	settle
	drive
	wedge_all 'irqoff 28-30 daif 31' 250
	group=/sys/module/sdei_nmi/parameters/group
	volume single
	[ ! -e $group ] || {
		tune $group 1
		volume grouped
	}
	release
}
