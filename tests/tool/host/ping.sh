# SPDX-License-Identifier: GPL-2.0
# sdei-nmi ping, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

ping_tells_times() {
	serving
	run 0 ping -n 20 -i 0
	out '1        20/20   2.50 us   2.50 us   2.50 us   2.50 us    300 ns' '2.00 us to  5.00 us         80'
	run 0 ping -c 1,3 -n 7 -i 0 --json
	valid ping
	json '[c["cpu"] for c in d["cpus"]] == [1, 3] and d["cpus"][0]["answered"] == 7 and d["cpus"][0]["round_ns"]["p99"] == 2500'
	json 'd["cpus"][0]["histogram"] == [{"below_ns": 5000, "count": 7}] and d["cpus"][1]["floor_ns"]["median"] == 300'
}

ping_says_who_did_not_answer() {
	serving
	reply 1 'result: held-off\nreason: deep idle\nfloor_ns: 300\n'
	reply 2 'result: refused\nreason: signals_refused_denied\nfloor_ns: 300\n'
	reply 3 'result: silent\nsignal_ns: 900\nfloor_ns: 300\n'
	run 5 ping -n 5 -i 0
	err 'CPUs 1-3'
	out 'CPU 1  held off: deep idle, 5 times' 'CPU 2  refused by the firmware: signals_refused_denied, 5 times' \
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
