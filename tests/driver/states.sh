# SPDX-License-Identifier: GPL-2.0
# Backtraces of CPUs in each state. backtrace.sh tests CPUs with interrupts on, with interrupts masked, and in a hard interrupt.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

# User mode.

ticks_in_user_mode() {
	sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12
}

in_user_mode() {
	[ "$(ticks_in_user_mode "$1")" -gt 2 ]
}

# user_mode_shown CPU PROGRAM: whether sysrq-l shows a spinning program in user mode; it may be in an interrupt instead.
user_mode_shown() {
	sysrq_l 0
	block "$1" >/tmp/block
	grep -qx 'pc : [0-9a-f]*' /tmp/block && grep -q "Comm: $2 " /tmp/block
}

# same_as_kernel CPU PROGRAM [LINE]: the block of a CPU that spins in user mode equals the plain kernel's block, except for LINE and
# pc. The spin has two instructions, and chance decides which of them pc points to.
same_as_kernel() {
	! built_in || return 0
	block "$1" | grep -v '^pc : ' >/tmp/ours
	unload
	at_some_time user_mode_shown "$1" "$2" || fail "the plain kernel does not show $2 on CPU $1 in user mode"
	block "$1" | grep -v "^pc : ${3:+\|^$3 : }" >/tmp/plain
	diff /tmp/plain /tmp/ours || fail "the block differs from the plain kernel's"
}

# at_address CPU START END: fails unless pc is a plain number with START <= pc < END.
at_address() {
	pc=$(block "$1" | sed -n 's/^pc : \([0-9a-f]*\)$/\1/p')
	[ -n "$pc" ] || fail "no plain address in the block of CPU $1"
	inside $((0x$pc)) $(($2)) $(($3)) || fail "CPU $1 was shown at $pc, which is not from $2 to $3"
}

# spins_in_user_mode PROGRAM PC LAST: the block of CPU 2 has this pc or the next one, and each register from x0 to xLAST holds its
# own number.
spins_in_user_mode() {
	load
	taskset -c 2 "./$1" >/tmp/where &
	wait_for in_user_mode $! || fail "$1 does not get to run"
	at_some_time user_mode_shown 2 "$1" || fail "$1 was never shown on CPU 2 in user mode"
	has_backtrace 0 1 2 3
	at_address 2 "0x$2" "0x$2 + 8"
	for register in $(seq 0 "$3"); do
		grep -q "x$register *: $(printf %016x "$register")" /tmp/block || fail "x$register does not hold $register"
	done
	if grep -q '^Call trace:' /tmp/block; then
		fail "a user's stack was shown"
	fi
	no_own_complaint
}

user() {
	: >/tmp/where
	taskset -c 2 ./user_spin >/tmp/where &
	wait_for [ -s /tmp/where ] || fail "user_spin does not say where it is"
	kill -9 $!
	spins_in_user_mode user_spin "$(cat /tmp/where)" 29
	grep -q '^pstate: [0-9a-f]*0 (.... daif ' /tmp/block || fail "pstate is not that of a user's program"
	grep -qx 'lr : 000000000000001e' /tmp/block || fail "lr does not hold 30"
	# For user mode the SDEI core saves the kernel's sp.
	same_as_kernel 2 user_spin sp
}

user_32_bit() {
	! grep -q sdei-nmi@lab /proc/version || grep -qw do_el0_svc_compat /proc/kallsyms || skip "the lab builds its kernels without 32-bit programs"
	spins_in_user_mode user_spin32 10090 12
	grep -q '^pstate: [0-9a-f]*10 (.... . A32 LE aif ' /tmp/block || fail "pstate is not that of a 32-bit program"
	grep -qx 'sp : 000000000000000d' /tmp/block || fail "sp does not hold 13"
	grep -qx 'lr : 000000000000000e' /tmp/block || fail "lr does not hold 14"
	same_as_kernel 2 user_spin32
}

# Events that arrive in user mode enter the kernel by KPTI's trampoline.
kpti() {
	has_kpti
	load
	: >/tmp/where
	taskset -c 2 ./user_spin >/tmp/where &
	wait_for [ -s /tmp/where ] || fail "user_spin does not say where it is"
	at_some_time user_mode_shown 2 user_spin || fail "user_spin was never shown on CPU 2 in user mode"
	at_address 2 "0x$(cat /tmp/where)" "0x$(cat /tmp/where) + 8"
	no_own_complaint
}

# Isolated CPUs.

# tick_stopped CPU: whether the CPU runs without the tick, as an idle CPU and one of nohz_full do.
tick_stopped() {
	[ "$(awk -v cpu="$1" '/^cpu: / { on = $2 == cpu } on && $1 == ".tick_stopped" { print $NF }' /proc/timer_list)" = 1 ]
}

# tickless_in_snapshot CPU: the timer of a CPU without the tick does not count as waiting.
tickless_in_snapshot() {
	cat /sys/kernel/debug/sdei_nmi/stacks >/tmp/snapshot
	sed -n "/^cpu: $1\$/,/^\$/p" /tmp/snapshot >/tmp/its
	grep -qx 'state: user' /tmp/its && ! grep -q '^waiting_ns: ' /tmp/its
}

# CPUs 2 and 3 are isolated, and they are the threads of one core. A program spins on CPU 2 without the tick; then both are wedged.
isolated() {
	for file in isolated nohz_full cpu2/topology/thread_siblings_list; do
		[ "$(cat /sys/devices/system/cpu/$file)" = 2-3 ] || fail "$file is $(cat /sys/devices/system/cpu/$file): this test proves nothing here"
	done
	load
	: >/tmp/where
	taskset -c 2 ./user_spin >/tmp/where &
	wait_for [ -s /tmp/where ] || fail "user_spin does not say where it is"
	for _ in 1 2 3 4 5; do
		wait_for tick_stopped 2 || fail "CPU 2 keeps its tick: this test proves nothing here"
		at_some_time user_mode_shown 2 user_spin || fail "user_spin was never shown on CPU 2 in user mode"
		has_backtrace 0 1 2 3
		at_address 2 "0x$(cat /tmp/where)" "0x$(cat /tmp/where) + 8"
		no_own_complaint
	done
	wait_for tick_stopped 2 || fail "CPU 2 keeps its tick after the reports"
	at_some_time tickless_in_snapshot 2 || fail "no snapshot shows the program on CPU 2 and no timer that waits: $(cat /tmp/its)"
	kill -9 $!
	# Without the tick the wedged CPUs may have no timer, so nothing shows for how long they have taken no interrupt.
	wedge daif 2-3
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	pc_in_wedge 3
	no_own_complaint
	release
	# Their timers are on other CPUs. A program gets there by an interrupt.
	for cpu in 2 3; do
		[ "$(on $cpu echo there)" = there ] || fail "CPU $cpu runs no programs any more"
		[ "$(head -n 1 /sys/kernel/debug/sdei_nmi/ping/$cpu)" = 'result: answered' ] || fail "ping/$cpu says: $(cat /sys/kernel/debug/sdei_nmi/ping/$cpu)"
	done
}

# A KVM guest that counts.

memory=/tmp/memory

counter() {
	od -A n -t u8 -j 4096 -N 8 $memory
}

# guest_counts: whether the guest still runs.
guest_counts() {
	counter_before=$(counter)
	wait_for counter_moved
}

counter_moved() {
	[ "$(counter)" -gt "$counter_before" ]
}

# guest_shown: the CPU may be in the host's kernel instead, on behalf of the guest.
guest_shown() {
	sysrq_l 0
	has_backtrace 0 1 2 3
	log | grep -qx "sdei_nmi: CPU 2 was in a KVM guest; pc and pstate are the guest's, other registers are not shown"
}

# secret_kept FILE: fails if the file has one of the guest's registers.
secret_kept() {
	if grep -i '5ec7e7c0de' "$1"; then
		fail "registers of the guest are in $1"
	fi
}

# start_guest [ARGUMENT]: starts guest_spin on CPU 2.
start_guest() {
	: >/tmp/memory
	: >/tmp/where
	# shellcheck disable=SC2086 # no argument where there is none
	taskset -c 2 ./guest_spin /tmp/memory ${1:-} >/tmp/where &
	wait_for [ -s /tmp/where ] || fail "the guest does not start"
	read -r guest_start guest_end </tmp/where
}

# spin_in_guest PSTATE [el0]: runs a guest on CPU 2. Reports and snapshots show that it is a guest, its pc and its pstate, and no
# other register of it.
spin_in_guest() {
	start_guest "${2:-}"
	guest_counts || fail "the guest does not run"
	for _ in 1 2 3 4 5; do
		at_some_time guest_shown || fail "CPU 2 was never shown in the guest"
		at_address 2 "0x$guest_start" "0x$guest_end"
		[ "$(pstate 2)" = "$1" ] || fail "the guest's pstate reads $(pstate 2), not $1"
		block 2 >/tmp/block
		if grep -E '^(Call trace:|lr :|sp :|x[0-9])' /tmp/block; then
			fail "the guest's stack or registers were shown"
		fi
		grep -q 'Comm: guest_spin ' /tmp/block || fail "the vCPU's task is not named"
		log >/tmp/lines
		secret_kept /tmp/lines
		no_own_complaint
		guest_counts || fail "the guest does not go on"
		ticks_go_on_in_guest || fail "CPU 2 takes no timer interrupts any more"
	done
	at_some_time snapshot_state guest || fail "CPU 2 was never in the guest in a snapshot"
	secret_kept /tmp/snapshot
	[ -d "/proc/$!" ] || fail "the guest has ended"
	kill -9 $!
}

needs_kvm() {
	[ -c /dev/kvm ] || ! built_in || skip "the lab builds its kernels without KVM"
	[ -c /dev/kvm ] || fail "this kernel has no KVM here"
}

kvm_guest() {
	load
	needs_kvm
	spin_in_guest DAIF
	spin_in_guest DAIF el0
}

# pc_in_guest: fails unless the block of CPU 2 has an address in the guest's code. It may be an address of the host's kernel.
pc_in_guest() {
	pc=$(block 2 | sed -n 's/^pc : \([0-9a-f]*\)$/\1/p')
	[ -n "$pc" ] || fail "the block of CPU 2 has no plain pc: $(block 2)"
	inside "$(number "$pc")" "$(number "$guest_start")" "$(number "$guest_end")" || fail "CPU 2 was shown at $pc, which is not from $guest_start to $guest_end"
}

snapshot_state() {
	cat /sys/kernel/debug/sdei_nmi/stacks >/tmp/snapshot
	[ "$(sed -n '/^cpu: 2$/,/^$/s/^state: //p' /tmp/snapshot)" = "$1" ]
}

guest_waits() {
	[ "$(counter)" -eq 1 ]
}

# A guest that runs the host's kernel may be where that kernel idles. It is a guest nevertheless, and no idle CPU. A guest that waits for
# an interrupt has left the CPU, so the CPU is idle, and no guest.
kvm_guest_idles() {
	load
	needs_kvm
	start_guest "$(awk '$3 == "cpu_do_idle" { print $1 }' /proc/kallsyms)"
	guest_counts || fail "the guest does not run"
	for _ in 1 2 3; do
		at_some_time guest_shown || fail "CPU 2 was never shown in the guest"
		pc_in_guest
	done
	at_some_time snapshot_state guest || fail "CPU 2 was never in the guest in a snapshot: $(cat /tmp/snapshot)"
	guest_counts || fail "the guest does not go on"
	kill -9 $!
	wait $!
	start_guest wfi
	wait_for guest_waits || fail "the guest does not run"
	at_some_time idle_shown 2 || fail "CPU 2 was never shown as idle"
	if log | grep 'KVM guest'; then
		fail "a guest that waits for an interrupt is shown"
	fi
	at_some_time snapshot_state idle || fail "CPU 2 was never idle in a snapshot: $(cat /tmp/snapshot)"
	tune /sys/module/nmi_backtrace/parameters/backtrace_idle Y
	at_some_time idle_task_shown 2 || fail "CPU 2 was never shown in cpu_do_idle"
	block 2 >/tmp/lines
	secret_kept /tmp/lines
	guest_waits || fail "the guest does not wait any more"
	no_own_complaint
}

# On this machine a guest that waits for an interrupt keeps the CPU.
kvm_guest_waits() {
	load
	needs_kvm
	start_guest wfi
	guest_counts || fail "the guest has left the CPU: this test proves nothing here"
	for _ in 1 2 3; do
		at_some_time guest_shown || fail "CPU 2 was never shown in the guest"
		pc_in_guest
		log >/tmp/lines
		secret_kept /tmp/lines
		guest_counts || fail "the guest does not go on"
		ticks_go_on_in_guest || fail "CPU 2 takes no timer interrupts any more"
	done
	at_some_time snapshot_state guest || fail "CPU 2 was never in the guest in a snapshot: $(cat /tmp/snapshot)"
	no_own_complaint
}

# guests_count: fails if the guest of a CPU does not go on.
guests_count() {
	for cpu in 0 1 2 3; do
		memory=/tmp/memory$cpu
		guest_counts || fail "the guest on CPU $cpu does not go on"
	done
}

# guest_blocks: prints the blocks of CPUs that were in a guest, and of those that were entering or leaving one. Elsewhere in the host, a
# scratch register may have a guest's value as long as no code has used that register, also in the kernel's own reports.
guest_blocks() {
	awk '
		/^NMI backtrace for cpu / { block = "" }
		{ block = block $0 "\n" }
		/^pc : (__guest_|__kvm_hyp_vector|__kvm_vcpu_run|__activate_traps|__deactivate_traps)/ || /^sdei_nmi: CPU [0-9]+ was (in|between) a KVM guest/ { wanted = 1 }
		/^Call trace:/ || /^sdei_nmi: CPU / { if (wanted) printf "%s", block; wanted = 0 }'
}

# A guest on each CPU, during requests from CPU 0, snapshots, and a load and unload of the driver.
kvm_guests_on_all() {
	load
	needs_kvm
	insmod requester.ko || fail "requester.ko does not load"
	for cpu in 0 1 2 3; do
		: >/tmp/memory$cpu
		: >/tmp/where$cpu
		taskset -c $cpu ./guest_spin /tmp/memory$cpu >/tmp/where$cpu &
		wait_for [ -s /tmp/where$cpu ] || fail "the guest on CPU $cpu does not start"
	done
	guests_count
	before=$(cat /sys/kernel/debug/sdei_nmi/counters/cpus_answered)
	mark ask
	echo 'others 0 100' >/sys/module/requester/parameters/ask &
	asking=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		cat /sys/kernel/debug/sdei_nmi/stacks >/tmp/snapshot
		[ "$(grep -c '^cpu: ' /tmp/snapshot)" = 4 ] || fail "a snapshot does not have all CPUs: $(cat /tmp/snapshot)"
		secret_kept /tmp/snapshot
	done
	wait $asking || fail "the requests did not end"
	answered=$(($(cat /sys/kernel/debug/sdei_nmi/counters/cpus_answered) - before))
	[ $answered = 300 ] || fail "100 requests of 3 CPUs have $answered answers"
	log | guest_blocks >/tmp/lines
	secret_kept /tmp/lines
	echo "of 300 CPUs asked $(grep -c ' was between a KVM guest and the host;' /tmp/lines) were between a guest and the host"
	guests=$(grep -c '^sdei_nmi: CPU [123] was in a KVM guest;' /tmp/lines)
	[ "$guests" -gt 30 ] || fail "of 300 CPUs asked only $guests were in a guest: this test proves nothing here"
	no_own_complaint
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	release
	guests_count
	unload
	load
	guests_count
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
}

# The guest keeps the CPU busy, so only its timer interrupts can be awaited there.
ticks_go_on_in_guest() {
	ticks_before=$(timer_ticks 2)
	wait_for ticks_moved_by_themselves
}

ticks_moved_by_themselves() {
	[ "$(timer_ticks 2)" -gt "$ticks_before" ]
}

# All CPUs are in stop_machine().

stopped() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	mark ask
	echo 'stopped 1' >/sys/module/requester/parameters/ask || fail "the request did not end"
	has_backtrace 0 1 2 3
	for cpu in 0 1 2 3; do
		block $cpu >/tmp/block
		grep -q "Comm: migration/$cpu " /tmp/block || fail "CPU $cpu was shown elsewhere than in its stopper"
		grep -q '^Stopper: multi_cpu_stop+' /tmp/block || fail "the line that tells what the stopper of CPU $cpu does is missing"
		# If it has called a leaf function, the trace lacks it.
		grep -qE '^(lr :)? multi_cpu_stop\+' /tmp/block || fail "CPU $cpu was shown elsewhere than in multi_cpu_stop"
		[ $cpu = 1 ] || [ "$(pstate $cpu)" = daIF ] || fail "pstate of CPU $cpu reads $(pstate $cpu), not daIF"
	done
	no_own_complaint
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
}

# A CPU that holds a lock which other CPUs need.

# asked_in_time KIND: whether CPU 2 was still wedged when the request ended. Other CPUs need the lock sooner or later: the CPU that
# is to request the backtraces can itself wait for the runqueue lock, because it wakes a task on CPU 2.
asked_in_time() {
	(wedge "$1" 2 5) || return 1
	sysrq_l 0
	asked_state=$(cat "$wedge_parameters/wedge")
	cat /sys/module/requester/parameters/held >/tmp/held
	release
	[ "$asked_state" = "$1 2" ]
}

# wedged_with KIND: sysrq-l shows CPU 2, which holds the lock, and the other CPUs. All CPUs go on after the release.
wedged_with() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	at_some_time asked_in_time "$1" || fail "CPU 2 was never asked before its wedge ended"
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	in_trace 2 "wedge_$1"
	[ "$(pstate 2)" = daIF ] || fail "pstate reads $(pstate 2), not daIF"
	no_own_complaint
	goes_on
}

goes_on() {
	for cpu in 0 1 2 3; do
		[ "$(on $cpu echo there)" = there ] || fail "CPU $cpu does not run programs after the wedge"
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts after the wedge"
	done
	wait_for nothing_held || fail "the console or the printk lock is still held"
}

nothing_held() {
	[ -z "$(cat /sys/module/requester/parameters/held)" ]
}

held() {
	grep -q "$1" /tmp/held || fail "the $1 lock could be had meanwhile: this test proves nothing here"
}

holds_console() {
	wedged_with console
	held console
}

# The kernel prints a block without this lock if it cannot take it.
holds_printk() {
	wedged_with printk
	held printk
}

holds_runqueue() {
	wedged_with runqueue
	block 2 | grep -q '^ __schedule+' || fail "CPU 2 was shown elsewhere than in __schedule"
}

# While a record is open, readers do not see the records behind it.
holds_logbuf() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	wedge logbuf 2
	on 0 sh -c 'echo l >/proc/sysrq-trigger' || fail "sysrq-l could not be triggered"
	if log | grep -q '^NMI backtrace'; then
		fail "the log shows what stands behind a record that should be open: this test proves nothing here"
	fi
	release
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	in_trace 2 wedge_logbuf
	no_own_complaint
	goes_on
}

# A CPU in the handler of another SDEI event, which delays event 0.

# in_other_event MILLISECONDS after|before: the requester has to return after, or before, CPU 2 leaves the handler.
in_other_event() {
	load
	insmod other_event.ko || fail "other_event.ko does not load"
	mark ask
	on 0 sh -c "echo '2 $1' >/sys/module/other_event/parameters/ask" || fail "the request did not end"
	log | grep -qx "other_event: the requester returned $2 CPU 2 had left the handler" || fail "the requester did not return $2 CPU 2 had left the handler"
	has_backtrace 0 1 3
}

# The trace shows where the thread called the firmware, which called the handler of the other event.
other_event() {
	in_other_event 300 after
	block 2 | grep -q 'Comm: other_event/2 ' || fail "CPU 2 was not shown in the thread that was interrupted"
	block 2 | grep -qE '^(lr :)? other_event_thread\+' || fail "CPU 2 was shown elsewhere than where the other event came"
	no_own_complaint
	# The other event has no effect on later requests.
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
	no_own_complaint
}

other_event_for_long() {
	in_other_event 3000 before
	log | grep -qx 'sdei_nmi: no backtrace for CPU 2: event 0 was sent and not answered in [0-9]* ms; an IPI was sent and not answered in [0-9]* ms' ||
		fail "CPU 2 was not named with the reason"
	wait_for late_answer 2 || fail "the late answer was not shown"
	block 2 | grep -qE '^(lr :)? other_event_thread\+' || fail "CPU 2 was shown elsewhere than where the other event came"
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
	no_own_complaint
}

# Idle and offline CPUs.

idle_shown() {
	sysrq_l 0
	log | grep -q "^NMI backtrace for cpu $1 skipped: idling at cpu_do_idle+"
}

idle_task_shown() {
	sysrq_l 0
	block "$1" | grep -q '^pc : cpu_do_idle+'
}

# An idle CPU has one line, unless backtrace_idle makes the kernel show its block.
idle() {
	load
	for cpu in 1 2 3; do
		at_some_time idle_shown $cpu || fail "CPU $cpu was never shown as idle"
		[ -z "$(block $cpu | sed 1d)" ] || fail "more than a line was shown of the idle CPU $cpu"
	done
	no_own_complaint
	tune /sys/module/nmi_backtrace/parameters/backtrace_idle Y
	at_some_time idle_task_shown 3 || fail "CPU 3 was never shown in cpu_do_idle"
	block 3 | grep -q 'PID: 0 Comm: swapper/3 ' || fail "the idle CPU's task is not swapper/3"
}

# The kernel does not ask an offline CPU. If a caller asks for one, the driver names the CPU and does not wait for it.
offline() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	echo 0 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline"
	sysrq_l 0
	has_backtrace 0 1 3
	log | grep -qx 'Sending NMI from CPU 0 to CPUs 1,3:' || fail "CPU 2 was not left out"
	mark ask
	echo 'single 2' >/sys/module/requester/parameters/ask || fail "the request did not end"
	log | grep -qx 'sdei_nmi: no backtrace for CPU 2: it is offline' || fail "CPU 2 was not named as offline"
	took=$(log | sed -n 's/^requester: single done in \([0-9]*\) ms$/\1/p')
	[ "$took" -lt 850 ] || fail "an answer of the offline CPU was waited for ($took ms)"
	echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not come back"
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
}

# hotplug_round: each request shows CPU 2 or names it as offline.
hotplug_round() {
	mark ask
	echo 'hotplug 1 400' >/sys/module/requester/parameters/ask &
	while [ -d "/proc/$!" ]; do
		echo 0 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline"
		echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not come back"
	done
	wait $! || fail "the requests did not end"
	log | sed -n 's/^requester: //p'
	offline=$(log | grep -cx 'sdei_nmi: no backtrace for CPU 2: it is offline')
	for cpu in 0 1 2 3; do
		shown=$(log | grep -cE "^NMI backtrace for cpu $cpu( skipped: .*)?\$")
		[ $cpu != 2 ] || shown=$((shown + offline))
		[ "$shown" = 400 ] || fail "CPU $cpu was told of $shown times in 400 requests"
	done
	if log | grep '^sdei_nmi: no backtrace' | grep -v 'CPU 2: it is offline'; then
		fail "a CPU was given up"
	fi
	log | grep -E '^requester: asked ' >>/tmp/asked
	[ "$offline" = 0 ] || echo "asked 1 CPUs offline" >>/tmp/asked
}

# Some requests find CPU 2 on its way offline, some on its way online, and some offline.
hotplug() {
	load
	insmod requester.ko || fail "requester.ko does not load"
	rm -f /tmp/asked
	at_some_time hotplug_everywhere || fail "CPU 2 was never asked in each of these states: this test proves nothing here"
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
}

hotplug_everywhere() {
	hotplug_round
	for where in 'on their way down' 'on their way up' 'offline'; do
		grep -qE "\<[1-9][0-9]*( CPUs)? $where" /tmp/asked || return 1
	done
}
