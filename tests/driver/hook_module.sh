# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
. /payload/tests/driver/symbols.sh

function_taken() {
	needs_module
	! link_time_optimized || skip "here a kprobe hooks the requests for backtraces"
	state >/tmp/before
	insmod occupy.ko what=hook || fail "occupy.ko does not load"
	cp /sys/kernel/tracing/enabled_functions /tmp/functions
	refused sdei_nmi.ko 'Device or resource busy' 'has replaced this function'
	diff /tmp/functions /sys/kernel/tracing/enabled_functions || fail "the refused load changed ftrace"
	rmmod occupy
	# The driver undoes the steps before the failed one.
	state >/tmp/after
	diff /tmp/before /tmp/after || fail "the refused load changed the kernel"
	load
}

tracing_beside() {
	load
	load_wedge
	echo function >/sys/kernel/tracing/current_tracer
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
	# Removing the tracer waits for every CPU, so release the wedge first.
	release
	echo nop >/sys/kernel/tracing/current_tracer
}

ftrace_off() {
	needs_module
	echo 0 >/proc/sys/kernel/ftrace_enabled
	refused sdei_nmi.ko 'Device or resource busy' 'or ftrace is off'
	echo 1 >/proc/sys/kernel/ftrace_enabled
	load
	if echo 0 >/proc/sys/kernel/ftrace_enabled; then
		fail "ftrace can be switched off under the driver"
	fi
}

# A real live patch, in a kernel that has live patching.

patch_settled() {
	[ "$(cat /sys/kernel/livepatch/live_patch/transition 2>/dev/null)" != 1 ]
}

live_patch() {
	insmod live_patch.ko "function=$1" || fail "live_patch.ko does not load"
	wait_for patch_settled || fail "some task still uses $1 as it was"
}

patch_gone() {
	[ ! -e /sys/kernel/livepatch/live_patch ]
}

end_live_patch() {
	echo 0 >/sys/kernel/livepatch/live_patch/enabled || fail "the live patch can't be disabled"
	wait_for patch_gone || fail "some task still uses the patched function"
	rmmod live_patch || fail "live_patch does not unload"
}

live_patch_of_hook() {
	live_patch arch_trigger_cpumask_backtrace
	sysrq_l 0
	log | grep -qx 'live_patch: no CPU is asked' || fail "sysrq-l does not go to the patched function: this test proves nothing here"
	refused sdei_nmi.ko 'Device or resource busy' 'has replaced this function'
	end_live_patch
	load
	if insmod live_patch.ko function=arch_trigger_cpumask_backtrace; then
		fail "the function that the driver hooks can be patched"
	fi
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	no_own_complaint
}

# The driver and a patch of another function come and go in any order. A request comes while the patch is in use.
live_patch_beside() {
	live_patch cmdline_proc_show
	load
	load_wedge
	grep -qx patched /proc/cmdline || fail "/proc/cmdline is not patched"
	wedge daif 2
	sysrq_l 0
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	release
	end_live_patch
	live_patch cmdline_proc_show
	sysrq_l 0
	has_backtrace 0 1 2 3
	no_own_complaint
	unload
	grep -qx patched /proc/cmdline || fail "/proc/cmdline is not patched any more"
	end_live_patch
	if grep -qx patched /proc/cmdline; then
		fail "/proc/cmdline is still patched"
	fi
}

# A kernel without arch_trigger_cpumask_backtrace: the driver logs which callers it covers, and unloading unhooks them.
some_callers() {
	mark load
	kernel_unchanged load_and_unload
	log | grep -q '^sdei_nmi: this kernel has no arch_trigger_cpumask_backtrace: only sysrq-l and RCU stalls use the driver' ||
		fail "the log does not say which callers are covered"
	sysrq_l 0
	log | grep -qx 'sysrq: CPU0:' || fail "sysrq-l does not go to the kernel's own function"
	load
	for function in dump_cpu_task sysrq_handle_showallcpus; do
		grep -q "^$function.* I" /sys/kernel/tracing/enabled_functions || fail "ftrace does not list the hook of $function"
	done
	wedge daif 2
	sysrq_l 0
	pc_in_wedge 2
}
