# SPDX-License-Identifier: GPL-2.0
# sdei-nmi ping, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

ping_tells_times() {
	serving
	run 0 ping -n 20 -i 0
	out 'CPU  answered      min   median      p99      max   floor' '  1     20/20  2.50 us  2.50 us  2.50 us  2.50 us  300 ns' '2.00 us to  5.00 us         80'
	run 0 ping -c 1,3 -n 7 -i 0 --json
	valid ping
	json '[c["cpu"] for c in d["cpus"]] == [1, 3] and d["cpus"][0]["answered"] == 7 and d["cpus"][0]["round_ns"]["p99"] == 2500'
	json 'd["cpus"][0]["histogram"] == [{"below_ns": 5000, "count": 7}] and d["cpus"][1]["floor_ns"]["median"] == 300'
}

ping_says_who_did_not_answer() {
	serving
	reply 1 'result: held-off\nreason: suspended\nfloor_ns: 300\n'
	reply 2 'result: refused\nreason: signals_refused_denied\nfloor_ns: 300\n'
	reply 3 'result: silent\nsignal_ns: 900\nfloor_ns: 300\n'
	run 5 ping -n 5 -i 0
	err 'CPUs 1-3'
	out 'CPU 1  held off: suspended, 5 times' 'CPU 2  refused by the firmware: signals_refused_denied, 5 times' \
		'CPU 3  silent, 3 times' 'was not pinged again after 3 silent pings in a row'
	run 5 ping -n 5 -i 0 --json
	valid ping
	json 'd["cpus"][3]["sent"] == 3 and [c["failed"] for c in d["cpus"]] == [False, True, True, True]'
	run 0 ping -c 0 -n 2
}

ping_that_can_not_be_understood() {
	for text in '' 'result: answered\n' 'result: maybe\n' 'result: answered\nround_ns: -5\n' '\0' 'x'; do
		serving
		reply 1 "$text"
		run 1 ping -n 1
		err "ping/1 can't be understood"
	done
	serving
	rm "$root/sys/kernel/debug/sdei_nmi/ping/2"
	run 3 ping -n 1
}

# On a server at rest, all CPUs but the one that asks may be in deep idle.
ping_of_sleeping_cpus_is_no_failure() {
	serving
	for cpu in 1 2 3; do
		reply $cpu 'result: held-off\nreason: deep idle\n'
	done
	run 0 ping -n 5 -i 0
	out '  0       5/5' '  1    asleep' '  3    asleep' 'CPUs 1-3  asleep in deep idle' ', 15 times'
	no_out 'held off'
	run 0 ping -n 5 -i 0 --json
	valid ping
	json '[c["asleep"] for c in d["cpus"]] == [0, 5, 5, 5] and not any(c["failed"] for c in d["cpus"])'
	json 'd["cpus"][1]["held_off"] == 5 and d["cpus"][1]["unanswered"] == [{"why": "held off: deep idle", "times": 5}]'
	run 0 ping -c 1
	out 'CPU 1  asleep'
	# Another CPU that never answers is a failure as before.
	reply 2 'result: held-off\nreason: offline\n'
	run 5 ping -n 5 -i 0
	err 'CPU 2 did not answer'
	out 'CPUs 1,3  asleep' 'CPU 2  held off: offline, 5 times'
}

ping_interrupted_prints_what_it_has() {
	serving
	for how in '' --json; do
		got=0
		# shellcheck disable=SC2086
		timeout --foreground -s INT 1 "$tool" --root "$root" ping -n 1000000 -i 30 -c 1,3 $how >"$work/out" 2>"$work/err" </dev/null || got=$?
		# timeout ends with 124 after it sent the signal.
		[ $got = 124 ] || fail "it ended with $got before the interrupt: $(cat "$work/err")"
		[ -n "$how" ] || out '  1       1/1  2.50 us' '  3       1/1  2.50 us'
		[ -z "$how" ] || json '[c["sent"] for c in d["cpus"]] == [1, 1]'
	done
	# The status is the usual one.
	reply 1 'result: silent\n'
	for cpu in 3 1; do
		# shellcheck disable=SC2034 # said reads it
		wanted=$((cpu == 1 ? 5 : 0))
		got=0
		timeout --foreground --preserve-status -s INT 1 "$tool" --root "$root" ping -n 1000000 -i 30 -c $cpu >"$work/out" 2>"$work/err" </dev/null ||
			got=$?
		said ping -c $cpu
	done
}
