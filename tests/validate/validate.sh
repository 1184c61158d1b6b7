# SPDX-License-Identifier: GPL-2.0
# sdei-nmi validate on real firmware: TF-A as it is, and TF-A that lies. Which checks fail is in tests/validate/expectations.
# shellcheck shell=sh
. /payload/tests/driver/event.sh

expectations=/payload/tests/validate/expectations

# The driver that is built in has event 0, unless it was told to leave it alone.
takes_event0() {
	! built_in || [ "$(cat /sys/module/sdei_nmi/parameters/enable)" = N ] || skip "the driver is built in, and has event 0"
	built_in || [ -d /sys/module/sdei_nmi_validate ] || insmod sdei_nmi_validate.ko || fail "sdei_nmi_validate.ko does not load"
}

# column FAULT NUMBER: of the table.
column() {
	awk -v fault="$1" -v number="$2" '$1 == fault { print $number }' $expectations
}

# failing: the checks that have failed in the last run.
failing() {
	awk '/^not ok / { print $4 }' /tmp/ktap | sort
}

# expected FAULT: those that are to; of TF-A's own only those that were made.
expected() {
	{
		[ "$1" = none ] || column "$1" 2 | tr , '\n'
		for name in $(column none 2 | tr , ' '); do
			! grep -q "ok [0-9]* $name\$" /tmp/ktap || echo "$name"
		done
	} | grep -vx -e - | sort -u
}

# validate FAULT [OPTION...]: with the checks that fail as the table has them, and the exit status that follows.
validate() {
	fault=$1
	shift
	/payload/sdei-nmi validate -o /tmp/report.json -o /tmp/report.md "$@" >/tmp/ktap 2>/tmp/errors
	status=$?
	planned=$(sed -n 's/^1\.\.//p' /tmp/ktap)
	[ "$(grep -c '^\(not \)\{0,1\}ok ' /tmp/ktap)" = "${planned:-none}" ] || { cat /tmp/ktap /tmp/errors && fail "under '$fault' not every check has a result"; }
	expected=$(expected "$fault")
	[ "$(failing)" = "$expected" ] || { cat /tmp/ktap && fail "under '$fault' these checks fail: $(failing | tr '\n' ' ')instead of: $(echo "$expected" | tr '\n' ' ')"; }
	relied=0
	! grep -q '^# verdict: event 0 cannot be relied on' /tmp/ktap || relied=6
	[ $status = $relied ] || fail "under '$fault' the exit status is $status: $(cat /tmp/errors)"
	echo "$fault: $(sed -n 's/^# Totals: //p' /tmp/ktap)"
	checks=$(echo "$expected" | tr '\n' ',')
	echo "data checks $fault $checks"
}

# Everything was given back: the driver can have event 0, and all CPUs answer by it.
given_back() {
	built_in || rmmod sdei_nmi_validate || fail "sdei_nmi_validate does not unload"
	built_in || {
		load
		sysrq_l 0
		has_backtrace 0 1 2 3
		no_own_complaint
	}
}

# All but the destructive ones. The host gives what it prints to another parser, too.
as_it_is() {
	takes_event0
	validate none
	echo "ktap begins"
	cat /tmp/ktap
	echo "ktap ends"
	[ "$(grep -c 'SKIP can leave' /tmp/ktap)" = 6 ] || fail "not every destructive check is left out"
	! grep '# SKIP' /tmp/ktap | grep -v -e 'SKIP can leave' -e 'kexec.event0 # SKIP' || fail "a check was skipped"
	given_back
}

# Those of the destructive ones after which TF-A's CPUs live.
hotplug() {
	takes_event0
	validate none --destructive --check hotplug --check targets.suspended --check discovery
	given_back
}

# Who has event 0 keeps it, and the tool says who that is.
event_taken() {
	needs_module
	load
	insmod sdei_nmi_validate.ko || fail "sdei_nmi_validate.ko does not load"
	mark taken
	/payload/sdei-nmi validate >/tmp/ktap 2>/tmp/errors
	status=$?
	[ $status = 3 ] || fail "with the driver loaded the exit status is $status: $(cat /tmp/errors)"
	grep -q 'rmmod sdei_nmi' /tmp/errors || fail "the tool does not say what to do: $(cat /tmp/errors)"
	sysrq_l 0
	has_backtrace 0 1 2 3
	rmmod sdei_nmi_validate || fail "sdei_nmi_validate does not unload"
}

# device COMMAND: of the device, which descriptor 9 is.
device() {
	echo "$1" >&9 || fail "the device does not take: $1"
	cat <&9 >/tmp/reply
}

# While somebody has the device open, the driver is not let in.
driver_waits() {
	needs_module
	takes_event0
	exec 9<>/dev/sdei_nmi_validate || fail "the device can't be opened"
	mark waits
	if says=$(insmod sdei_nmi.ko 2>&1); then
		fail "sdei_nmi was loaded while firmware is validated"
	fi
	case $says in
	*'Device or resource busy'*) ;;
	*) fail "insmod said: $says" ;;
	esac
	log | grep -q 'sdei_nmi refused: firmware is being validated' || fail "the log does not say why"
	exec 9>&-
	given_back
}

# Who registers event 0 in the middle of it keeps what he has, and is told of.
somebody_registers() {
	needs_module
	takes_event0
	exec 9<>/dev/sdei_nmi_validate || fail "the device can't be opened"
	insmod occupy.ko what=event0 || fail "occupy.ko does not load"
	device 'run states.register'
	grep -q '^came.event 0 is registered on CPU 0, but not by this suite$' /tmp/reply || fail "states.register says: $(cat /tmp/reply)"
	# The kernel's core would say so if it were gone.
	rmmod occupy || fail "occupy does not unload"
	device 'run states.register'
	grep -q '^result.pass$' /tmp/reply || fail "states.register says: $(cat /tmp/reply)"
	exec 9>&-
	given_back
}

# A CPU that a real-time task does not let go is not said to be lost.
busy_cpu() {
	takes_event0
	keep_off 3
	tune /proc/sys/kernel/sched_rt_runtime_us -1
	exec 9<>/dev/sdei_nmi_validate || fail "the device can't be opened"
	./hog 3 >/tmp/hog &
	hog=$!
	wait_for grep -q hog /tmp/hog || fail "the real-time task does not run"
	device 'run states.none'
	kill $hog
	grep -q '^result.skip$' /tmp/reply || fail "states.none says: $(cat /tmp/reply)"
	grep -q '^came.CPU 3 takes interrupts but does not run the suite' /tmp/reply || fail "states.none says: $(cat /tmp/reply)"
	! grep -q '^lost' /tmp/reply || fail "a CPU that takes interrupts is told to be lost"
	exec 9>&-
	given_back
}

# A run that is ended in its middle gives everything back.
interrupted() {
	takes_event0
	/payload/sdei-nmi validate >/tmp/ktap 2>/tmp/errors &
	pid=$!
	wait_for grep -q '^ok .* first_signal\.' /tmp/ktap || fail "no check was made"
	kill -KILL $pid
	wait $pid
	given_back
}

# under FAULT...: one after the other.
under() {
	takes_event0
	for fault in "$@"; do
		firmware_lies "$fault"
		validate "$fault"
	done
	firmware_lies none
	validate none
	given_back
}

few_faults() {
	under refuse wrong-pe not-masked sp-el0 lost-in-handler
}

# no-eoi costs a CPU.
all_faults() {
	# shellcheck disable=SC2046 # a list of names
	under $(awk '/^[a-z]/ && $1 != "none" && $1 != "no-eoi" { print $1 }' $expectations)
}

# tell WORDS: the guest may not come to the test's end, so the host finds this on the console.
tell() {
	echo "sdei-test: data $*" >/dev/kmsg
}

# Nothing can be put back as it was: RCU would wait for the lost CPU, and so does who is put there.
no_eoi() {
	takes_event0
	keep_off 1-3
	firmware_lies no-eoi
	validate no-eoi
	grep -q '^# lost: CPUs [1-3] ' /tmp/ktap || fail "the lost CPU is not named"
	dies 'sysrq: Resetting'
	echo b >/proc/sysrq-trigger
	sleep 30
	fail "the machine did not go down"
}
