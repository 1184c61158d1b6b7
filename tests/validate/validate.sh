# SPDX-License-Identifier: GPL-2.0
# sdei-nmi validate on real firmware: TF-A as it is, and TF-A that lies. Which checks fail is in tests/validate/faults.
# shellcheck shell=sh
. /payload/tests/driver/event.sh

faults=/payload/tests/validate/faults

# The driver that is built in has event 0, unless it was told to leave it alone.
takes_event0() {
	! built_in || [ "$(cat /sys/module/sdei_nmi/parameters/enable)" = N ] || skip "the driver is built in, and has event 0"
	built_in || [ -d /sys/module/sdei_nmi_validate ] || insmod sdei_nmi_validate.ko || fail "sdei_nmi_validate.ko does not load"
}

# column FAULT NUMBER: of the table.
column() {
	awk -v fault="$1" -v number="$2" '$1 == fault { print $number }' $faults
}

# failing: the checks that have failed in the last run.
failing() {
	awk '/^not ok / { print $4 }' /tmp/ktap | sort
}

# expected FAULT: those that are to.
expected() {
	echo "$(column none 2),$(column "$1" 2)" | tr , '\n' | awk '
		sub(/^!/, "") { passes[$0] }
		$0 != "-" { fails[$0] }
		END { for (name in fails) if (!(name in passes)) print name }' | sort
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
	! grep '# SKIP' /tmp/ktap | grep -v 'SKIP can leave' || fail "a check was skipped"
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

# A run that is ended in its middle gives everything back.
interrupted() {
	takes_event0
	/payload/sdei-nmi validate >/tmp/ktap 2>/tmp/errors &
	pid=$!
	wait_for grep -q '^ok .* contact\.' /tmp/ktap || fail "no check was made"
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
	under $(awk '/^[a-z]/ && $1 != "none" && $1 != "no-eoi" { print $1 }' $faults)
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
