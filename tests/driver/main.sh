# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh

# state: everything that the driver may change, as text.
state() {
	cat /sys/kernel/tracing/enabled_functions
	cat /sys/devices/system/cpu/hotplug/states
	# Event 0 is free if another module can register it.
	insmod occupy.ko what=event0 || echo "event 0 is taken"
	rmmod occupy
}

# kernel_unchanged COMMAND...: fails if the kernel's state differs after the command.
kernel_unchanged() {
	needs_module
	state >/tmp/before
	"$@"
	state >/tmp/after
	diff /tmp/before /tmp/after || fail "$* changed the kernel"
}

load_and_unload() {
	load
	unload
}

unload_restores() {
	kernel_unchanged load_and_unload
	# The kernel's own function answers again: only that one calls dump_stack() for the requester.
	sysrq_l 0
	block 0 | grep -q dump_stack || fail "sysrq-l does not go to the kernel's own function"
}

hook_is_seen() {
	load
	if link_time_optimized; then
		grep -q ' k  nmi_trigger_cpumask_backtrace' /sys/kernel/debug/kprobes/list || fail "the kprobe is not listed: $(cat /sys/kernel/debug/kprobes/list)"
	else
		built_in || grep -q '^arch_trigger_cpumask_backtrace.* I' /sys/kernel/tracing/enabled_functions || fail "ftrace does not list the hook"
	fi
	grep -q 'sdei_nmi:online' /sys/devices/system/cpu/hotplug/states || fail "the hotplug state is not listed"
}

unload_under_fire() {
	needs_module
	for cpu in 1 2; do
		on $cpu sh -c 'while [ ! -e /tmp/cease ]; do echo l >/proc/sysrq-trigger; usleep 20000; done' &
	done
	for _ in $(seq 6); do
		load
		unload
	done
	touch /tmp/cease
	wait
	requests=$(dmesg | grep -c 'Sending NMI from CPU [12]')
	[ "$requests" -gt 10 ] || fail "only $requests requests were made meanwhile: this test proves nothing here"
	# No request was lost while the driver was half loaded.
	no_own_complaint
}

# The firmware drops signals, so a request takes a second. Unloading waits until the request is complete.
unload_waits_for_request() {
	needs_module
	load
	firmware_lies drop
	mark ask
	on 1 sh -c 'echo l >/proc/sysrq-trigger' &
	wait_for request_began || fail "no request began"
	unload
	log | grep -q '^sdei_nmi: 1 requests, 0 of them queued .* 0 times too many at once; 4 CPUs asked' || fail "the request did not come to the driver: this test proves nothing here"
	log | grep -B 1000 '^sdei_nmi: unloaded' >/tmp/before_unloaded
	for cpu in 0 1 2 3; do
		grep -qE "^NMI backtrace for cpu $cpu( skipped: .*)?\$" /tmp/before_unloaded || fail "CPU $cpu was not shown before the unload had ended"
	done
	wait
}

request_began() {
	log | grep -q '^sysrq: Show backtrace'
}
