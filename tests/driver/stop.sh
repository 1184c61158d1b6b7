# SPDX-License-Identifier: GPL-2.0
# Stopping CPUs. tests/kdump has most of these tests.
# shellcheck shell=sh
. /payload/tests/driver/reach.sh

# Each signal takes longer than the wait for a CPU that is to stop, so the wait begins after the last signal.
waits_after_last_signal() {
	load
	load_wedge
	insmod unserved_asks.ko || fail "unserved_asks.ko does not load"
	# SDEI_NMI_REQUEST_STOP, and more than SDEI_NMI_STOP_ANSWER_MS
	insmod slow_signals.ko request=8 ms=150 || fail "slow_signals.ko does not load"
	wedge daif 2-3
	begin_reboot
	reboot_status=0
	(both_stopped) >/tmp/why || reboot_status=1
	end_reboot $reboot_status
}

both_stopped() {
	for cpu in 2 3; do
		log | grep -q "^sdei_nmi: CPU $cpu stopped by event 0 at wedge_spin+" || fail "CPU $cpu was not stopped: $(log | grep "^sdei_nmi: CPU $cpu ")"
	done
}
