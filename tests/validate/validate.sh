# SPDX-License-Identifier: GPL-2.0
# sdei-nmi validate on unmodified TF-A and on TF-A under its faults. tests/validate/expectations lists the checks that fail.
# shellcheck shell=sh
. /payload/tests/driver/event.sh

expectations=/payload/tests/validate/expectations

# takes_event0: loads the module. A built-in driver owns event 0 unless sdei_nmi.enable=0.
takes_event0() {
	! built_in || [ "$(cat /sys/module/sdei_nmi/parameters/enable)" = 0 ] || skip "the built-in driver owns event 0"
	built_in || [ -d /sys/module/sdei_nmi_validate ] || insmod sdei_nmi_validate.ko || fail "sdei_nmi_validate.ko does not load"
}

# column FAULT NUMBER: a field of the fault's row.
column() {
	awk -v fault="$1" -v number="$2" '$1 == fault { print $number }' $expectations
}

# failing: the checks that failed in the last run.
failing() {
	awk '/^not ok / { print $4 }' /tmp/ktap | sort
}

# expected FAULT: the checks that have to fail: those of the fault, and those of unmodified TF-A that ran.
expected() {
	{
		[ "$1" = none ] || column "$1" 2 | tr , '\n'
		for name in $(column none 2 | tr , ' '); do
			! grep -q "ok [0-9]* $name\$" /tmp/ktap || echo "$name"
		done
	} | grep -vx -e - | sort -u
}

# verdict: the verdict of the last run.
verdict() {
	sed -n 's/^# verdict: //p' /tmp/ktap
}

# validate FAULT [OPTION...]: fails unless the checks that fail are those of the table and the exit status follows from them.
validate() {
	fault=$1
	shift
	/payload/sdei-nmi validate -o /tmp/report.json -o /tmp/report.md "$@" >/tmp/ktap 2>/tmp/errors
	status=$?
	planned=$(sed -n 's/^1\.\.//p' /tmp/ktap)
	[ "$(grep -c '^\(not \)\{0,1\}ok ' /tmp/ktap)" = "${planned:-none}" ] || { cat /tmp/ktap /tmp/errors && fail "under '$fault' not every check has a result"; }
	expected=$(expected "$fault")
	[ "$(failing)" = "$expected" ] || { cat /tmp/ktap && fail "under '$fault' these checks fail: $(failing | tr '\n' ' ')instead of: $(echo "$expected" | tr '\n' ' ')"; }
	case $(verdict) in
	'reliable as far as checked'*) wanted=7 ;;
	reliable*) wanted=0 ;;
	'not reliable'*) wanted=6 ;;
	'nothing checked'*) wanted=8 ;;
	*) fail "under '$fault' the verdict is '$(verdict)'" ;;
	esac
	# Firmware on which the driver does not serve is not reliable.
	case $(column "$fault" 2)/$(column "$fault" 4)/$(column "$fault" 5) in
	-/*) ;;
	*/refuses/* | */names/* | */dies/* | */*/names | */*/dies)
		[ "$wanted" = 6 ] || fail "the driver does not serve under '$fault', but the verdict is '$(verdict)'"
		;;
	esac
	[ $status = "$wanted" ] || fail "under '$fault' the exit status is $status with the verdict '$(verdict)': $(cat /tmp/errors)"
	echo "$fault: $(sed -n 's/^# Totals: //p' /tmp/ktap)"
	checks=$(echo "$expected" | tr '\n' ',')
	echo "data checks $fault $checks"
}

# device COMMAND: writes a command to the device, which is open as descriptor 9.
device() {
	echo "$1" >&9 || fail "the device refuses: $1"
	cat <&9 >/tmp/reply
}

# given_back: after the module is unloaded, the driver can register event 0 and all CPUs answer by it.
given_back() {
	built_in || rmmod sdei_nmi_validate || fail "sdei_nmi_validate does not unload"
	built_in || {
		load
		sysrq_l 0
		# shellcheck disable=SC2046 # the CPUs' numbers
		has_backtrace $(sed -n 's|/sys/devices/system/cpu/cpu\([0-9]*\)/online|\1|p' /tmp/online)
		no_own_complaint
	}
}

# All checks except the destructive ones. On the host, kunit_parse.sh reads the output, too.
as_it_is() {
	takes_event0
	validate none
	echo "ktap begins"
	cat /tmp/ktap
	echo "ktap ends"
	[ "$(grep -c 'SKIP can leave' /tmp/ktap)" = 7 ] || fail "not every destructive check is left out"
	! grep '# SKIP' /tmp/ktap | grep -v -e 'SKIP can leave' -e 'kexec.event0 # SKIP' || fail "a check was skipped"
	deviations=$(column none 2 | sed 's/,/, /g')
	[ "$(verdict)" = "reliable as far as checked; not checked: hotplug; deviations that the driver copes with: $deviations" ] ||
		fail "the verdict is '$(verdict)'"
	given_back
}

# The verdict "reliable" needs no kexec: in a kernel that the firmware started, all topics run that lose no CPU on unmodified TF-A.
reliable() {
	takes_event0
	exec 9<>/dev/sdei_nmi_validate || fail "the device can't be opened"
	device list
	exec 9>&-
	# shellcheck disable=SC2046 # an option for each topic
	validate none --destructive $(cut -d . -f 1 /tmp/reply | sort -u | grep -vx targets | sed 's/^/--check=/')
	[ "$(verdict)" = reliable ] || fail "the verdict is '$(verdict)'"
	given_back
}

# The destructive checks that lose no CPU on unmodified TF-A. The parameter for CPU_SUSPEND comes from the device tree or from ACPI.
hotplug() {
	takes_event0
	validate none --destructive --check hotplug --check targets.suspended --check discovery
	[ ! -e /sys/devices/system/cpu/cpu0/cpuidle/state1 ] || grep -q '^ok [0-9]* targets\.suspended$' /tmp/ktap ||
		fail "targets.suspended did not pass: $(grep targets.suspended /tmp/ktap)"
	given_back
}

# With KPTI the suite calls the kernel by a trampoline. It does not start if it cannot read that code back.
trampoline_hidden() {
	needs_module
	has_kpti
	insmod hide_trampoline.ko || fail "hide_trampoline.ko does not load"
	mark refused
	if says=$(insmod sdei_nmi_validate.ko 2>&1); then
		fail "sdei_nmi_validate was loaded without the trampoline"
	fi
	case $says in
	*'not supported'*) ;;
	*) fail "insmod said: $says" ;;
	esac
	log | grep -q '^sdei_nmi_validate: not starting: with KPTI events enter this kernel by a trampoline, which was not found where the kernel maps it$' ||
		fail "the log does not say why"
	[ "$(cat /sys/module/hide_trampoline/parameters/hidden)" -gt 0 ] || fail "nothing was hidden: this test proves nothing here"
	[ ! -e /dev/sdei_nmi_validate ] || fail "the device is there"
	rmmod hide_trampoline || fail "hide_trampoline does not unload"
	takes_event0
	given_back
}

# The owner of event 0 keeps it, and the tool names the owner.
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

# One command validates a machine on which the driver is in service, and the driver then has the parameters that it had.
in_service() {
	needs_module
	installed=/lib/modules/$(uname -r)/updates
	mkdir -p "$installed"
	cp sdei_nmi.ko sdei_nmi_validate.ko "$installed/"
	depmod || fail "depmod failed"
	load
	echo 50ms >/sys/module/sdei_nmi/parameters/watch
	load_line() {
		log | grep -c '^sdei_nmi: backtraces and stops reach CPUs'
	}
	mark swap
	/payload/sdei-nmi validate --unload-driver --check discovery >/tmp/ktap 2>/tmp/errors
	status=$?
	[ $status = 7 ] || fail "the exit status is $status: $(cat /tmp/errors /tmp/ktap)"
	grep -q '^ok 1 discovery\.' /tmp/ktap || fail "nothing was checked: $(cat /tmp/ktap)"
	[ ! -e /sys/module/sdei_nmi_validate ] || fail "the module of the checks is still loaded"
	[ "$(load_line)" = 1 ] || fail "the driver was not loaded again"
	[ "$(cat /sys/module/sdei_nmi/parameters/watch)" = 50ms ] || fail "watch is $(cat /sys/module/sdei_nmi/parameters/watch)"
	sysrq_l 0
	has_backtrace 0 1 2 3
	rm -r "/lib/modules/$(uname -r)"
	unload
}

# While a process has the device open, the driver refuses to load.
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

# A module that registers event 0 during a run keeps it, and the check reports it.
somebody_registers() {
	needs_module
	takes_event0
	exec 9<>/dev/sdei_nmi_validate || fail "the device can't be opened"
	insmod occupy.ko what=event0 || fail "occupy.ko does not load"
	device 'run states.register'
	grep -q '^came.event 0 is registered on CPU 0, but not by this suite$' /tmp/reply || fail "states.register says: $(cat /tmp/reply)"
	# Unloading logs a warning if the registration is gone.
	rmmod occupy || fail "occupy does not unload"
	device 'run states.register'
	grep -q '^result.pass$' /tmp/reply || fail "states.register says: $(cat /tmp/reply)"
	exec 9>&-
	given_back
}

# A CPU that a real-time task keeps busy is not reported as lost.
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
	! grep -q '^lost' /tmp/reply || fail "a CPU that takes interrupts is reported as lost"
	exec 9>&-
	given_back
}

# A run that is interrupted gives everything back.
interrupted() {
	takes_event0
	/payload/sdei-nmi validate >/tmp/ktap 2>/tmp/errors &
	pid=$!
	wait_for grep -q '^ok .* first_signal\.' /tmp/ktap || fail "no check was made"
	kill -KILL $pid
	wait $pid
	given_back
}

# under FAULT...: validate under each of these faults.
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
	under refuse wrong-pe not-masked sp-el0 lost-in-handler status critical
}

# all_faults: without no-eoi, which loses a CPU.
all_faults() {
	# shellcheck disable=SC2046 # a list of names
	under $(awk '/^[a-z]/ && $1 != "none" && $1 != "no-eoi" { print $1 }' $expectations)
}

# tell WORDS: data for the host, on the console, because the guest may not reach the end of the test.
tell() {
	echo "sdei-test: data $*" >/dev/kmsg
}

# The test ends the guest, because nothing can be undone: RCU and every process on the lost CPU would wait.
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
