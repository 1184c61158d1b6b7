# SPDX-License-Identifier: GPL-2.0
# Backtraces of CPUs in each kind of wedge. Load modules before you wedge a CPU, because the kernel's module loader waits for every CPU.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

one_wedged() {
	load
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	in_trace 2 wedge_daif
	[ "$(pstate 2)" = DAIF ] || fail "pstate of the wedged CPU reads $(pstate 2), not DAIF"
	log | grep -qx 'Sending NMI from CPU 0 to CPUs 1-3:' || fail "the log has no line that announces the request"
	no_own_complaint
}

# The control: without the driver the wedged CPU has no backtrace.
none_without_driver() {
	needs_module
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 3
	[ -z "$(block 2)" ] || fail "the plain kernel showed the wedged CPU: this test proves nothing here"
}

all_but_one_wedged() {
	load
	wedge daif 1-3
	sysrq_l 0
	has_backtrace 0 1 2 3
	for cpu in 1 2 3; do
		pc_in_wedge $cpu
	done
	no_own_complaint
}

# CPU 0 updates the jiffies and does much of the kernel's work that one CPU does for all.
boot_cpu_wedged() {
	load
	wedge daif 0-2
	sysrq_l 3
	for cpu in 0 1 2; do
		pc_in_wedge $cpu
	done
	no_own_complaint
}

wedged_irqoff() {
	load
	wedge irqoff 1
	sysrq_l 0
	pc_in_wedge 1
	in_trace 1 wedge_irqoff
	[ "$(pstate 1)" = daIF ] || fail "pstate reads $(pstate 1), not daIF"
}

wedged_hardirq() {
	load
	wedge hardirq 1
	sysrq_l 0
	pc_in_wedge 1
	in_trace 1 wedge_hardirq
}

wedged_softlockup() {
	load
	wedge softlockup 1
	at_some_time spins_when_asked 1 || fail "CPU 1 was never shown in the wedge"
	in_trace 1 wedge_softlockup
	[ "$(pstate 1)" = daif ] || fail "pstate reads $(pstate 1), not daif"
}

# In this kind the CPU spins in the kernel's lock code, which the wedge calls.
wedged_spinlock() {
	load
	wedge spinlock 1
	sysrq_l 0
	in_trace 1 wedge_spinlock
	case $(pstate 1) in
	??IF) ;;
	*) fail "pstate reads $(pstate 1): interrupts are not masked" ;;
	esac
	no_own_complaint
}

every_kind_on_two_cpus() {
	load
	for kind in irqoff daif spinlock hardirq softlockup; do
		wedge $kind 1,3
		case $kind in
		softlockup) at_some_time spins_when_asked 1 3 || fail "CPUs 1 and 3 were never shown in the wedge" ;;
		# A CPU that waits for a lock spins in the kernel's code.
		spinlock) sysrq_l 0 ;;
		*) spins_when_asked 1 3 || fail "$kind: not shown in the wedge" ;;
		esac
		in_trace 1 wedge_$kind
		in_trace 3 wedge_$kind
		release
	done
}

# A block equals the plain kernel's block of the same CPU in the same function, except for numbers. DIT depends on how the thread was
# switched in: an interrupt clears it, and a return to user space sets it.
same_words_as_kernel() {
	! link_time_optimized || skip "here no request gets past the driver"
	load
	insmod requester.ko || fail "requester.ko does not load"
	wedge softlockup 2
	for how in plain single; do
		at_some_time met_in_wedge $how || fail "$how: CPU 2 was never shown in the wedge"
		block 2 | sed -e 's/[0-9a-f]\{8,16\}/H/g' -e 's/+0x[0-9a-f]*/+O/' -e 's/(.... /(nzcv /' -e 's/[-+]DIT/DIT/' >"/tmp/$how"
	done
	[ "$(wc -l <"/tmp/plain")" -gt 15 ] || fail "the plain kernel's block is missing"
	diff /tmp/plain /tmp/single || fail "the block differs from the plain kernel's"
}

met_in_wedge() {
	mark "$1"
	echo "$1 2" >/sys/module/requester/parameters/ask || fail "'$1 2' could not be asked for"
	(pc_in_wedge 2)
}

# Of CPUs with equal stacks the log has one block, and one line for each of the others. Other CPUs have a whole block.
grouped() {
	load
	tune /sys/module/sdei_nmi/parameters/group Y
	wedge_all 'irqoff 0-1 daif 2'
	sysrq_l 3
	has_backtrace 0 2 3
	pc_in_wedge 0
	pc_in_wedge 2
	in_trace 2 wedge_daif
	[ -z "$(block 1)" ] || fail "CPU 1 has a block of its own"
	like_0=$(log | grep '^sdei_nmi: CPU 1 has the same stack, in ')
	echo "$like_0" | grep -q 'Comm: sdei_wedge/1 ' || fail "the log does not tell what CPU 1 runs"
	pc=$(echo "$like_0" | sed 's/.*stack, in \([^ ]*\) .*/\1/')
	read -r wedge_start wedge_end <"$range"
	inside "$(address "${pc%,}")" "$(number "$wedge_start")" "$(number "$wedge_end")" || fail "the pc of CPU 1, $pc, is not in the wedge"
	release
	at_some_time idle_in_one_line || fail "idle CPUs are not in one line"
}

# Grouping looks up where a function starts once for each CPU, not for each pair of CPUs.
grouped_many() {
	grouped_last=$(sed 's/.*-//' /sys/devices/system/cpu/online)
	[ "$grouped_last" -gt 8 ] || fail "only CPUs up to $grouped_last are online"
	load
	load_wedge
	tune /sys/module/sdei_nmi/parameters/group Y
	count_calls kallsyms_lookup_size_offset
	wedge_all 'irqoff 1-2 daif 3-4 spinlock 5-6 hardirq 7-8'
	before=$(calls)
	sysrq_l 0
	lookups=$(($(calls) - before))
	release
	for cpu in 1 3 5 7; do
		has_backtrace $cpu
		log | grep -q "^sdei_nmi: CPU $((cpu + 1)) has the same stack, in " || fail "CPU $((cpu + 1)) does not share the block of CPU $cpu"
	done
	[ $lookups -ge 8 ] || fail "the kernel looked up only $lookups functions: this test proves nothing here"
	[ $lookups -le "$grouped_last" ] || fail "to group $grouped_last CPUs the kernel looked up $lookups functions"
}

idle_in_one_line() {
	sysrq_l 0
	[ "$(log | grep -c '^NMI backtrace for cpu [123]')" = 1 ] && log | grep -qx 'sdei_nmi: also idle there: CPUs 2-3'
}

two_requesters() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	for round in 1 2 3 4 5 6 7 8 9 10; do
		wedge daif 2
		mark round $round
		echo 'both 0 1' >/sys/module/requester/parameters/ask || fail "the two requests did not end"
		# The plain kernel turns the second request away. Here the first requester serves it, too, before or after its own ask ends.
		wait_for shown_twice || fail "round $round: CPU 2 was shown $(log | grep -cx 'NMI backtrace for cpu 2') times, not twice"
		pc_in_wedge_each 2
		no_own_complaint
		release
	done
}

shown_twice() {
	[ "$(log | grep -cx 'NMI backtrace for cpu 2')" = 2 ]
}

pc_in_wedge_each() {
	read -r wedge_start wedge_end <"$wedge_parameters/range"
	for pc in $(block "$1" | sed -n 's/^pc : \([^ ]*\).*/\1/p'); do
		inside "$(address "$pc")" "$(number "$wedge_start")" "$(number "$wedge_end")" || fail "a pc of CPU $1, $pc, is not in the wedge"
	done
}

from_hard_interrupt() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	wedge daif 2
	mark ask
	echo 'hardirq 1' >/sys/module/requester/parameters/ask || fail "the request did not end"
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	no_own_complaint
}

# block_count CPU: prints how often the log shows the CPU.
block_count() {
	log | grep -cE "^NMI backtrace for cpu $1( skipped: .*)?\$"
}

# A request in a hard interrupt, as that of a detector of hard lockups, comes while another CPU prints a long report. It returns at
# once, and the other CPU serves it.
asked_meanwhile() {
	load
	insmod requester.ko during=1 || fail "requester.ko does not load"
	wedge daif 2
	queued=$(cat /sys/kernel/debug/sdei_nmi/counters/requests_queued)
	mark ask
	echo 'during 0 1 1' >/sys/module/requester/parameters/ask || fail "the requests did not end"
	log | grep -qx 'requester: the request in a hard interrupt returned while the first one was printed' || fail "the second request did not return"
	[ "$(cat /sys/kernel/debug/sdei_nmi/counters/requests_queued)" = $((queued + 1)) ] || fail "the second request was not queued"
	# The rate of this line is limited. A driver that is built in may have logged it often in the tests before.
	built_in || log | grep -qx 'sdei_nmi: a request for the backtraces of CPUs 0-3 came while another one is served; it is served next' ||
		fail "the log does not say that the second request is served next"
	for cpu in 0 1 2 3; do
		[ "$(block_count $cpu)" = 2 ] || fail "of 2 requests $(block_count $cpu) showed CPU $cpu"
	done
	[ "$(log | grep -cx 'Sending NMI from CPU 0 to CPUs 1-3:')" = 2 ] || fail "CPU 0 did not serve both requests"
	pc_in_wedge_each 2
	no_own_complaint
}

# If a request comes during each of several rounds, the CPU that serves them ends after four, and names the CPUs that are left; so it
# does with a request that comes while it names them.
asked_too_often() {
	load
	insmod requester.ko during=1 || fail "requester.ko does not load"
	wedge daif 2
	before=$(cat /sys/kernel/debug/sdei_nmi/counters/requests_turned_away)
	mark ask
	echo 'during 0 1 5' >/sys/module/requester/parameters/ask || fail "the requests did not end"
	for cpu in 0 1 2 3; do
		[ "$(block_count $cpu)" = 4 ] || fail "CPU $cpu was shown $(block_count $cpu) times, not 4 times"
	done
	[ "$(log | grep -cx 'sdei_nmi: no backtrace for CPUs 0-3: too many requests at the same time')" = 2 ] ||
		fail "the log does not name the CPUs of the last two requests"
	[ "$(cat /sys/kernel/debug/sdei_nmi/counters/requests_turned_away)" = $((before + 2)) ] || fail "the requests that were turned away are not counted"
	# The next request is served as before.
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	no_own_complaint
}

single_cpu() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	wedge daif 3
	mark ask
	echo 'single 3' >/sys/module/requester/parameters/ask || fail "the request did not end"
	pc_in_wedge 3
	if log | grep -q '^NMI backtrace for cpu [012]'; then
		fail "CPUs that were not asked for were shown"
	fi
}

two_hundred() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	wedge daif 2
	mark ask
	echo 'storm 1 200' >/sys/module/requester/parameters/ask || fail "the requests did not end"
	blocks=$(log | grep -cx 'NMI backtrace for cpu 2')
	[ "$blocks" = 200 ] || fail "of 200 requests $blocks showed CPU 2"
	log | awk '/^pc : wedge_spin/ { n++ } END { exit n != 200 }' || fail "not every pc is in the wedge"
	no_own_complaint
}

# After all the requests every CPU still takes interrupts.
interrupts_go_on() {
	load
	for _ in 1 2 3 4 5; do
		sysrq_l 0
	done
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
}

# Firmware that misbehaves.

refused_signal() {
	load
	firmware_lies refuse
	wedge softlockup 2
	at_some_time spins_when_asked 2 || fail "CPU 2 was never shown in the wedge"
	has_backtrace 0 1 2 3
	no_own_complaint
}

refused_and_wedged() {
	load
	firmware_lies refuse
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 3
	log | grep -qx 'sdei_nmi: no backtrace for CPU 2: event 0 was refused by the firmware (INVALID_PARAMETERS); an IPI was sent and not answered in 950 ms' ||
		fail "the silent CPU was not named with the reason"
}

dropped_signal() {
	load
	firmware_lies drop
	wedge softlockup 2
	at_some_time spins_when_asked 2 || fail "CPU 2 was never shown in the wedge"
	has_backtrace 0 1 2 3
	no_own_complaint
	release
	# The driver does not wait for a lost signal when the CPU goes offline.
	echo 0 >/sys/devices/system/cpu/cpu2/online || fail "a lost signal keeps CPU 2 from going offline"
}

dropped_and_wedged() {
	load
	firmware_lies drop
	wedge daif 2
	for _ in 1 2; do
		sysrq_l 0
		has_backtrace 0 1 3
		log | grep '^sdei_nmi: no backtrace for CPU' >/tmp/named
		[ "$(wc -l </tmp/named)" = 1 ] || fail "not just one CPU was named"
	done
	grep -q 'CPU 2: event 0 was sent and not answered in 850 ms; an earlier IPI is still waiting there' /tmp/named ||
		fail "the silent CPU was not named with the reason: $(cat /tmp/named)"
	# The CPU answers late, and later requests are served as before.
	firmware_lies none
	release
	wait_for late_answer 2 || fail "the late answer was not told"
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
	no_own_complaint
}

# The signal arrives after the driver has stopped waiting, while the CPU is still wedged.
late_signal() {
	load
	firmware_lies hold
	wedge daif 2
	sysrq_l 0
	log | grep -q '^sdei_nmi: no backtrace for CPU 2: event 0 was sent and not answered in 850 ms' || fail "the silent CPU was not named"
	mark late
	firmware_lies none
	wait_for late_answer 2 || fail "the late answer was not told"
	pc_in_wedge 2
	in_trace 2 wedge_daif
	delay=$(log | sed -n 's/^sdei_nmi: CPU 2 answers late, \([0-9]*\) ms.*/\1/p')
	[ "$delay" -gt 850 ] || fail "a delay of $delay ms is not late"
	# The driver reports the late answer once, and serves a new request.
	sysrq_l 0
	pc_in_wedge 2
	no_own_complaint
	if late_answer 2; then
		fail "an answer in time is told as late"
	fi
}

# The CPU takes the IPI when the wedge ends.
late_interrupt() {
	load
	firmware_lies drop
	wedge daif 2
	sysrq_l 0
	log | grep -q '^sdei_nmi: no backtrace for CPU 2' || fail "the silent CPU was not named"
	mark late
	release
	wait_for late_answer 2 || fail "the late answer was not told"
	has_backtrace 2
}

# The last CPU is wedged. On machines with more than 123 CPUs its redistributor is in the GIC's second region.
one_wedged_of_many() {
	many_last=$(sed 's/.*-//' /sys/devices/system/cpu/online)
	[ "$many_last" -gt 8 ] || fail "only CPUs up to $many_last are online"
	load
	wedge daif "$many_last"
	sysrq_l 0
	# shellcheck disable=SC2046 # the CPUs' numbers
	has_backtrace $(seq 0 "$many_last")
	pc_in_wedge "$many_last"
	no_own_complaint
	release
	# The last CPU asks.
	wedge daif 0-1
	sysrq_l "$many_last"
	# shellcheck disable=SC2046 # the CPUs' numbers
	has_backtrace $(seq 0 "$many_last")
	pc_in_wedge 0
	pc_in_wedge 1
	no_own_complaint
}

# All CPUs of a NUMA node are wedged, and a CPU of the other node asks.
one_node_wedged() {
	load
	for node in 1 0; do
		node_cpus=$(cat "/sys/devices/system/node/node$node/cpulist") || fail "there is no NUMA node $node: this test proves nothing here"
		other_cpus=$(cat "/sys/devices/system/node/node$((1 - node))/cpulist")
		wedge daif "$node_cpus"
		sysrq_l "${other_cpus%-*}"
		# shellcheck disable=SC2046 # the CPUs' numbers
		has_backtrace $(seq 0 "$(sed 's/.*-//' /sys/devices/system/cpu/online)")
		for cpu in $(seq "${node_cpus%-*}" "${node_cpus#*-}"); do
			pc_in_wedge "$cpu"
		done
		no_own_complaint
		release
	done
}

# The driver's waits do not depend on CNTFRQ_EL0, which the firmware has to set on each CPU: the CPU that asks has 0 there.
no_counter_rate() {
	load
	firmware_lies counter-rate
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	no_own_complaint
	firmware_lies none
	# A CPU gets its value back with its next SDEI call: CPU 0 signals, and the others complete the event. The wedge module needs it.
	for cpu in 1 2 3; do
		on 0 cat /sys/kernel/debug/sdei_nmi/ping/$cpu >/tmp/ping
	done
	release
}
