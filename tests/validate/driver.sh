# SPDX-License-Identifier: GPL-2.0
# The driver under each fault of tests/validate/expectations, armed before the driver is loaded or after, with a wedged CPU. The table
# has the expected behaviour. Under every fault a request ends in time, and each CPU is shown or named.
# shellcheck shell=sh disable=SC2154 # guest.sh reads this file in
. /payload/tests/validate/validate.sh
. /payload/tests/driver/trial.sh

# A request takes less than this, whatever the firmware does.
# The plain kernel waits 10 s for a CPU. A request of the driver is bounded by a second, and a busy host makes it take longer.
at_most_ms=8000

# ask: sysrq-l on CPU 0, which has to end in time. Sets came to the driver's behaviour, in the words of the table.
ask() {
	mark ask
	# By the guest's own clock.
	on 0 sh -c 'read -r began _ </proc/uptime; echo l >/proc/sysrq-trigger; read -r ended _ </proc/uptime; echo "$began $ended" >/tmp/asked' ||
		fail "under '$fault' sysrq-l could not be triggered"
	took=$(awk '{ printf "%d", ($2 - $1) * 1000 }' /tmp/asked)
	[ "$took" -lt $at_most_ms ] || fail "under '$fault' sysrq-l took $took ms"
	log >/tmp/report
	shown=$(sed -n 's/^NMI backtrace for cpu \([0-9]*\).*/\1/p' /tmp/report | sort -u | tr '\n' ' ')
	named=$(sed -n 's/^sdei_nmi: no backtrace for CPU \([0-9]*\): .*/\1/p' /tmp/report | tr '\n' ' ')
	case $shown/$named in
	'0 1 2 3 /') came=serves ;;
	'0 2 3 /1 ') came=names ;;
	*) came="shows CPUs $shown, names CPUs $named" ;;
	esac
}

# ask_wedged: ask while CPU 1 is wedged: the driver shows where it spins, or names it. Sets why to the reason.
ask_wedged() {
	ask
	[ "$came" != serves ] || pc_in_wedge 1
	why=$(sed -n 's/^sdei_nmi: no backtrace for \(CPU .*\)/\1/p' /tmp/report)
}

# came_as COLUMN NUMBER: compares the behaviour with the table. The test fails only after it has tried all faults.
came_as() {
	echo "data $1 $fault $came"
	echo "data why-$1 $fault $why"
	[ "$came" = "$(column "$fault" "$2")" ] || {
		echo "under '$fault', $1, the driver $came, but the table has: $(column "$fault" "$2")"
		wrong="$wrong $fault"
	}
}

# These two faults show only on a CPU that was offline.
comes_back() {
	case $fault in
	not-rearmed | off-poisoned)
		echo 0 >/sys/devices/system/cpu/cpu1/online && echo 1 >/sys/devices/system/cpu/cpu1/online || fail "under '$fault' CPU 1 can't go offline and come back"
		;;
	esac
}

# A CPU that the driver named takes a pending interrupt or the event after its release, and the driver reports the late answer.
after_all() {
	release
	[ "$came" != names ] || wait_for late_answer 1 || fail "under '$fault' the log does not report the late answer of CPU 1"
}

# The fault is armed before the driver is loaded and stays armed until the driver is unloaded.
loaded_under() {
	firmware_lies "$fault"
	if insmod sdei_nmi.ko; then
		comes_back
		wedge daif 1
		ask_wedged
		after_all
		unload
	else
		kernel_unchanged refused sdei_nmi.ko 'Input/output error' 'sdei_nmi: probing event 0 failed: the firmware '
		# The second try of busybox's insmod may have begun on another CPU.
		why=$(log | sed -n 's/^sdei_nmi: \(probing .*\); nothing was changed$/\1/p' | tail -n 1)
		came=refuses
	fi
	firmware_lies none
	came_as loaded 4
}

# After the fault is disarmed, the driver shows the CPU that it named before.
armed_under() {
	load
	firmware_lies "$fault"
	comes_back
	wedge daif 1
	ask_wedged
	came_as later 5
	firmware_lies none
	# A held-back event arrives now. The driver looks for late answers ten times a second.
	usleep 500000
	ask_wedged
	[ "$came" = serves ] || fail "after '$fault' the driver $came"
	release
	ask
	[ "$came" = serves ] || fail "after '$fault', with no CPU wedged, the driver $came"
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || fail "after '$fault' CPU $cpu takes no timer interrupts any more"
	done
	built_in || unload
}

driver_under() {
	wrong=''
	for fault in "$@"; do
		built_in || loaded_under
		[ "$(column "$fault" 5)" = - ] || armed_under
	done
	[ -z "$wrong" ] || fail "the driver does not behave as the table has it under:$wrong"
}

few_under() {
	driver_under refuse wrong-pe late twice not-masked not-rearmed
}

# all_under: the faults that leave the machine and its kernel undamaged, at least while the driver is loaded.
all_under() {
	# shellcheck disable=SC2046 # a list of names
	driver_under $(awk '/^[a-z]/ && $4 != "-" && $4 != "loses" { print $1 }' "$expectations")
}

# watch SECONDS WHEN FAULT [dead]: a shell on CPU 1 that needs no interrupts: it does not sleep, does not wait and starts no program.
# After SECONDS it restarts the machine; with "dead" only if the CPU took no timer interrupt in the last second.
watch() {
	rm -f /tmp/cease
	cat >/tmp/watch <<-'END'
		ticks() {
			ticks=
			while read -r _ _ tick rest; do
				case $rest in
				*arch_timer*) ticks="$ticks $tick" ;;
				esac
			done </proc/interrupts
		}
		until_second() {
			while read -r now _ </proc/uptime && [ "${now%.*}" -lt "$1" ]; do
				[ ! -e /tmp/cease ] || exit
			done
		}
		read -r now _ </proc/uptime
		end=$((${now%.*} + $1))
		until_second $((end - 1))
		ticks
		before=$ticks
		until_second $end
		ticks
		if [ "$ticks" = "$before" ]; then
			echo "sdei-test: data $2 $3 dies" >/dev/kmsg
		elif [ "$4" = dead ]; then
			exit
		fi
		echo b >/proc/sysrq-trigger
	END
	on 1 sh /tmp/watch "$@" &
}

# The driver's first signal costs one CPU its interrupts. The machine goes on without it.
no_eoi_loaded() {
	survives_no_eoi
	tell loaded no-eoi loses
}

# Each CPU answers once, even the wedged one. The second request names these CPUs, and ends in time.
no_eoi_later() {
	fault=no-eoi
	load
	load_wedge
	keep_off 1-3
	firmware_lies no-eoi
	# CPU 2 spins with interrupts on, so it takes timer interrupts.
	wedge_all 'daif 1 softlockup 2'
	before=$(timer_ticks 2)
	sleep 1
	[ "$(timer_ticks 2)" != "$before" ] || fail "CPU 2 takes no timer interrupts from the start"
	ask_wedged
	[ "$came" = serves ] || fail "the first time the driver $came"
	before=$(timer_ticks 2)
	sleep 1
	[ "$(timer_ticks 2)" = "$before" ] || fail "CPU 2 takes timer interrupts although its event was not ended"
	ask
	[ "$shown/$named" = '0 /1 2 3 ' ] || fail "the second time the driver $came"
	tell later no-eoi dies
	dies 'sysrq: Resetting'
	echo b >/proc/sysrq-trigger
	sleep 30
	fail "the machine did not go down"
}

# damage: the driver under a fault that damages the interrupted code. suite.sh judges the outcome by the console. Meanwhile CPU 1 runs a
# program that calls the kernel, CPU 2 one that does not, and CPU 3 one that starts other programs.
damage() {
	. /payload/row
	[ "$when" = loaded ] || load
	watch 40 "$when" "$fault"
	on 2 sh -c 'while :; do :; done' &
	spins=$!
	on 3 sh -c 'while :; do cat /proc/interrupts >/dev/null || exit; done' &
	calls=$!
	tell armed
	firmware_lies "$fault"
	if [ "$when" = loaded ]; then
		insmod sdei_nmi.ko || tell refuses
		tell loaded
	fi
	for asked in 1 2 3 4 5 6 7 8 9 10; do
		sysrq_l 0
		tell "asked $asked"
	done
	firmware_lies none
	kill -0 $spins && kill -0 $calls || tell "a program died"
	touch /tmp/cease
	for cpu in 0 1 2 3; do
		ticks_go_on $cpu || tell "CPU $cpu takes no timer interrupts any more"
	done
	tell whole
}
