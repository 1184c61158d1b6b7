# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154 # tests/lib/guest.sh reads this file

# refuses REQUEST LOG-TEXT: the module refuses REQUEST, logs one line that contains LOG-TEXT, and wedges no CPU.
refuses() {
	mark refuses
	if echo "$1" >"$wedge_parameters/wedge"; then
		fail "'$1' was accepted"
	fi
	[ "$(log | grep -c '^sdei_nmi_wedge: ')" = 1 ] || fail "'$1': the module logged no line or several"
	log | grep -q "$2" || fail "'$1': the log does not contain '$2'"
	[ "$(cat "$wedge_parameters/wedge")" = idle ] || fail "'$1' wedged something"
}

bad_requests() {
	load_wedge
	refuses 'daif 0-3 5' 'no.*CPU'
	refuses 'daif 0-2,3 5' 'no.*CPU'
	refuses 'daif 9 5' '9'
	refuses 'daif 1 0' '300'
	refuses 'daif 1 301' '300'
	refuses 'sleep 1 5' 'sleep'
	refuses 'daif 1' ''
	refuses '' ''
	refuses 'daif 1-x 5' ''
	# These locks exist once, so one CPU can hold them.
	refuses 'console 1-2 5' 'only one CPU'
	refuses 'printk 1,3 5' 'only one CPU'
	refuses 'daif 1 irqoff 5' 'pairs'
	refuses 'daif 1-2 irqoff 2 5' 'twice'
	refuses 'daif 1 sleep 2 5' 'sleep'
}

ends_by_itself() {
	load_wedge
	echo 'daif 1-3 1' >"$wedge_parameters/wedge" || fail "CPUs could not be wedged"
	wait_for is_idle || fail "the wedge of one second did not end"
	[ "$(on 2 echo there)" = there ] || fail "CPU 2 does not run programs after its wedge"
}

is_idle() {
	[ "$(cat "$wedge_parameters/wedge")" = idle ]
}

# After the release of each kind, its CPU runs programs and takes interrupts.
release_restores() {
	load_wedge
	for kind in irqoff daif spinlock hardirq softlockup console printk runqueue logbuf; do
		cpus=1-2
		case $kind in
		console | printk) cpus=1 ;;
		esac
		wedge $kind $cpus
		# Start no process here: the scheduler could wait for the runqueue lock that the wedge holds.
		read -r state <"$wedge_parameters/wedge"
		release
		[ "$state" = "$kind $cpus" ] || fail "$kind: the state reads $state"
		is_idle || fail "$kind: not idle after the release"
		[ "$(on 1 echo there)" = there ] || fail "$kind: CPU 1 does not run programs after its wedge"
	done
}

# Three kinds at once: each CPU is in the function of its kind, and one release ends all.
kinds_side_by_side() {
	load
	wedge_all 'softlockup 1 daif 2 spinlock 3'
	[ "$(cat "$wedge_parameters/wedge")" = 'daif 2 spinlock 3 softlockup 1' ] || fail "the state reads $(cat "$wedge_parameters/wedge")"
	sysrq_l 0
	in_trace 1 wedge_softlockup
	in_trace 2 wedge_daif
	in_trace 3 wedge_spinlock
	release
	is_idle || fail "not idle after the release"
	for cpu in 1 2 3; do
		[ "$(on $cpu echo there)" = there ] || fail "CPU $cpu does not run programs after its wedge"
	done
}

unload_releases() {
	wedge daif 1-3
	rmmod sdei_nmi_wedge || fail "sdei_nmi_wedge does not unload while CPUs are wedged"
	[ "$(on 3 echo there)" = there ] || fail "CPU 3 does not run programs after the unload"
}

# The writer may run on a CPU that it wedges.
asked_on_the_cpu() {
	load_wedge
	# Every process except the writer.
	keep_off 2
	on 2 sh -c "echo 'daif 2 60' >$wedge_parameters/wedge" || fail "CPU 2 could not be wedged from itself"
	[ "$(cat "$wedge_parameters/wedge")" = "daif 2" ] || fail "CPU 2 is not wedged"
}
