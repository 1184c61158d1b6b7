# SPDX-License-Identifier: GPL-2.0
# Reboots with a wedged CPU. tests/kdump has most of these tests.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before
. /payload/tests/driver/reach.sh

# The driver is unloaded in the middle of a reboot that hangs. The unload waits, and the machine restarts at the deadline. CPU 2 is
# idle, because the kernel's own steps of an unload would wait forever for a task on it.
unload_waits_for_deadline() {
	load
	tune /sys/module/sdei_nmi/parameters/reboot_timeout 20
	insmod unserved_asks.ko shutdown=1 || fail "unserved_asks.ko does not load"
	on 0 sh -c 'echo 2 >/sys/module/unserved_asks/parameters/spin' || fail "CPU 2 can't be wedged"
	# The SDEI core has unregistered all events by then.
	expect_log 'unregistering event 0 failed'
	begin_reboot
	log | grep -q '^sdei_nmi: CPU 2 stopped by event 0 at spin_in_interrupt+' || fail "CPU 2 was not stopped: this test proves nothing here"
	# Not by "on", whose process would be the shell.
	taskset -c 0 rmmod sdei_nmi &
	unloading=$!
	wait_for unload_at_end || end_unload "the unload does not come to its last steps"
	[ -d /sys/module/sdei_nmi ] || end_unload "the unload has ended during the reboot"
	dies 'sdei_nmi: this machine has not gone down in 20 s after CPUs were stopped: restarting at once'
	sleep 60
	fail "the deadline did not end this guest"
}

# unload_at_end: whether the unload waits for the deadlines, or has ended.
unload_at_end() {
	[ ! -d /sys/module/sdei_nmi ] || grep -q ' sdei_nmi_reboot_exit+' "/proc/$unloading/stack"
}

# end_unload SENTENCE: the reboot goes on, and the test fails, because it does not announce that.
end_unload() {
	mark "$1"
	echo 1 >/sys/module/unserved_asks/parameters/go_on
	sleep 20
	fail "$1"
}
