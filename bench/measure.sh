# SPDX-License-Identifier: GPL-2.0
# The measurements of one guest. tests/lib/guest.sh runs each function as it runs a test. /payload/peer names the measured
# mechanism. Each value is a line of the report: data PEER CONDITION MEASURE RUN VALUE UNIT.
# shellcheck shell=sh disable=SC2154 # tests/lib/guest.sh reads this file

runs=5
pause=50000
peer=$(cat /payload/peer)
bench=/sys/module/sdei_nmi_bench/parameters/measure

data() {
	echo "data $peer $*"
}

# settle MODULE-PARAMETER...: loads the bench module, and keeps every process on CPU 0, so that the other CPUs are idle.
settle() {
	for pid in 1 $$ "$(cat /tmp/main)"; do
		taskset -p 1 "$pid" >/dev/null || fail "process $pid cannot be kept on CPU 0"
	done
	insmod sdei_nmi_bench.ko "$@" || fail "sdei_nmi_bench.ko does not load"
	# Wait for background work of the boot to end. With instruction counting the sleep takes no host time.
	sleep 2
}

# measure CONDITION WHAT [UNIT]: measures WHAT in each run, between the functions before and after.
before() { :; }
after() { :; }

measure() {
	for run in $(seq $runs); do
		before
		usleep "$pause"
		echo "$2" >$bench || fail "$2 could not be measured; see the kernel log"
		while read -r name value; do
			data "$1" "$name" "$run" "$value" "${3:-instructions}"
		done <$bench
		after
	done
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
	tracing=/sys/kernel/tracing
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

requests() {
	last=$(sed 's/.*-//' /sys/devices/system/cpu/online)
	measure idle request
	# Guest time passes slowly while CPUs spin.
	pause=1000
	# No interrupt reaches the last CPU.
	if [ "$1" = wedged ]; then
		wedge daif "$last"
		measure wedged request
		release
	fi
	wedge softlockup "1-$last"
	measure busy request
	release
}

# The driver is not loaded.
requests_by_interrupt() {
	[ "$peer" != module ] || peer=ipi
	settle watch=1
	requests plain
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
