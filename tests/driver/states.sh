# SPDX-License-Identifier: GPL-2.0
# The states that a CPU can be in when it is asked. With interrupts on or masked, and in a hard interrupt: backtrace.sh.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

# In user mode.

ticks_in_user_mode() {
	sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12
}

in_user_mode() {
	[ "$(ticks_in_user_mode "$1")" -gt 2 ]
}

# same_as_kernel CPU [LINE]: the block of a CPU that does nothing but spin in user mode is the plain kernel's to the letter,
# but for that line, and for pc: at which of the spin's two instructions it is, is chance.
same_as_kernel() {
	block "$1" | grep -v '^pc : ' >/tmp/ours
	unload
	sysrq_l 0
	block "$1" | grep -v "^pc : ${2:+\|^$2 : }" >/tmp/plain
	grep -q '^lr : ' /tmp/plain || fail "the plain kernel's block is missing"
	diff /tmp/plain /tmp/ours || fail "the block differs from the plain kernel's"
}

# at_address CPU START END: its pc is a plain number, from START up to END.
at_address() {
	pc=$(block "$1" | sed -n 's/^pc : \([0-9a-f]*\)$/\1/p')
	[ -n "$pc" ] || fail "no plain address in the block of CPU $1"
	inside $((0x$pc)) $(($2)) $(($3)) || fail "CPU $1 was shown at $pc, which is not from $2 to $3"
}

# spins_in_user_mode PROGRAM PC LAST: CPU 2 is shown at that address or the next, and x0 to x LAST hold their numbers.
spins_in_user_mode() {
	load
	taskset 4 "./$1" >/tmp/where &
	wait_for in_user_mode $! || fail "$1 does not get to run"
	sysrq_l 0
	has_backtrace 0 1 2 3
	at_address 2 "0x$2" "0x$2 + 8"
	for register in $(seq 0 "$3"); do
		block 2 | grep -q "x$register *: $(printf %016x "$register")" || fail "x$register does not hold $register"
	done
	block 2 | grep -q "Comm: $1 " || fail "the block names another program"
	if block 2 | grep -q '^Call trace:'; then
		fail "a user's stack was shown"
	fi
	no_own_complaint
}

user() {
	taskset 4 ./user_spin >/tmp/where &
	wait_for [ -s /tmp/where ] || fail "user_spin does not say where it is"
	kill -9 $!
	spins_in_user_mode user_spin "$(cat /tmp/where)" 29
	block 2 | grep -q '^pstate: [0-9a-f]*0 (.... daif ' || fail "pstate is not that of a user's program"
	block 2 | grep -qx 'lr : 000000000000001e' || fail "lr does not hold 30"
	# What the SDEI core saves of a user's program as sp is the kernel's.
	same_as_kernel 2 sp
}

user_32_bit() {
	spins_in_user_mode user_spin32 10090 12
	block 2 | grep -q '^pstate: [0-9a-f]*10 (.... . A32 LE aif ' || fail "pstate is not that of a 32-bit program"
	block 2 | grep -qx 'sp : 000000000000000d' || fail "sp does not hold 13"
	block 2 | grep -qx 'lr : 000000000000000e' || fail "lr does not hold 14"
	same_as_kernel 2
}

# A KVM guest's kernel, which counts.

counter() {
	od -A n -t u8 -j 4096 -N 8 /tmp/memory
}

# guest_counts: the guest goes on.
guest_counts() {
	counter_before=$(counter)
	wait_for counter_moved
}

counter_moved() {
	[ "$(counter)" -gt "$counter_before" ]
}

# The CPU may be in the host as well, on behalf of the guest.
guest_shown() {
	sysrq_l 0
	has_backtrace 0 1 2 3
	log | grep -qx 'sdei_nmi: CPU 2 was in a KVM guest; the registers are its'
}

kvm_guest() {
	load
	[ -c /dev/kvm ] || fail "this kernel has no KVM here"
	: >/tmp/memory
	taskset 4 ./guest_spin /tmp/memory >/tmp/where &
	wait_for [ -s /tmp/where ] || fail "the guest does not start"
	read -r guest_start guest_end </tmp/where
	guest_counts || fail "the guest does not run"
	for _ in 1 2 3 4 5; do
		wait_for guest_shown || fail "CPU 2 was never shown in the guest"
		at_address 2 "0x$guest_start" "0x$guest_end"
		[ "$(pstate 2)" = DAIF ] || fail "the guest's pstate reads $(pstate 2), not DAIF"
		if block 2 | grep -q '^Call trace:'; then
			fail "a guest's stack was shown"
		fi
		no_own_complaint
		guest_counts || fail "the guest does not go on"
		ticks_go_on_in_guest || fail "CPU 2 takes no timer interrupts any more"
	done
	[ -d "/proc/$!" ] || fail "the guest has ended"
}

# The CPU is kept by the guest, so nothing may be awaited from a program there but its ticks.
ticks_go_on_in_guest() {
	ticks_before=$(timer_ticks 2)
	wait_for ticks_moved_by_themselves
}

ticks_moved_by_themselves() {
	[ "$(timer_ticks 2)" -gt "$ticks_before" ]
}

# Stopped, for one that has all of the machine to itself.

stopped() {
	load
	insmod asker.ko || fail "asker.ko does not load"
	mark ask
	echo 'stopped 1' >/sys/module/asker/parameters/ask || fail "the request did not end"
	has_backtrace 0 1 2 3
	for cpu in 0 1 2 3; do
		block $cpu | grep -q "Comm: migration/$cpu " || fail "CPU $cpu was shown elsewhere than in its stopper"
		block $cpu | grep -q '^Stopper: multi_cpu_stop+' || fail "the line that tells what the stopper of CPU $cpu does is missing"
		# It may have called a leaf, and then the trace lacks it.
		block $cpu | grep -qE '^(lr :)? multi_cpu_stop\+' || fail "CPU $cpu was shown elsewhere than in multi_cpu_stop"
		[ $cpu = 1 ] || [ "$(pstate $cpu)" = daIF ] || fail "pstate of CPU $cpu reads $(pstate $cpu), not daIF"
	done
	no_own_complaint
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
}

# With a lock held that others need.

# wedged_with KIND: CPU 2, which holds it, is shown, and the others beside it. Released at once: sooner or later somebody needs
# the lock. All go on after.
wedged_with() {
	load
	wedge "$1" 2
	sysrq_l 0
	release
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
}

holds_console() {
	wedged_with console
}

# A block is printed without this lock when it can't be had.
holds_printk() {
	wedged_with printk
}

# Whoever wakes a program on CPU 2 would wait for the lock, so ours stay where they are.
holds_runqueue() {
	taskset -p 1 $$ >/dev/null
	wedged_with runqueue
	block 2 | grep -q '^ __schedule+' || fail "CPU 2 was shown elsewhere than in __schedule"
}

# Nobody can read what stands behind the open record, until it is closed.
holds_logbuf() {
	load
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

# Idle, and not there.

idle_shown() {
	sysrq_l 0
	log | grep -q "^NMI backtrace for cpu $1 skipped: idling at cpu_do_idle+"
}

# A CPU that waits for an interrupt is skipped, unless the kernel is told to show it.
idle() {
	load
	for cpu in 1 2 3; do
		wait_for idle_shown $cpu || fail "CPU $cpu was never shown as idle"
		[ -z "$(block $cpu | sed 1d)" ] || fail "more than a line was shown of the idle CPU $cpu"
	done
	no_own_complaint
	echo 1 >/sys/module/nmi_backtrace/parameters/backtrace_idle
	sysrq_l 0
	echo 0 >/sys/module/nmi_backtrace/parameters/backtrace_idle
	block 3 | grep -q '^pc : cpu_do_idle+' || fail "the idle CPU was shown elsewhere than in cpu_do_idle"
	block 3 | grep -q 'PID: 0 Comm: swapper/3 ' || fail "the idle CPU's task is not swapper/3"
}

# The kernel leaves an offline CPU out; one that is asked all the same is named, and not waited for.
offline() {
	load
	insmod asker.ko || fail "asker.ko does not load"
	echo 0 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline"
	sysrq_l 0
	has_backtrace 0 1 3
	log | grep -qx 'Sending NMI from CPU 0 to CPUs 1,3:' || fail "CPU 2 was not left out"
	mark ask
	echo 'single 2' >/sys/module/asker/parameters/ask || fail "the request did not end"
	log | grep -qx 'sdei_nmi: no backtrace for CPU 2: it is offline' || fail "CPU 2 was not named as offline"
	took=$(log | sed -n 's/^asker: single done in \([0-9]*\) ms$/\1/p')
	[ "$took" -lt 1000 ] || fail "an answer of the offline CPU was waited for ($took ms)"
	echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not come back"
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
}

# Each of the requests shows CPU 2, or names it as offline; some of them find it on its way down and some on its way up.
hotplug() {
	load
	insmod asker.ko || fail "asker.ko does not load"
	mark ask
	echo 'hotplug 1 500' >/sys/module/asker/parameters/ask &
	while [ -d "/proc/$!" ]; do
		echo 0 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not go offline"
		echo 1 >/sys/devices/system/cpu/cpu2/online || fail "CPU 2 does not come back"
	done
	wait $! || fail "the requests did not end"
	log | sed -n 's/^asker: //p'
	for way in down up; do
		log | grep -q "^asker: asked .*[1-9][0-9]* .*on their way $way" || fail "CPU 2 was never asked on its way $way: this test proves nothing here"
	done
	offline=$(log | grep -cx 'sdei_nmi: no backtrace for CPU 2: it is offline')
	[ "$offline" -gt 0 ] || fail "CPU 2 was never asked while it was offline: this test proves nothing here"
	for cpu in 0 1 2 3; do
		shown=$(log | grep -cE "^NMI backtrace for cpu $cpu( skipped: .*)?\$")
		[ $cpu != 2 ] || shown=$((shown + offline))
		[ "$shown" = 500 ] || fail "CPU $cpu was told of $shown times in 500 requests"
		ticks_go_on $cpu || fail "CPU $cpu takes no timer interrupts any more"
	done
	if log | grep '^sdei_nmi: no backtrace' | grep -v 'CPU 2: it is offline'; then
		fail "a CPU was given up"
	fi
}
