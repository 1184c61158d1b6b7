# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
. /payload/tests/driver/symbols.sh

function_taken() {
	needs_module
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
