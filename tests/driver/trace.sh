# SPDX-License-Identifier: GPL-2.0
# The tracepoints.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

tracing=/sys/kernel/tracing

tracepoints() {
	load
	for event in signal deliver 'done'; do
		[ -e $tracing/events/sdei_nmi/$event/format ] || fail "there is no tracepoint sdei_nmi:$event"
	done
	# Programs that read a trace have the names of the requests from the format.
	for event in signal deliver 'done'; do
		for request in '1, "backtrace"' '2, "probe"' '4, "snapshot"' '8, "stop"'; do
			grep -q "^print fmt: .*__print_flags(REC->request, .*{ $request }" $tracing/events/sdei_nmi/$event/format ||
				fail "the format of $event does not have { $request }: $(grep '^print fmt: ' $tracing/events/sdei_nmi/$event/format)"
		done
	done
	# Switching events on or off waits for every CPU, so do it while each CPU takes interrupts.
	echo 1 >$tracing/events/sdei_nmi/enable
	wedge daif 2
	on 0 cat /sys/kernel/debug/sdei_nmi/stacks >/tmp/stacks
	sysrq_l 0
	cat /sys/kernel/debug/sdei_nmi/ping/2 >/tmp/ping
	release
	echo 0 >$tracing/events/sdei_nmi/enable
	sed -n 's/.*: \(signal\|deliver\|done\): /\1 /p' $tracing/trace >/tmp/events
	echo >$tracing/trace
	for cpu in 1 2 3; do
		for request in snapshot backtrace; do
			grep -q "^signal cpu=$cpu request=$request error=0 code=0\$" /tmp/events || fail "no signal to CPU $cpu for a $request"
			grep -q "^deliver cpu=$cpu request=$request by=event latency_ns=[0-9]*\$" /tmp/events || fail "no delivery to CPU $cpu of a $request"
			grep -q "^done cpu=$cpu request=$request error=0 latency_ns=[0-9]* held_ns=[0-9]*\$" /tmp/events || fail "no end of CPU $cpu's $request"
		done
	done
	[ "$(wc -l </tmp/events)" = 21 ] || fail "not 21 events but $(wc -l </tmp/events): $(cat /tmp/events)"
	# The trace and the ping report the same times.
	grep -q "^deliver cpu=2 request=probe by=event latency_ns=$(sed -n 's/^delivery_ns: //p' /tmp/ping)\$" /tmp/events ||
		fail "the ping's latency is not the traced one"
	grep -q "^done cpu=2 request=probe error=0 latency_ns=$(sed -n 's/^round_ns: //p' /tmp/ping) held_ns=0\$" /tmp/events ||
		fail "the ping's round trip is not the traced one"
	awk '{ split($NF, held, "="); split($(NF - 1), latency, "=") }
		/^done/ && latency[1] == "latency_ns" && !(latency[2] > held[2]) { bad = 1 }
		END { exit bad }' /tmp/events || fail "a CPU was held for longer than its request took"
}

traced_refusal() {
	load
	firmware_lies refuse
	echo 1 >$tracing/events/sdei_nmi/enable
	sysrq_l 0
	echo 0 >$tracing/events/sdei_nmi/enable
	firmware_lies none
	sed -n 's/.*: \(signal\|deliver\|done\): /\1 /p' $tracing/trace >/tmp/events
	echo >$tracing/trace
	grep -q '^signal cpu=2 request=backtrace error=-[0-9]* code=-[0-9]*$' /tmp/events || fail "the refusal is not traced: $(cat /tmp/events)"
	grep -q '^deliver cpu=2 request=backtrace by=interrupt ' /tmp/events || fail "the interrupt instead is not traced: $(cat /tmp/events)"
}

traced_silence() {
	load
	firmware_lies drop
	echo 1 >$tracing/events/sdei_nmi/enable
	wedge daif 2
	sysrq_l 0
	release
	firmware_lies none
	echo 0 >$tracing/events/sdei_nmi/enable
	sed -n 's/.*: \(signal\|deliver\|done\): /\1 /p' $tracing/trace >/tmp/events
	echo >$tracing/trace
	grep -q '^done cpu=2 request=backtrace error=-110 ' /tmp/events || fail "the silence is not traced: $(cat /tmp/events)"
}

# recording: trace-cmd switches tracing off, events on, and tracing on again.
recording() {
	[ "$(cat $tracing/events/sdei_nmi/deliver/enable)" = 1 ] && [ "$(cat $tracing/tracing_on)" = 1 ]
}

# histogram: reads times in ns, one per line, and counts them by powers of two.
histogram() {
	awk '{
			for (bin = 1; bin * 2 <= $1; bin *= 2)
				;
			n[bin]++
		}
		END { for (bin in n) print bin, n[bin] }' | sort -n
}

# Debian's trace-cmd: its report gives the same histogram of latencies as the pings.
trace_cmd() {
	load
	debian trace-cmd list -e sdei_nmi >/tmp/events || fail "trace-cmd can't list events"
	[ "$(grep -c '^sdei_nmi:\(signal\|deliver\|done\)$' /tmp/events)" = 3 ] || fail "trace-cmd does not list the three events: $(cat /tmp/events)"
	debian trace-cmd record -q -e sdei_nmi -o /tmp/trace.dat >/tmp/record 2>&1 &
	wait_for recording || fail "trace-cmd does not record: $(cat /tmp/record)"
	for _ in $(seq 50); do
		for cpu in 1 2 3; do
			on 0 cat /sys/kernel/debug/sdei_nmi/ping/$cpu
		done
	done >/tmp/pings
	# Like ctrl-C: to trace-cmd and to its recorders on each CPU.
	# shellcheck disable=SC2046 # numbers
	kill -INT $(pidof trace-cmd)
	wait
	debian trace-cmd report /tmp/trace.dat >/tmp/report 2>/tmp/errors || fail "trace-cmd can't report: $(cat /tmp/errors)"
	sed -n 's/.*deliver:.*request=probe by=event latency_ns=\([0-9]*\)$/\1/p' /tmp/report | histogram >/tmp/traced
	sed -n 's/^delivery_ns: //p' /tmp/pings | histogram >/tmp/told
	[ "$(awk '{ n += $2 } END { print n }' /tmp/told)" = 150 ] || fail "not every ping was answered"
	cat /tmp/traced
	diff /tmp/told /tmp/traced || fail "the histograms differ; a line of the report: $(tail -n 1 /tmp/report)"
}

pinged_ten_times() {
	for _ in $(seq 10); do
		on 0 cat /sys/kernel/debug/sdei_nmi/ping/2 >/dev/null
	done
}

perf() {
	load
	debian perf record -q -a -o /tmp/perf.data -e 'sdei_nmi:*' >/tmp/record 2>&1 &
	wait_for recording_by_perf || fail "perf does not record: $(cat /tmp/record)"
	pinged_ten_times
	kill -INT "$(pidof perf)"
	wait
	debian perf script -i /tmp/perf.data >/tmp/report 2>/tmp/errors || fail "perf can't report: $(cat /tmp/errors)"
	for words in 'signal: cpu=2 request=probe error=0' 'deliver: cpu=2 request=probe by=event' 'done: cpu=2 request=probe error=0'; do
		[ "$(grep -c "sdei_nmi:$words" /tmp/report)" = 10 ] || fail "perf reports not 10 times '$words': $(head /tmp/report)"
	done
}

# recording_by_perf: perf switches its events on after it has opened all of them.
recording_by_perf() {
	on 0 cat /sys/kernel/debug/sdei_nmi/ping/1 >/dev/null
	[ -s /debian/tmp/perf.data ] && [ -d "/proc/$(pidof perf)" ] && grep -q '^State:.*S' "/proc/$(pidof perf)/status"
}

# The test reads no fields, because Debian 12's bpftrace dies here on any args-> of any tracepoint of the kernel.
bpftrace() {
	load
	debian bpftrace -e 'tracepoint:sdei_nmi:signal { @signal = count(); } tracepoint:sdei_nmi:deliver { @deliver = count(); }
		tracepoint:sdei_nmi:done { @done = count(); } BEGIN { printf("ready\n"); }' >/tmp/report 2>&1 &
	wait_for grep -q ready /tmp/report || fail "bpftrace does not begin: $(cat /tmp/report)"
	pinged_ten_times
	kill -INT "$(pidof bpftrace)"
	wait
	for event in signal deliver 'done'; do
		grep -q "^@$event: 10\$" /tmp/report || fail "bpftrace did not count 10 of $event: $(cat /tmp/report)"
	done
}
