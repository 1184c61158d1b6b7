# SPDX-License-Identifier: GPL-2.0
# Each of the kernel's own callers, while a CPU has interrupts masked: the report has the CPU's stack, and takes at most a second
# longer than the same report with no CPU masked. The kernel's clock measures both in one boot.
#
# CPU 2 is the masked CPU. The test, and the kernel thread that prints the report, stay on CPU 0.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

sysctl=/proc/sys/kernel

uptime_s() {
	cut -d . -f 1 /proc/uptime
}

# within SECONDS COMMAND...: whether the command succeeds within this time. The CPU may be held for long between two tries, so the last
# try follows the end of the time.
within() {
	within_end=$(($(uptime_s) + $1))
	shift
	until "$@"; do
		[ "$(uptime_s)" -le $within_end ] || {
			"$@"
			return
		}
		usleep 10000
	done
}

logged() {
	log | grep -qE "$1"
}

shown() {
	logged "^NMI backtrace for cpu $1( skipped: idling at .*)?\$"
}

# settled: the log has not grown. A report prints without pauses, except while it waits for CPUs.
settled() {
	settled_lines=$(stamped | wc -l)
	usleep 200000
	[ "$(stamped | wc -l)" = "$settled_lines" ]
}

# reported FIRST [CPU...]: waits for the report that begins with FIRST and shows these CPUs; sets took to its time in ms.
reported() {
	reported_first=$1
	shift
	within 20 logged "$reported_first" || fail "the kernel does not report '$reported_first'"
	for cpu in "$@"; do
		within 10 shown "$cpu" || fail "the report '$reported_first' does not show CPU $cpu"
	done
	within 5 settled || fail "the report '$reported_first' does not end"
	took=$(report_ms "$reported_first") || fail "the report '$reported_first' shows no CPU"
}

# masked_shown FUNCTION: the report has the stack of the masked CPU, too, and the driver has obtained every backtrace.
masked_shown() {
	pc_in_wedge 2
	in_trace 2 wedge_daif
	no_own_complaint
}

sysrq() {
	first='^sysrq: Show backtrace of all active CPUs'
	load
	sysrq_l 0
	reported "$first" 0 1 2 3
	plain=$took
	wedge daif 2
	sysrq_l 0
	reported "$first" 0 1 2 3
	masked_shown
	not_slower "$plain" "$took"
}

# A grace period keeps the timeout that was set when it began. The module requester resolves names by a kprobe, and removing the
# kprobe takes a whole grace period.
short_rcu_timeout() {
	tune /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout 3
	stay_on 0 rcu_sched rcu_preempt
	insmod requester.ko || fail "requester.ko does not load"
	expect_log 'rcu: INFO: rcu_'
}

# With no CPU masked, a CPU that never schedules reports its own stall.
rcu_stall() {
	short_rcu_timeout
	load
	wedge softlockup 2
	mark plain
	reported '^rcu: INFO: rcu_[a-z]* (self-)?detected stall'
	plain=$took
	release
	wedge daif 2
	mark wedged
	reported '^rcu: INFO: rcu_[a-z]* detected stalls' 2
	masked_shown
	not_slower "$plain" "$took"
}

# lockup_detectors SECONDS: sets the threshold for hard lockups. The threshold for soft lockups is twice as much.
lockup_detectors() {
	tune $sysctl/hardlockup_panic 0
	tune $sysctl/softlockup_panic 0
	tune $sysctl/watchdog_thresh "$1"
}

# gave_up: whether the kernel's detector of hard lockups is off. The one that uses perf says so at boot if the PMU's interrupt is no NMI.
gave_up() {
	grep -q 'watchdog: Hard watchdog permanently disabled' /tmp/boot.log
}

needs_detector() {
	! gave_up || skip "this kernel's detector of hard lockups gave up at boot, because the PMU's interrupt is no NMI"
}

# Where the kernel's detector has given up, the driver writes the report. Without a masked CPU there is no hard lockup, so the test
# compares with sysrq-l.
hard_lockup_report() {
	lockup_detectors 2
	tune $sysctl/hardlockup_all_cpu_backtrace "$1"
	expect_log 'hard LOCKUP on cpu 2'
	load
	sysrq_l 0
	reported '^sysrq: Show backtrace of all active CPUs' 0 1 2 3
	plain=$took
	wedge daif 2
	mark wedged
	shift
	reported 'Watchdog detected hard LOCKUP on cpu 2' "$@"
	masked_shown
	not_slower "$plain" "$took"
}

hard_lockup() {
	hard_lockup_report 0 2
	for cpu in 0 1 3; do
		! shown $cpu || fail "CPU $cpu is shown, too, which nobody asked for"
	done
}

hard_lockup_all() {
	hard_lockup_report 1 0 1 2 3
}

# CPU 1 never schedules, and reports that itself. The hard lockup of CPU 2 must not be reported meanwhile.
soft_lockup() {
	gave_up || [ ! -e $sysctl/hardlockup_panic ] || tune $sysctl/nmi_watchdog 0
	tune $sysctl/softlockup_panic 0
	tune $sysctl/softlockup_all_cpu_backtrace 1
	tune $sysctl/watchdog_thresh 2
	first='BUG: soft lockup - CPU#1 stuck'
	expect_log 'BUG: soft lockup - CPU#1 stuck'
	load
	! gave_up || tune /sys/module/sdei_nmi/parameters/lockups off
	wedge softlockup 1
	mark plain
	reported "$first" 0 2 3
	plain=$took
	release
	wedge_all 'softlockup 1 daif 2'
	mark wedged
	reported "$first" 0 2 3
	masked_shown
	not_slower "$plain" "$took"
}

ask() {
	echo "$1" >/sys/module/requester/parameters/ask || fail "'$1' could not be asked for"
}

nobody_waits() {
	! grep -q '^State:.D' /proc/[0-9]*/status 2>/dev/null
}

# Lower the timeout last, so that the kernel finds only this task.
hung_task_round() {
	tune $sysctl/hung_task_timeout_secs 120
	tune $sysctl/hung_task_warnings 1
	insmod requester.ko || fail "requester.ko does not load"
	# A worker frees a module's init code after a grace period. It must not be the task that hangs.
	wait_for nobody_waits || fail "something in the kernel waits all the time: $(grep -l '^State:.D' /proc/[0-9]*/status)"
	ask 'hang 3 60'
	[ -z "$1" ] || wedge daif "$1"
	mark hung
	tune $sysctl/hung_task_timeout_secs 2
	reported '^INFO: task requester/3:[0-9]+ blocked for more than' 0 1 2 3
}

huge_pages=/sys/kernel/mm/transparent_hugepage/enabled

hung_task() {
	tune $sysctl/hung_task_all_cpu_backtrace 1
	tune $sysctl/hung_task_panic 0
	tune $sysctl/hung_task_check_interval_secs 1
	stay_on 0 khungtaskd
	# khugepaged may wait for a wedged CPU, and the kernel gives one warning only.
	[ ! -e $huge_pages ] || tune $huge_pages never
	expect_log 'INFO: task requester/3:'
	load
	load_wedge
	hung_task_round ''
	plain=$took
	rmmod requester
	hung_task_round 2
	masked_shown
	not_slower "$plain" "$took"
}

# A thread of the module requester dies on CPU 1, and the kernel goes on. KASAN reads the shadow of the address first.
oops() {
	first='^Unable to handle kernel .* at virtual address (0*5d8|dfff8000000000bb)$'
	tune $sysctl/oops_all_cpu_backtrace 1
	tune $sysctl/panic_on_oops 0
	expect_log 'at virtual address 00000000000005d8'
	expect_log 'at virtual address dfff8000000000bb'
	expect_log 'Internal error: Oops: '
	load
	insmod requester.ko || fail "requester.ko does not load"
	mark plain
	ask 'oops 1'
	reported "$first" 0 1 2 3
	plain=$took
	wedge daif 2
	mark wedged
	ask 'oops 1'
	reported "$first" 0 1 2 3
	masked_shown
	not_slower "$plain" "$took"
	logged 'Internal error: Oops' || fail "the thread did not die of an oops"
}

# The controls: the plain kernel sends an IPI, waits for ten seconds, and has no backtrace of the CPU.

# By the kernel's clock, because the test may run on the CPU that waits.
asked_in_vain() {
	within 20 logged "$1" || fail "the kernel does not report '$1'"
	within 3 logged '^Sending NMI from CPU [013] to CPUs 2:' || fail "the kernel does not ask CPU 2"
	asked_at=$(stamped | sed -n 's/^\[ *\([0-9]*\)\.[0-9]*\] Sending NMI from .*/\1/p' | head -n 1)
	until [ $(($(uptime_s) - asked_at)) -gt 12 ]; do
		usleep 200000
	done
	[ -z "$(block 2)" ] || fail "the plain kernel showed the masked CPU: the tests above prove nothing"
}

rcu_stall_without_driver() {
	needs_module
	short_rcu_timeout
	wedge daif 2
	mark wedged
	asked_in_vain '^rcu: INFO: rcu_[a-z]* detected stalls'
}

# The CPU that waits has interrupts masked, and the kernel may report it for that.
hard_lockup_without_driver() {
	needs_module
	needs_detector
	lockup_detectors 2
	tune $sysctl/hardlockup_all_cpu_backtrace 0
	expect_log 'hard LOCKUP on cpu'
	wedge daif 2
	mark wedged
	asked_in_vain 'Watchdog detected hard LOCKUP on cpu 2'
}

# The commands of docs/incident.md for a server without the driver print the CPUs that take no interrupts.
missing_cpus_of_incident_page() {
	needs_module
	wedge 'daif 2'
	sed -n '/^    echo l > .proc.sysrq-trigger; sleep/,/^$/s/^    //p' incident.md >/tmp/commands
	[ "$(wc -l </tmp/commands)" -gt 2 ] || fail "docs/incident.md does not have the commands: $(cat /tmp/commands)"
	on 0 sh /tmp/commands >/tmp/printed || fail "the commands of docs/incident.md fail"
	[ "$(cat /tmp/printed)" = 2 ] || fail "CPU 2 takes no interrupts, and the commands of docs/incident.md print: $(cat /tmp/printed)"
	release
	on 0 sh /tmp/commands >/tmp/printed || true
	[ ! -s /tmp/printed ] || fail "all CPUs take interrupts, and the commands of docs/incident.md print: $(cat /tmp/printed)"
}

# The guest ends in a panic. tests/host/panic.sh reads what the guest leaves on the console.

# returns_during_oops CPU: takes the CPU offline and online while the kernel says that an oops is printed. A CPU that goes offline then is
# not one that stops for good.
returns_during_oops() {
	insmod oops_going_on.ko || fail "oops_going_on.ko does not load"
	echo 0 >"/sys/devices/system/cpu/cpu$1/online" && echo 1 >"/sys/devices/system/cpu/cpu$1/online" || fail "CPU $1 does not come back"
	rmmod oops_going_on || fail "oops_going_on can't be unloaded"
}

sysrq_c() {
	if [ -e $sysctl/panic_sys_info ]; then
		tune $sysctl/panic_sys_info all_bt
	else
		tune $sysctl/panic_print 0x40
	fi
	# The host learns only from the console where the wedge is.
	load_wedge
	load
	[ -z "$1" ] || {
		returns_during_oops "$1"
		wedge daif "$1"
	}
	mark "range $(cat "$range")"
	grep -E '\<wedge_(spin|daif)\>' /proc/kallsyms | while read -r line; do
		mark "symbol $line"
	done
	dies 'sysrq triggered crash'
	on 0 sh -c 'echo c >/proc/sysrq-trigger'
	sleep 5
	fail "sysrq-c did not end this guest"
}

panic_plain() {
	sysrq_c ''
}

panic_wedged() {
	sysrq_c 2
}

# The kernel's own ramoops records the panic in memory that the host reads afterwards.
panic_recorded() {
	for module in reed_solomon ramoops; do
		insmod "/modules/$module.ko" || fail "$module.ko does not load"
	done
	wait_for grep -qs '^ramoops$' /sys/module/pstore/parameters/backend || fail "ramoops does not record panics"
	load
	wedge daif 1-7
	dies 'sysrq triggered crash'
	on 0 sh -c 'echo c >/proc/sysrq-trigger'
	sleep 5
	fail "sysrq-c did not end this guest"
}

# A hard lockup by LKDTM on CPU 2, in a kernel whose own detector has given up and whose functions return by a shadow call stack. The
# driver reports it. It never ends.

lkdtm_reported() {
	block 2 | grep -q '^pc : lkdtm_HARDLOCKUP+'
}

lkdtm_block() {
	sysrq_l 0
	block 2 >/tmp/block
	grep -q '^pc : lkdtm_HARDLOCKUP+' /tmp/block
}

# lost SENTENCE: fails after CPU 2 is lost. To undo what the test changed would take that CPU, so the guest ends at once.
lost() {
	mark "$1"
	echo c >/proc/sysrq-trigger
}

lkdtm_hard_lockup() {
	gave_up || fail "the kernel's detector of hard lockups has not given up: this test proves nothing here"
	grep -q '^ShadowCallStack: *[1-9]' /proc/meminfo || fail "this kernel has no shadow call stacks: this test proves nothing here"
	insmod /modules/lkdtm.ko || fail "lkdtm.ko does not load"
	load
	tune /sys/module/sdei_nmi/parameters/lockup_thresh 3
	keep_off 2
	expect_log 'hard LOCKUP on cpu 2'
	mark ask
	on 2 sh -c 'echo HARDLOCKUP >/sys/kernel/debug/provoke-crash/DIRECT' &
	wait_for logged '^lkdtm: Performing direct entry HARDLOCKUP' || fail "LKDTM does not begin"
	wait_for logged '^watchdog: (CPU[0-9]+: )?Watchdog detected hard LOCKUP on cpu 2$' || lost "the lockup of CPU 2 is not reported"
	wait_for lkdtm_reported || lost "the report of the lockup has no stack"
	at_some_time lkdtm_block || lost "CPU 2 is not shown in the hard lockup"
	(
		has_backtrace 0 1 2 3
		no_own_complaint
	) || lost "not every CPU is shown"
	[ "$(pstate 2)" = daIF ] || lost "pstate reads $(pstate 2), not daIF"
	# lkdtm_HARDLOCKUP calls nothing, so it may have no frame, and its caller is in lr only.
	for function in lkdtm_do_action direct_entry vfs_write ksys_write el0_svc el0t_64_sync; do
		grep -qE "^(lr :)? $function\\+" /tmp/block || lost "the block of CPU 2 lacks $function"
	done
	dies 'sysrq triggered crash'
	on 0 sh -c 'echo c >/proc/sysrq-trigger'
	sleep 5
	fail "sysrq-c did not end this guest"
}
