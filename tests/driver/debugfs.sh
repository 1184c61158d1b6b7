# SPDX-License-Identifier: GPL-2.0
# /sys/kernel/debug/sdei_nmi: snapshots and pings of CPUs in each state.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

debugfs=/sys/kernel/debug/sdei_nmi

with_debugfs() {
	load
	[ -e $debugfs/stacks ] || fail "the driver shows no $debugfs/stacks"
}

# of CPU KEY [FILE]: a value of this CPU in a snapshot.
of() {
	awk -v cpu="$1" -v key="$2:" '
		/^cpu: / { on = ($2 == cpu) }
		on && $1 == key { sub(/^[^:]*: ?/, ""); print }' "${3:-/tmp/stacks}"
}

# shows CPU KEY VALUE [FILE]: fails unless the snapshot has this value for the CPU.
shows() {
	shown=$(of "$1" "$2" "${4:-/tmp/stacks}")
	[ "$shown" = "$3" ] || fail "of CPU $1 the snapshot shows '$2: $shown', not '$2: $3'"
}

# its_pc_in_wedge CPU [FILE]: fails unless the address in pc is in the function that spins.
its_pc_in_wedge() {
	read -r wedge_start wedge_end <"$range"
	its_pc=$(of "$1" pc "${2:-/tmp/stacks}")
	[ -n "$its_pc" ] || fail "the snapshot has no pc of CPU $1"
	inside "$(number "${its_pc%% *}")" "$(number "$wedge_start")" "$(number "$wedge_end")" ||
		fail "the snapshot's pc of CPU $1, $its_pc, is not in the wedge at $wedge_start-$wedge_end"
	# The symbol in pc stands for the same address.
	its_name=${its_pc#* }
	[ "$(number "${its_pc%% *}")" = "$(address "${its_name%% *}")" ] || fail "the name and the address of CPU $1's pc differ: $its_pc"
}

# its_trace CPU FUNCTION [FILE]: fails unless an entry of the stack is in the function, by address and by symbol.
its_trace() {
	awk -v cpu="$1" '
		/^cpu: / { on = ($2 == cpu) }
		!/^ / { stack = 0 }
		on && stack { print $1, $2 }
		/^stack:/ { stack = 1 }' "${3:-/tmp/stacks}" >/tmp/entries
	while read -r entry_address entry_name; do
		case $entry_name in
		"$2"+*) [ "$(number "$entry_address")" != "$(address "$entry_name")" ] || return 0 ;;
		esac
	done </tmp/entries
	fail "the snapshot has no entry in $2 of CPU $1"
}

snapshot() {
	cat $debugfs/stacks >/tmp/stacks || fail "stacks can't be read"
	[ "$(head -n 1 /tmp/stacks)" = "sdei_nmi stacks 1" ] || fail "stacks does not begin with its version"
}

waits_in_snapshot() {
	snapshot
	[ -n "$(of "$1" waiting_ns)" ]
}

# since CPU: the time in us since which its timer interrupt has been pending.
since() {
	awk -v cpu="$1" '
		/^taken_ns: / { at += $2 }
		/^cpu: / { on = ($2 == cpu) }
		on && /^answered_ns: / { at += $2 }
		on && /^waiting_ns: / { at -= $2 }
		END { printf "%d\n", at / 1000 }' /tmp/stacks
}

stacks() {
	with_debugfs
	wedge 'daif 2'
	mark look
	wait_for waits_in_snapshot 2 || fail "no snapshot shows that CPU 2 lets its timer wait"
	shows 2 state kernel
	shows 2 by event
	shows 2 interrupts off
	shows 2 task sdei_wedge/2
	its_pc_in_wedge 2
	its_trace 2 wedge_daif
	its_trace 2 wedge_thread
	case $(of 2 pstate) in
	*[37bf]c?) ;;
	*) fail "pstate of CPU 2 does not have DAIF set: $(of 2 pstate)" ;;
	esac
	for cpu in 0 1 3; do
		[ -n "$(of $cpu held_ns)" ] || fail "the snapshot has no CPU $cpu"
	done
	[ "$(grep -c '^state: self$' /tmp/stacks)" = 1 ] || fail "the snapshot does not show exactly one CPU as the reader's"
	# A later snapshot reports the same time.
	first=$(since 2)
	snapshot
	again=$(since 2)
	moved=$((again - first))
	[ ${moved#-} -lt 100000 ] || fail "CPU 2's timer waits since $first us, and then since $again us"
	if log | grep -E '^(sdei_nmi:|NMI backtrace|Sending NMI)'; then
		fail "a snapshot was logged"
	fi
	release
}

# stale_timer [PARAMETER]: the kernel has two timers on each CPU, and does not use one of them. What that one says does not count.
stale_timer() {
	# shellcheck disable=SC2086 # an optional parameter
	insmod stale_timer.ko $1 || fail "stale_timer.ko does not load"
	with_debugfs
	snapshot
	earliest=$(awk '/^taken_ns: / { printf "%d\n", $2 / 1000 }' /tmp/stacks)
	wedge 'daif 2'
	wait_for waits_in_snapshot 2 || fail "no snapshot shows that CPU 2 lets its timer wait"
	[ "$(since 2)" -gt "$earliest" ] || fail "CPU 2's timer waits since $(since 2) us, but the CPU was wedged later than $earliest us"
	release
	unload
	rmmod stale_timer
}

virtual_timer_stale() {
	stale_timer ''
}

physical_timer_stale() {
	stale_timer physical=1
}

# A CPU with interrupts on may be in an interrupt instead.
spins_in_snapshot() {
	snapshot
	(its_pc_in_wedge "$1")
}

all_kinds() {
	with_debugfs
	wedge_all 'daif 1 irqoff 2 softlockup 3'
	at_some_time spins_in_snapshot 3 || fail "no snapshot shows CPU 3 in the wedge"
	for cpu in 1 2 3; do
		shows $cpu state kernel
		its_pc_in_wedge $cpu
	done
	shows 1 interrupts off
	case $(cat /proc/cmdline) in
	*irqchip.gicv3_pseudo_nmi=1*) shows 2 interrupts masked ;;
	*) shows 2 interrupts off ;;
	esac
	release
}

# Each open file has its own snapshot, from the time of open().
own_snapshot() {
	with_debugfs
	wedge 'daif 2'
	exec 5<$debugfs/stacks
	release
	exec 6<$debugfs/stacks
	cat <&6 >/tmp/later
	cat <&5 >/tmp/earlier
	exec 5<&- 6<&-
	its_pc_in_wedge 2 /tmp/earlier
	[ -n "$(of 2 state /tmp/later)" ] || fail "the later snapshot has nothing of CPU 2"
	if (its_pc_in_wedge 2 /tmp/later) >/dev/null; then
		fail "the later snapshot shows the wedge that had ended"
	fi
}

# Reading in pieces gives the same file. A task name with a newline is escaped.
in_pieces() {
	with_debugfs
	sh -c 'printf "a\\\\b\nc" >/proc/$$/comm; exec 5<"$0"; dd bs=61 <&5' $debugfs/stacks >/tmp/stacks 2>/dev/null
	[ "$(grep '^cpu: ' /tmp/stacks | tr '\n' ' ')" = 'cpu: 0 cpu: 1 cpu: 2 cpu: 3 ' ] || fail "read in pieces the CPUs are: $(grep '^cpu: ' /tmp/stacks)"
	[ "$(grep -c '^state: ' /tmp/stacks)" = 4 ] || fail "read in pieces not every CPU has one state"
	grep -qxF 'task: a\\b\nc' /tmp/stacks || fail "the name of the reader's task is not escaped as it should be: $(grep '^task: ' /tmp/stacks)"
}

# The CPU may still be starting the program, or be in an interrupt.
shows_user() {
	snapshot
	[ "$(of 2 state)" = user ] && [ "$(of 2 task)" = user_spin ]
}

user_program() {
	with_debugfs
	: >/tmp/where
	taskset -c 2 ./user_spin >/tmp/where &
	wait_for [ -s /tmp/where ] || fail "user_spin does not say where it is"
	at_some_time shows_user || fail "a program that spins on CPU 2 is not shown: $(of 2 state)"
	shows 2 interrupts on
	inside $((0x$(of 2 pc))) $((0x$(cat /tmp/where))) $((0x$(cat /tmp/where) + 8)) || fail "its pc, $(of 2 pc), is not where it spins"
	[ -z "$(of 2 sp)" ] || fail "the kernel's sp is shown for the user's"
}

many_readers() {
	with_debugfs
	wedge 'daif 2'
	readers=
	for reader in 1 2 3 4 5 6; do
		cat $debugfs/stacks >/tmp/stacks.$reader &
		readers="$readers $!"
	done
	sysrq_l 0
	for reader in $readers; do
		wait "$reader" || fail "one of six readers at once failed"
	done
	for reader in 1 2 3 4 5 6; do
		its_pc_in_wedge 2 /tmp/stacks.$reader
		shows 2 by event /tmp/stacks.$reader
	done
	# The driver serves a report while files are being read.
	pc_in_wedge 2
	release
	# The number of open snapshots is limited.
	sh -c 'for file in $(seq 10 40); do eval "exec $file<$0/stacks" || exit; done' $debugfs 2>/tmp/bound &&
		fail "31 snapshots could be open at once"
	grep -q 'Too many open files in system' /tmp/bound || fail "too many snapshots give another error: $(cat /tmp/bound)"
	snapshot
}

offline_cpu() {
	with_debugfs
	echo 0 >/sys/devices/system/cpu/cpu3/online
	snapshot
	shows 3 state offline
	[ "$(sed -n 's/^online: //p' /tmp/stacks)" = 0-2 ] || fail "the online CPUs are not 0-2"
	[ "$(cat $debugfs/ping/3)" = "$(printf 'result: held-off\nreason: offline')" ] || fail "ping/3 says: $(cat $debugfs/ping/3)"
	echo 1 >/sys/devices/system/cpu/cpu3/online
	snapshot
	[ "$(of 3 state)" != offline ] || fail "CPU 3 is back and shown as offline"
}

addresses_hidden() {
	with_debugfs
	tune /proc/sys/kernel/kptr_restrict 1
	wedge 'daif 2'
	snapshot
	grep -qx 'addresses: shown' /tmp/stacks || fail "root sees no addresses with kptr_restrict=1"
	its_pc_in_wedge 2
	tune /proc/sys/kernel/kptr_restrict 2
	snapshot
	release
	grep -qx 'addresses: hidden' /tmp/stacks || fail "kptr_restrict=2 hides no addresses"
	# Chance decides which instruction of the spin pc points to.
	[ "$(of 2 pc | sed 's/+.*//')" = "0000000000000000 ${its_name%%+*}" ] || fail "of CPU 2 the snapshot shows 'pc: $(of 2 pc)'"
	if grep -E '^( |pc: |sp: )' /tmp/stacks | grep -v '^\( \|pc: \|sp: \)0000000000000000\( \|$\)'; then
		fail "an address is shown all the same"
	fi
}

root_only() {
	with_debugfs
	for file in $debugfs/stacks $debugfs/ping/0; do
		[ "$(stat -c %a "$file")" = 400 ] || fail "the mode of $file is $(stat -c %a "$file")"
		if ./as_user cat "$file" >/tmp/stacks 2>&1; then
			fail "$file can be read without privilege"
		fi
	done
	# Also through an open descriptor of the folder.
	chmod 755 /sys/kernel/debug
	./as_user cat $debugfs/stacks >/tmp/stacks 2>&1
	chmod 700 /sys/kernel/debug
	grep -q 'Permission denied' /tmp/stacks || fail "stacks can be read through an open descriptor of the folder"
}

ping_answered() {
	with_debugfs
	wedge 'daif 2'
	for cpu in 0 1 2 3; do
		cat $debugfs/ping/$cpu >/tmp/ping
		awk -F ': ' '
			{ v[$1] = $2 }
			END {
				# The CPU may serve the signal before the firmware call returns.
				if (v["result"] != "answered" || !(v["round_ns"] >= v["delivery_ns"]) || !(v["round_ns"] >= v["signal_ns"]) ||
				    !(v["delivery_ns"] > 0) || !(v["floor_ns"] > 0))
					exit 1
			}' /tmp/ping || fail "ping/$cpu says: $(cat /tmp/ping)"
	done
	release
}

# The firmware accepts each signal and delivers none. CPU 2 takes no IPI either.
silent_cpu() {
	with_debugfs
	firmware_lies drop
	wedge 'daif 2'
	snapshot
	cat $debugfs/ping/2 >/tmp/ping
	firmware_lies none
	release
	shows 2 state silent
	shows 2 reason 'event 0 was sent and not answered in 850 ms; an IPI was sent and not answered in 100 ms'
	[ "$(cat /tmp/ping)" = 'result: silent' ] || fail "ping/2 says: $(cat /tmp/ping)"
	for cpu in 0 1 3; do
		[ "$(of $cpu by)" = interrupt ] || [ "$(of $cpu by)" = self ] || fail "CPU $cpu was reached by $(of $cpu by)"
	done
	wait_for snapshot_by_event 2 || fail "CPU 2 does not answer by event 0 any more"
}

snapshot_by_event() {
	snapshot
	[ "$(of "$1" by)" = event ]
}

refused_signal() {
	with_debugfs
	firmware_lies refuse
	on 0 cat $debugfs/stacks >/tmp/stacks || fail "stacks can't be read"
	cat $debugfs/ping/2 >/tmp/ping
	firmware_lies none
	[ "$(of 2 by)" = interrupt ] || fail "CPU 2 was reached by $(of 2 by)"
	grep -qx 'result: refused' /tmp/ping || fail "ping/2 says: $(cat /tmp/ping)"
}

# A CPU in deep idle has SDEI masked: a snapshot reaches it by an interrupt, and a ping is held off.
deep_idle_cpus() {
	with_debugfs
	at_some_time held_off_by_idle || fail "no ping was held off by deep idle"
	at_some_time reached_by_interrupt || fail "no CPU in deep idle was reached by an interrupt"
}

held_off_by_idle() {
	for cpu in 0 1 2 3; do
		[ "$(cat $debugfs/ping/$cpu)" != "$(printf 'result: held-off\nreason: deep idle')" ] || return 0
	done
	return 1
}

# The snapshot shows the CPU as idle, although the interrupt has woken it.
reached_by_interrupt() {
	snapshot
	awk '/^state: / { idle = ($2 == "idle") } idle && /^by: interrupt/ { found = 1 } END { exit !found }' /tmp/stacks
}

# rmmod during reads. Unloading leaves no file behind.
gone_after_unload() {
	needs_module
	with_debugfs
	exec 5<$debugfs/stacks
	if rmmod sdei_nmi 2>/tmp/busy; then
		fail "the driver can be unloaded under an open snapshot"
	fi
	exec 5<&-
	unload
	[ ! -e $debugfs ] || fail "$debugfs is still there"
}
